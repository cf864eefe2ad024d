"""The word index against bm25s, its terms, and its files."""

from __future__ import annotations

from pathlib import Path

import bm25s
import numpy as np
import pytest

from spinewise.errors import StoreError
from spinewise.index.words import K1, B, WordIndex, terms

TEXTS = [
    "Pebble walks loosen a stiff back, and pebbles are free.",
    "A tidal bath warms sore muscles; bathe for ten minutes.",
    "Hang the hammock low. A hammock, a hammock!",
    "Copper cushions cost forty coins",
    "Walk, don't run: walking on pebbles at low tide",
    "",
    "the of and",
]
QUESTIONS = ["pebble walking", "tidal baths in minutes", "hammocks", "copper coin cushion", "walk hammock tide", "zebra"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_agree_with_bm25s(question: str) -> None:
    oracle = bm25s.BM25(method="lucene", k1=K1, b=B)
    oracle.index([terms(text) for text in TEXTS], show_progress=False)
    asked = [term for term in terms(question) if term in oracle.vocab_dict]
    expected = oracle.get_scores(asked) if asked else np.zeros(len(TEXTS))

    scores = WordIndex.build(TEXTS).scores(terms(question))
    # bm25s leaves the constant factor k1 + 1 out, which changes no ranking
    assert scores / (K1 + 1) == pytest.approx(expected, abs=1e-5)


def test_a_word_asked_twice_counts_once() -> None:
    made = WordIndex.build(TEXTS)
    assert made.scores(["pebbl", "pebbl"]).tolist() == made.scores(["pebbl"]).tolist()


def test_rare_words_tell_more() -> None:
    made = WordIndex.build(TEXTS)
    assert made.idf("zebra") > made.idf("copper") > made.idf("pebbl") > 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I can't WALK", ["walk"]),
        ("don’t walk", ["walk"]),
        ("X-rays", ["x", "ray"]),
        ("Ünïcode café", ["ünïcode", "café"]),
        ("👍 ?!", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize("texts", [TEXTS, [""], []])
def test_save_and_load(tmp_path: Path, texts: list[str]) -> None:
    made = WordIndex.build(texts)
    made.save(tmp_path / "w.npz")
    again = WordIndex.load(tmp_path / "w.npz")
    assert again.vocabulary == made.vocabulary
    assert again.size == len(texts)
    for question in QUESTIONS:
        assert np.array_equal(again.scores(terms(question)), made.scores(terms(question)))
        assert again.idf("pebbl") == made.idf("pebbl")


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and no more", b"text"])
def test_damaged_files(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "w.npz").write_bytes(damage)
    with pytest.raises(StoreError) as raised:
        WordIndex.load(tmp_path / "w.npz")
    assert "spinewise refresh" in raised.value.hint
