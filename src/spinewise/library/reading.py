"""How hard a text is to read: the Flesch reading ease and the Flesch-Kincaid grade. Judges nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spinewise.markup import plain

_SENTENCE = re.compile(r"[.!?:]+(?:\s|$)|\n+")
_WORD = re.compile(r"[A-Za-z'’]+")


@dataclass(frozen=True, slots=True)
class Reading:
    """Both figures of a text, as the library `readability` counts them."""

    ease: float
    """206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948): 60 to 70 is plain English, higher is easier."""
    grade: float
    """0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid 1975): US school years."""


def reading(markdown: str) -> Reading:
    """The figures of a Markdown text; headings and list items count as sentences."""
    import readability  # noqa: PLC0415  (only checking needs it, not reading)

    text = re.sub(r"^[ \t]*(?:#+|[-*+]|\d+[.)])[ \t]+", "", plain(markdown), flags=re.MULTILINE)
    sentences = [words for piece in _SENTENCE.split(text) if (words := " ".join(_WORD.findall(piece)))]
    if not sentences:
        return Reading(100.0, 0.0)
    grades = readability.getmeasures(sentences, lang="en")["readability grades"]
    return Reading(grades["FleschReadingEase"], grades["Kincaid"])
