"""Decides whether the corpus answers a question at all. The decision is fitted at refresh and stored with the index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from spinewise.answer.search import Query, prepare, search
from spinewise.index.store import Index
from spinewise.records import Calibration, Hit

RECIPE = 1
"""Raised when features or fit change, so that the next refresh fits anew."""

ANSWERED = 0.98
"""Share of the corpus's own questions that the floor lets through."""

Features = NDArray[np.float64]


def features(index: Index, query: Query, hits: Sequence[Hit], leave_out: int = -1) -> Features:
    """What the decision looks at, shape (7,), the last always 1. `leave_out` is the row of a question not to be seen."""
    count = len(index.passages)
    rows, cosines = index.vectors.search(query.vector, 20)
    seen = rows != leave_out
    passages, questions = cosines[seen & (rows < count)], cosines[seen & (rows >= count)]
    dense = max((hit.dense for hit in hits), default=0.0)
    weights = {term: index.words.idf(term) for term in query.terms}
    total = sum(weights.values()) or 1.0
    unknown = sum(weight for term, weight in weights.items() if term not in index.words.vocabulary)
    covered = _covered(index, query, hits)
    near = float(np.mean(np.sort(cosines[seen])[-5:])) if seen.any() else 0.0
    question = float(questions.max()) if len(questions) else float(passages.max()) if len(passages) else 0.0
    return np.array([dense, question, near, covered, unknown / total, min(len(query.terms), 12) / 12, 1.0])


def _covered(index: Index, query: Query, hits: Sequence[Hit]) -> float:
    """The share of the question's words, by weight, that stand in the best passage that has most of them."""
    total = sum(index.words.idf(term) for term in query.terms) or 1.0
    scores = [sum(index.words.idf(t) for t in query.terms if index.words.has(t, index.row_of[hit.passage.id])) for hit in hits[:3]]
    return max(scores, default=0.0) / total


def confidence(calibration: Calibration, found: Features) -> float:
    """How sure the corpus answers it, 0 to 1."""
    return float(1 / (1 + np.exp(-np.clip(np.dot(calibration.weights, found), -30, 30))))


def answers(index: Index, query: Query, hits: Sequence[Hit]) -> bool:
    """Whether to answer with `hits`; False means to say honestly that nothing here answers it."""
    return bool(hits) and confidence(index.manifest.calibration, features(index, query, hits)) >= index.manifest.calibration.floor


def fit(index: Index) -> Calibration:
    """Fit the decision on the corpus's own questions against messages that a health guide must decline."""
    own = [(question.text, len(index.passages) + n) for n, question in enumerate(index.questions)]
    own = own[:: max(1, len(own) // 1500)]
    inside = np.array([_of(index, text, row) for text, row in own])
    outside = np.array([_of(index, text) for text in _off_topic()])
    typical = np.median(inside[:, 0])
    outside = outside[outside[:, 0] < typical]  # what lies as near as the corpus's own questions is not off this topic
    weights = _logistic(inside, outside)
    calibration = Calibration(tuple(float(weight) for weight in weights), 0.0)
    sure = np.array([confidence(calibration, row) for row in inside])
    return Calibration(calibration.weights, round(float(np.quantile(sure, 1 - ANSWERED)), 4))


def _of(index: Index, text: str, leave_out: int = -1) -> Features:
    query = prepare(index, text)
    return features(index, query, search(index, query, 5), leave_out)


def _logistic(inside: Features, outside: Features, penalty: float = 1.0) -> NDArray[np.float64]:
    """Weights of a logistic regression by Newton's method, both classes weighing the same, L2 on all but the constant."""
    rows = np.vstack([inside, outside])
    wanted = np.concatenate([np.ones(len(inside)), np.zeros(len(outside))])
    share = np.concatenate([np.full(len(inside), 1 / max(len(inside), 1)), np.full(len(outside), 1 / max(len(outside), 1))])
    share *= len(rows) / 2
    ridge = np.diag([penalty] * (rows.shape[1] - 1) + [1e-6])
    weights = np.zeros(rows.shape[1])
    for _ in range(30):
        guess = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        slope = rows.T @ (share * (wanted - guess)) - ridge @ weights
        curve = (rows * (share * guess * (1 - guess))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curve, slope)
        weights += step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


@cache
def _off_topic() -> tuple[str, ...]:
    text = resources.files("spinewise.answer").joinpath("offtopic.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
