"""Recognises a message that is not in English, and holds the fixed words for it. Translates nothing."""

from __future__ import annotations

import functools
import re
import unicodedata
from importlib import resources

import yaml

ENGLISH = "en"
FEWEST_WORDS = 3
"""Shorter messages are read as English: a name or a single word may be in any language."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@functools.cache
def _languages() -> dict[str, dict[str, str]]:
    text = resources.files("spinewise.answer").joinpath("languages.yaml").read_text(encoding="utf-8")
    found: dict[str, dict[str, str]] = yaml.safe_load(text)
    return found


@functools.cache
def _small_words() -> dict[str, frozenset[str]]:
    """The small words of each language; one that is also English counts as English."""
    listed = {code: frozenset(entry["words"].split()) for code, entry in _languages().items()}
    return {code: small if code == "en" else small - listed["en"] for code, small in listed.items()}


def foreign(text: str) -> str | None:
    """The code of the language of `text` ("und" where it is none that we know), or None where it may be English."""
    letters = [character for character in text if character.isalpha()]
    if sum("LATIN" not in unicodedata.name(letter, "") for letter in letters) * 2 > len(letters):
        return "und"
    words = [word.replace("’", "'") for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]
    hits = {code: sum(word in small for word in words) for code, small in _small_words().items()}
    best = max(hits, key=hits.__getitem__)
    return None if best == "en" or hits[best] in {0, hits["en"]} or len(words) < FEWEST_WORDS else best


def words_for(code: str) -> str:
    """The fixed message in language `code`, in English too where the reader may not read that one."""
    said = _languages().get(code, {}).get("message")
    english = _languages()["en"]["message"]
    return f"{said} (English: {english})" if said else english
