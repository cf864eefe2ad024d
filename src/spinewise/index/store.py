"""The versions of the index on disk: written aside, published by one rename, checked when loaded. Decides nothing.

index/
  CURRENT                 the name of the live version
  encoders/<name>/        encoder.onnx, tokenizer.json, encoder.json
  versions/<name>/        articles.jsonl, passages.jsonl, questions.jsonl, vectors.faiss, units.npy, declined.npy,
                          words.npz, manifest.json (last)
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from spinewise.errors import StoreError
from spinewise.index.encoder import Encoder, OnnxEncoder, Vectors
from spinewise.index.vectors import VectorIndex
from spinewise.index.words import WordIndex, terms
from spinewise.records import Article, Calibration, Manifest, Passage, Reference, Unit

SCHEMA = 3
"""Raised when the files below change shape; an index of another schema is refused, and `refresh` rebuilds it."""

MIN_TOPIC = 2
"""Shorter stems name no topic."""

KEPT = 5
"""Versions that stay on disk."""

FILES = {
    "articles.jsonl",
    "declined.npy",
    "passages.jsonl",
    "questions.jsonl",
    "units.npy",
    "vectors.faiss",
    "words.npz",
}
"""What a version holds beside its manifest, each with a digest there."""

REBUILD = "spinewise refresh --rebuild"


@dataclass(frozen=True, slots=True)
class Question:
    """What readers ask of an article, bound to the passage of that article that is nearest to it."""

    text: str
    passage: int
    """Row of the passage."""
    kind: str = "question"
    """`question` of the front matter, the article's `title`, or a `wording` that is searched and never shown."""
    answered: bool = False
    """Whether it was asked at refresh and answered, with its own article among the first three: then it may be suggested."""


@dataclass(frozen=True, slots=True)
class Index:
    """One version, whole in memory. Every list of the same length is in the same order."""

    manifest: Manifest
    articles: dict[str, Article]
    passages: tuple[Passage, ...]
    units: tuple[tuple[Unit, ...], ...]
    """The units of each passage."""
    questions: tuple[Question, ...]
    vectors: VectorIndex
    """A row for each passage, then a row for each question."""
    unit_vectors: NDArray[np.float16]
    """A row for each unit, passage after passage."""
    unit_starts: NDArray[np.int64]
    """Row in `unit_vectors` of each passage's first unit, and the total at the end."""
    declined: Vectors
    """A row for each message that the guide must decline, as far as the program knows them."""
    words: WordIndex
    encoder: Encoder
    row_of: dict[str, int]
    """Passage id -> row."""
    questions_of: dict[str, list[int]]
    """Article -> numbers of its questions that are known to be answered, and so may be suggested."""
    passage_of: NDArray[np.int64]
    """The row of each question's passage."""
    rows_of: dict[str, list[int]]
    """Article -> rows of its passages."""
    due: NDArray[np.int64]
    """The day on which each passage's article is due for review, as `date.toordinal`."""
    topics: frozenset[str]
    """Stems of the words that name what articles are about, from their titles and topics."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a version holds but its manifest and encoder."""

    articles: tuple[Article, ...]
    passages: tuple[Passage, ...]
    units: tuple[tuple[Unit, ...], ...]
    questions: tuple[Question, ...]
    vectors: VectorIndex
    unit_vectors: NDArray[np.float16]
    declined: Vectors
    words: WordIndex


def current_version(folder: Path) -> str | None:
    """The name of the live version, or None where nothing is published."""
    try:
        return (folder / "CURRENT").read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"{folder / 'CURRENT'} cannot be read: {error}", REBUILD) from error


def encoder_folder(folder: Path, name: str) -> Path:
    return folder / "encoders" / name


