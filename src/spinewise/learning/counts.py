"""Counts by day, in a SQLite file beside the index: replies, cards, rules, articles, verdicts. Holds no word of a reader's."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from spinewise.errors import RequestError, StoreError
from spinewise.index.store import Index
from spinewise.records import Reply

NAME = "counts.sqlite"
EVERY = 5.0
"""Seconds that counts stay in memory before they are written: a reader never waits for the disk."""
KEPT = 400
"""Days."""
FEWEST = 5
"""Counts below are shown as "fewer than 5", so that nobody can be picked out of them."""
MOST_WAITING = 10_000
"""Different counts held in memory while the disk refuses; more are let go."""
REASONS = ("other_question", "unclear", "outdated", "situation", "link", "safety")
"""Why an answer did not help; `safety` (worried about safety) is listed before all others."""

Key = tuple[str, str]
"""What was counted, and which of them: ("article", "sciatica")."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reader says of an answer, bound to its first passage and the version that gave it."""

    helpful: bool
    reason: str
    """One of `REASONS` where it was not helpful; empty where none was given."""
    passage: str
    version: str

    @property
    def key(self) -> Key:
        said = "helpful" if self.helpful else self.reason or "not_helpful"
        return f"feedback {said}", f"{self.passage} {self.version}"


@dataclass(frozen=True, slots=True)
class Count:
    """One line of the counts of some days."""

    what: str
    which: str
    n: int | None
    """None: fewer than `FEWEST`."""


def verdict(index: Index, article: str, start: int, version: str, said: str) -> Verdict:
    """The verdict on the answer whose first source is `article` from the character `start` on.

    `said` is `yes`, `no`, or one of `REASONS`.

    Raises:
        RequestError: the version is another, there is no such passage in it, or `said` is none of them.
    """
    if said not in {"yes", "no", *REASONS}:
        raise RequestError(f"{said[:40]!r} is no verdict", f"say yes, no, {', '.join(REASONS)}")
    if version != index.manifest.version:
        raise RequestError("the answer is from a version that is no longer live", "ask again", 409)
    for passage in index.passages:
        if passage.article == article and passage.start <= start < passage.end:
            return Verdict(said == "yes", said if said in REASONS else "", passage.id, version)
    raise RequestError(f"{article[:80]!r} has no passage at {start}", "send the first source of the answer as it came")


class Counts:
    """Counts for one server process; safe to call from many threads, and beside other processes. Never raises to a reader."""

    def __init__(self, folder: Path, today: Callable[[], date] = lambda: datetime.now(UTC).date()) -> None:
        self._file, self._today = folder / NAME, today
        self._waiting: Counter[tuple[str, str, str]] = Counter()
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._closed = False
        self._writer: threading.Thread | None = None

    def replied(self, _: str, reply: Reply) -> None:
        """Count a reply: its kind, the card's level and rules, the articles cited."""
        kind = {"answer": "answered", "no_answer": "abstained"}.get(reply.kind, reply.kind)
        keys = [("reply", kind)]
        if reply.care.level != "none":
            keys += [("card", reply.care.level), *(("rule", rule) for rule in sorted({flag.id for flag in reply.care.flags}))]
        if reply.kind == "answer":
            keys += [("article", slug) for slug in sorted({source.article for source in reply.sources})]
        self._add(keys)

    def judged(self, given: Verdict) -> None:
        """Count a verdict."""
        self._add([given.key])

    def close(self) -> None:
        """Write what waits, and stop."""
        self._closed = True
        self._wake.set()
        if self._writer is not None:
            self._writer.join(5)
        self._write()

    def _add(self, keys: list[Key]) -> None:
        day = self._today().isoformat()
        with self._lock:
            for what, which in keys:
                if len(self._waiting) < MOST_WAITING or (day, what, which) in self._waiting:
                    self._waiting[day, what, which] += 1
            if self._writer is None and not self._closed:
                self._writer = threading.Thread(target=self._keep_writing, daemon=True)
                self._writer.start()

    def _keep_writing(self) -> None:
        while not self._closed:
            self._wake.wait(EVERY)
            self._write()

    def _write(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, Counter()
        if not waiting:
            return
        try:
            with contextlib.closing(_open(self._file)) as base, base:
                base.executemany(
                    "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
                    [(*key, n) for key, n in waiting.items()],
                )
                base.execute("DELETE FROM counts WHERE day < ?", [(self._today() - timedelta(KEPT)).isoformat()])
        except (sqlite3.Error, OSError):
            with self._lock:
                waiting.update(self._waiting)
                self._waiting = Counter(dict(waiting.most_common(MOST_WAITING)))


def counts(folder: Path, days: int = 30, today: date | None = None) -> tuple[Count, ...]:
    """The counts of the last `days` days, worries about safety first, then the largest first.

    Raises:
        StoreError: the file cannot be read. Where there is none, nothing has been counted.
    """
    file = folder / NAME
    if not file.is_file():
        return ()
    since = (today or datetime.now(UTC).date()) - timedelta(days - 1)
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as base:
            rows = base.execute(
                "SELECT what, which, SUM(n) AS n FROM counts WHERE day >= ? GROUP BY what, which "
                "ORDER BY what = 'feedback safety' DESC, what, n DESC, which",
                [since.isoformat()],
            ).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"{file} cannot be read: {error}", "move it away; counting begins anew") from error
    return tuple(Count(what, which, n if n >= FEWEST else None) for what, which, n in rows)


def _open(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=5)
    base.execute(
        "CREATE TABLE IF NOT EXISTS counts (day TEXT, what TEXT, which TEXT, n INTEGER, PRIMARY KEY (day, what, which)) "
        "WITHOUT ROWID"
    )
    return base
