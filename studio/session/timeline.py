"""Undo and redo over documents."""

from __future__ import annotations

from dataclasses import dataclass

from studio.session.document import Document

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
        del self._moments[self._position + 1 :]
        if self._position and gesture is not None and self._moments[-1].gesture == gesture:
            self._moments[-1] = moment
        else:
            self._moments.append(moment)
        self._forget_the_oldest()
        self._position = len(self._moments) - 1
        return True

    def end_gesture(self) -> None:
        """The next edit is a step of its own whatever its gesture."""
        last = self._moments[self._position]
        self._moments[self._position] = Moment(last.document, last.label)

    def move(self, steps: int) -> int:
        """Undo (negative) or redo; returns how many steps there were to take."""
        target = min(max(self._position + steps, 0), len(self._moments) - 1)
        taken, self._position = target - self._position, target
        return abs(taken)

    def _forget_the_oldest(self) -> None:
        del self._moments[: max(0, len(self._moments) - 1 - self._most_steps)]
        while len(self._moments) > 2 and self._bytes_used() > self._most_bytes:
            del self._moments[0]

    def _bytes_used(self) -> int:
        masks = {
            region.mask.digest: region.mask.pixels.nbytes
            for moment in self._moments
            for region in moment.document.scene.regions
        }
        return sum(masks.values())
