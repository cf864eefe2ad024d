"""Trains the second net's weights from lines written for it, and prints what it catches on lines kept apart.

Run as `python bench/train_net.py` after lines were added. Nothing of `../shared/eval` is used. Writes src/spinewise/safety/net.bin.
"""

from __future__ import annotations

import json
import struct
import sys
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from spinewise.answer.abstain import off_topic
from spinewise.library.articles import load
from spinewise.records import Turn
from spinewise.safety import rules, screen
from spinewise.safety.net import BUCKETS, FILE, features

ROOT = Path(__file__).resolve().parents[1]
LINES = ROOT / "tests" / "safety" / "lines"
KEPT_APART = ("held",)
FALSE_ALARMS = 0.02
"""Share of the harmless lines, out of fold, that may be shown the question."""
FOLDS = 5


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (LINES / name).read_text(encoding="utf-8").splitlines()]


def text_of(row: dict[str, object]) -> str:
    return " ".join(row["turns"])  # type: ignore[arg-type]


def matrix(texts: list[str]) -> csr_matrix:
    found = [sorted(features(text)) for text in texts]
    starts = np.cumsum([0, *map(len, found)])
    values = np.concatenate([np.full(len(row), 1 / len(row) ** 0.5) for row in found if row])
    return csr_matrix(
        (values, np.concatenate([row for row in found if row]).astype(np.int32), starts), shape=(len(texts), BUCKETS)
    )


def fit(x: csr_matrix, y: np.ndarray) -> np.ndarray:
    model = LogisticRegression(C=30, class_weight="balanced", max_iter=3000, fit_intercept=False).fit(x, y)
    return np.asarray(model.coef_[0])


def main() -> int:
    train = [row for name in ("dev*.jsonl", "fragments.jsonl") for file in sorted(LINES.glob(name)) for row in rows(file.name)]
    texts = [text_of(row) for row in train]
    danger = [row["expect"] != "none" for row in train]
    for rule in rules.load(rules.HERE).rules:
        texts += [*rule.yes, *rule.no]
        danger += [True] * len(rule.yes) + [False] * len(rule.no)
    harmless = [question for article in load(ROOT / "corpus") for question in article.questions] + list(off_topic())
    x, y = matrix(texts + harmless), np.array(danger + [False] * len(harmless))
    folds = np.random.default_rng(0).integers(0, FOLDS, len(y))
    scores = np.zeros(len(y))
    for fold in range(FOLDS):
        scores[folds == fold] = x[folds == fold] @ fit(x[folds != fold], y[folds != fold])
    calm = scores[: len(train)][~y[: len(train)]]  # not the rules' own near misses, which no reader writes so
    floor = float(np.quantile(calm, 1 - FALSE_ALARMS))
    weights = fit(x, y)
    scale = 127 / np.abs(weights).max()
    table = np.round(weights * scale).astype(np.int8)
    FILE.write_bytes(struct.pack("=d", floor * scale) + table.tobytes())
    print(
        f"{len(y)} lines; out of fold at {FALSE_ALARMS:.1%} of harmless lines: {(scores[y] >= floor).mean():.1%} of dangerous ones"
    )
    for file in sorted(file for name in KEPT_APART for file in LINES.glob(f"{name}*.jsonl")):
        kept = rows(file.name)
        hit = (matrix([text_of(row) for row in kept]) @ table) >= floor * scale
        silent = np.array([screen([Turn(text) for text in row["turns"]]).level == "none" for row in kept])  # type: ignore[attr-defined]
        bad = np.array([row["expect"] != "none" for row in kept])
        print(
            f"{file.name}: rules silent on {silent[bad].mean():.1%} of dangerous lines, rules and net on {(silent & ~hit)[bad].mean():.1%}"
        )
        if (~bad).any():
            print(f"{'':>{len(file.name)}}  asked needlessly by the net: {(silent & hit)[~bad].mean():.1%} of harmless lines")
    return 0


if __name__ == "__main__":
    sys.exit(main())
