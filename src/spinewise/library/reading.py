"""How hard a text is to read: the Flesch reading ease and the Flesch-Kincaid grade. Judges nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spinewise.markup import plain

_SENTENCE = re.compile(r"[.!?:]+(?:\s|$)|\n+")
_WORD = re.compile(r"[A-Za-z'’]+")
_SILENT = re.compile(r"(?:[^laeiouy]es|ed|[^laeiouy]e)$")
_VOWELS = re.compile(r"[aeiouy]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """Both figures of a text. Syllables are counted by vowels: on our articles within a point of a pronouncing dictionary."""

    ease: float
    """206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948): 60 to 70 is plain English, higher is easier."""
    grade: float
    """0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid 1975): US school years."""


def reading(markdown: str) -> Reading:
    """The figures of a Markdown text; headings and list items count as sentences."""
    text = re.sub(r"^[ \t]*(?:#+|[-*+]|\d+[.)])[ \t]+", "", plain(markdown), flags=re.MULTILINE)
    sentences = sum(1 for piece in _SENTENCE.split(text) if _WORD.search(piece))
    words = _WORD.findall(text)
    if not words or not sentences:
        return Reading(100.0, 0.0)
    length, syllables = len(words) / sentences, sum(map(_syllables, words)) / len(words)
    return Reading(206.835 - 1.015 * length - 84.6 * syllables, 0.39 * length + 11.8 * syllables - 15.59)


def _syllables(word: str) -> int:
    letters = re.sub(r"[^a-z]", "", word.lower())
    silent = _SILENT.search(letters)
    return max(1, len(_VOWELS.findall(letters[: silent.start() + 1] if silent else letters)))
