"""The history of renders: each a node that keeps its pictures, its recipe and how it came about."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from studio.project.document import as_entry
from studio.project.fidelity import Fidelity
from studio.project.photo_work import (
    Made,
    made_from_json,
    made_to_json,
    outside_from_json,
    outside_to_json,
    references_of,
)
from studio.scene.errors import ProjectFileError, SessionError
from studio.scene.photo_layer import Outside
from studio.scene.sentences import restored, sentences_in

MOST_NODES = 500


@dataclass(frozen=True)
class Node:
    """One finished render. Pictures and the document are references into the project's folder.

    Of an edited photo: `layers`, what the regions became in each picture; `outside`, what differs
    outside them; `content`, what else its document needs.
    """

    kind: str  # final, draft or live
    at: float  # unix seconds
    images: tuple[str, ...]
    thumbnail: str
    document: str
    key: str  # digest of everything that decides the picture
    width: int
    height: int
    seed: int
    gamma: float
    seconds: float
    changes: str  # since the parent, in words
    summary: str  # what it cost
    model: str
    model_digest: str
    parent: str | None = None
    notices: tuple[str, ...] = ()
    fidelity: Mapping[str, Fidelity] = field(default_factory=dict[str, Fidelity])
    measured: str | None = None  # the shapes that were found, by region
    is_starred: bool = False
    is_deleted: bool = False
    photo: str | None = None  # of the document
    layers: tuple[Mapping[str, Made], ...] = ()
    outside: Outside | None = None
    content: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict[str, float])  # of `find_good`, 0..1
    identity: str = field(default_factory=lambda: secrets.token_hex(6))

    @property
    def references(self) -> set[str]:
        """Everything in the project's folder that it needs."""
        named = {*self.images, self.thumbnail, self.document, self.measured, self.photo}
        named |= {*self.content, *references_of(self.layers)}
        return {reference for reference in named if reference is not None}

    @property
    def score(self) -> float | None:
        """The mean IoU of what could be measured."""
        known = [each.iou for each in self.fidelity.values() if each.iou is not None]
        return sum(known) / len(known) if known else None


class RenderHistory:
    """Nodes in the order they were made. Safe to read while a job adds to it."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._lock = threading.RLock()
        self.shown: str | None = None  # the node whose picture is on screen
        self.base: str | None = None  # the node that the next render branches from

    def __iter__(self) -> Iterator[Node]:
        with self._lock:
            return iter([node for node in self._nodes.values() if not node.is_deleted])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def node(self, identity: str) -> Node:
        found = self._nodes.get(identity)
        if found is None:
            raise SessionError("This picture is no longer in the history.")
        return found

    def find(self, key: str) -> Node | None:
        """The newest node of exactly this picture."""
        return next((node for node in reversed(list(self)) if node.key == key), None)

    def latest(self) -> Node | None:
        nodes = list(self)
        return nodes[-1] if nodes else None

    @property
    def everything(self) -> list[Node]:
        """Deleted ones too."""
        with self._lock:
            return list(self._nodes.values())

    def add(self, node: Node) -> None:
        """A live render takes the place of the one before; nothing else makes room for it."""
        with self._lock:
            if node.kind == "live":
                self.forget(lambda old: old.kind == "live")
            self._nodes[node.identity] = node
            self.shown = node.identity
            if node.kind != "live":
                self.base = node.identity

    def forget(self, is_meant: Callable[[Node], bool]) -> None:
        """Drop nodes for ever."""
        with self._lock:
            for node in [node for node in self._nodes.values() if is_meant(node)]:
                del self._nodes[node.identity]
            latest = self.latest()
            if self.shown not in self._nodes:
                self.shown = latest.identity if latest else None
            if self.base not in self._nodes:
                kept = [node for node in self if node.kind != "live"]
                self.base = kept[-1].identity if kept else None

    def put_back(self, nodes: list[Node]) -> None:
        """Nodes as they were, in their places; what was measured since stays."""
        with self._lock:
            before: dict[str, Node] = {}
            for node in nodes:
                now = self._nodes.get(node.identity, node)
                before[node.identity] = replace(
                    now, is_deleted=node.is_deleted, is_starred=node.is_starred
                )
            self._nodes = before | self._nodes | before

    def change(self, identity: str, **changes: Any) -> Node:
        with self._lock:
            node = replace(self.node(identity), **changes)
            self._nodes[identity] = node
            if node.is_deleted and self.shown == identity:
                rest = self.latest()
                self.shown = rest.identity if rest else None
            return node

    def to_json(self) -> dict[str, Any]:
        with self._lock:
            nodes = [_node_to_json(node) for node in self._nodes.values() if node.kind != "live"]
            return {"nodes": nodes, "shown": self.shown, "base": self.base}

    @classmethod
    def from_json(cls, content: Any) -> RenderHistory:
        history, entry = cls(), as_entry(content)
        try:
            for each in entry["nodes"]:
                node = _node_from_json(as_entry(each))
                if not node.is_deleted:  # the user's wish; undo of it ends with the session
                    history._nodes[node.identity] = node
        except (KeyError, TypeError, ValueError) as fault:
            raise ProjectFileError(
                "The project's history is damaged: {fault}.", fault=fault
            ) from fault
        shown, base = entry.get("shown"), entry.get("base")
        latest = history.latest()
        fallback = latest.identity if latest else None
        history.shown = shown if shown in history._nodes else fallback
        history.base = base if base in history._nodes else fallback
        return history

    @property
    def references(self) -> set[str]:
        """Everything in the project's folder that the history needs."""
        return {reference for node in self.everything for reference in node.references}


def _node_to_json(node: Node) -> dict[str, Any]:
    entry = {**vars(node), "fidelity": {key: _known(each) for key, each in node.fidelity.items()}}
    entry["outside"] = outside_to_json(node.outside)
    entry["layers"] = [
        {name: made_to_json(made) for name, made in layers.items()} for layers in node.layers
    ]
    for name in ("outside", "layers", "content"):  # only an edited photo has them
        if not getattr(node, name):
            del entry[name]
    return {**entry, "said": sentences_in(entry)}


def _known(fidelity: Fidelity) -> dict[str, Any]:
    """Without what was not found."""
    optional = ("shows", "warning", "likeness")
    return {name: each for name, each in vars(fidelity).items() if name not in optional or each}


def _node_from_json(entry: dict[str, Any]) -> Node:
    known = {each.name for each in fields(Node)}
    said = entry.get("said", {})
    values = {name: restored(value, said) for name, value in entry.items() if name in known}
    values["images"] = tuple(str(image) for image in values["images"])
    values["notices"] = tuple(str(notice) for notice in values.get("notices", ()))
    values["content"] = tuple(str(each) for each in values.get("content", ()))
    values["outside"] = outside_from_json(values.get("outside"))
    layers = cast("list[dict[str, Any]]", values.get("layers", []))
    values["layers"] = tuple(
        {name: made_from_json(made) for name, made in each.items()} for each in layers
    )
    found = cast("dict[str, dict[str, Any]]", values.get("fidelity", {}))
    values["fidelity"] = {str(key): Fidelity(**each) for key, each in found.items()}
    node = Node(**values)
    texts: tuple[Any, ...] = (node.identity, node.kind, node.thumbnail, node.document, node.key)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a text is missing")
    return node
