from __future__ import annotations

from studio.engine.tokens.token_layout import TokenLayout, pad_together


def test_spans_follow_each_other_in_the_published_order() -> None:
    layout = TokenLayout(global_text=3, region_text=(2, 4), image=6, contour=5)
    assert layout.global_span == slice(0, 3)
    assert layout.region_spans == (slice(3, 5), slice(5, 9))
    assert layout.image_span == slice(9, 15)
    assert layout.contour_span == slice(15, 20)
    assert layout.total == 20


def test_padding_comes_after_the_text_and_after_the_contour() -> None:
    short = TokenLayout(global_text=1, region_text=(), image=4, contour=0)
    long = TokenLayout(global_text=0, region_text=(2, 3), image=4, contour=7)
    padded, same = pad_together([short, long])
    assert same == long
    assert padded.padding_spans == (slice(1, 5), slice(9, 16))
    assert padded.image_span == same.image_span == slice(5, 9)
    assert padded.total == same.total == 16
