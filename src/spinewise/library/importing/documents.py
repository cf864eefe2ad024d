"""Reads DOCX files and PDFs that hold text. Reads no scans and runs nothing that a document carries."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import docx
import pypdf
from docx.oxml.exceptions import InvalidXmlError
from docx.table import Table
from docx.text.paragraph import Paragraph

from spinewise.errors import SourceError
from spinewise.library.importing.page import Page, Raw
from spinewise.library.importing.texts import clean, lines_page

MOST_PAGES = 500
LARGEST_UNPACKED = 100 * 1024 * 1024
"""Bytes; a DOCX is a zip, and a small one can unpack to gigabytes."""


def docx_page(raw: Raw) -> Page:
    """The text of a DOCX: headings by their styles, lists and tables as Markdown.

    Raises:
        SourceError: it is damaged, too large unpacked, no DOCX, or holds no text.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > LARGEST_UNPACKED:
            raise SourceError(f"{raw.source} unpacks to {size // 1024 // 1024} MB", "save its text alone and import that")
        document = docx.Document(io.BytesIO(raw.content))
        blocks = list(_blocks(document.iter_inner_content()))
        about = document.core_properties
        author, created, modified = about.author or "", about.created, about.modified
    except (zipfile.BadZipFile, KeyError, ValueError, InvalidXmlError, SyntaxError) as error:
        raise SourceError(f"{raw.source} is no DOCX that can be read: {error}", "open it, save it anew as .docx") from error
    title = next((text[2:] for text in blocks if text.startswith("# ")), "") or about.title
    if not title and blocks:
        title, blocks = blocks[0].lstrip("#- "), blocks[1:]
    body = clean("\n\n".join(blocks).replace("\n\n- ", "\n- ").replace("\n\n1. ", "\n1. "), title)
    body = re.sub(r"(^(?!- |1\. )[^\n]+)\n(?=- |1\. )", r"\1\n\n", body, flags=re.MULTILINE)
    if not title or not body:
        raise SourceError(f"{raw.source} holds no text", "check that the text is not all in pictures")
    return Page(
        raw.source,
        title,
        body,
        author="" if author == "python-docx" else author,
        published=_day(created),
        modified=_day(modified),
    )


def _blocks(content: Iterator[Paragraph | Table]) -> Iterator[str]:
    for part in content:
        if isinstance(part, Table):
            yield _table(part)
            continue
        text, style = " ".join(part.text.split()), (part.style.name or "" if part.style else "")
        if not text:
            continue
        heading = re.fullmatch(r"Heading (\d)", style)
        if style == "Title":
            yield f"# {text}"
        elif heading:
            yield f"{'#' * min(int(heading.group(1)) + 1, 6)} {text}"
        elif style.startswith("List Number"):
            yield f"1. {text}"
        else:
            yield f"- {text}" if style.startswith("List") else text


def _table(table: Table) -> str:
    rows = [[" ".join(cell.text.split()).replace("|", "\\|") for cell in row.cells] for row in table.rows]
    lines = [f"| {' | '.join(row)} |" for row in rows if any(row)]
    width = len(rows[0]) if rows else 0
    return "\n".join([*lines[:1], f"|{'---|' * width}", *lines[1:]])


def pdf_page(raw: Raw) -> Page:
    """The text of a PDF; lines joined to paragraphs, running heads and page numbers left out.

    Raises:
        SourceError: it is damaged, locked, too long, or a scan without text.
    """
    try:
        reader = pypdf.PdfReader(io.BytesIO(raw.content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceError(f"{raw.source} is locked with a password", "save it without one")
        if len(reader.pages) > MOST_PAGES:
            raise SourceError(f"{raw.source} has {len(reader.pages)} pages", f"import at most {MOST_PAGES}; split it")
        pages = [page.extract_text().splitlines() for page in reader.pages]
        about = reader.metadata
        title = (about.title or "") if about else ""
        author = (about.author or "") if about else ""
        created, modified = (about.creation_date, about.modification_date) if about else (None, None)
    except SourceError:
        raise
    except Exception as error:  # pypdf meets damage with many kinds of error, some of them Python's own
        raise SourceError(f"{raw.source} is no PDF that can be read: {error}", "open it and print it to a new PDF") from error
    lines = _joined(_without_running_heads(pages))
    if not any(lines):
        raise SourceError(f"{raw.source} holds no text; it may be a scan", "run text recognition (OCR) on it first")
    page = lines_page(raw.source, lines, title if len(title.split()) > 1 else "")
    return replace(page, author=author, published=_day(created), modified=_day(modified))


def _without_running_heads(pages: list[list[str]]) -> list[str]:
    """All lines in order, without page numbers and what stands first or last on more than half of three pages or more."""
    edges = Counter(_mask(line) for page in pages for line in {*page[:2], *page[-2:]})
    kept: list[str] = []
    for page in pages:
        for i, line in enumerate(page):
            edge = i < 2 or i >= len(page) - 2
            running = len(pages) >= 3 and edges[_mask(line)] > len(pages) / 2
            number = re.fullmatch(r"\s*(?:page\s+)?\d{1,3}(?:\s*(?:of|/)\s*\d{1,3})?\s*", line, re.IGNORECASE)
            if not (edge and (running or number)):
                kept.append(line)
    return kept


def _mask(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip().casefold())


def _joined(lines: list[str]) -> list[str]:
    """Lines of a page joined to paragraphs: a line goes on where it is long and the next neither begins a list nor a heading."""
    longest = max((len(line) for line in lines), default=0)
    made: list[str] = []
    goes_on = False
    for line in (line.strip() for line in lines):
        begins = bool(re.match(r"[-*•–▪]\s|\d{1,2}[.)]\s", line))
        if made and line and goes_on and not begins:
            end = made[-1]
            made[-1] = end[:-1] + line if end.endswith("-") and line[:1].islower() else f"{end} {line}"
        else:
            made.append(line)
        ended = line.endswith((".", "?", "!", ":")) and len(line) < 0.8 * longest
        goes_on = bool(line) and not ended and (len(line) > 0.6 * longest or begins or line.endswith((",", "-")))
    return made


def _day(moment: datetime | None) -> date | None:
    found = moment.date() if moment else None
    return found if found and found <= date.today() else None  # noqa: DTZ011  (the editor's own day)
