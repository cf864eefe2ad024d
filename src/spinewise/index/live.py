"""The live version of the index, loaded once and again when another is published. One answer uses one version."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from spinewise.errors import StoreError
from spinewise.index import store

LOOK_EVERY = 1.0
"""Seconds between two looks at which version is live; readers get a new one within two seconds."""


class LiveIndex:
    """Gives the live index; safe to call from many threads. Loads at the first call, not before."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._folder, self._threads = folder, threads
        self._index: store.Index | None = None
        self._looked = 0.0
        self._lock = threading.Lock()
        self.failures = 0
        """Loads that failed since the start."""
        self.fault: StoreError | None = None
        """Why the last look found no version that loads, while an older one answers; None when all is well."""

    def warm(self) -> threading.Thread:
        """Load in a thread of its own; an error is left for `get` to raise."""

        def load() -> None:
            with contextlib.suppress(StoreError):
                self.get().encoder.encode(["warm up"])

        thread = threading.Thread(target=load, daemon=True)
        thread.start()
        return thread

    def get(self) -> store.Index:
        """The live index.

        Raises:
            StoreError: there is none, and none was loaded before.
        """
        index = self._index
        if index is not None and time.monotonic() - self._looked < LOOK_EVERY:
            return index
        if index is not None and self._lock.locked():
            return index  # another thread is loading; answer from the version that is here
        with self._lock:
            return self._newest()

    def _newest(self) -> store.Index:
        try:
            version = store.current_version(self._folder)
            if self._index is None or version != self._index.manifest.version:
                self._index = store.load(self._folder, self._threads)
            self.fault = None
        except StoreError as error:
            self.failures += 1
            self.fault = error
            if self._index is None:
                raise
        self._looked = time.monotonic()
        return self._index
