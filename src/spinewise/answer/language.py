"""Recognises a message in another language than the articles. Translates nothing, and has no words to say; see `languages`."""

from __future__ import annotations

import functools
import re
import unicodedata
from importlib import resources

import yaml

from spinewise.index.store import Index
from spinewise.languages import ENGLISH

UNKNOWN = "und"
FEWEST_WORDS = 3
"""Shorter messages are read as in the articles' language: a name or a single word may be in any."""
CLEARLY = 2
"""Small words by which another language must lead where the articles are not English: what is English too counts as English."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@functools.cache
def _small_words() -> dict[str, frozenset[str]]:
    """The small words of each language; one that is also English counts as English."""
    text = resources.files("spinewise.answer").joinpath("languages.yaml").read_text(encoding="utf-8")
    listed = {code: frozenset(words.split()) for code, words in yaml.safe_load(text).items()}
    return {code: small if code == ENGLISH else small - listed[ENGLISH] for code, small in listed.items()}


def foreign(text: str, articles: str = ENGLISH) -> str | None:
    """The code of the language of `text` ("und" where it is none that we know), or None where it may be that of the articles."""
    if articles == UNKNOWN:
        return None
    letters = [character for character in text if character.isalpha()]
    if sum("LATIN" not in unicodedata.name(letter, "") for letter in letters) * 2 > len(letters):
        return UNKNOWN
    words = [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]
    hits = {code: sum(word in small for word in words) for code, small in _small_words().items()}
    best = max(hits, key=hits.__getitem__)
    lead = 1 if articles == ENGLISH else CLEARLY
    return best if best != articles and len(words) >= FEWEST_WORDS and hits[best] >= hits[articles] + lead else None


def language_of(index: Index) -> str:
    """The code of the language of the articles, read from their titles and summaries; English where that cannot be told."""
    return _language_of(tuple(text for article in index.articles.values() for text in (article.title, article.summary)))


@functools.lru_cache(maxsize=2)
def _language_of(texts: tuple[str, ...]) -> str:
    return foreign(". ".join(texts)) or ENGLISH
