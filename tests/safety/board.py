"""Prints how the screen does on every file of cases, with 95% Wilson intervals. Tests nothing; `--show NAME` lists failures.

python tests/safety/board.py                     the table
python tests/safety/board.py --show emergency    the lines behind one row that fail
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from math import sqrt
from pathlib import Path
from typing import Any

from spinewise.records import LEVELS, Care, Turn
from spinewise.safety import screen

REPO = Path(__file__).parents[2]
EVAL = Path(os.environ.get("SPINEWISE_EVAL", REPO / "../shared/eval")).resolve()
LINES = Path(__file__).with_name("lines")
Case = dict[str, Any]


def read(path: Path) -> list[Case]:
    """Every case of a file; none if it is not there."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()] if path.exists() else []


def care(case: Case) -> Care:
    """What the screen makes of a case, whichever shape its file has."""
    turns = case.get("turns") or [case.get("text_used") or case["text"]]
    said = [t if isinstance(t, str) else t["content"] for t in turns if isinstance(t, str) or t["role"] == "user"]
    return screen([Turn(t) for t in said])


def wilson(hits: int, of: int) -> str:
    """A share in percent with its 95% interval."""
    if not of:
        return "no cases"
    share, z = hits / of, 1.96
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    spread = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{100 * share:5.1f}%  [{100 * (middle - spread):.1f}, {100 * (middle + spread):.1f}]  {hits}/{of}"


def is_at(*levels: str) -> Callable[[Case, Care], bool]:
    """Whether the level is one of these."""
    return lambda _, found: found.level in levels


def accepted(case: Case, found: Care) -> bool:
    """Whether the level is one that the case accepts."""
    return found.level in (case.get("acceptable") or [case["expect"]])


def has_card(_: Case, found: Care) -> bool:
    """Whether any card is shown, a conditional line too."""
    return found.card is not None


def _rank(level: str) -> int:
    order = {"self-care": 0, "none": 0, "soon": 1, "urgent": 2, "crisis": 2, "emergency": 3}
    return order[level]


def safe(case: Case, found: Care) -> bool:
    """At most one level below the lowest that is accepted."""
    return _rank(found.level) >= min(_rank(level) for level in case["acceptable_urgency"]) - 1


def vignettes() -> list[Case]:
    """The vignettes, as the history alone where that decides."""
    cases = read(EVAL / "redflag_vignettes.jsonl")
    for case in cases:
        if case.get("text_history") and case.get("history_sufficient"):
            case["text_used"] = case["text_history"]
    return cases


def board() -> dict[str, tuple[list[Case], Callable[[Case, Care], bool], str]]:
    """Every row: its cases, what counts, and the bar."""
    readers = EVAL / "readers"
    dev = [case for path in sorted(LINES.glob("dev*.jsonl")) for case in read(path)]
    soft = read(readers / "crisis_soft.jsonl")
    cards = vignettes()
    other = read(EVAL / "general_emergency_healthbench.jsonl")

    def expecting(cases: Iterable[Case], *levels: str) -> list[Case]:
        return [c for c in cases if c["expect"] in levels]

    none = is_at("none")
    return {
        "emergency": (read(readers / "emergency.jsonl"), is_at("emergency"), "all"),
        "emergency, no card": (read(readers / "emergency.jsonl"), lambda c, f: not has_card(c, f), "none"),
        "urgent and soon": (read(readers / "urgent_soon.jsonl"), accepted, "92%"),
        "urgent and soon, card": (read(readers / "urgent_soon.jsonl"), has_card, "98%"),
        "crisis": (expecting(soft, "crisis"), is_at("crisis", "emergency"), "all"),
        "crisis idioms alarmed": (expecting(soft, "none"), has_card, "none"),
        "ordinary, emergency": (read(readers / "ordinary.jsonl"), is_at("emergency"), "<= 1%"),
        "ordinary, any card": (read(readers / "ordinary.jsonl"), has_card, "<= 5%"),
        "scope, any card": (read(readers / "scope.jsonl"), has_card, "<= 5%"),
        "followups, any card": (read(readers / "followups.jsonl"), has_card, "<= 5%"),
        "informational": (read(readers / "informational.jsonl"), none, "97%"),
        "vignettes, emergencies": ([c for c in cards if c["urgency"] == "emergency"], is_at("emergency"), "95%"),
        "vignettes, safe": (cards, safe, "98%"),
        "vignettes, self-care up": ([c for c in cards if c["urgency"] == "self-care"], is_at("emergency"), "<= 5%"),
        "general emergencies": ([c for c in other if c["urgency"] == "emergency"], is_at("emergency"), "90%"),
        "consumer, emergency": (read(EVAL / "consumer_questions.jsonl"), is_at("emergency"), "low"),
        "off topic, any card": (read(EVAL / "offtopic_questions.jsonl"), has_card, "low"),
        "dev emergency": (expecting(dev, "emergency"), accepted, "99%"),
        "dev emergency, no card": (expecting(dev, "emergency"), lambda c, f: not has_card(c, f), "none"),
        "dev urgent, soon": (expecting(dev, "urgent", "soon"), accepted, "92%"),
        "dev urgent, soon, card": (expecting(dev, "urgent", "soon"), has_card, "98%"),
        "dev crisis": (expecting(dev, "crisis"), accepted, "all"),
        "dev none, emergency": (expecting(dev, "none"), is_at("emergency"), "<= 1%"),
        "dev none, any level": (expecting(dev, "none"), lambda _, f: f.level != "none", "<= 5%"),
        "dev none, any card": (expecting(dev, "none"), has_card, "<= 5%"),
    }


def main() -> None:
    """Print the table, or the cases of one row with what was found."""
    rows = board()
    if "--show" in sys.argv:
        name = sys.argv[sys.argv.index("--show") + 1]
        cases, counts, bar = rows[name]
        bad_if = bar in {"none", "low"} or bar.startswith("<=")
        for case in cases:
            found = care(case)
            if counts(case, found) == bad_if:
                text = case.get("turns") or case.get("text_used") or case["text"]
                ids = " ".join(f"{f.id}({f.matched[:60]!r})" for f in found.flags)
                print(
                    f"{case['id']} {case.get('row', case.get('kind', case.get('condition', '')))} want {case.get('acceptable', case.get('acceptable_urgency', case.get('expect')))}"
                )
                print(f"    got {found.level} {ids}\n    {str(text)[:1200]}")
        return
    for name, (cases, counts, bar) in rows.items():
        hits = sum(counts(case, care(case)) for case in cases)
        print(f"{name:26} {bar:>7}   {wilson(hits, len(cases))}")


if __name__ == "__main__":
    assert set(LEVELS) >= {"none"}
    main()
