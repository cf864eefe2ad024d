"""Turns plain text into Markdown and makes Markdown fit for an article. Reads no file and knows no HTML."""

from __future__ import annotations

import re

from spinewise.errors import SourceError
from spinewise.library.importing.page import Page, Raw

_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(<?([^)\s>]*)>?(?:\s+\"[^\"]*\")?\)")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_NOTE = re.compile(r"\[\^([^\]\s]+)\]")
_BULLET = re.compile(r"^\s*(?:[-*+•–·▪]|\(?\d{1,2}[.)])\s+")
_NUMBER = re.compile(r"^\s*\(?(\d{1,2})[.)]\s+")
LONGEST_HEADING = 14
"""Words; a longer line is a sentence."""


def clean(body: str, title: str) -> str:
    """Markdown as an article's body: no `#` title, no image, no link that leads nowhere, one blank line between blocks."""
    body = _NOTE.sub(r"[\1]", _IMAGE.sub("", body.replace("\r\n", "\n").replace("\r", "\n")))
    body = _LINK.sub(lambda match: match.group() if _leads(match.group(2)) else match.group(1), body)
    blocks = [block.rstrip() for block in re.split(r"\n\s*\n", body) if block.strip()]
    kept = []
    for block in blocks:
        block = re.sub(r"^# ", "## ", block, flags=re.MULTILINE)  # noqa: PLW2901  (the title is the page's only `#`)
        head = re.fullmatch(r"##+ +(.*)", block.strip())
        if not (head and (same(head.group(1), title) or not head.group(1).strip())):
            kept.append(block.strip("\n"))
    return "\n\n".join(_filled(kept)) + "\n" if kept else ""


def same(one: str, other: str) -> bool:
    """Whether two lines say the same, case, marks and spaces apart."""
    return re.sub(r"[\W_]+", "", one).casefold() == re.sub(r"[\W_]+", "", other).casefold()


def first_sentences(body: str, most: int = 240) -> str:
    """The first plain paragraph of `body`, cut after the last whole sentence within `most` characters."""
    for block in body.split("\n\n"):
        if not block.startswith(("#", "|", "-", "1.", ">", "```")):
            words = " ".join(re.sub(r"[*_`\\]|\[([^\]]*)\]\([^)]*\)", r"\1", block).split())
            cut = (
                words
                if len(words) <= most
                else (re.match(rf".{{20,{most}}}[.!?](?=\s)", words) or [words[:most].rsplit(" ", 1)[0]])[0]
            )
            if cut:
                return cut
    return ""


def text_page(raw: Raw) -> Page:
    """A page from plain text or Markdown: the first line is the title, short lines that stand alone are headings.

    Raises:
        SourceError: the bytes are not text, or there is no text below the title.
    """
    try:
        text = raw.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"{raw.source} is not UTF-8 text (byte {error.start + 1})"
        raise SourceError(where, "give HTML, DOCX, PDF or UTF-8 text") from error
    if "\x00" in text:
        raise SourceError(f"{raw.source} is not text (it holds a zero byte)", "give HTML, DOCX, PDF or UTF-8 text")
    return lines_page(raw.source, text.splitlines())


def lines_page(source: str, lines: list[str], title: str = "") -> Page:
    """A page from lines of plain text; `title` where it is known from elsewhere.

    Raises:
        SourceError: there is no text below the title.
    """
    lines = [line.rstrip() for line in lines]
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if not title and lines:
        title, lines = lines[first].strip().lstrip("#").strip(), lines[first + 1 :]
    body = clean(_markdown(lines), title)
    if not body or not title:
        raise SourceError(f"{source} has no text below its first line", "the first line is the title, the text comes under it")
    return Page(source, title[:200], body)


def _markdown(lines: list[str]) -> str:
    made: list[str] = []
    for i, line in enumerate(lines):
        after = next((later for later in lines[i + 1 :] if later.strip()), "")
        if not line.strip():
            made.append("")
        elif line.lstrip().startswith(("#", "|", ">")):
            made.append(line)
        elif _BULLET.match(line):
            number = _NUMBER.match(line)
            mark = f"{number.group(1)}." if number else "-"
            if made and made[-1] and not made[-1].startswith(("- ", *"0123456789")):
                made.append("")
            made.append(f"{mark} {_BULLET.sub('', line).strip()}")
        elif _is_heading(line, after):
            made += ["", f"## {line.strip()}", ""]
        else:
            made += ["", line.strip(), ""]
    return "\n".join(made)


def _is_heading(line: str, after: str) -> bool:
    words = line.split()
    if len(words) > LONGEST_HEADING or line.rstrip()[-1] in ".,;:!…" or not after or _BULLET.match(after):
        return False
    return (words[0][0].isupper() or words[0][0].isdigit()) and len(after.split()) > len(words)


def _leads(address: str) -> bool:
    return address.startswith(("https://", "http://", "mailto:", "tel:"))


def _filled(blocks: list[str]) -> list[str]:
    """`blocks` without headings that have nothing under them."""
    kept: list[str] = []
    for block in reversed(blocks):
        level = len(block) - len(block.lstrip("#"))
        if level and "\n" not in block:
            below = kept[-1] if kept else ""
            depth = len(below) - len(below.lstrip("#"))
            if not below or (depth and depth <= level):
                continue
        kept.append(block)
    return kept[::-1]
