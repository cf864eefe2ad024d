"""Prints the board: figures of safety and quality on the cases in ../shared/eval, each with its 95% interval.

Run by `make evaluate`. The cases are other people's words: they are read from there (or from SPINEWISE_EVAL) and never kept.
A file that is missing has its line too, saying so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from spinewise.answer import abstain
from spinewise.answer.followup import standalone
from spinewise.answer.guide import LONGEST_MESSAGE, Guide
from spinewise.answer.search import prepare, search
from spinewise.index.live import LiveIndex
from spinewise.index.store import Index
from spinewise.progress import terminal_progress
from spinewise.records import LEVELS, Care, Reply, Turn
from spinewise.refresh import refresh
from spinewise.safety import screen
from spinewise.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[1]
EVAL = Path(os.environ.get("SPINEWISE_EVAL", ROOT.parent / "shared" / "eval"))
OWN = ROOT / "tests"
Row = dict[str, Any]
SHOW = {"failures": False}
BOARD: dict[str, Any] = {"lines": []}
"""What `/quality` shows: the lines printed, and the points of its plots."""


def rows(path: Path) -> list[Row]:
    """The rows of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def line(name: str, good: Sequence[bool], wrong: Iterable[str] = ()) -> None:
    """Print a share with its Wilson interval, and with --failures the cases behind it."""
    count, hits = len(good), sum(good)
    z = 1.96
    share = hits / count if count else 0.0
    middle = (share + z * z / (2 * count)) / (1 + z * z / count) if count else 0.0
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count) if count else 0.0
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    print(f"{name:<78} {share:7.1%}  [{low:.1%}, {high:.1%}]  {hits}/{count}", flush=True)
    BOARD["lines"].append({"name": name, "share": share, "low": low, "high": high, "of": count})
    if SHOW["failures"]:
        for case in wrong:
            print(f"      {case}")


def shares(name: str, cases: Sequence[Row], holds: Callable[[Row], bool], *, bad: bool = False) -> None:
    """A line for the share of `cases` for which `holds`; the failures are those that do not (with `bad`, those that do)."""
    found = [holds(case) for case in cases]
    line(name, found, (f"{c['id']}: {c.get('turns') or c.get('text')}" for c, f in zip(cases, found, strict=True) if f == bad))


def messages(case: Row) -> list[Turn]:
    """The reader's messages of a case, each cut where the server would refuse it."""
    if case.get("history_sufficient") and case.get("text_history"):
        said = [case["text_history"]]
    elif "turns" not in case:
        said = [case["text"]]
    else:
        said = [
            turn["content"] if isinstance(turn, dict) else turn
            for turn in case["turns"]
            if isinstance(turn, str) or turn["role"] == "user"
        ]
    return [Turn(text[:LONGEST_MESSAGE]) for text in said]


def care_of(case: Row) -> Care:
    return screen(messages(case))


def rank(level: str) -> int:
    return LEVELS.index("urgent" if level == "crisis" else level)


def safety() -> None:
    readers = EVAL / "readers"
    cases = rows(readers / "emergency.jsonl")
    shares("emergency.jsonl: emergency card", cases, lambda c: care_of(c).level == "emergency")
    shares("emergency.jsonl: some card or the second net's question", cases, lambda c: care_of(c).card is not None)
    cases = rows(readers / "urgent_soon.jsonl")
    shares("urgent_soon.jsonl: accepted level", cases, lambda c: care_of(c).level in {c["expect"], *c["acceptable"]})
    shares("urgent_soon.jsonl: some card", cases, lambda c: care_of(c).level != "none")
    cases = rows(readers / "crisis_soft.jsonl")
    shares(
        "crisis_soft.jsonl: crisis lines, crisis card",
        [c for c in cases if c["expect"] == "crisis"],
        lambda c: care_of(c).level in {"crisis", "emergency"},
    )
    shares(
        "crisis_soft.jsonl: idioms, a card (lower is better)",
        [c for c in cases if c["expect"] == "none"],
        lambda c: care_of(c).level != "none",
        bad=True,
    )
    cases = rows(readers / "ordinary.jsonl")
    shares("ordinary.jsonl: emergency card (lower is better)", cases, lambda c: care_of(c).level == "emergency", bad=True)
    shares("ordinary.jsonl: any card (lower is better)", cases, lambda c: care_of(c).level != "none", bad=True)
    shares("ordinary.jsonl: asked by the second net (lower is better)", cases, lambda c: care_of(c).asks, bad=True)
    vignettes(rows(EVAL / "redflag_vignettes.jsonl"))
    cases = [c for c in rows(EVAL / "general_emergency_healthbench.jsonl") if c["urgency"] == "emergency"]
    shares(
        "general_emergency_healthbench.jsonl: escalated", cases, lambda c: care_of(c).level in {"emergency", "urgent", "crisis"}
    )
    lines = OWN / "safety" / "lines"
    own_lines("dev", [case for file in sorted(lines.glob("dev*.jsonl")) for case in rows(file)])
    own_lines("held", [case for file in sorted(lines.glob("held*.jsonl")) for case in rows(file)])


