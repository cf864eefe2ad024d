"""Runs a job each time articles are saved. Looks at names, sizes and times alone; what the job does is the caller's."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from spinewise.errors import SpinewiseError, StoreError
from spinewise.library.golden import NAME

LOOK_EVERY = 0.5
"""Seconds between two looks at the folder. A job begins when two looks in a row see the same, so a save in parts counts once."""
RETRY = 5.0
"""Seconds after which a job that failed for want of the index (locked, disk full) is tried again, though nothing was saved."""

Seen = dict[str, tuple[int, int]]


def watch(folder: Path, job: Callable[[], object], report: Callable[[SpinewiseError], None]) -> None:
    """Run `job` at once and after every change of the articles or golden.yaml in `folder`, until KeyboardInterrupt.

    An error of the job goes to `report`, the same one in a row only once, and watching goes on.
    """
    done: Seen | None = None
    last, retry_at = "", float("inf")
    seen = _look(folder)
    while True:
        if seen != done or time.monotonic() >= retry_at:
            done, retry_at = seen, float("inf")
            try:
                job()
                last = ""
            except SpinewiseError as error:
                if str(error) != last:
                    report(error)
                last = str(error)
                if isinstance(error, StoreError):
                    retry_at = time.monotonic() + RETRY
        seen = _settled(folder)


def _settled(folder: Path) -> Seen:
    """What the folder holds, once it has not changed between two looks."""
    before = _look(folder)
    while True:
        time.sleep(LOOK_EVERY)
        now = _look(folder)
        if now == before:
            return now
        before = now


def _look(folder: Path) -> Seen:
    """Name -> time of change in nanoseconds, and size; empty while the folder cannot be read."""
    found: Seen = {}
    try:
        for file in (*folder.glob("*.md"), folder / NAME):
            if file.exists():
                state = file.stat()
                found[file.name] = (state.st_mtime_ns, state.st_size)
    except OSError:
        return {}
    return found
