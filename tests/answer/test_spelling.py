"""Misspelt words find what the right ones find, and nothing else is touched."""

import pytest

from spinewise.answer.guide import Guide
from spinewise.answer.spelling import mend
from spinewise.index import store
from spinewise.index.store import Index
from spinewise.records import Turn
from spinewise.settings import Settings


@pytest.fixture(scope="module")
def index(real: Settings) -> Index:
    return store.load(real.index)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("does accupuncture hurt", "does acupuncture hurt"),
        ("Siatica exercices", "sciatica exercises"),
        ("is ibuprofin ok with parcetamol?", "is ibuprofen ok with paracetamol?"),
        ("my matress is too soft", "my mattress is too soft"),
        ("I shouldn’t bend, should I", "I shouldn’t bend, should I"),
        ("how do I fix a python traceback", "how do I fix a python traceback"),
        ("un crick in the neck 🙂 1234567", "un crick in the neck 🙂 1234567"),
    ],
)
def test_words(index: Index, typed: str, read: str) -> None:
    assert mend(index, typed) == read


def test_the_reader_sees_what_was_searched_for(index: Index) -> None:
    assert Guide(lambda: index).reply([Turn("does accupuncture hurt")]).searched_for == "does acupuncture hurt"
