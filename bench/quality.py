"""Prints retrieval quality beside the peers', on the same passages with the same vectors. Run by `make bench-quality`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from evaluate import EVAL, OWN, ROOT, medquad, ndcg, rows, slug_of

from spinewise.answer.search import prepare, search
from spinewise.index.live import LiveIndex
from spinewise.index.store import Index
from spinewise.settings import load_settings

PEERS = ROOT / "build" / "peers"
Cases = Sequence[tuple[str, Callable[[Sequence[str]], float]]]
"""Queries, each with what scores a ranking of articles for it."""


def main() -> int:
    settings = load_settings(os.environ)
    medquad(settings)
    nih = LiveIndex(ROOT / "build" / "medquad" / "index", settings.threads).get()
    kinds: dict[str, list[tuple[str, dict[str, int]]]] = {}
    relevance: dict[str, dict[str, int]] = {}
    for text in (EVAL / "medquad_back_qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = text.split("\t")
        relevance.setdefault(query, {})[slug_of(document)] = int(grade)
    for case in rows(EVAL / "medquad_back_queries.jsonl"):
        kinds.setdefault(case["type"], []).append((case["text"], relevance.get(case["query_id"], {})))
    for kind, cases in kinds.items():
        table(f"medquad, {kind}: nDCG@10", nih, [(text, partial(ndcg, grades=grades)) for text, grades in cases])
    own = LiveIndex(settings.index, settings.threads).get()
    lay = rows(OWN / "data" / "lay_questions.jsonl")
    for name, depth in (("first", 1), ("in the first three", 3)):
        table(f"own lay questions: an accepted article {name}", own, [(c["text"], partial(among, c["slug"], depth)) for c in lay])
    return 0


def among(accepted: Sequence[str], depth: int, ranked: Sequence[str]) -> float:
    """1 where an accepted article is among the first `depth`."""
    return float(not set(accepted).isdisjoint(ranked[:depth]))


def table(name: str, index: Index, cases: Cases) -> None:
    """One figure for ours and for every peer, on the same cases."""
    queries = [text for text, _ in cases]
    prepared = [prepare(index, text) for text in queries]
    ours = [[hit.passage.article for hit in search(index, query, 50)] for query in prepared]
    print(f"\n{name} ({len(cases)} queries, {len(index.passages)} passages)")
    row("Spinewise", ours, cases)
    folder = PEERS / "data"
    folder.mkdir(parents=True, exist_ok=True)
    texts = ["\n".join((passage.title, *passage.section, passage.text)) for passage in index.passages]
    for file, content in (("texts.jsonl", texts), ("queries.jsonl", queries)):
        (folder / file).write_text("".join(json.dumps(text) + "\n" for text in content), encoding="utf-8")
    np.save(folder / "vectors.npy", index.vectors.vectors(slice(len(index.passages))))
    np.save(folder / "query_vectors.npy", np.stack([query.vector for query in prepared]))
    done = subprocess.run(
        [str(PEERS / "bin" / "python"), str(Path(__file__).with_name("peers.py")), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        found = json.loads(line)
        if "error" in found:
            print(f"  {found['name']:<26} could not be had: {found['error']}")
        else:
            row(found["name"], [[index.passages[at].article for at in ranked] for ranked in found["ranked"]], cases)
    if done.returncode:
        print(done.stderr[-500:], file=sys.stderr)


def row(name: str, ranked: Sequence[Sequence[str]], cases: Cases) -> None:
    values = [measure(list(dict.fromkeys(articles))) for articles, (_, measure) in zip(ranked, cases, strict=True)]
    draws = np.random.default_rng(0).choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    print(f"  {name:<26} {np.mean(values):.3f}  [{low:.3f}, {high:.3f}]", flush=True)


if __name__ == "__main__":
    sys.exit(main())