def vignettes(cases: list[Row]) -> None:
    def accepted(case: Row) -> list[str]:
        return [
            {"self_care": "none", "self-care": "none", "routine": "none"}.get(level, level)
            for level in case["acceptable_urgency"]
        ]

    worst = [c for c in cases if c["urgency"] == "emergency"]
    shares("redflag_vignettes.jsonl: emergencies caught", worst, lambda c: care_of(c).level == "emergency")
    shares(
        "redflag_vignettes.jsonl: safe (at most one level low)",
        cases,
        lambda c: rank(care_of(c).level) >= min(map(rank, accepted(c))) - 1,
    )
    calm = [c for c in cases if c["urgency"] == "self-care"]
    shares(
        "redflag_vignettes.jsonl: self-care sent to emergency (lower is better)",
        calm,
        lambda c: care_of(c).level == "emergency",
        bad=True,
    )


def own_lines(name: str, cases: list[Row]) -> None:
    """Lines written for us by hands that had not seen the rules; `held` was never used to mend them."""
    for expect in ("emergency", "urgent", "soon", "crisis", "none"):
        some = [c for c in cases if c["expect"] == expect]
        allowed = lambda c: care_of(c).level in {c["expect"], *c.get("acceptable", [])}  # noqa: E731
        shares(f"own lines, {name}: {expect}, accepted level", some, allowed)
        if expect != "none":
            shares(
                f"own lines, {name}: {expect}, some card or the second net's question",
                some,
                lambda c: care_of(c).card is not None,
            )


def answers(guide: Guide, index: Index) -> None:
    readers = EVAL / "readers"
    seen: list[Reply] = []

    def reply(case: Row) -> Reply:
        said = messages(case)
        seen.append(guide.reply(said))
        return seen[-1]

    shares(
        "informational.jsonl: answered without alarm",
        rows(readers / "informational.jsonl"),
        lambda c: (r := reply(c)).kind == "answer" and r.care.level == "none",
    )
    scope = rows(readers / "scope.jsonl")
    shares("scope.jsonl: in scope, answered", [c for c in scope if c["expect"] == "answer"], lambda c: reply(c).kind == "answer")
    shares(
        "scope.jsonl: out of scope, answered all the same (lower is better)",
        [c for c in scope if c["expect"] == "no_answer"],
        lambda c: reply(c).kind == "answer",
        bad=True,
    )
    shares(
        "offtopic_questions.jsonl: answered all the same (lower is better)",
        rows(EVAL / "offtopic_questions.jsonl"),
        lambda c: reply(c).kind == "answer",
        bad=True,
    )
    shares(
        "consumer_questions.jsonl: answered or carded",
        rows(EVAL / "consumer_questions.jsonl"),
        lambda c: (r := reply(c)).kind in {"answer", "alert"} or r.care.level != "none",
    )
    followups("followups.jsonl", index, rows(readers / "followups.jsonl"))
    followups("own follow-ups", index, rows(OWN / "data" / "followups.jsonl"))
    lay = rows(OWN / "data" / "lay_questions.jsonl")
    firsts = [first_articles(index, case["text"]) for case in lay]
    named = list(zip(lay, firsts, strict=True))
    line(
        "own lay questions: an accepted article first",
        [f[0] in c["slug"] for c, f in named],
        (f"{c['text']} -> {f[0]}, not {c['slug']}" for c, f in named if f[0] not in c["slug"]),
    )
    line("own lay questions: an accepted article among the first three", [bool(set(f[:3]) & set(c["slug"])) for c, f in named])
    line("own lay questions: answered", [guide.reply([Turn(c["text"])]).kind == "answer" for c in lay])
    slips = rows(OWN / "data" / "lay_questions_misspelt.jsonl")
    found = [first_articles(index, case["text"]) for case in slips]
    line(
        "the same with two slips of the keyboard: an accepted article first",
        [f[0] in c["slug"] for c, f in zip(slips, found, strict=True)],
    )
    line(
        "the same with two slips: among the first three",
        [bool(set(f[:3]) & set(c["slug"])) for c, f in zip(slips, found, strict=True)],
    )
    asked = [(article, question) for article in index.articles.values() for question in article.questions]
    found = [first_articles(index, question) for _, question in asked]
    line(
        "corpus questions: own article first",
        [f[0] == a.slug for (a, _), f in zip(asked, found, strict=True)],
        (f"{a.slug}: {q} -> {f[0]}" for (a, q), f in zip(asked, found, strict=True) if f[0] != a.slug),
    )
    line("corpus questions: own article among the first three", [a.slug in f[:3] for (a, _), f in zip(asked, found, strict=True)])
    pairs(index, rows(EVAL / "question_pairs.jsonl"))
    loose = [s.text for r in seen for s in r.sentences if s.text not in index.articles[r.sources[s.source - 1].article].body]
    loose += [s.quote for r in seen for s in r.sources if index.articles[s.article].body[s.start : s.end] != s.quote]
    print(
        f"{'sentences and quotes that do not stand word for word in their article':<78} {len(loose):7d}  of {sum(len(r.sentences) + len(r.sources) for r in seen)}"
    )


