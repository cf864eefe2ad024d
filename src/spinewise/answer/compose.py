"""Chooses the sentences that answer, word for word, each with its source. Never writes one, and never cuts a condition off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from spinewise.answer.links import sentence_url
from spinewise.answer.search import Query, unit_cosines
from spinewise.answer.sides import asks_verdict, sides
from spinewise.index.store import Index
from spinewise.records import Hit, Sentence, Source, Unit

PASSAGES = 5
"""Best passages that sentences are chosen from."""
SENTENCES = 3
"""Most units shown; a lead-in is shown besides."""
SOURCES = 3
"""From the contract."""
LONGEST = 900
"""Characters shown in all; the first unit is shown whatever its length."""

OF_PASSAGE, OF_WORDS, OF_KIND = 0.35, 0.12, 0.10
"""What a unit gets beside its own cosine: for its passage's rank, for the question's words, for being the kind asked for."""
OPENING = 0.08
"""What the first unit of a passage gets: an article's sections begin with their answer."""
FALL = 0.22
"""A further sentence may score at most so much less than the best."""
SAME = 0.80
"""Cosine from which two sentences say the same."""

MOST_LINKS = 2
"""A unit with more links is a list of pages, not an answer."""

_POINTER = re.compile(
    r"^(?:Read|See|Find|More|For more|Our|There is more|You can read)\b.*\]\(|\b(?:is|are) covered in \[|^\[[^\]]*\]\([^)]*\)\W*$"
)
"""A unit that only sends the reader to another page."""

_NUMBER_ASKED = re.compile(
    r"\b(?:how (?:many|much|long|often|soon|big|old|far)|what (?:temperature|size)|when (?:can|will|should))\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|once|twice|half|most|few|daily|weekly|hours?|"
    r"days?|weeks?|months?|years?|minutes?)\b"
)
_YES_NO_ASKED = re.compile(r"^\W*(?:so |but |and |ok )?(?:is|are|can|could|should|do|does|did|will|would|has|have|am)\b")
_VERDICT = re.compile(
    r"\b(?:yes|no|not|can|should|need|safe|helps?|may|rarely|usually|most|little|eases?|works?|better|best|avoid|recommends?|"
    r"offered|choice|fine|harm|risk)\b",
    re.IGNORECASE,
)

