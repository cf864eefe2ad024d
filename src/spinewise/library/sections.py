"""Finds the sections of an article's Markdown: what stands under each heading, with offsets. Changes no text."""

from __future__ import annotations

import re

from spinewise.markup import plain, unique_anchor
from spinewise.records import Section

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")


def sections(body: str) -> tuple[Section, ...]:
    """Cut `body` at its `#` headings (not at those inside code fences).

    Returns sections in order, those with no text of their own left out; each is `body[start:end]`, blank ends stripped.
    """
    found: list[Section] = []
    path: list[tuple[int, str]] = []
    anchors: dict[str, int] = {}
    anchor, start, at, fence = "", 0, 0, ""

    def close(end: int) -> None:
        text = body[start:end]
        if text.strip():
            left = start + len(text) - len(text.lstrip())
            found.append(Section(tuple(name for _, name in path), anchor, left, left + len(text.strip())))

    for line in body.splitlines(keepends=True):
        opened = _FENCE.match(line)
        if opened and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else opened.group(1)
        heading = None if fence or opened else _HEADING.match(line.rstrip("\n"))
        if heading:
            close(at)
            level, name = len(heading.group(1)), plain(heading.group(2) or "")
            path = [*(entry for entry in path if entry[0] < level), (level, name)]
            anchor, start = unique_anchor(name, anchors), at + len(line)
        at += len(line)
    close(len(body))
    return tuple(found)
