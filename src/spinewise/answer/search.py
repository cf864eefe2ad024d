"""Ranks passages for a question: dense vectors, the articles' own questions, and words, fused. Decides nothing more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinewise.answer.lay_words import expand
from spinewise.index.encoder import Vectors
from spinewise.index.store import Index
from spinewise.index.words import terms
from spinewise.markup import plain
from spinewise.records import Hit, Passage

DEPTH = 50
"""Candidates taken from each ranking: the right passage is among the first 50 for 97% (measured on 1,985 questions)."""

DENSE, WORDS = 0.75, 0.25
"""Weights of the min-max fusion. The curve is flat from 0.7 to 0.9; equal weights lose 0.025 nDCG@10 (measured)."""

QUESTION = 0.5
"""How much of a front-matter question's closeness, beyond the passage's own, its passage is given."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question ready to search with."""

    text: str
    vector: Vectors
    """Shape (dimensions,), length 1."""
    terms: tuple[str, ...]


def word_text(passage: Passage) -> str:
    """What the word index is given for a passage."""
    return "\n".join((passage.title, *passage.section, plain(passage.text)))


def prepare(index: Index, text: str) -> Query:
    """Encode `text` and find its words; one call of the encoder."""
    expanded = expand(text)
    return Query(text, index.encoder.encode([expanded])[0], tuple(dict.fromkeys(terms(expanded))))


def search(index: Index, query: Query, k: int = 10) -> list[Hit]:
    """The `k` best passages for `query`, best first."""
    count = len(index.passages)
    rows, cosines = index.vectors.search(query.vector, 2 * DEPTH)
    asked = _question_closeness(index, rows, cosines, count)
    lexical = index.words.scores(query.terms)
    candidates = _candidates(rows[rows < count], lexical, asked)
    dense = index.vectors.rows[candidates] @ query.vector
    gain = np.array([asked.get(int(row), 0.0) for row in candidates], dtype=np.float32) - dense
    close = dense + QUESTION * np.maximum(gain, 0)
    fused = DENSE * _min_max(close.astype(np.float32)) + WORDS * _min_max(lexical[candidates])
    order = np.argsort(-fused, kind="stable")[:k]
    return [Hit(index.passages[candidates[at]], float(fused[at]), float(dense[at])) for at in order]


def _question_closeness(index: Index, rows: NDArray[np.int64], cosines: Vectors, count: int) -> dict[int, float]:
    """For passages whose own questions are near: the cosine of the nearest."""
    asked: dict[int, float] = {}
    for row, cosine in zip(rows.tolist(), cosines.tolist(), strict=True):
        if row >= count:
            asked.setdefault(index.questions[row - count].passage, cosine)  # best first, so the first is the nearest
    return asked


def _candidates(near: NDArray[np.int64], lexical: NDArray[np.float32], asked: dict[int, float]) -> NDArray[np.int64]:
    depth = min(DEPTH, len(lexical))
    worded = np.argpartition(-lexical, depth - 1)[:depth]
    worded = worded[lexical[worded] > 0]
    return np.unique(np.concatenate([near[:DEPTH], worded, np.fromiter(asked, dtype=np.int64, count=len(asked))]))


def _min_max(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores stretched to 0..1; all 0 where they are equal."""
    low, high = float(scores.min()), float(scores.max())
    return (scores - low) / (high - low) if high > low else np.zeros_like(scores)
