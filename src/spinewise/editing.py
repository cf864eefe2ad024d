"""What editors do to the corpus folder: see the state of each article, read, write, add. Publishes nothing, shows no page."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from spinewise.errors import CorpusError, SpinewiseError
from spinewise.index.store import current_version
from spinewise.learning.gaps import Gap, golden_entry, stub
from spinewise.library.articles import SLUG, Problem, article_files, parse_article, read_article
from spinewise.library.check import check
from spinewise.library.golden import NAME, read_golden
from spinewise.refresh import pending
from spinewise.settings import Settings

KEPT = "replaced"
"""Folder in the index folder that takes the texts which a save replaced, the last ones of each file."""
MOST_KEPT = 20
LONGEST = 400_000
"""Characters of one file: four times the longest article of a large health site."""


@dataclass(frozen=True, slots=True)
class ArticleState:
    """One article file as an editor wants to see it."""

    slug: str
    title: str
    """Empty where the file cannot be read as an article."""
    states: tuple[str, ...]
    """Of new, changed, removed, overdue, errors, warnings; empty: published as it stands."""
    problems: tuple[str, ...] = ()
    """What `spinewise check` says of it, each as "line 12: ..."."""
    reviewed: date | None = None
    review_due: date | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A file's text with the digest of what was read, so that a save can tell whether another has written it since."""

    text: str
    digest: str


def states(settings: Settings) -> tuple[ArticleState, ...]:
    """Every article of the corpus, and those that a refresh would take away, sorted by slug.

    Raises:
        CorpusError: the folder is missing.
    """
    problems, _ = check(settings.corpus)
    of: dict[str, list[Problem]] = {}
    for problem in problems:
        of.setdefault(problem.file.stem, []).append(problem)
    try:
        found = pending(settings)
        compared = {"new": found.articles_added, "changed": found.articles_changed, "removed": found.articles_removed}
    except SpinewiseError:  # a malformed article: which one stands in `problems`
        compared = {}
    rows = []
    for file in article_files(settings.corpus):
        article, _ = read_article(file)
        slug = file.stem
        overdue = article is not None and article.review_due < datetime.now(UTC).date()
        named = (*(name for name in ("new", "changed") if slug in compared.get(name, ())), *(("overdue",) if overdue else ()))
        severities = {problem.severity for problem in of.get(slug, ())}
        named += (*(("errors",) if "error" in severities else ()), *(("warnings",) if "warning" in severities else ()))
        reviewed, due = (article.reviewed, article.review_due) if article else (None, None)
        said = tuple(_said(problem) for problem in of.get(slug, ()))
        rows.append(ArticleState(slug, article.title if article else "", named, said, reviewed, due))
    rows += [ArticleState(slug, "", ("removed",)) for slug in compared.get("removed", ())]
    return tuple(sorted(rows, key=lambda row: row.slug))


def _said(problem: Problem) -> str:
    return f"line {problem.line}: {'' if problem.severity == 'error' else problem.severity + ': '}{problem.text}"


def stamp(settings: Settings) -> tuple[object, ...]:
    """Equal while neither a file of the corpus folder nor the live version has changed, so that `states` need not be asked."""
    try:
        files = sorted((file.name, *_facts(file)) for file in settings.corpus.iterdir() if file.is_file())
    except OSError:
        files = []
    return datetime.now(UTC).date(), current_version(settings.index), tuple(files)


def _facts(file: Path) -> tuple[int, int]:
    facts = file.stat()
    return facts.st_mtime_ns, facts.st_size


def open_article(settings: Settings, slug: str) -> Opened:
    """The article's file.

    Raises:
        CorpusError: there is no such article, or it cannot be read.
    """
    return _open(_file_of(settings, slug))


def open_golden(settings: Settings) -> Opened:
    """The golden questions' file; empty where there is none.

    Raises:
        CorpusError: it cannot be read.
    """
    file = settings.corpus / NAME
    return _open(file) if file.exists() else Opened("", "")


