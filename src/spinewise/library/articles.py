"""Reads article files into `Article` records and names what is wrong with them. Does not judge the words (see `check`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

import yaml

from spinewise.errors import CorpusError
from spinewise.records import Article, Reference

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
REQUIRED = ("title", "summary", "reviewed")
YEARS_BETWEEN_REVIEWS = 2
"""From the contract: the default of `review_due`."""

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]  # the C loader is there only where libyaml is
    """YAML with dates left as text, so that a wrong one can be named with its field."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in _SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about the corpus. `str(problem)` is `file:line: text`."""

    file: Path
    line: int
    text: str
    severity: str = "error"

    def __str__(self) -> str:
        note = "" if self.severity == "error" else f"{self.severity}: "
        return f"{self.file}:{self.line}: {note}{self.text}"


def article_files(folder: Path) -> list[Path]:
    """The article files of a corpus folder, sorted by name; not those named `.new.md`, which an import leaves to be looked at.

    Raises:
        CorpusError: the folder is missing or cannot be listed.
    """
    if not folder.is_dir():
        raise CorpusError(f"no corpus folder at {folder}", "make the folder, or name another with --corpus DIR")
    try:
        return sorted(
            path for path in folder.glob("*.md") if path.name.lower() != "readme.md" and not path.name.endswith(".new.md")
        )
    except OSError as error:
        raise CorpusError(f"cannot list {folder}: {error.strerror}", "check the folder's permissions") from error


def load(folder: Path) -> tuple[Article, ...]:
    """Read every article of `folder`.

    Raises:
        CorpusError: an article is malformed or there are none; the message lists every problem found.
    """
    articles, problems = read_all(folder)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        listed = "\n".join(str(problem) for problem in errors)
        raise CorpusError(f"{len(errors)} problem(s) in the corpus, so nothing is published\n{listed}", "mend these")
    if not articles:
        raise CorpusError(f"no articles in {folder}", "add a file <slug>.md; docs/writing.md shows the format")
    return articles


def read_all(folder: Path) -> tuple[tuple[Article, ...], list[Problem]]:
    """Read what can be read of `folder`: the good articles, and every problem of the others."""
    articles: list[Article] = []
    problems: list[Problem] = []
    seen: dict[str, Path] = {}
    for file in article_files(folder):
        article, found = read_article(file)
        problems += found
        twin = seen.setdefault(file.stem.casefold(), file)
        if twin != file:
            problems.append(Problem(file, 1, f"duplicate slug {file.stem.casefold()!r}, also {twin.name}; rename one"))
        if article is not None:
            articles.append(article)
    return tuple(articles), problems


def read_article(file: Path) -> tuple[Article | None, list[Problem]]:
    """Read one file: the article, or None with the problems that stand in the way."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return None, [Problem(file, line, f"not UTF-8 text (byte 0x{error.object[error.start]:02x}); save it as UTF-8")]
    except OSError as error:
        return None, [Problem(file, 1, f"cannot be read: {error.strerror}")]
    return parse_article(file, text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_article(file: Path, text: str) -> tuple[Article | None, list[Problem]]:
    """Parse an article's text; `file` gives the slug and stands in the problems."""
    if not SLUG.fullmatch(file.stem):
        return None, [Problem(file, 1, f"slug {file.stem!r}: use lower-case letters, digits and hyphens as file name")]
    match = FRONT_MATTER.match(text)
    if match is None:
        return None, [Problem(file, 1, "no front matter; begin the file with --- , title, summary, reviewed and ---")]
    try:
        meta = yaml.load(match.group(1), Loader=_Loader)  # noqa: S506  (a safe loader, the C one where there is one)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, [Problem(file, 2 + (mark.line if mark else 0), f"front matter is not valid YAML: {why}")]
    if not isinstance(meta, dict):
        return None, [Problem(file, 2, "front matter is not a list of `field: value` lines")]
    return _build(file, meta, match.group(1), text[match.end() :])