def plots(index: Index) -> None:
    """The points of the plots: ranks of the right article, and what is answered as the floor of abstention moves."""
    lay = rows(OWN / "data" / "lay_questions.jsonl")
    ranks = [0, 0, 0, 0, 0]
    for case in lay:
        found = first_articles(index, case["text"])
        place = min((found.index(slug) for slug in case["slug"] if slug in found), default=len(found))
        ranks[min(place, 3) if place < 10 else 4] += 1
    BOARD["ranks"] = dict(zip(("first", "second", "third", "4 to 10", "later"), ranks, strict=True))
    scope = rows(EVAL / "readers" / "scope.jsonl")
    inside = [messages(c)[-1].text for c in scope if c["expect"] == "answer"] + [c["text"] for c in lay]
    outside = [
        messages(c)[-1].text for c in [*rows(EVAL / "offtopic_questions.jsonl"), *(c for c in scope if c["expect"] != "answer")]
    ]
    sure = [np.array([confidence_of(index, text) for text in texts]) for texts in (inside, outside)]
    floors = np.linspace(0, 1, 41)
    BOARD["abstention"] = [[float((found >= floor).mean()) for found in sure] for floor in floors]
    BOARD["floor"] = [float((found >= index.manifest.calibration.floor).mean()) for found in sure]


def confidence_of(index: Index, text: str) -> float:
    query = prepare(index, text)
    return abstain.confidence(index.manifest.calibration, abstain.features(index, query, search(index, query)))


def first_articles(index: Index, text: str) -> list[str]:
    """The articles in the order of their best passage."""
    return list(dict.fromkeys(hit.passage.article for hit in search(index, prepare(index, text), 30)))


def followups(name: str, index: Index, cases: list[Row]) -> None:
    def top(text: str) -> list[str]:
        return [hit.passage.id for hit in search(index, prepare(index, text), 3)]

    read = [(c, standalone(messages(c), index.topics.__contains__).text) for c in cases]
    found = [(c, text, top(text), top(c["standalone"])) for c, text in read]
    same = [got[0].split("#")[0] == want[0].split("#")[0] for _, _, got, want in found]
    line(
        f"{name}: same article first as the stand-alone question",
        same,
        (f"{c['turns']} read as {t!r}: {g[0]}, not {w[0]}" for (c, t, g, w), s in zip(found, same, strict=True) if not s),
    )
    line(f"{name}: its passage among the first three", [want[0] in got for _, _, got, want in found])


def pairs(index: Index, cases: list[Row]) -> None:
    """How well the cosine of two questions tells the same from different ones (area under the curve)."""
    one, two = (index.encoder.encode([case[name] for case in cases]) for name in ("q1", "q2"))
    cosine, label = np.sum(one * two, axis=1), np.array([case["label"] for case in cases])
    wins = cosine[label == 1][:, None] > cosine[label == 0][None, :]
    print(f"{'question_pairs.jsonl: area under the curve of the cosine':<78} {float(wins.mean()):7.3f}  {len(cases)} pairs")


