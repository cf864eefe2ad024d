"""The path of an import: gather pages, take out what they share, write articles, report. Refreshes no index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from spinewise.errors import SourceError
from spinewise.library.importing.fetching import Fetcher
from spinewise.library.importing.page import Page
from spinewise.library.importing.repeated import prints, without_repeated
from spinewise.library.importing.sources import Unchanged, gather
from spinewise.library.importing.writing import Shelf, Written, write
from spinewise.records import Progress


@dataclass(frozen=True, slots=True)
class Choices:
    """What the editor chose: `licence` and `owner` stand where pages name none; `overwrite` takes pages over edits by hand."""

    licence: str = ""
    owner: str = ""
    overwrite: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: articles in the order of their sources, the text dropped as repeated, and what failed."""

    articles: tuple[Written, ...]
    repeated: tuple[str, ...]
    twins: tuple[tuple[str, str], ...]
    """Sources left out, each with the one that is the same page."""
    failed: tuple[tuple[str, SourceError], ...]


def import_sources(
    sources: list[str], folder: Path, fetcher: Fetcher, choices: Choices, progress: Progress = lambda *_: None
) -> ImportReport:
    """Import what `sources` lead to as articles in `folder`. A bad source is reported and stops no other."""
    shelf = Shelf(folder)
    pages: list[Page] = []
    done: list[Written] = []
    failed: list[tuple[str, SourceError]] = []
    quiet: list[set[str]] = []
    same: list[tuple[str, str]] = []

    def validators(source: str) -> tuple[str, str]:
        known = None if choices.overwrite else shelf.find(source)
        return (known.value("source_etag"), known.value("source_modified")) if known else ("", "")

    twins = _Twins()
    for number, (source, found) in enumerate(gather(sources, fetcher, validators), 1):
        progress("reading", number, max(number, len(sources)))
        known = shelf.find(source) if isinstance(found, Unchanged) else None
        if isinstance(found, SourceError):
            failed.append((source, found))
        elif isinstance(found, Page):
            twin = twins.twin(found)
            if twin:
                same.append((source, twin))
            else:
                pages.append(replace(found, licence=found.licence or choices.licence, owner=found.owner or choices.owner))
        elif known:
            quiet.append(known.block_prints())
            words = len(known.text.partition("\n---\n")[2].split())
            done.append(Written(source, "unchanged", known.file, known.value("title"), words, ()))
    earlier = {page.source: known.dropped() for page in pages if (known := shelf.find(page.source, page.url))}
    kept, repeated = without_repeated(pages, quiet, earlier)
    for page in kept:
        try:
            if not prints(page.body):
                raise SourceError(f"{page.source} holds only text that other pages have too", "import it by itself")
            done.append(write(shelf, page, overwrite=choices.overwrite, dry_run=choices.dry_run))
        except SourceError as error:
            failed.append((page.source, error))
    return ImportReport(tuple(done), tuple(repeated), tuple(same), tuple(failed))


class _Twins:
    """Tells pages that an import has met already, by canonical address or by text."""

    def __init__(self) -> None:
        self._met: dict[str, str] = {}

    def twin(self, page: Page) -> str:
        """The source of the page met before, "" for a new one."""
        for key in filter(None, (page.url, " ".join(page.body.split()))):
            if key in self._met:
                return self._met[key]
        self._met |= dict.fromkeys(filter(None, (page.url, " ".join(page.body.split()))), page.source)
        return ""
