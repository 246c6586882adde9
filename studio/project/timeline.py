"""Undo and redo over documents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from studio.project.document import Document

MOST_STEPS = 200
MOST_BYTES = 256 * 2**20  # of masks that only undo still needs


@dataclass(frozen=True)
class Moment:
    """A document, and in words the edit that led to it."""

    document: Document
    label: str
    gesture: str | None = None


class Timeline:
    """The moments of one session; the one at `position` is what the user sees."""

    def __init__(
        self, document: Document, most_steps: int = MOST_STEPS, most_bytes: int = MOST_BYTES
    ) -> None:
        self._moments = [Moment(document, "start")]
        self._position = 0
        self._most_steps = most_steps
        self._most_bytes = most_bytes
        self._masks = _Masks()
        self._masks.add(document)

    @classmethod
    def resumed(cls, moments: Sequence[Moment], position: int, document: Document) -> Timeline:
        """The timeline at the saved document, which may be an edit before or after the saved undo.

        The two are written one after the other; a crash can come between.
        """
        timeline = cls(moments[0].document)
        for moment in moments[1:]:
            timeline._append(moment)
        nearest = sorted(range(len(moments)), key=lambda place: abs(place - position))
        same = (place for place in nearest if moments[place].document.is_same_as(document))
        found = next(same, None)
        if found is None:
            timeline._position = position
            timeline.record(document, "the last edit")
        else:
            timeline._position = found
        return timeline

    @property
    def moments(self) -> tuple[Moment, ...]:
        return tuple(self._moments)

    @property
    def position(self) -> int:
        return self._position

    @property
    def document(self) -> Document:
        return self._moments[self._position].document

    @property
    def undo_label(self) -> str | None:
        return self._moments[self._position].label if self._position else None

    @property
    def redo_label(self) -> str | None:
        is_last = self._position == len(self._moments) - 1
        return None if is_last else self._moments[self._position + 1].label

    def record(self, document: Document, label: str, gesture: str | None = None) -> bool:
        """Whether anything changed. Edits in a row with one gesture are one step."""
        if document.is_same_as(self.document):
            return False
        moment = Moment(document, label, gesture)
        self._drop(self._position + 1, len(self._moments))
        if self._position and gesture is not None and self._moments[-1].gesture == gesture:
            self._drop(self._position, self._position + 1)
        self._append(moment)
        self._forget_the_oldest()
        self._position = len(self._moments) - 1
        return True

    def move(self, steps: int) -> int:
        """Undo (negative) or redo; returns how many steps there were to take."""
        target = min(max(self._position + steps, 0), len(self._moments) - 1)
        taken, self._position = target - self._position, target
        return abs(taken)

    def _forget_the_oldest(self) -> None:
        self._drop(0, len(self._moments) - 1 - self._most_steps)
        present = _Masks()
        present.add(self._moments[-1].document)  # these are needed without any undo
        most = self._most_bytes + present.bytes_used
        while len(self._moments) > 2 and self._masks.bytes_used > most:
            self._drop(0, 1)

    def _append(self, moment: Moment) -> None:
        self._moments.append(moment)
        self._masks.add(moment.document)

    def _drop(self, start: int, stop: int) -> None:
        if stop <= start:
            return
        for moment in self._moments[start:stop]:
            self._masks.remove(moment.document)
        del self._moments[start:stop]


class _Masks:
    """What the masks of some documents weigh, each counted once."""

    def __init__(self) -> None:
        self._uses: Counter[str] = Counter()
        self.bytes_used = 0

    def add(self, document: Document) -> None:
        for region in document.scene.regions:
            if not self._uses[region.mask.digest]:
                self.bytes_used += region.mask.pixels.nbytes
            self._uses[region.mask.digest] += 1

    def remove(self, document: Document) -> None:
        for region in document.scene.regions:
            self._uses[region.mask.digest] -= 1
            if not self._uses[region.mask.digest]:
                self.bytes_used -= region.mask.pixels.nbytes
                del self._uses[region.mask.digest]
