"""Words: every one the painter says is known, the rest is reported."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from studio.scene.geometry import Extent
from studio.workshop.painting.cutouts import known_cutouts
from studio.workshop.painting.painter import paint_scene
from studio.workshop.vocabulary import (
    CAPTION_TOKENS,
    POOLED_TOKENS,
    UNKNOWN,
    build_tokenizer,
    save_tokenizers,
)

TOKENIZER = build_tokenizer(CAPTION_TOKENS, has_start=False)
WITH_THINGS = build_tokenizer(CAPTION_TOKENS, has_start=False, cutouts=known_cutouts())
SHIPPED = Path(__file__).parents[2] / "weights" / "mini"


def words_of(caption: str) -> list[str]:
    return TOKENIZER.convert_ids_to_tokens(TOKENIZER(caption).input_ids)[:-1]


def test_everything_the_painter_says_is_known() -> None:
    for seed in range(60):
        scene = paint_scene(np.random.default_rng(seed), Extent(32, 32))
        for caption in (scene.caption or "", *(region.caption for region in scene.regions)):
            assert UNKNOWN not in words_of(caption), caption


@pytest.mark.parametrize(
    ("said", "taught"),
    [
        ("A RED brick-wall!", ["red", "brick", "wall"]),
        ("crimson kittens", ["dark", "red", "cat"]),
        ("butterflies in cities", ["butterfly", "in", "city"]),
        ("the gray balls, made of wool", ["grey", "ball", "made", "wool"]),
        ("badge with a golden edge", ["badge", "with", "gold", "rim"]),
        ("navy blue café cup", ["dark", "blue", UNKNOWN, "cup"]),
    ],
)
def test_synonyms_and_forms_become_taught_words(said: str, taught: list[str]) -> None:
    assert words_of(said) == taught


@pytest.mark.parametrize(
    ("said", "taught"),
    [
        ("two puppies", [UNKNOWN, "dog"]),
        ("ice creams on a cream wall", ["icecream", "on", "beige", "wall"]),
        ("blue T-shirts", ["blue", "tshirt"]),
        ("a rose, rosy clouds and a cloud", ["rose", "pink", "clouds", "and", "cloud"]),
        ("taxis and ships", ["taxi", "and", "ship"]),
        ("locomotive", ["train"]),
        ("strawberries and wolves", ["strawberry", "and", "wolf"]),
        ("rusty wires on poles", ["rusty", "wire", "on", "pole"]),
    ],
)
def test_cut_outs_bring_words_of_their_own(said: str, taught: list[str]) -> None:
    ids = WITH_THINGS(said).input_ids
    assert WITH_THINGS.convert_ids_to_tokens(ids)[:-1] == taught


def test_a_word_that_means_a_thing_is_read_as_one_of_its_names() -> None:
    for cutout in known_cutouts():
        names = {tuple(WITH_THINGS(phrase).input_ids) for phrase in cutout.phrases}
        for other in cutout.also:
            assert tuple(WITH_THINGS(other).input_ids) in names, other
        assert all(WITH_THINGS.unk_token_id not in name for name in names)


def test_the_shipped_model_has_the_words_of_the_painter_alone() -> None:
    shipped = PreTrainedTokenizerFast.from_pretrained(SHIPPED / "tokenizer_2")
    assert shipped.get_vocab() == TOKENIZER.get_vocab()


def test_a_word_nobody_taught_is_unknown_at_its_place() -> None:
    encoded = TOKENIZER("red zeppelin", return_offsets_mapping=True)
    place = encoded.input_ids.index(TOKENIZER.unk_token_id)
    assert "red zeppelin"[slice(*encoded["offset_mapping"][place])] == "zeppelin"


def test_the_empty_caption_is_one_token() -> None:
    assert words_of("") == []
    assert TOKENIZER("").input_ids == [TOKENIZER.eos_token_id]


def test_tokenizers_survive_saving(tmp_path: Path) -> None:
    save_tokenizers(tmp_path)
    loaded = PreTrainedTokenizerFast.from_pretrained(tmp_path / "tokenizer_2")
    assert loaded("dark green fur").input_ids == TOKENIZER("dark green fur").input_ids
    pooled = PreTrainedTokenizerFast.from_pretrained(tmp_path / "tokenizer")
    assert pooled.model_max_length == POOLED_TOKENS
    assert pooled("fur").input_ids[0] == pooled.bos_token_id
