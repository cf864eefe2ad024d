"""Finds the sections of an article's Markdown: what stands under each heading, with offsets. Changes no text."""

from __future__ import annotations

import itertools
from functools import cache

from markdown_it import MarkdownIt

from spinewise.markup import plain, unique_anchor
from spinewise.records import Section


def article_markdown() -> MarkdownIt:
    """A parser of the Markdown that articles are written in; the pages use it too, so that both see the same headings."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "lheading", "autolink"])


def sections(body: str) -> tuple[Section, ...]:
    """Cut `body` at its `#` headings (not at those inside code fences, lists or quotations).

    Returns sections in order, those with no text of their own left out; each is `body[start:end]`, blank ends stripped.
    """
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    anchors: dict[str, int] = {}
    anchor, start = "", 0

    def close(end: int) -> None:
        text = body[start:end]
        if text.strip():
            left = start + len(text) - len(text.lstrip())
            found.append(Section(tuple(name for _, name in path), anchor, left, left + len(text.strip())))

    for line, after, level, text in _headings(body):
        close(line)
        name = plain(text)
        path = [*(entry for entry in path if entry[0] < level), (level, name)]
        anchor, start = unique_anchor(name, anchors), after
    close(len(body))
    return tuple(found)


def _headings(body: str) -> list[tuple[int, int, int, str]]:
    """Offset of each heading's line, offset of the line after it, level, and text."""
    starts = [0]
    for line in body.split("\n"):
        starts.append(min(starts[-1] + len(line) + 1, len(body)))
    tokens = _blocks().parse(body)
    return [
        (starts[opened.map[0]], starts[opened.map[1]], int(opened.tag[1]), inline.content)
        for opened, inline in itertools.pairwise(tokens)
        if opened.type == "heading_open" and opened.level == 0 and opened.map
    ]


@cache
def _blocks() -> MarkdownIt:
    return article_markdown().disable(["inline"])
