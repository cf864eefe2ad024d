"""Prints what import keeps of saved pages, beside trafilatura's own output. Run as `python bench/importing.py`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import trafilatura

from spinewise.library.importing.feeds import as_html, entries
from spinewise.library.importing.page import Raw
from spinewise.library.importing.pages import html_page

PAGES = Path(__file__).parents[1] / "tests" / "data" / "pages"


def main() -> int:
    expected = json.loads((PAGES / "expected.json").read_text(encoding="utf-8"))
    print(
        f"{'':16}{'main text kept':^24}{'boilerplate let in':^24}\n{'page':16}{'import':>12}{'trafilatura':>12}{'import':>12}{'trafilatura':>12}"
    )
    for name, wanted in expected.items():
        file = PAGES / name
        if not file.exists():
            continue  # made in the tests
        raw = Raw(name, file.read_bytes(), "http://HOST/")
        listed = None if file.suffix == ".html" else entries(raw)
        if listed:
            raw = Raw(listed[0].url, as_html(listed[0]), listed[0].url)
        ours = html_page(raw).body
        plain = trafilatura.extract(raw.content, include_comments=False) or ""
        row = [share(wanted[part], text) for part in ("main", "boilerplate") for text in (ours, plain)]
        print(f"{name:16}" + "".join(f"{value:>12.0%}" for value in row))
    return 0


def share(blocks: list[str], text: str) -> float:
    """How much of `blocks`, by characters, stands in `text`; marks, case and spaces apart."""
    there = letters(text)
    return sum(len(block) for block in blocks if letters(block) in there) / max(sum(map(len, blocks)), 1)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


if __name__ == "__main__":
    sys.exit(main())
