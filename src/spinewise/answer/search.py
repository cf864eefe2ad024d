"""Ranks passages for a question: dense vectors, the articles' own questions, and words, fused. Decides nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from spinewise.answer.lay_words import expand
from spinewise.answer.spelling import mend
from spinewise.index.encoder import Vectors
from spinewise.index.store import Index
from spinewise.index.words import terms
from spinewise.markup import plain
from spinewise.records import Hit, Passage

DEPTH = 50
"""Candidates taken from each ranking: the right passage is among the first 50 for 97% (measured on 1,985 questions)."""

DENSE, WORDS = 0.75, 0.25
"""Weights of the min-max fusion. The curve is flat from 0.7 to 0.9; equal weights lose 0.025 nDCG@10 (measured)."""

QUESTION, ASKED = 0.7, 0.9
"""How much of a question's or wording's closeness beyond the passage's own its passage is given, and the cosine from which
it is given all of it: then the reader asks that very question."""

SAME, SAME_FROM = 0.2, 0.97
"""What a passage gets besides when the reader asks one of its article's questions word for word, or nearly."""

OVERDUE = 0.05
"""What the score of a passage loses once its article's review is overdue."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready to search with."""

    text: str
    vector: Vectors
    """Shape (dimensions,), length 1."""
    terms: tuple[str, ...]
    rows: NDArray[np.int64]
    """The nearest rows of the index, best first."""
    cosines: Vectors
    """Their cosines, in the same order."""
    closeness: dict[int, Vectors] = field(default_factory=dict)
    """What `unit_cosines` found so far, by row."""


def word_text(passage: Passage) -> str:
    """What the word index is given for a passage."""
    return "\n".join((passage.title, *passage.section, plain(passage.text)))


def prepare(index: Index, text: str) -> Query:
    """Mend the spelling of `text`, encode it, find its words and its nearest rows; one call of the encoder."""
    text = mend(index, text)
    expanded = expand(text)
    return query_of(index, text, index.encoder.encode([expanded])[0], terms(expanded))


def query_of(index: Index, text: str, vector: Vectors, words: Sequence[str]) -> Query:
    """A query whose vector and words are known."""
    rows, cosines = index.vectors.search(vector, 2 * DEPTH)
    return Query(text, vector, tuple(dict.fromkeys(words)), rows, cosines)


def search(index: Index, query: Query, k: int = 10) -> list[Hit]:
    """The `k` best passages for `query`, best first."""
    count = len(index.passages)
    rows, cosines = query.rows, query.cosines
    lexical = index.words.scores(query.terms)
    asks = rows >= count
    asked = index.passage_of[rows[asks] - count]
    question = np.full(count, -1, dtype=np.float32)
    question[asked[::-1]] = cosines[asks][::-1]  # best first, so the nearest question is written last
    candidates = _candidates(rows[~asks], lexical, asked)
    question = question[candidates]
    dense = index.vectors.vectors(candidates) @ query.vector
    close = dense + np.where(question >= ASKED, 1, QUESTION) * np.maximum(question - dense, 0) + SAME * (question >= SAME_FROM)
    words = WORDS * _min_max(lexical[candidates])
    words -= OVERDUE * (index.due[candidates] < datetime.now(UTC).date().toordinal())
    fused = DENSE * _min_max(close) + words
    order = np.argsort(-fused, kind="stable")[:k]
    return [Hit(index.passages[candidates[at]], float(fused[at]), float(dense[at])) for at in order]


def unit_cosines(index: Index, query: Query, row: int) -> Vectors:
    """The cosine of each unit of the passage in `row`, shape (units,)."""
    found = query.closeness.get(row)
    if found is None:
        vectors = index.unit_vectors[index.unit_starts[row] : index.unit_starts[row + 1]]
        found = query.closeness[row] = vectors.astype(np.float32) @ query.vector
    return found


def _candidates(near: NDArray[np.int64], lexical: NDArray[np.float32], asked: NDArray[np.int64]) -> NDArray[np.int64]:
    depth = min(DEPTH, len(lexical))
    worded = np.argpartition(-lexical, depth - 1)[:depth]
    worded = worded[lexical[worded] > 0]
    return np.unique(np.concatenate([near[:DEPTH], worded, asked]))


def _min_max(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores stretched to 0..1; all 0 where they are equal."""
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
