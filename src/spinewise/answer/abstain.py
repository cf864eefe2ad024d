"""Decides whether the corpus answers a question at all. The decision is fitted at refresh and stored with the index."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spinewise.answer.search import Query, query_of, search, unit_cosines
from spinewise.index.encoder import Vectors
from spinewise.index.store import Index
from spinewise.index.words import terms
from spinewise.records import Calibration, Hit

RECIPE = 8
"""Raised when features or fit change, so that the next refresh fits anew."""

DECLINED = 0.95
"""Share of the messages to decline that the floor holds back. They are harder than what readers send by mistake."""
UNSURE = 0.85
"""Share of them for which not even the nearest pages are named."""

Features = NDArray[np.float64]
Decision = Literal["answer", "unsure", "nothing"]


def features(index: Index, query: Query, hits: Sequence[Hit], leave_out: int = -1, declined_out: int = -1) -> Features:
    """What the decision looks at, shape (6,), the last always 1.

    Cosines to the nearest passage, question, sentence and message to decline, and the mean of the five nearest. The
    question numbered `leave_out` and the message numbered `declined_out` are not seen, for fitting on themselves.
    """
    count = len(index.passages)
    rows, cosines = query.rows, query.cosines
    seen = rows != count + leave_out if leave_out >= 0 else rows >= 0
    questions = cosines[seen & (rows >= count)]
    dense = max((hit.dense for hit in hits), default=0.0)
    question = max(dense, float(questions[0])) if len(questions) else dense
    declined = index.declined @ query.vector
    if declined_out >= 0:
        declined[declined_out] = -1
    near = float(cosines[seen][:5].mean()) if seen.any() else 0.0
    return np.array([dense, question, near, _sentence(index, query, hits), float(declined.max(initial=-1)), 1.0])


def _sentence(index: Index, query: Query, hits: Sequence[Hit]) -> float:
    """The cosine of the nearest sentence of the best passages."""
    found = (unit_cosines(index, query, index.row_of[hit.passage.id]) for hit in hits[:3])
    return max((float(cosines.max(initial=-1)) for cosines in found), default=-1.0)


def confidence(calibration: Calibration, found: Features) -> float:
    """How sure the corpus answers it, 0 to 1."""
    return float(1 / (1 + np.exp(-np.clip(np.dot(calibration.weights, found), -30, 30))))


def decide(index: Index, query: Query, hits: Sequence[Hit]) -> Decision:
    """Whether to answer with `hits`, to name them as the nearest pages, or to say honestly that nothing here answers it."""
    if not hits:
        return "nothing"
    calibration = index.manifest.calibration
    sure = confidence(calibration, features(index, query, hits))
    return "answer" if sure >= calibration.floor else "unsure" if sure >= calibration.doubt else "nothing"


def fit(index: Index) -> Calibration:
    """Fit the decision on the corpus's own questions against the messages to decline, each without seeing itself."""
    own = [(number, question) for number, question in enumerate(index.questions) if question.kind != "wording"]
    own, first = own[:: max(1, len(own) // 1500)], len(index.passages)
    vectors = index.vectors.vectors([first + n for n, _ in own])
    inside = np.array([_of(index, q.text, vector, leave_out=n) for (n, q), vector in zip(own, vectors, strict=True)])
    outside = np.array([_of(index, text, index.declined[n], declined_out=n) for n, text in enumerate(off_topic())])
    typical = np.median(inside[:, 0])
    outside = outside[outside[:, 0] < typical]  # what lies as near as the corpus's own questions is not off its topic
    calibration = Calibration(tuple(float(weight) for weight in _logistic(inside, outside)), 0.0, 0.0)
    sure = np.array([confidence(calibration, row) for row in outside])
    floor, doubt = (round(float(np.quantile(sure, share)), 4) for share in (DECLINED, UNSURE))
    return Calibration(calibration.weights, floor, doubt)


def _of(index: Index, text: str, vector: Vectors, leave_out: int = -1, declined_out: int = -1) -> Features:
    query = query_of(index, text, vector, terms(text))
    return features(index, query, search(index, query, 5), leave_out, declined_out)


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
def off_topic() -> tuple[str, ...]:
    """Messages that a back-pain guide must decline, written for this purpose."""
    text = resources.files("spinewise.answer").joinpath("offtopic.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
