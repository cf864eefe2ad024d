"""Says whether readers can be sent here: the index loads and has passed the self-check. Emergency cards do not wait for it."""

from __future__ import annotations

import threading

from spinewise.answer.selfcheck import faults
from spinewise.errors import StoreError
from spinewise.index.live import LiveIndex


class Readiness:
    """Checks each version of the index once, when it is first asked about; safe to call from many threads."""

    def __init__(self, live: LiveIndex) -> None:
        self._live = live
        self._checked: dict[str, list[str]] = {}
        self._lock = threading.Lock()

    def version(self) -> str:
        """The version that answers.

        Raises:
            StoreError: there is none, or it fails the self-check; the message says why.
        """
        index = self._live.get()
        version = index.manifest.version
        with self._lock:
            if version not in self._checked:
                self._checked = {version: faults(index)}
            found = self._checked[version]
        if found:
            raise StoreError(f"the self-check failed: {'; '.join(found)}", "spinewise doctor")
        return version