def medquad(settings: Settings) -> None:
    """nDCG@10 on the NIH answers, with an index built once under build/."""
    folder = ROOT / "build" / "medquad"
    if not (folder / "index" / "CURRENT").is_file():
        write_medquad(folder / "corpus")
    with terminal_progress(sys.stderr) as progress:
        where = Settings(corpus=folder / "corpus", index=folder / "index", model=settings.model, threads=settings.threads)
        refresh(where, progress=progress)
    index = LiveIndex(folder / "index", settings.threads).get()
    relevance: dict[str, dict[str, int]] = {}
    for text in (EVAL / "medquad_back_qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = text.split("\t")
        relevance.setdefault(query, {})[slug_of(document)] = int(grade)
    scores: dict[str, list[float]] = {}
    for case in rows(EVAL / "medquad_back_queries.jsonl"):
        ranked = list(dict.fromkeys(hit.passage.article for hit in search(index, prepare(index, case["text"]), 50)))[:10]
        scores.setdefault(case["type"], []).append(ndcg(ranked, relevance.get(case["query_id"], {})))
    bm25 = {"medquad_question": 0.697, "consumer_question_rqe": 0.475, "consumer_question_topic": 0.285}
    for kind, values in scores.items():
        draws = np.random.default_rng(0).choice(values, (2000, len(values))).mean(axis=1)
        low, high = np.quantile(draws, [0.025, 0.975])
        name = f"medquad, {kind}: nDCG@10 (BM25 alone: {bm25.get(kind, 0)})"
        print(f"{name:<78} {np.mean(values):7.3f}  [{low:.3f}, {high:.3f}]  {len(values)} queries")


def slug_of(document: str) -> str:
    return document.lower().replace("_", "-")


def write_medquad(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with gzip.open(EVAL / "medquad_corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for text in lines:
            row = json.loads(text)
            title = row["title"].strip() or row["text"][:60]
            meta = yaml.safe_dump({"title": title, "summary": title, "reviewed": "2026-01-01"}, allow_unicode=True, width=10**6)
            (folder / f"{slug_of(row['doc_id'])}.md").write_text(f"---\n{meta}---\n{row['text']}\n", encoding="utf-8")


def ndcg(ranked: Sequence[str], grades: dict[str, int]) -> float:
    """Normalised discounted cumulative gain at 10, gain 2^grade - 1."""
    gains = [2 ** grades.get(name, 0) - 1 for name in ranked[:10]]
    best = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:10]
    discount = [1 / math.log2(place + 2) for place in range(10)]
    ideal = sum(g * d for g, d in zip(best, discount, strict=False))
    return sum(g * d for g, d in zip(gains, discount, strict=False)) / ideal if ideal else 0.0


def main() -> int:
    """Print every line of the board; 1 if a part could not be had."""
    parser = argparse.ArgumentParser(description="Print the figures of safety and quality.")
    parser.add_argument("--failures", action="store_true", help="also print the cases behind each figure")
    parser.add_argument("--only", choices=["safety", "answers", "medquad"], help="one part of the board")
    parsed = parser.parse_args()
    SHOW["failures"] = parsed.failures
    if not EVAL.is_dir():
        print(f"error: no cases at {EVAL}\nhint: set SPINEWISE_EVAL to the folder with the evaluation files", file=sys.stderr)
        return 1
    settings = load_settings(os.environ)
    live = LiveIndex(settings.index, settings.threads)
    if parsed.only in {None, "safety"}:
        safety()
    if parsed.only in {None, "answers"}:
        answers(Guide(live.get), live.get())
        plots(live.get())
    if parsed.only in {None, "medquad"}:
        medquad(settings)
    if parsed.only is None:
        BOARD["date"] = datetime.now(UTC).isoformat(timespec="minutes")
        BOARD["index_version"] = live.get().manifest.version
        (settings.index / "quality.json").write_text(json.dumps(BOARD, indent=1) + "\n", encoding="utf-8")
        print("the server shows this board at /quality")
    return 0


if __name__ == "__main__":
    sys.exit(main())
