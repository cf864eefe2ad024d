"""Lets one process at a time change the index, and names the one that does. The lock ends with its process."""

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
    """Hold the lock of an index folder, which is made if it is missing.

    Raises:
        StoreError: another process holds it (its id and since when, UTC, stand in the message), or the folder cannot be written.
    """
    lock, holder = FileLock(folder / ".lock", timeout=0), folder / ".lock-holder"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise StoreError(f"another refresh is at work in {folder}{_who(holder)}", "wait until it ends, then try again") from error
    except OSError as error:
        raise StoreError(f"cannot write in {folder}: {error.strerror}", "give a writable folder with --index DIR") from error
    try:
        with contextlib.suppress(OSError):  # a full disk costs the name of the holder, not the lock
            holder.write_text(f"process {os.getpid()} since {datetime.now(UTC).isoformat(timespec='seconds')}", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    try:
        return f": {holder.read_text(encoding='utf-8')}"
    except (OSError, UnicodeDecodeError):  # it has the lock and not yet said so, or has just gone
        return ""
