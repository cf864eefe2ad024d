"""The console's audit log: who did what and when, appended and synced, never changed. Holds nothing that a reader typed."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spinewise.errors import StoreError

NAME = "audit.jsonl"


class Audit:
    """The log beside the index; safe to call from many threads."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._lock = threading.Lock()

    def note(self, who: str, did: str, **facts: Any) -> None:
        """Append one line and wait until it is on disk. Called before the thing is done, so that nothing is done unnoted.

        Raises:
            StoreError: it cannot be written; what was to be noted must not be done then.
        """
        row = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "who": who, "did": did, **facts}
        line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
        try:
            with self._lock:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(handle, line)
                    os.fsync(handle)
                finally:
                    os.close(handle)
        except OSError as error:
            raise StoreError(f"{self._file} cannot be written: {error.strerror}", "check the folder and the disk") from error

    def last(self, count: int = 100) -> list[dict[str, Any]]:
        """The last lines, newest first; none where there is no log. A line that a crash cut short is left out."""
        try:
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
        except OSError:
            return []
        rows = []
        for line in reversed(lines):
            try:
                rows.append(dict(json.loads(line)))
            except (ValueError, TypeError):
                continue
        return rows