def write_version(folder: Path, content: Content, facts: dict[str, Any]) -> Manifest:
    """Write a version aside, every file synced and the manifest last. It is not live before `publish`.

    `facts` are the manifest's fields but `schema` and `files`. Raises StoreError where the disk refuses.
    """
    home = folder / "versions" / facts["version"]
    target = home.with_name(f".new-{home.name}")  # a name with a dot is no version; the next refresh sweeps it away
    try:
        target.mkdir(parents=True)
        _write_lines(target / "articles.jsonl", (dataclasses.asdict(article) for article in content.articles))
        _write_lines(target / "passages.jsonl", map(_passage_row, content.passages, content.units))
        _write_lines(target / "questions.jsonl", map(dataclasses.asdict, content.questions))
        content.vectors.save(target / "vectors.faiss")
        np.save(target / "units.npy", content.unit_vectors)
        np.save(target / "declined.npy", content.declined)
        content.words.save(target / "words.npz")
        files = {file.name: _sync(file) for file in sorted(target.iterdir())}
        manifest = Manifest(schema=SCHEMA, files=files, **facts)
        _write_text(target / "manifest.json", json.dumps(dataclasses.asdict(manifest), indent=2) + "\n")
        _sync_folder(target)
        target.rename(home)
        _sync_folder(home.parent)
    except (OSError, RuntimeError) as error:  # RuntimeError is how FAISS reports a failed write
        shutil.rmtree(target, ignore_errors=True)
        raise StoreError(f"cannot write {home}: {error}", "free some space or give another folder with --index") from error
    return manifest


def publish(folder: Path, version: str) -> None:
    """Make `version` the live one in one atomic step, and drop the oldest beyond `KEPT`."""
    try:
        fresh = folder / ".CURRENT.new"
        _write_text(fresh, version + "\n")
        fresh.replace(folder / "CURRENT")
        _sync_folder(folder)
    except OSError as error:
        raise StoreError(f"cannot publish in {folder}: {error}", "check space and permissions, then refresh again") from error
    with contextlib.suppress(OSError):  # the new version is live; what could not be dropped goes next time
        _drop_old(folder, keep=version)


def version_names(folder: Path) -> list[str]:
    """The versions on disk, newest first; half-written ones are none."""
    try:
        found = [path.name for path in (folder / "versions").iterdir() if path.is_dir() and not path.name.startswith(".")]
    except OSError:
        return []
    return sorted(found, reverse=True)


def discard(home: Path) -> None:
    """Delete a version: first it loses its name, so that a half-deleted one is never taken for a version."""
    gone = home.with_name(f".gone-{home.name}")
    with contextlib.suppress(OSError):
        home.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _drop_old(folder: Path, keep: str) -> None:
    for name in version_names(folder)[KEPT:]:
        if name != keep:
            discard(folder / "versions" / name)
    used = set()
    for name in version_names(folder):
        with contextlib.suppress(OSError, ValueError, KeyError):
            used.add(json.loads((folder / "versions" / name / "manifest.json").read_text(encoding="utf-8"))["encoder"])
    for path in (folder / "encoders").glob("*"):
        if path.name not in used:
            shutil.rmtree(path, ignore_errors=True)


def read_manifest(folder: Path, version: str) -> Manifest:
    """The manifest of a version.

    Raises:
        StoreError: it is missing, damaged, or of another schema.
    """
    file = folder / "versions" / version / "manifest.json"
    try:
        row = json.loads(file.read_text(encoding="utf-8"))
        if row["schema"] != SCHEMA:
            raise StoreError(f"index {version} has schema {row['schema']}, this program reads {SCHEMA}", REBUILD)
        row["calibration"] = _calibration(row["calibration"])
        if row["version"] != version or set(row["files"]) != FILES:
            raise StoreError(f"{file} is not the manifest of this version", REBUILD)
        return Manifest(**row)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{file} is missing or damaged: {error}", REBUILD) from error


def _calibration(row: dict[str, Any]) -> Calibration:
    return Calibration(tuple(map(float, row["weights"])), float(row["floor"]), float(row["doubt"]))


def load(folder: Path, threads: int = 1, *, version: str | None = None, encoder: Encoder | None = None) -> Index:
    """Load the live version or the one named, every file checked against its digest; `encoder` stands in for its own.

    Raises:
        StoreError: nothing is published, or a file is missing, damaged or foreign; the hint names the command that mends it.
    """
    version = version or current_version(folder)
    if version is None:
        raise StoreError(f"no index in {folder}", "spinewise refresh")
    manifest, content = read_version(folder, version)
    encoder = encoder or OnnxEncoder(encoder_folder(folder, manifest.encoder), threads)
    return assemble(content, manifest, encoder)


def read_version(folder: Path, version: str) -> tuple[Manifest, Content]:
    """A version's manifest and content, every file checked against its digest; for `load` and for the next refresh.

    Raises:
        StoreError: a file is missing, damaged or foreign.
    """
    manifest = read_manifest(folder, version)
    home = folder / "versions" / version
    for name, digest in manifest.files.items():
        if _digest(home / name) != digest:
            raise StoreError(f"{home / name} is missing or damaged", REBUILD)
    try:
        content = read_content(home)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{home} cannot be read: {error}", REBUILD) from error
    rows = len(content.passages) + len(content.questions)
    if len(content.vectors) != rows or len(content.unit_vectors) != sum(map(len, content.units)):
        raise StoreError(f"{home} has {len(content.vectors)} vectors for {rows} passages and questions", REBUILD)
    return manifest, content


