"""Captions are counted and checked with a tokenizer that no render shares."""

from __future__ import annotations

import threading

import pytest
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from studio.engine.network.caption_reader import CaptionReader, read_caption


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    words = {"<pad>": 0, "</s>": 1, "<unk>": 2, "a": 3, "red": 4, "ball": 5}
    tokenizer = Tokenizer(WordLevel(words, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="<unk>", pad_token="<pad>", eos_token="</s>"
    )


@pytest.fixture(scope="module")
def reader(tokenizer: PreTrainedTokenizerFast) -> CaptionReader:
    return CaptionReader(tokenizer)


def test_the_end_token_counts(reader: CaptionReader) -> None:
    assert reader.read("a red ball").tokens == 4
    assert reader.read("").tokens == 1


def test_unknown_words_are_named_once(reader: CaptionReader) -> None:
    assert reader.read("a zebra, a red zebra").unknown == ("zebra",)
    assert reader.read("A Red Ball").unknown == ()


def test_words_are_cut_where_the_tokens_end(tokenizer: PreTrainedTokenizerFast) -> None:
    read = read_caption(tokenizer, "a red ball on a zebra", most=5)
    assert read == (5, ("on",), 2)
    assert read_caption(tokenizer, "a red ball", most=4).words_cut == 0


def test_an_unknown_word_is_told_without_its_brackets(tokenizer: PreTrainedTokenizerFast) -> None:
    assert read_caption(tokenizer, "a (zebra)\nred", most=9).unknown == ("zebra",)


def test_the_vocabulary_has_no_special_tokens(reader: CaptionReader) -> None:
    assert reader.words == ("a", "ball", "red")


def test_many_threads_may_ask_at_once(reader: CaptionReader) -> None:
    faults: list[Exception] = []

    def ask(start: int) -> None:
        try:
            for number in range(100):
                assert reader.read(f"a red {start} {number}").tokens == 5
        except Exception as fault:  # noqa: BLE001 - shown below
            faults.append(fault)

    threads = [threading.Thread(target=ask, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
