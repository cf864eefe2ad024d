"""Follows the sources that an import names to their pages: files, addresses, and the lists these lead to. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from spinewise.errors import SourceError
from spinewise.library.importing.documents import docx_page, pdf_page
from spinewise.library.importing.feeds import Entry, as_html, entries
from spinewise.library.importing.fetching import LARGEST, Fetcher, unpacked, without_fragment
from spinewise.library.importing.page import Page, Raw
from spinewise.library.importing.pages import html_page, named
from spinewise.library.importing.texts import text_page

MOST_PAGES = 5000
DEEPEST = 3
"""How far sitemaps may name further sitemaps."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A page that its server says has not changed since the last import."""

    source: str


Outcome = Page | Unchanged | SourceError


def gather(sources: list[str], fetcher: Fetcher, validators: Callable[[str], tuple[str, str]]) -> Iterator[tuple[str, Outcome]]:
    """Each page that `sources` lead to, or why it could not be had; one bad page does not stop the others.

    `validators` gives the ETag and Last-Modified of an address at its last import, "" where there are none.
    """
    walk = _Walk(fetcher, validators)
    for source in sources:
        yield from walk.visit(without_fragment(source) if _is_address(source) else source, 0)
    if walk.full:
        yield "", SourceError(f"stopped after {MOST_PAGES} pages", "import the rest by its own sitemap")


class _Walk:
    """Visits every source once, lists before what they list."""

    def __init__(self, fetcher: Fetcher, validators: Callable[[str], tuple[str, str]]) -> None:
        self._fetcher, self._validators = fetcher, validators
        self._seen: set[str] = set()

    @property
    def full(self) -> bool:
        return len(self._seen) >= MOST_PAGES

    def visit(self, source: str, depth: int) -> Iterator[tuple[str, Outcome]]:
        if self._is_done(source):
            return
        try:
            raw = self._raw(source)
            listed = None if raw.unchanged or _kind(raw) == "text" else entries(raw)
            if listed is None:
                yield source, Unchanged(source) if raw.unchanged else _read(raw)
                return
        except SourceError as error:
            yield source, error
            return
        for entry in listed:
            yield from self._entry(entry, depth)
        if raw.pages > 1 and "page=" not in source:
            mark = "&" if urlsplit(source).query else "?"
            for number in range(2, min(raw.pages, MOST_PAGES) + 1):
                yield from self.visit(f"{source}{mark}page={number}", depth)

    def _entry(self, entry: Entry, depth: int) -> Iterator[tuple[str, Outcome]]:
        if entry.is_list and depth >= DEEPEST:
            yield entry.url, SourceError(f"{entry.url} is a sitemap in {depth} others", "import it by its own address")
        elif not _is_address(entry.url):
            yield entry.url, SourceError(f"the list names {entry.url!r}, which is no address", "mend the list")
        elif not entry.html:
            yield from self.visit(entry.url, depth + 1)
        elif not self._is_done(entry.url):
            try:
                yield entry.url, _told(entry)
            except SourceError as error:
                yield entry.url, error

    def _is_done(self, source: str) -> bool:
        if source in self._seen or self.full:
            return True
        self._seen.add(source)
        return False

    def _raw(self, source: str) -> Raw:
        if not _is_address(source):
            raw = _file(source)
        else:
            etag, last_modified = self._validators(source)
            raw = self._fetcher.get(source, etag=etag, last_modified=last_modified)
        packed = raw.content.startswith(b"\x1f\x8b")
        return replace(raw, content=unpacked(raw.content, source)) if packed else raw


def _is_address(source: str) -> bool:
    return "://" in source or source.lower().startswith(("http:", "https:"))


def _file(name: str) -> Raw:
    file = Path(name)
    try:
        if file.is_file() and file.stat().st_size > LARGEST:
            raise SourceError(f"{name} is larger than {LARGEST // 1024 // 1024} MB", "import its parts")
        return Raw(file.name, file.read_bytes())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise SourceError(f"cannot read {name!r}: {why}", "give a file, or an address that begins with https://") from error


def _kind(raw: Raw) -> str:
    start = raw.content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"%pdf"):
        return "pdf"
    if start.startswith(b"pk\x03\x04"):
        return "docx"
    if raw.source.lower().endswith((".txt", ".md")) or raw.content_type.startswith("text/plain"):
        return "text"
    if start.startswith((b"<", b"[", b"{")) or b"<html" in start or "html" in raw.content_type:
        return "html"
    return "html" if raw.source.lower().endswith((".html", ".htm", ".xhtml")) else "text"


def _read(raw: Raw) -> Page:
    if not raw.content.strip():
        raise SourceError(f"{raw.source} is empty", "check that it is the page or file you mean")
    read = {"pdf": pdf_page, "docx": docx_page, "html": html_page, "text": text_page}[_kind(raw)]
    page = read(raw)
    if raw.base and not page.url:
        page = replace(page, url=raw.base, etag=raw.etag, last_modified=raw.last_modified)
    return page


def _told(entry: Entry) -> Page:
    page = html_page(Raw(entry.url, as_html(entry), entry.url, "text/html; charset=utf-8"))
    return named(
        page,
        title=entry.title,
        author=entry.author,
        summary=entry.summary,
        published=entry.published,
        modified=entry.modified,
    )
