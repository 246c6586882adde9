"""What fills a project's folder, and giving back what its owner no longer wants."""

from __future__ import annotations

from collections.abc import Callable

from studio.project.history import Node
from studio.project.session import Session
from studio.project.store.disk import bytes_in
from studio.scene.errors import BadInput, SessionError

_NODES: dict[str, Callable[[Node], bool]] = {
    "deleted": lambda node: node.is_deleted,
    "drafts": lambda node: node.kind != "final" and not node.is_starred,
}
KINDS = (*_NODES, "strips")


def usage(session: Session) -> dict[str, int]:
    """Bytes on disk by kind; what two kinds share counts for the first that names it."""
    folder, nodes = session.folder, session.history.everything
    kinds = {
        "pictures": [node for node in nodes if node.kind == "final" and not node.is_deleted],
        "drafts": [node for node in nodes if node.kind != "final" and not node.is_deleted],
        "deleted": [node for node in nodes if node.is_deleted],
    }
    found: dict[str, int] = {}
    counted: set[str] = set()
    for kind, chosen in kinds.items():
        own = {reference for node in chosen for reference in node.references} - counted
        counted |= own
        found[kind] = folder.size(own)
    strips = {each for strip in session.strips.values() for each in strip.references} - counted
    found["strips"] = folder.size(strips)
    found["undo"] = bytes_in(session.undo_folder.path)
    found["total"] = bytes_in(folder.path)
    found["other"] = found["total"] - sum(found[name] for name in found if name != "total")
    return found


def give_up(session: Session, kind: str) -> int:
    """Delete for ever what was asked for; returns the bytes that came free."""
    with session.lock:
        if session.is_busy:
            raise SessionError("Something of this project is running; wait until it has ended.")
        if kind == "strips":
            return session.release(session.forget_strips)
        if kind in _NODES:
            return session.release(lambda: session.forget_nodes(_NODES[kind]))
        raise BadInput(
            "Space is freed of {allowed}; not of {kind!r:.40}.", allowed=", ".join(KINDS), kind=kind
        )
