"""Where each kind of token lies in the sequence: global text | region texts | image | contour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TokenLayout:
    """Token counts of one scene. Padding fills a batch, after the text and after the contour."""

    global_text: int
    region_text: tuple[int, ...]
    image: int
    contour: int
    text_padding: int = 0
    contour_padding: int = 0

    @property
    def text(self) -> int:
        """Text tokens with their padding."""
        return self.global_text + sum(self.region_text) + self.text_padding

    @property
    def total(self) -> int:
        return self.text + self.image + self.contour + self.contour_padding

    @property
    def global_span(self) -> slice:
        return slice(0, self.global_text)

    @property
    def region_spans(self) -> tuple[slice, ...]:
        """The text tokens of each region."""
        spans: list[slice] = []
        start = self.global_text
        for count in self.region_text:
            spans.append(slice(start, start + count))
            start += count
        return tuple(spans)

    @property
    def image_span(self) -> slice:
        return slice(self.text, self.text + self.image)

    @property
    def contour_span(self) -> slice:
        start = self.text + self.image
        return slice(start, start + self.contour)

    @property
    def padding_spans(self) -> tuple[slice, slice]:
        return (
            slice(self.text - self.text_padding, self.text),
            slice(self.total - self.contour_padding, self.total),
        )

    def padded(self, text: int, contour: int) -> TokenLayout:
        """The same scene in a batch whose longest scene has `text` and `contour` tokens."""
        bare_text = self.text - self.text_padding
        return replace(self, text_padding=text - bare_text, contour_padding=contour - self.contour)


def pad_together(
    layouts: Sequence[TokenLayout], multiples: tuple[int, int] = (1, 1)
) -> tuple[TokenLayout, ...]:
    """The layouts padded to the longest text and the longest contour among them.

    Both are rounded up to `multiples` (text, contour), so that few sizes ever occur.
    """
    text = -(-max(layout.text for layout in layouts) // multiples[0]) * multiples[0]
    contour = -(-max(layout.contour for layout in layouts) // multiples[1]) * multiples[1]
    return tuple(layout.padded(text, contour) for layout in layouts)
