"""One refresh at a time: the lock of an index folder, and who holds it. Refreshes nothing."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from spinewise.errors import StoreError


@contextlib.contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the lock of an index folder, which is made where it is missing.

    Raises:
        StoreError: another refresh holds it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0).acquire()
    except Timeout as error:
        raise StoreError(
            f"another refresh is at work in {folder}{_named(folder)}", "wait until it ends, then try again"
        ) from error
    except OSError as error:
        raise StoreError(f"cannot write in {folder}: {error.strerror}", "give a writable folder with --index DIR") from error
    with lock:
        name = folder / ".holder"
        with contextlib.suppress(OSError):  # it only serves to say who
            name.write_text(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", encoding="utf-8")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                name.unlink()


def holder(folder: Path) -> str | None:
    """Who refreshes the folder now, as "process 123, since ..."; None where nobody does, also after one that was killed."""
    if not (folder / ".holder").is_file():
        return None
    try:
        with FileLock(folder / ".lock", timeout=0):
            return None
    except (Timeout, OSError):
        return _named(folder).removeprefix(": ") or "another process"


def _named(folder: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return ": " + (folder / ".holder").read_text(encoding="utf-8")
    return ""
