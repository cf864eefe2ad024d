"""Starts a refresh over HTTP, in a process of its own, and keeps the last report. Refreshes nothing itself."""

from __future__ import annotations

import hmac
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from spinewise.errors import RequestError
from spinewise.index.lock import holder
from spinewise.settings import PREFIX, Settings

PATH = "/api/v1/refresh"
COMMAND = (sys.executable, "-m", "spinewise", "refresh", "--json")
_PROGRESS = re.compile(r".{1,60}: \d+ of \d+")
BY_HAND = "run `spinewise refresh` by hand to see why"


@dataclass(frozen=True, slots=True)
class LastRefresh:
    """What is known of the last refresh that this server started."""

    state: Literal["never", "running", "done", "failed"] = "never"
    began: str | None = None
    """ISO 8601, UTC."""
    took_s: float | None = None
    """Seconds; null while it runs."""
    report: dict[str, Any] | None = None
    """What `spinewise refresh --json` printed; also where it failed, if it came so far."""
    progress: str | None = None
    """The last line of progress, as "embedding: 3 of 10"; null where it has ended."""
    error: str | None = None
    hint: str | None = None


class Refresher:
    """One refresh at a time; safe to call from many threads."""

    def __init__(self, settings: Settings, ended: Callable[[str], None], command: Sequence[str] = COMMAND) -> None:
        """`ended` is told each outcome: `published`, `unchanged` or `failed`."""
        self._settings, self._ended, self._command = settings, ended, command
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._last = LastRefresh()

    def last(self) -> LastRefresh:
        return self._last

    def start(self, *options: str) -> LastRefresh:
        """Begin a refresh, with further options of the command, and return at once.

        Raises:
            RequestError: one is at work, here or elsewhere; names the process that holds the index. Status 409.
        """
        with self._lock:
            by = f"process {self._process.pid}" if self._process else None
            held = holder(self._settings.index) or by
            if held:
                raise RequestError(f"another refresh is at work: {held}", f"wait until it ends; GET {PATH} tells", 409)
            self._last = LastRefresh("running", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            began = time.perf_counter()
            self._process = subprocess.Popen(  # noqa: S603  (our own command, nothing of the request)
                (*self._command, *options),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                env=_environment(self._settings),
            )
            threading.Thread(target=self._await, args=(self._process, began), daemon=True).start()
            return self._last

    def stop(self) -> None:
        """End a refresh under way; what it has not published is as if it had never begun."""
        process = self._process
        if process is not None:
            process.terminate()

    def _await(self, process: subprocess.Popen[str], began: float) -> None:
        talk: list[str] = []
        listening = threading.Thread(target=self._listen, args=(process, talk), daemon=True)
        listening.start()
        assert process.stdout is not None
        with process:  # closes its pipes
            out = process.stdout.read()
            status = process.wait()
            listening.join()
        took = round(time.perf_counter() - began, 3)
        try:
            found = json.loads(out)
        except ValueError:
            found = None
        report = found if isinstance(found, dict) else None
        ended = replace(self._last, took_s=took, report=report, progress=None)
        with self._lock:
            self._process = None
            if report is not None and status == 0:
                self._last = replace(ended, state="done")
            else:
                error, hint = _complaint("".join(talk), status)
                self._last = replace(ended, state="failed", error=error, hint=hint)
            state = self._last.state
        self._ended("failed" if state == "failed" else "published" if report and report.get("published") else "unchanged")

    def _listen(self, process: subprocess.Popen[str], talk: list[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            if _PROGRESS.fullmatch(line.strip()):
                self._last = replace(self._last, progress=line.strip())
            else:
                talk.append(line)


def _environment(settings: Settings) -> dict[str, str]:
    """The environment of this process with the settings that count for a refresh, and without the token."""
    names = ("corpus", "index", "model", "threads")
    chosen = {PREFIX + name.upper(): str(getattr(settings, name)) for name in names}
    return {name: value for name, value in os.environ.items() if name != f"{PREFIX}REFRESH_TOKEN"} | chosen


def _complaint(talk: str, status: int) -> tuple[str, str]:
    """The `error:` and `hint:` that a command leaves on stderr."""
    _, found, rest = ("\n" + talk).rpartition("\nerror: ")
    error, _, hint = rest.partition("\nhint: ")
    return (error.strip(), hint.strip() or BY_HAND) if found else (f"the refresh ended with status {status}", BY_HAND)


def router(refresher: Refresher, token: str) -> APIRouter:
    """The two routes; without a token there are none."""
    api = APIRouter()
    if not token:
        return api

    def stranger(request: Request) -> JSONResponse | None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), token.encode())  # in constant time
        if scheme.lower() == "bearer" and right:
            return None
        body = {"error": "the token is missing or wrong", "hint": "send Authorization: Bearer and the server's refresh token"}
        return JSONResponse(body, 401, {"www-authenticate": "Bearer"})

    @api.post(PATH, status_code=202, summary="Begin a refresh; needs the bearer token")
    def start(request: Request) -> JSONResponse:
        refused = stranger(request)
        if refused:
            return refused
        begun = refresher.start()
        return JSONResponse({"state": begun.state, "began": begun.began, "ask": PATH}, 202, {"location": PATH})

    @api.get(PATH, summary="What came of the last refresh; needs the bearer token")
    def last(request: Request) -> JSONResponse:
        return stranger(request) or JSONResponse(asdict(refresher.last()))

    return api
