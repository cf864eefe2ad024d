"""The deep lint: asks the articles' questions of the live index, and compares passages with one another.

Finds what no single article shows: a question that another article answers first, passages that say the same, passages that
contradict one another without saying so. Needs an index that is up to date; mends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from spinewise.answer.search import prepare, search
from spinewise.index.store import Index
from spinewise.library.articles import Problem
from spinewise.library.reading import reading
from spinewise.records import Passage

NEAR_DUPLICATE = 0.93
"""Cosine of two passages of different articles from which an editor should look whether one is enough."""
HARDEST = 20

_DISPUTED = (
    (
        "rest or keep active",
        re.compile(r"\b(?:stay|keep|stays|keeping) (?:active|moving)\b", re.IGNORECASE),
        re.compile(r"\b(?:rest in bed|stay in bed|bed rest (?:helps|is best))\b", re.IGNORECASE),
    ),
    (
        "acupuncture",
        re.compile(r"\bacupuncture (?:is recommended|works|helps)\b", re.IGNORECASE),
        re.compile(
            r"\b(?:not (?:to )?offer|advises? against) acupuncture\b|\bacupuncture (?:is not|should not)\b", re.IGNORECASE
        ),
    ),
    (
        "opioids",
        re.compile(r"\bopioids? (?:help|work|are recommended)\b", re.IGNORECASE),
        re.compile(r"\bopioids? (?:do not|should not|are not)\b|\bnot (?:to )?offer opioids?\b", re.IGNORECASE),
    ),
)
"""Marked topics: what says yes, what says no."""
_NAMED = re.compile(r"\b(?:disagree|differ|others? say|but the|guidelines?|NICE|WHO|ACP|review|trial|not|no)\b", re.IGNORECASE)


def review(index: Index, folder: Path) -> list[Problem]:
    """Every finding, warnings all, sorted by file and line."""
    found = [*_questions(index, folder), *_twins(index, folder), *_contradictions(index, folder), *_hard(index, folder)]
    return sorted(found, key=lambda problem: (str(problem.file), problem.line, problem.text))


def _questions(index: Index, folder: Path) -> Iterator[Problem]:
    reached: set[str] = set()
    for article in index.articles.values():
        for question in article.questions:
            hits = search(index, prepare(index, question), 5)
            reached.update(hit.passage.id for hit in hits)
            if hits and hits[0].passage.article != article.slug:
                file = folder / f"{article.slug}.md"
                text = f"{question!r} finds {hits[0].passage.article} first; answer it more plainly here, or remove it"
                yield Problem(file, _line_of(file, question), text, "warning")
    for passage in index.passages:
        if passage.id not in reached:
            where = passage.section[-1] if passage.section else "the beginning"
            yield _at(folder, index, passage, f"no question of any article reaches {where!r}; add one that it answers", "note")


def _twins(index: Index, folder: Path) -> Iterator[Problem]:
    count = len(index.passages)
    rows = index.vectors.vectors(slice(count))
    for first in range(count):
        cosines = rows[first + 1 :] @ rows[first]
        for other in np.flatnonzero(cosines > NEAR_DUPLICATE) + first + 1:
            one, two = index.passages[first], index.passages[int(other)]
            if one.article != two.article:
                yield _at(folder, index, one, f"says nearly the same as {two.id} ({cosines[other - first - 1]:.2f})", "warning")


def _contradictions(index: Index, folder: Path) -> Iterator[Problem]:
    for topic, yes, no in _DISPUTED:
        for passage in index.passages:
            says = bool(yes.search(passage.text)), bool(no.search(passage.text))
            if any(says) and not all(says) and not _NAMED.search(passage.text):
                yield _at(folder, index, passage, f"takes a side on {topic} without naming who says so", "warning")


def _hard(index: Index, folder: Path) -> Iterator[Problem]:
    for article in index.articles.values():
        figures = reading(article.body)
        text = f"reading ease {figures.ease:.0f}, grade {figures.grade:.1f}"
        yield Problem(folder / f"{article.slug}.md", 1, text, "note")
    hardest = sorted(index.passages, key=lambda passage: reading(passage.text).ease)[:HARDEST]
    for passage in hardest:
        ease = reading(passage.text).ease
        yield _at(folder, index, passage, f"among the {HARDEST} hardest passages: reading ease {ease:.0f}", "note")


def _at(folder: Path, index: Index, passage: Passage, text: str, severity: str) -> Problem:
    file = folder / f"{passage.article}.md"
    opening = index.articles[passage.article].body[passage.start : passage.end].splitlines()[0]
    return Problem(file, _line_of(file, opening), text, severity)


def _line_of(file: Path, text: str) -> int:
    try:
        content = file.read_text(encoding="utf-8")
        return content.count("\n", 0, max(content.find(text), 0)) + 1
    except (OSError, UnicodeDecodeError):
        return 1
