"""Questions that nothing answered, for sites that opt in: scrubbed, sealed, gone after thirty days; and grouped for editors."""

from __future__ import annotations

import contextlib
import json
import queue
import re
import secrets
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.fernet import Fernet, InvalidToken

from spinewise.answer.search import prepare, search
from spinewise.errors import SettingsError, StoreError
from spinewise.index.store import Index
from spinewise.learning.asking import visitor
from spinewise.learning.scrub import GAP, scrub
from spinewise.records import Reply

NAME = "gaps.sqlite"
KEPT = 30
"""Days."""
ASKERS = 3
"""So many different askers make a gap; what fewer asked is not shown to anybody."""
ALIKE = 0.7
"""Cosine from which two questions are the same gap."""
LONGEST = 300
"""Characters of a question that are kept."""
MOST_WAITING = 1000


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that `ASKERS` askers or more put in vain, and mean the same."""

    questions: tuple[str, ...]
    """Scrubbed, the most typical first."""
    askers: int
    article: str
    """The nearest article."""
    last: str
    """The day it was last asked."""


class Unanswered:
    """Keeps what was not answered; safe to call from many threads. Never raises to a reader, never makes one wait."""

    def __init__(
        self, folder: Path, key: str, index_of: Callable[[], Index], today: Callable[[], date] = lambda: datetime.now(UTC).date()
    ) -> None:
        """Raises SettingsError where `key` is none."""
        self._file, self._box, self._index_of, self._today = folder / NAME, box(key), index_of, today
        self._salt = (today(), secrets.token_bytes(16))
        self._waiting: queue.Queue[tuple[str, str, str] | None] = queue.Queue(MOST_WAITING)
        self._writer = threading.Thread(target=self._keep_writing, daemon=True)
        self._writer.start()

    def replied(self, asked: str, reply: Reply) -> None:
        """Keep `asked` if nothing answered it. An alert, an answer and fixed words are no gap; nor is a talk with an alert,
        since every reply to such a talk is one.
        """
        if reply.kind != "no_answer" or not reply.searched_for or not self._box:
            return
        if self._salt[0] != self._today():
            self._salt = (self._today(), secrets.token_bytes(16))
        asker = blake2b(visitor().encode(), key=self._salt[1], digest_size=8).hexdigest()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((asked[:LONGEST], asker, reply.index_version))

    def close(self) -> None:
        """Write what waits, and stop."""
        self._waiting.put(None)
        self._writer.join(5)

    def _keep_writing(self) -> None:
        while True:
            try:
                found = self._waiting.get(timeout=3600)
            except queue.Empty:
                found = ("", "", "")  # nothing was asked for an hour: look what is too old
            if found is None:
                return
            with contextlib.suppress(sqlite3.Error, OSError, StoreError):
                self._write(*found)

    def _write(self, asked: str, asker: str, version: str) -> None:
        with contextlib.closing(_open(self._file)) as base, base:
            base.execute("DELETE FROM gaps WHERE day <= ?", [(self._today() - timedelta(KEPT)).isoformat()])
            words = scrub(asked, self._index_of().words.vocabulary) if asked else ""
            if words.strip(f"{GAP} "):
                sealed = self._box.encrypt(json.dumps({"q": words, "by": asker, "v": version}).encode())
                base.execute("INSERT INTO gaps VALUES (?, ?)", [self._today().isoformat(), sealed])


def box(key: str) -> Fernet:
    """The cipher of a key.

    Raises:
        SettingsError: it is no Fernet key. The message does not hold it.
    """
    try:
        return Fernet(key.encode())
    except ValueError as error:
        make = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
        raise SettingsError("learning_key is no key", f"make one: {make}") from error


def gaps(folder: Path, key: str, index: Index, today: date | None = None) -> tuple[Gap, ...]:
    """What `ASKERS` askers or more asked in vain in the last thirty days, the most asked first.

    Raises:
        SettingsError: there is no key. StoreError: the file cannot be read, or not with this key.
    """
    if not key:
        raise SettingsError("no questions are kept: there is no learning_key", "see docs/privacy.md")
    rows = _rows(folder / NAME, box(key), today or datetime.now(UTC).date())
    if not rows:
        return ()
    vectors = index.encoder.encode([row["q"] for row in rows])
    left = list(range(len(rows)))
    found = []
    while left:
        close = vectors[left] @ vectors[left].T >= ALIKE
        centre = int(np.argmax([len({rows[left[n]]["by"] for n in np.flatnonzero(near)}) for near in close]))
        group = [left[n] for n in np.flatnonzero(close[centre])]
        askers = {rows[n]["by"] for n in group}
        if len(askers) < ASKERS:
            break
        typical = sorted(group, key=lambda n: -float(vectors[n] @ vectors[left[centre]]))
        questions = tuple(dict.fromkeys(rows[n]["q"] for n in typical))
        hits = search(index, prepare(index, questions[0]), 1)
        found.append(Gap(questions, len(askers), hits[0].passage.article if hits else "", max(rows[n]["day"] for n in group)))
        left = [n for n in left if n not in group]
    return tuple(found)


def stub(gap: Gap, today: date) -> tuple[str, str]:
    """A new article's slug and text, to be written by an editor: it cannot be taken for a finished one."""
    title = gap.questions[0].replace(GAP, "").strip(" ?").capitalize() or "A question"
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60].strip("-") or "a-question"
    asked = "\n".join(f"  - {json.dumps(text, ensure_ascii=False)}" for text in gap.questions[:8])
    lines = ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "summary: To be written.", f"reviewed: {today}"]
    return slug, "\n".join([*lines, "questions:", asked, "---", "To be written: the key point in two sentences.", ""])


def golden_entry(gap: Gap) -> str:
    """An entry for golden.yaml that asks for the nearest article."""
    return f"  - ask: {json.dumps(gap.questions[0], ensure_ascii=False)}\n    cites: {gap.article}\n"


def _rows(file: Path, cipher: Fernet, today: date) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    since = (today - timedelta(KEPT)).isoformat()
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)) as base:
            sealed = base.execute("SELECT day, sealed FROM gaps WHERE day > ? ORDER BY rowid DESC LIMIT 5000", [since]).fetchall()
        return [json.loads(cipher.decrypt(text)) | {"day": day} for day, text in sealed]
    except sqlite3.Error as error:
        raise StoreError(f"{file} cannot be read: {error}", "move it away; keeping begins anew") from error
    except (InvalidToken, ValueError) as error:
        raise StoreError(f"{file} cannot be read with this learning_key", "set the key that it was written with") from error


def _open(file: Path) -> sqlite3.Connection:
    base = sqlite3.connect(file, timeout=5)
    base.execute("PRAGMA secure_delete = ON")
    base.execute("CREATE TABLE IF NOT EXISTS gaps (day TEXT, sealed BLOB)")
    return base