def front_matter(file: Path) -> tuple[Any, str]:
    """The front matter of a readable article, dates as text, and its raw lines."""
    match = FRONT_MATTER.match(file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
    raw = match.group(1) if match else ""
    return yaml.load(raw, Loader=_Loader), raw  # noqa: S506  (a safe loader)


def line_of_field(raw: str, name: str) -> int:
    """The line of the file on which a field of the front matter begins; 1 where it is not there."""
    at = next((i for i, line in enumerate(raw.splitlines()) if name and line.startswith(f"{name}:")), -1)
    return at + 2


def _build(file: Path, meta: dict[Any, Any], raw: str, body: str) -> tuple[Article | None, list[Problem]]:
    reader = _Fields(file, meta, raw)
    title, summary = reader.text("title"), reader.text("summary")
    reviewed = reader.date("reviewed", required=True)
    due = reader.date("review_due")
    url = reader.text("url", required=False)
    if url and not url.startswith(("https://", "http://", "/")):
        reader.fault("url", f"url {url!r} does not begin with https://")
    topics, questions, wordings = (reader.texts(name) for name in ("topics", "questions", "wordings"))
    references = reader.references()
    if not body.strip():
        reader.fault("", "the article has no text after the front matter")
    if reader.problems or reviewed is None:
        return None, reader.problems
    return (
        Article(
            slug=file.stem,
            title=title,
            summary=summary,
            reviewed=reviewed,
            review_due=due or _years_after(reviewed),
            body=body,
            url=url or None,
            topics=topics,
            questions=questions,
            wordings=wordings,
            references=references,
        ),
        [],
    )


def _years_after(day: date) -> date:
    year = min(day.year + YEARS_BETWEEN_REVIEWS, date.max.year)
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _day(value: Any) -> date | None:
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        return None


class _Fields:
    """Takes typed values out of a front matter and collects what does not fit, with the line it stands on."""

    def __init__(self, file: Path, meta: dict[Any, Any], raw: str) -> None:
        self.file, self.meta, self.raw = file, meta, raw
        self.problems: list[Problem] = []

    def fault(self, name: str, text: str) -> None:
        self.problems.append(Problem(self.file, line_of_field(self.raw, name), text))

    def text(self, name: str, *, required: bool = True) -> str:
        value = self.meta.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.fault(name, f"field {name!r} is missing")
            return ""
        if isinstance(value, (dict, list)):
            self.fault(name, f"field {name!r} should be text; put it in quotes if it holds a colon")
            return ""
        return str(value).strip()

    def date(self, name: str, *, required: bool = False) -> date | None:
        value = self.meta.get(name)
        if value is None:
            if required:
                self.fault(name, f"field {name!r} is missing")
            return None
        day = _day(value)
        if day is None:
            self.fault(name, f"{name} is {value!r}, not a date like 2026-11-23")
        return day

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.meta.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, (str, int, float)) for item in value):
            self.fault(name, f"field {name!r} should be a list of texts; put those that hold a colon in quotes")
            return ()
        return tuple(str(item).strip() for item in value if str(item).strip())

    def references(self) -> tuple[Reference, ...]:
        value = self.meta.get("references")
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fault("references", "field 'references' should be a list of title, publisher, year, url")
            return ()
        return tuple(filter(None, (self._reference(n, entry) for n, entry in enumerate(value, 1))))

    def _reference(self, n: int, entry: Any) -> Reference | None:
        if not isinstance(entry, dict) or not entry.get("title") or not entry.get("url"):
            self.fault("references", f"reference {n} needs a title and a url")
            return None
        year, checked = entry.get("year"), entry.get("checked")
        if year is not None and not str(year).isdecimal():
            self.fault("references", f"reference {n}: year is {year!r}, not a number")
            return None
        day = _day(checked) if checked is not None else None
        if checked is not None and day is None:
            self.fault("references", f"reference {n}: checked is {checked!r}, not a date like 2026-11-23")
            return None
        publisher = str(entry.get("publisher") or "")
        return Reference(str(entry["title"]), publisher, int(year) if year else None, str(entry["url"]), day)
