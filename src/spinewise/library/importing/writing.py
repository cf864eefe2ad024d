"""Writes imported pages as article files, and finds them again. Never overwrites what was edited by hand unless told to."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from spinewise.errors import SourceError
from spinewise.library.articles import SLUG, front_matter
from spinewise.library.importing.page import Page
from spinewise.library.importing.repeated import prints
from spinewise.library.importing.texts import first_sentences

NEW = ".new.md"
"""Ending of the file that holds the page's new text beside an article that was edited by hand."""
LONGEST_SLUG = 60
_OWN_LINES = re.compile(r"^(?:source_etag|source_modified|written_digest):.*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Known:
    """An article that is there already: its file, its text, and its front matter (dates as text)."""

    file: Path
    text: str
    meta: dict[str, Any]

    @property
    def edited(self) -> bool:
        """Whether anything but an import has written to it."""
        return self.meta.get("written_digest") != _digest(_OWN_LINES.sub("", self.text))

    def value(self, name: str) -> str:
        return str(self.meta.get(name) or "")

    def block_prints(self) -> set[str]:
        """Prints of its blocks, and of those that were dropped from it as repeated."""
        return prints(self.text.partition("\n---\n")[2]) | self.dropped()

    def dropped(self) -> set[str]:
        """Prints of the blocks that were dropped from it as repeated."""
        return set(self.value("source_dropped").split())


class Shelf:
    """The articles of a folder, found by the source or the address that they came from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: list[Known] = []
        self._claimed: set[Path] = set()
        for file in sorted(folder.glob("*.md")) if folder.is_dir() else []:
            if file.name.endswith(NEW):
                continue
            try:
                meta, _ = front_matter(file)
                text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
            except (OSError, ValueError, yaml.YAMLError):
                continue  # `check` names what is wrong with it; its name stays taken
            if isinstance(meta, dict):
                self._known.append(Known(file, text, meta))

    def find(self, source: str, url: str = "") -> Known | None:
        """The article that was imported from `source`, else one published at `url`; none that this import wrote already."""
        free = [known for known in self._known if known.file not in self._claimed]
        return next(
            (known for known in free if known.value("source") == source),
            next((known for known in free if url and known.value("url") == url), None),
        )

    def place(self, page: Page) -> tuple[Path, Known | None]:
        """The file for a page: its own from an earlier import, or a new name that nobody has."""
        known = self.find(page.source, page.url)
        if known:
            self._claimed.add(known.file)
            return known.file, known
        stem = slug_of(page)
        for number in range(1, 1000):
            file = self.folder / (f"{stem}.md" if number == 1 else f"{stem}-{number}.md")
            if file not in self._claimed and not file.exists():
                self._claimed.add(file)
                return file, None
        raise SourceError(f"a thousand articles are called {stem!r}", "give the page a title of its own")


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one page: `status` is added, updated, unchanged or edited (kept, as it was edited by hand)."""

    source: str
    status: str
    file: Path
    title: str
    words: int
    notes: tuple[str, ...]


def write(shelf: Shelf, page: Page, *, overwrite: bool = False, dry_run: bool = False) -> Written:
    """Write one page to its article, or beside it where the article was edited by hand.

    Raises:
        SourceError: the file cannot be written.
    """
    file, known = shelf.place(page)
    text, notes = article_text(page)
    digest = content_digest(page)
    new = file.with_name(file.stem + NEW)
    same = known is not None and known.value("source_digest") == digest
    if known is None:
        status = "added"
    elif same and not (overwrite and known.edited):
        status = "unchanged"
    else:
        status = "edited" if known.edited and not overwrite else "updated"
    if status == "edited":
        notes += (f"edited by hand, so it is kept; the page's text is in {new.name}; --overwrite takes it",)
    if not dry_run and status == "unchanged" and known and not known.edited:
        _save(file, _with_validators(known, page))
    elif not dry_run and status != "unchanged":
        _save(new if status == "edited" else file, text)
        if status == "updated":
            new.unlink(missing_ok=True)
    return Written(page.source, status, file, page.title, len(page.body.split()), () if status == "unchanged" else notes)


def article_text(page: Page) -> tuple[str, tuple[str, ...]]:
    """A page as the text of an article file, and what its editor should know."""
    notes = []
    reviewed = page.modified or page.published
    if reviewed is None:
        reviewed = date.today()  # noqa: DTZ011  (the editor's own day)
        notes.append("the page gives no date, so `reviewed` is the day of the import")
    meta = {
        "title": page.title,
        "summary": page.summary or first_sentences(page.body) or page.title,
        "reviewed": reviewed,
        "url": page.url,
        "author": page.author,
        "published": page.published,
        "owner": page.owner,
        "licence": page.licence,
        "source": page.source,
        "source_digest": content_digest(page),
        "source_dropped": " ".join(page.dropped),
        "source_etag": page.etag,
        "source_modified": page.last_modified,
    }
    if not page.licence:
        notes.append("the page names no licence; make sure that you may publish it")
    lines = [_line(name, value) for name, value in meta.items() if value]
    if notes and not (page.modified or page.published):
        lines[2] = lines[2].rstrip("\n") + "  # the day of the import: the page gives no date\n"
    text = f"---\n{''.join(lines)}---\n{page.body}"
    return _sealed(text), tuple(notes)


def content_digest(page: Page) -> str:
    """SHA-256 of what the page itself says: its text, title, address, dates and rights."""
    said = (page.title, page.summary, page.body, page.author, page.url, page.licence, page.owner, page.published, page.modified)
    return _digest("\x00".join(map(str, said)))


def slug_of(page: Page) -> str:
    """A file name from the last part of the address that has words, else from the title."""
    last = [part for part in urlsplit(page.url).path.split("/") if part]
    candidates = [*([re.sub(r"\.\w{2,5}$", "", last[-1])] if last else []), page.title]
    for text in candidates:
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        if len(stem) > LONGEST_SLUG:
            stem = stem[: LONGEST_SLUG + 1].rpartition("-")[0] or stem[:LONGEST_SLUG]
        if SLUG.fullmatch(stem) and re.search(r"[a-z]{3}", stem) and stem not in {"index", "readme", "default", "amp"}:
            return stem
    return f"page-{_digest(page.title)[:8]}"


def _line(name: str, value: Any) -> str:
    return yaml.safe_dump({name: value}, allow_unicode=True, width=float("inf"), sort_keys=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _sealed(text: str) -> str:
    """`text` with the digest that tells later edits by hand."""
    digest = _digest(_OWN_LINES.sub("", text))
    return text.replace("\n---\n", f"\nwritten_digest: {digest}\n---\n", 1)


def _with_validators(known: Known, page: Page) -> str:
    """An article's text with the ETag and Last-Modified of the last fetch."""
    fresh = {"source_etag": page.etag, "source_modified": page.last_modified}
    lines = "".join(_line(name, value) for name, value in fresh.items() if value)
    return _sealed(_OWN_LINES.sub("", known.text).replace("\n---\n", f"\n{lines}---\n", 1))


def _save(file: Path, text: str) -> None:
    part = file.with_name(f".{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(text.encode())
        os.replace(part, file)  # noqa: PTH105  (one step, also over a file that is there)
    except OSError as error:
        raise SourceError(f"cannot write {file}: {error.strerror}", "check the folder and its permissions") from error
