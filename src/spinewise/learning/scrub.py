"""Takes out of a question what could tell who asked it. Keeps only words that the articles or any English text have."""

from __future__ import annotations

import re
from collections.abc import Container

from spinewise.index.words import terms
from spinewise.safety.words import is_common

GAP = "…"
NAMED = frozenset("mr mrs ms miss dr doctor prof professor sir nurse called named name am im i'm aunt uncle".split())
"""Words after which a capital letter begins a name, also where the word itself is English ("Dr Rose")."""
_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_EDGE = ".,;:!?()[]\"“”‘’'"


def scrub(text: str, vocabulary: Container[str]) -> str:
    """`text` with every token left out that is not a plain word known from the articles (`vocabulary`, stemmed) or from English.

    So no number, date, address, e-mail or link is left, whatever its form, and no name that is not an English word. Of those
    that are, a capital inside a sentence is left out too, and what follows "Dr" or "my name is". A name that is an English word
    in small letters ("rose said") stays: that is the limit.
    """
    kept: list[str] = []
    before, starts = "", True
    for token in _TOKEN.findall(text):
        bare = token.strip(_EDGE)
        plain = _is_plain(bare, before, vocabulary, starts=starts)
        if plain or not kept or kept[-1] != GAP:
            kept.append(bare if plain else GAP)
        before, starts = bare.casefold(), token.endswith((".", "!", "?"))
    return " ".join(kept)


def _is_plain(word: str, before: str, vocabulary: Container[str], *, starts: bool) -> bool:
    if not _WORD.fullmatch(word) or len(word) > 24:
        return False
    small = word.casefold()
    if word[0].isupper() and small not in {"i", "i'm", "im", "i’m", "i've", "i’ve"} and (not starts or before in NAMED):
        return False
    found = terms(small)
    return not found or is_common(small) or all(term in vocabulary for term in found)