_DEFINITION = re.compile(
    r"^(?:An? |The )?[\w'() -]{2,40}? (?:is|are|means?) (?:an?|the|medicines?|tablets|drugs?|short|putting)\b"
)
"""What a thing is, which is no answer to whether it is any good."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    hit: Hit
    unit: Unit
    lead: Unit | None
    text: str
    row: int
    score: float


def compose(index: Index, query: Query, hits: Sequence[Hit]) -> tuple[tuple[Sentence, ...], tuple[Source, ...]]:
    """The sentences that answer `query`, best first, and their sources.

    `hits` are ranked passages. Both results are empty only where these have no unit to quote.
    """
    chosen = _choose(index, _candidates(index, query, hits))
    return _cite(index, _with_both_sides(index, query, chosen))


def _candidates(index: Index, query: Query, hits: Sequence[Hit]) -> list[_Candidate]:
    """The units that can still be chosen, best first: what lies too far below the best for any bonus is not looked at."""
    number_asked = bool(_NUMBER_ASKED.search(query.text.casefold()))
    verdict_asked = bool(_YES_NO_ASKED.match(query.text.casefold()))
    weights = {term: index.words.idf(term) for term in query.terms}
    total = sum(weights.values()) or 1.0
    found: list[_Candidate] = []
    best = 0.0
    for plain_score, hit, row, at in _by_closeness(index, query, hits):
        if plain_score + OF_WORDS + OF_KIND < best - FALL:
            break
        text = _text(index, hit, row, at)
        if text.endswith(("?", ":")) or text.count("](") > MOST_LINKS or _POINTER.search(text):
            continue
        lowered = text.casefold()
        said = sum(weight for term, weight in weights.items() if term in lowered)  # stems begin their words
        score = plain_score + OF_WORDS * said / total
        if (number_asked and _NUMBER.search(text)) or (verdict_asked and _VERDICT.search(text)):
            score += OF_KIND
        if verdict_asked and _DEFINITION.match(text):
            score -= 2 * OF_KIND
        best = max(best, score)
        found.append(_candidate(index, hit, row, at, score))
    return sorted(found, key=lambda candidate: -candidate.score)


def _text(index: Index, hit: Hit, row: int, at: int) -> str:
    unit = index.units[row][at]
    return index.articles[hit.passage.article].body[unit.start : unit.end]


def _candidate(index: Index, hit: Hit, row: int, at: int, score: float) -> _Candidate:
    """Unit `at` of the passage in `row`, with its lead-in and text."""
    units = index.units[row]
    unit = units[at]
    lead = units[unit.lead] if unit.lead >= 0 else None
    return _Candidate(hit, unit, lead, _text(index, hit, row, at), int(index.unit_starts[row]) + at, score)


def _by_closeness(index: Index, query: Query, hits: Sequence[Hit]) -> list[tuple[float, Hit, int, int]]:
    """The units of the best passages by cosine and passage, best first: that score, hit, row, and number in the passage."""
    found: list[tuple[float, Hit, int, int]] = []
    for hit in hits[:PASSAGES]:
        row = index.row_of[hit.passage.id]
        worth = OF_PASSAGE * hit.score
        found += [
            (score + worth + OPENING * hit.score * (at == 0), hit, row, at)
            for at, score in enumerate(unit_cosines(index, query, row).tolist())
        ]
    return sorted(found, key=lambda unit: -unit[0])


def _choose(index: Index, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    chosen: list[_Candidate] = []
    for candidate in candidates:
        articles = {other.hit.passage.id for other in chosen} | {candidate.hit.passage.id}
        length = sum(len(other.text) for other in chosen) + len(candidate.text)
        if chosen and (
            candidate.score < chosen[0].score - FALL
            or len(chosen) == SENTENCES
            or len(articles) > SOURCES
            or length > LONGEST
            or any(_same(index, candidate, other) for other in chosen)
        ):
            continue
        chosen.append(candidate)
    order = {candidate.hit.passage.id: n for n, candidate in reversed(list(enumerate(chosen)))}
    return sorted(chosen, key=lambda candidate: (order[candidate.hit.passage.id], candidate.unit.start))


def _with_both_sides(index: Index, query: Query, chosen: list[_Candidate]) -> list[_Candidate]:
    """The best unit, and one for and one against, where the question asks for a verdict and the guidelines disagree."""
    if not chosen or not asks_verdict(query.text):
        return chosen
    best = max(chosen, key=lambda candidate: candidate.score)
    found = sides(index, query, best.hit.passage.article)
    if found is None:
        return chosen
    kept = [best]
    for row, at in found:
        side = _candidate(index, replace(best.hit, passage=index.passages[row]), row, at, best.score)
        if side.row != best.row:
            kept.append(side)
    return kept


def _same(index: Index, one: _Candidate, other: _Candidate) -> bool:
    return float(np.dot(index.unit_vectors[one.row].astype(np.float32), index.unit_vectors[other.row])) > SAME


def _cite(index: Index, chosen: Sequence[_Candidate]) -> tuple[tuple[Sentence, ...], tuple[Source, ...]]:
    sentences: list[Sentence] = []
    numbers: dict[str, int] = {}
    spans: dict[str, list[Unit]] = {}
    shown: set[tuple[str, int]] = set()
    for candidate in chosen:
        passage = candidate.hit.passage
        n = numbers.setdefault(passage.id, len(numbers) + 1)
        body = index.articles[passage.article].body
        for unit in filter(None, (candidate.lead, candidate.unit)):
            if (passage.id, unit.start) not in shown:
                shown.add((passage.id, unit.start))
                spans.setdefault(passage.id, []).append(unit)
                sentences.append(Sentence(body[unit.start : unit.end], n))
    hits = {candidate.hit.passage.id: candidate.hit for candidate in chosen}
    return tuple(sentences), tuple(_source(index, hits[name], n, spans[name]) for name, n in numbers.items())


def _source(index: Index, hit: Hit, n: int, units: Sequence[Unit]) -> Source:
    article = index.articles[hit.passage.article]
    start, end = min(unit.start for unit in units), max(unit.end for unit in units)
    quote = article.body[start:end]
    return Source(
        n=n,
        article=article.slug,
        title=article.title,
        section=hit.passage.section,
        quote=quote,
        start=start,
        end=end,
        url=sentence_url(article, hit.passage.anchor, quote),
        reviewed=article.reviewed,
        overdue=article.review_due < datetime.now(UTC).date(),
    )
