"""Finds the units that an answer may quote: sentences, and lists with their lead-in. Offsets only; no text is changed."""

from __future__ import annotations

import re

from spinewise.records import Unit

WHOLE_LIST = 420
"""Characters up to which a lead-in and its list are one unit. Longer lists are quoted lead-in and item."""

_BLOCKS = re.compile(r"\n(?:[ \t]*\n)+")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*(?P<marks>(?:\[\^[^\]\s]+\])*)(?P<gap>\s+)(?=[\"'“‘(\[*_]*[A-Z0-9])")
_MARKS = re.compile(r"(?:\[\^[^\]\s]+\]|\s)+$")
_LEAD_IN = re.compile(r":[*_\s]*(?:\[\^[^\]\s]+\]|\s)*\Z")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|Dr|Mr|Mrs|Ms|St|Prof|No|approx|a\.m|p\.m|[A-Z])\.$")
_LEANS = re.compile(
    r"(?:This|That|These|Those|It|They|He|She|But|However|So|And|Then|Otherwise|If not|If so|Such|Both|Instead|Even so)\b"
)
"""Openings that need the sentence before them, so the two are kept as one unit."""
_TABLE_OR_CODE = re.compile(r"^[ \t]*(?:\||```|~~~|#|<|!\[|\[\^[^\]]+\]:)")


def units(text: str, offset: int = 0) -> tuple[Unit, ...]:
    """The units of a passage's `text`, with offsets counted from `offset` before it."""
    found: list[Unit] = []
    lead = -1
    for start, end in _blocks(text):
        block = text[start:end]
        if _TABLE_OR_CODE.match(block):
            lead = -1
        elif _ITEM.match(block):
            lead = _add_list(found, text, start, end, lead, offset)
        else:
            first_item, before = _ITEM.search(block), len(found)
            prose_end = start + first_item.start() if first_item else end
            _add_prose(found, text, start, prose_end, offset)
            lead = len(found) - 1 if len(found) > before and _LEAD_IN.search(text, start, prose_end) else -1
            if first_item:
                lead = _add_list(found, text, prose_end, end, lead, offset)
    return tuple(found)


def _blocks(text: str) -> list[tuple[int, int]]:
    edges = [(match.start(), match.end()) for match in _BLOCKS.finditer(text)]
    starts = [0, *(end for _, end in edges)]
    ends = [*(start for start, _ in edges), len(text)]
    return [(start, end) for start, end in zip(starts, ends, strict=True) if text[start:end].strip()]


def _add_prose(found: list[Unit], text: str, start: int, end: int, offset: int) -> None:
    first = len(found)
    for left, right in _sentences(text, start, end):
        if len(found) > first and _LEANS.match(text[left:right]):
            found[-1] = Unit(found[-1].start, offset + right)
        else:
            found.append(Unit(offset + left, offset + right))


def _sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    left = start
    for match in _END.finditer(text, start, end):
        if _ABBREVIATION.search(text, left, match.start("marks")):
            continue
        spans.append((left, match.start("gap")))
        left = match.end("gap")
    spans.append((left, end))
    trimmed = [_trim(text, *span) for span in spans]
    return [span for span in trimmed if _says_something(text, *span)]


def _says_something(text: str, start: int, end: int) -> bool:
    return any(character.isalnum() for character in text[start:end])


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space around it and footnote marks behind it."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    tail = _MARKS.search(text, start, end)
    return start, tail.start() if tail else end


def _add_list(found: list[Unit], text: str, start: int, end: int, lead: int, offset: int) -> int:
    """Add a list as one unit with its lead-in, or item by item; returns the lead that a following list block has."""
    begin = found[lead].start if lead >= 0 else offset + start
    last = _trim(text, start, end)[1] + offset
    if lead == len(found) - 1 and last - begin <= WHOLE_LIST and lead >= 0:
        found[lead] = Unit(begin, last, found[lead].lead)
        return lead
    marks = _outermost(list(_ITEM.finditer(text, start, end)))
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        left, right = _trim(text, mark.end(), after.start() if after else end)
        if _says_something(text, left, right):
            found.append(Unit(offset + left, offset + right, lead))
    return lead


def _outermost(marks: list[re.Match[str]]) -> list[re.Match[str]]:
    """The items that are not nested in another, which are quoted with it."""
    kept: list[re.Match[str]] = []
    for mark in marks:
        indent = len(mark.group()) - len(mark.group().lstrip())
        if not kept or indent < kept[-1].end() - kept[-1].start():
            kept.append(mark)
    return kept