def assemble(content: Content, manifest: Manifest, encoder: Encoder) -> Index:
    """The index that answers from `content`."""
    questions_of: dict[str, list[int]] = {article.slug: [] for article in content.articles}
    due_of = {article.slug: article.review_due.toordinal() for article in content.articles}
    rows_of: dict[str, list[int]] = {article.slug: [] for article in content.articles}
    for row, passage in enumerate(content.passages):
        rows_of[passage.article].append(row)
    for number, question in enumerate(content.questions):
        if question.answered:
            questions_of[content.passages[question.passage].article].append(number)
    return Index(
        manifest=manifest,
        articles={article.slug: article for article in content.articles},
        passages=content.passages,
        units=content.units,
        questions=content.questions,
        vectors=content.vectors,
        unit_vectors=content.unit_vectors,
        unit_starts=np.cumsum([0, *map(len, content.units)]),
        declined=content.declined,
        words=content.words,
        encoder=encoder,
        row_of={passage.id: row for row, passage in enumerate(content.passages)},
        questions_of=questions_of,
        passage_of=np.array([question.passage for question in content.questions], dtype=np.int64),
        rows_of=rows_of,
        due=np.array([due_of[passage.article] for passage in content.passages], dtype=np.int64),
        topics=_topics(content.articles),
    )


def _topics(articles: Sequence[Article]) -> frozenset[str]:
    """Words of titles and topics, but for those of more than a tenth of the articles, such as "back" and "pain"."""
    counts = Counter(stem for article in articles for stem in set(terms(" ".join((article.title, *article.topics)))))
    most = max(2, len(articles) // 10)
    return frozenset(stem for stem, count in counts.items() if count <= most and len(stem) > MIN_TOPIC)


def read_content(home: Path) -> Content:
    """What a version holds, its vectors included. Takes the files as they are; `read_version` checks them."""
    articles = tuple(_article(row) for row in _read_lines(home / "articles.jsonl"))
    bodies = {article.slug: article for article in articles}
    rows = list(_read_lines(home / "passages.jsonl"))
    return Content(
        articles=articles,
        passages=tuple(_passage(row, bodies[row["article"]]) for row in rows),
        units=tuple(tuple(Unit(*unit) for unit in row["units"]) for row in rows),
        questions=tuple(Question(**row) for row in _read_lines(home / "questions.jsonl")),
        vectors=VectorIndex.load(home / "vectors.faiss"),
        unit_vectors=np.load(home / "units.npy", allow_pickle=False),  # not mapped: cut short on disk, it would kill the server
        declined=np.load(home / "declined.npy", allow_pickle=False),
        words=WordIndex.load(home / "words.npz"),
    )


def _passage_row(passage: Passage, units: Sequence[Unit]) -> dict[str, Any]:
    row = dataclasses.asdict(passage)
    del row["text"], row["title"]  # both stand in the article
    return row | {"units": [[unit.start, unit.end, unit.lead] for unit in units]}


def _passage(row: dict[str, Any], article: Article) -> Passage:
    values = {name: value for name, value in row.items() if name != "units"}
    values["section"] = tuple(values["section"])
    return Passage(**values, title=article.title, text=article.body[row["start"] : row["end"]])


def _article(row: dict[str, Any]) -> Article:
    references = tuple(
        Reference(**entry | {"checked": date.fromisoformat(entry["checked"]) if entry["checked"] else None})
        for entry in row["references"]
    )
    days = {name: date.fromisoformat(row[name]) for name in ("reviewed", "review_due")}
    texts = {name: tuple(row[name]) for name in ("topics", "questions", "wordings")}
    return Article(**row | days | texts | {"references": references})


def _write_lines(file: Path, rows: Iterator[dict[str, Any]]) -> None:
    _write_text(file, "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows))


def _read_lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as lines:
        yield from map(orjson.loads, lines)


def _write_text(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())


def _sync(file: Path) -> str:
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
    return _digest(file)


def _sync_folder(folder: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):  # not on Windows, which needs no such thing
        handle = os.open(folder, os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _digest(file: Path) -> str:
    try:
        with file.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError:
        return ""
