"""Shows how far a long job is: bars with time left on a terminal, plain lines elsewhere. Knows nothing of the job."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from tqdm import tqdm

from spinewise.records import Progress


@contextmanager
def terminal_progress(stream: TextIO) -> Iterator[Progress]:
    """A function to call with the stage, how much of it is done, and its total."""
    if not stream.isatty():
        yield lambda stage, done, total: print(f"{stage}: {done} of {total}", file=stream, flush=True)
        return
    bars: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = tqdm(desc=stage, total=total, file=stream)
        bar = bars[stage]
        bar.update(done - bar.n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