def save_article(settings: Settings, slug: str, text: str, digest: str | None) -> str:
    """Write an article, if it can be read as one, and return the new digest. The text before it is kept beside the index.

    `digest` is that of the text which the editor opened; None: the article is new.

    Raises:
        CorpusError: the slug or the text is no article's (every problem is named), another has written the file since it was
            opened, a new article's name is taken, or the disk refuses. Nothing is written then.
    """
    file = _file_of(settings, slug)
    text = _lines(text)
    _, problems = parse_article(file, text)
    if problems:
        listed = "\n".join(f"line {problem.line}: {problem.text}" for problem in problems)
        raise CorpusError(f"{file.name} is not saved\n{listed}", "mend these, then save again")
    return _save(settings, file, text, digest)


def save_golden(settings: Settings, text: str, digest: str) -> str:
    """Write the golden questions, if they can be read as such, and return the new digest.

    Raises:
        CorpusError: as for `save_article`.
    """
    text = _lines(text)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / NAME).write_text(text, encoding="utf-8")
        _, problems = read_golden(Path(folder))
    if problems:
        listed = "\n".join(f"line {problem.line}: {problem.text}" for problem in problems)
        raise CorpusError(f"{NAME} is not saved\n{listed}", "mend these, then save again")
    return _save(settings, settings.corpus / NAME, text, digest)


def add_stub(settings: Settings, gap: Gap) -> Path:
    """Begin an article for a gap; `check` and the review date remind that it is to be written.

    Raises:
        CorpusError: there is one of that name already.
    """
    slug, text = stub(gap, datetime.now(UTC).date())
    save_article(settings, slug, text, None)
    return settings.corpus / f"{slug}.md"


def add_golden(settings: Settings, gap: Gap) -> Path:
    """Add a gap to the golden questions: its nearest article must be cited.

    Raises:
        CorpusError: as for `save_golden`.
    """
    opened = open_golden(settings)
    save_golden(settings, (opened.text or "questions:\n") + golden_entry(gap), opened.digest)
    return settings.corpus / NAME


def _file_of(settings: Settings, slug: str) -> Path:
    if not SLUG.fullmatch(slug) or len(slug) > 100:
        raise CorpusError(f"{slug[:100]!r} is no name of an article", "use small letters, digits and hyphens")
    return settings.corpus / f"{slug}.md"


def _lines(text: str) -> str:
    if len(text) > LONGEST:
        raise CorpusError(f"the text has {len(text)} characters", f"{LONGEST} are the most; make two articles of it")
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _open(file: Path) -> Opened:
    try:
        content = file.read_bytes()
        return Opened(content.decode("utf-8-sig"), hashlib.sha256(content).hexdigest())
    except FileNotFoundError as error:
        raise CorpusError(f"there is no {file.name}", "choose another article") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{file.name} is not UTF-8 text", "save it as UTF-8 outside the console") from error
    except OSError as error:
        raise CorpusError(f"{file.name} cannot be read: {error.strerror}", "check the folder's permissions") from error


def _save(settings: Settings, file: Path, text: str, digest: str | None) -> str:
    before = _open(file) if file.exists() else Opened("", "")
    if digest is None and before.digest:
        raise CorpusError(f"there is already a {file.name}", "open it, or choose another name")
    if digest is not None and before.digest != digest:
        raise CorpusError(f"{file.name} has been written by another since you opened it", "open it again; copy your text first")
    part = file.with_name(f".{file.name}.part")
    try:
        if before.digest:
            _keep(settings.index / KEPT, file.name, before.text)
        with part.open("wb") as out:
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, file)  # noqa: PTH105  (one step, also over a file that is there)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CorpusError(f"{file.name} cannot be written: {error.strerror}", "check the folder and the disk") from error
    return hashlib.sha256(text.encode()).hexdigest()


def _keep(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}").write_text(text, encoding="utf-8")
    for old in sorted(folder.glob(f"{name}.*"))[:-MOST_KEPT]:
        old.unlink()
