"""Chinese captions are read as the English words that the embedded model knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from studio.engine.network.caption_reader import CaptionReader
from studio.engine.network.chinese import reading_chinese, words
from studio.workshop.painting.cutouts import known_cutouts
from studio.workshop.vocabulary import CAPTION_TOKENS, UNKNOWN, build_tokenizer

FOLDER = Path(__file__).parents[3] / "weights" / "mini" / "tokenizer_2"
SHIPPED = PreTrainedTokenizerFast.from_pretrained(FOLDER)
MINI = reading_chinese(SHIPPED)
WITH_THINGS = reading_chinese(
    build_tokenizer(CAPTION_TOKENS, has_start=False, cutouts=known_cutouts())
)


def read(tokenizer: Any, caption: str) -> list[str]:
    return tokenizer.convert_ids_to_tokens(tokenizer(caption).input_ids)[:-1]


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("蓝色的猫", "blue cat"),
        ("深红色的地毯", "dark red carpet"),
        ("草地上的红色房子", "grass, red house"),
        ("红色、绿色和黄色的气球", "red, green and yellow balloons"),
        ("金色边框的徽章", "gold rim badge"),
        ("黑白照片", "black and white"),
        ("一个 red ball 在沙滩上", "red ball on beach"),
    ],
)
def test_a_chinese_caption_is_read_as_its_english(chinese: str, english: str) -> None:
    assert UNKNOWN not in read(MINI, chinese)
    assert read(MINI, chinese) == read(SHIPPED, english)


def test_a_long_word_is_not_taken_for_the_short_ones_in_it() -> None:
    assert read(WITH_THINGS, "猫头鹰和熊猫") == ["owl", "and", "panda"]
    assert read(WITH_THINGS, "T恤") == ["tshirt"]


def test_english_is_read_as_before() -> None:
    for caption in ("A RED brick-wall!", "crimson kittens", "navy blue café cup", ""):
        assert MINI(caption).input_ids == SHIPPED(caption).input_ids
    assert SHIPPED.convert_ids_to_tokens(SHIPPED("猫").input_ids)[:-1] == [UNKNOWN]


def test_everything_the_model_can_be_taught_has_a_chinese_name() -> None:
    listed = {tuple(WITH_THINGS(english).input_ids) for _, english in words() if english}
    nameless = [
        cutout.name
        for cutout in known_cutouts()
        if not any(tuple(WITH_THINGS(name).input_ids) in listed for name in cutout.phrases)
    ]
    assert nameless == []
    unread = [pair for pair in words() if UNKNOWN in read(WITH_THINGS, pair[1])]
    assert unread == []


def test_an_unknown_chinese_word_is_named_as_it_was_written() -> None:
    reader = CaptionReader(MINI)
    assert reader.read("蓝色的海豚").unknown == ("海豚",)
    assert reader.read("挖掘机, red zeppelin").unknown == ("挖掘机", "zeppelin")


def test_a_tokenizer_of_pieces_is_left_alone() -> None:
    pieces = object()
    assert reading_chinese(pieces) is pieces
