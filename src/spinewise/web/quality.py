"""The page that shows how good the guide is: the last board of `make evaluate`, with its plots. Measures nothing itself."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

FILE = "quality.json"
"""In the folder of the index, where `make evaluate` leaves it."""
WIDE, HIGH = 320, 200
"""Units of a plot's drawing area."""


def quality_html(folder: Path) -> str | None:
    """The board as safe HTML; None where none was made yet or it cannot be read."""
    try:
        board = json.loads((folder / FILE).read_text(encoding="utf-8"))
        lines = "".join(map(_line, board["lines"]))
        plots = _ranks(board["ranks"]) + _abstention(board["abstention"], board["floor"]) + _danger(board["lines"])
        made = f"Measured {html.escape(board['date'])} on index {html.escape(board['index_version'])}."
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    return (
        f"<h1>How good is this guide?</h1><p class=sw-date>{made} Each has its 95% interval: few cases, wide interval.</p>"
        f"{plots}<h2>Every figure</h2><table class=sw-board>"
        f"<thead><tr><th>Measure<th>Share<th>95% interval<th>Cases</tr></thead><tbody>{lines}</tbody></table>"
        "<p>These are cases that people wrote or posted, not this site's readers. No clinician has reviewed their labels.</p>"
    )


def _line(line: dict[str, Any]) -> str:
    share = f"{line['share']:.1%}<td>{line['low']:.1%} to {line['high']:.1%}"
    return f"<tr><td>{html.escape(line['name'])}<td>{share}<td>{int(line['of'])}</tr>"


def _plot(title: str, text: str, drawn: str) -> str:
    box, axes = f"-40 -10 {WIDE + 60} {HIGH + 50}", f'<path d="M0 0V{HIGH}H{WIDE}" fill="none" stroke="currentColor"/>'
    drawing = f'<svg class="sw-plot" role="img" aria-label="{html.escape(text)}" viewBox="{box}">{axes}{drawn}</svg>'
    return f"<h2>{title}</h2>{drawing}<p>{html.escape(text)}</p>"


def _label(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="12" fill="currentColor">{html.escape(text)}</text>'


def _ranks(ranks: dict[str, int]) -> str:
    total = sum(ranks.values()) or 1
    step = WIDE / len(ranks)
    drawn = ""
    for number, (name, count) in enumerate(ranks.items()):
        tall, left, middle = HIGH * count / total, number * step + 8, (number + 0.5) * step
        drawn += f'<rect x="{left:.0f}" y="{HIGH - tall:.1f}" width="{step - 16:.0f}" height="{tall:.1f}" fill="#0b7285"/>'
        drawn += _label(middle, HIGH + 16, name) + _label(middle, HIGH - tall - 4, f"{count / total:.0%}")
    text = f"Where the right article stands for {total} questions in lay words: first for {ranks['first'] / total:.0%}."
    return _plot("Rank of the right article", text, drawn)


def _abstention(points: list[list[float]], floor: list[float]) -> str:
    path = "M" + "L".join(f"{WIDE * outside:.1f} {HIGH * (1 - inside):.1f}" for inside, outside in points)
    drawn = f'<path d="{path}" fill="none" stroke="#0b7285" stroke-width="2"/>'
    drawn += f'<circle cx="{WIDE * floor[1]:.1f}" cy="{HIGH * (1 - floor[0]):.1f}" r="5" fill="#a3160c"/>'
    drawn += (
        _label(WIDE / 2, HIGH + 32, "off-topic messages answered") + _label(-6, 6, "100%", "end") + _label(-6, HIGH, "0", "end")
    )
    drawn += _label(WIDE, HIGH + 16, "100%")
    text = f"Questions about backs against off-topic messages, answered. As set (the dot): {floor[0]:.0%} and {floor[1]:.0%}."
    return _plot("Knowing when not to answer", text, drawn)


def _danger(lines: list[dict[str, Any]]) -> str:
    named = {line["name"]: line for line in lines}
    caught = next((line for name, line in named.items() if name.startswith("emergency.jsonl: emergency card")), None)
    alarmed = next((line for name, line in named.items() if name.startswith("ordinary.jsonl: any card")), None)
    if caught is None or alarmed is None:
        return ""
    drawn = _label(-6, 6, "100%", "end") + _label(-6, HIGH, "0", "end")
    marks = ((0.3, caught, "emergencies caught", "#0b7285"), (0.7, alarmed, "ordinary messages alarmed", "#a3160c"))
    for place, line, name, colour in marks:
        x, top, bottom, y = WIDE * place, HIGH * (1 - line["high"]), HIGH * (1 - line["low"]), HIGH * (1 - line["share"])
        drawn += f'<path d="M{x:.0f} {top:.1f}V{bottom:.1f}" stroke="{colour}" stroke-width="3"/>'
        drawn += f'<circle cx="{x:.0f}" cy="{y:.1f}" r="5" fill="{colour}"/>' + _label(x, HIGH + 16, name)
    text = (
        f"Emergencies given the emergency card: {caught['share']:.0%}. Ordinary messages given any card: {alarmed['share']:.0%}."
    )
    return _plot("Danger noticed, and false alarms", text, drawn)
