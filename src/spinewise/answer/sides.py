"""Finds where an article's guidelines disagree about what is asked: the best sentence for, the best against. Ranks no passage."""

from __future__ import annotations

import re

import numpy as np

from spinewise.answer.search import Query
from spinewise.index.store import Index
from spinewise.index.words import terms
from spinewise.records import Unit

NEAR = 0.30
"""Cosine to the question that a side must have."""
ALIKE = 0.40
"""Cosine that the two sides must have: they speak of the same thing."""

_ASKS_VERDICT = re.compile(
    r"^\W*(?:so |but |and |ok )?(?:is|are|can|could|should|do|does|did|will|would)\b|\bworth\b|\bany (?:good|use)\b|\bshould i\b"
    r"|\b(?:work|works|help|helps|recommend(?:ed)?|advised|agree|safe|better|evidence|guidelines?)\b|\bgood (?:for|idea)\b"
)
_GUIDELINES = re.compile(r"\b(?:guidelines?|who says what|disagree)\b", re.IGNORECASE)
"""Headings of the sections that set guidelines side by side."""
_BODY = re.compile(
    r"\b(?:NICE|NHS|World Health Organization|WHO|College|ACP|NASS|SIGN|Cochrane|Veterans|Societ(?:y|ies)|Academy|Association|"
    r"Institute|Commission|Danish|Belgian|German|Dutch|French|Canadian|Australian?|Scottish|American|European)\b"
)
_AGAINST = re.compile(
    r"\bagainst\b|\bnot (?:to )?(?:offer|use|recommend|advise|be offered|be used|be part)|\bnot (?:recommended|advised)\b|"
    r"\bdo(?:es)? not (?:recommend|offer|advise|support)\b|\bsays? no\b|\badvise[sd]? not\b|\bno longer\b|"
    r"\bleaves? (?:it|them) out\b",
    re.IGNORECASE,
)
_FOR = re.compile(
    r"\b(?:recommends?|recommended|advises?|suggests?|supports?|lists?|includes?|allows?|offers?)\b|\b(?:can|may|could) be "
    r"(?:offered|used|tried|considered|given)\b|\bsays? (?:to|that you can|you can|it can|it may)\b|\bconsider\b|\bin favou?r\b",
    re.IGNORECASE,
)


def asks_verdict(text: str) -> bool:
    """Whether `text` asks if something works, is safe, or should be done."""
    return bool(_ASKS_VERDICT.search(text.casefold()))


def sides(index: Index, query: Query, article: str) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The best unit of `article` that speaks for and the best that speaks against, each as (row, number in the passage).

    None where its guidelines do not disagree, or not about what is asked.
    """
    found: dict[bool, tuple[float, int, int]] = {}
    subjects = {term for term in query.terms if term in index.topics}
    for row in index.rows_of[article]:
        passage = index.passages[row]
        if not any(map(_GUIDELINES.search, passage.section)):
            continue
        vectors = index.unit_vectors[index.unit_starts[row] : index.unit_starts[row + 1]].astype(np.float32)
        body = index.articles[article].body
        named = not subjects.isdisjoint(terms(" ".join((passage.title, *passage.section))))
        for at, (unit, cosine) in enumerate(zip(index.units[row], (vectors @ query.vector).tolist(), strict=True)):
            side = _side(body, unit)
            if not named and subjects.isdisjoint(terms(body[unit.start : unit.end])):
                continue  # it speaks of another treatment
            if side is not None and cosine >= NEAR and cosine > found.get(side, (0.0, 0, 0))[0]:
                found[side] = (cosine, row, at)
    if len(found) < 2:
        return None
    one, other = found[True][1:], found[False][1:]
    vectors = index.unit_vectors[[int(index.unit_starts[row]) + at for row, at in (one, other)]].astype(np.float32)
    return (one, other) if float(vectors[0] @ vectors[1]) >= ALIKE else None


def _side(body: str, unit: Unit) -> bool | None:
    """Whether a unit that names a body speaks for (True) or against (False) something; None where it does neither."""
    text = body[unit.start : unit.end]
    if not _BODY.search(text):
        return None
    if _AGAINST.search(text):
        return None if re.search(r"\bbut\b", text) and _FOR.search(text) else False
    return True if _FOR.search(text) else None
