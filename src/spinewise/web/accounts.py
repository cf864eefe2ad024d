"""The editors of the console: password hashes, log-in limited in rate, sessions in memory. Shows no page."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from spinewise.errors import RequestError, SettingsError
from spinewise.web.limits import Buckets

Role = Literal["editor", "publisher"]
"""An editor may do all but publish, roll back and let articles go; a publisher all."""

COST = (17, 8, 1)
"""Of scrypt: log2 N, r, p; 128 MiB a try, so one at a time. OWASP's Password Storage Cheat Sheet asks for this at least
(looked up 2026-11-24)."""
MOST = (18, 8, 16)
"""The most that an entry may ask of the server."""
SHORTEST_PASSWORD = 12
"""Characters."""
TRIES = 5
"""Log-ins at once, and again in each minute, for one name and for one visitor."""
LASTS = 8 * 3600.0
"""Seconds from the last click until a session ends."""
_LINE = re.compile(r"([a-z0-9][a-z0-9._-]{0,31}):(editor|publisher):scrypt\.(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.([\w-]+)\.([\w-]+)")


@dataclass(frozen=True, slots=True)
class Account:
    """One who may open the console."""

    name: str
    role: Role
    cost: tuple[int, int, int]
    salt: bytes
    digest: bytes

    def knows(self, password: str) -> bool:
        """Whether this is the password; takes the time of one scrypt, right or wrong."""
        return hmac.compare_digest(_scrypt(password, self.salt, self.cost), self.digest)


def account_line(name: str, role: str, password: str) -> str:
    """The entry for `SPINEWISE_EDITORS`; the password cannot be read from it.

    Raises:
        SettingsError: the name or role does not fit, or the password is too short.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise SettingsError(f"the password has {len(password)} characters", f"give {SHORTEST_PASSWORD} or more")
    salt = secrets.token_bytes(16)
    parts = (*map(str, COST), _text(salt), _text(_scrypt(password, salt, COST)))
    line = f"{name}:{role}:scrypt.{'.'.join(parts)}"
    if not _LINE.fullmatch(line):
        roles = " or ".join(get_args(Role))
        raise SettingsError(f"{name!r} as {role!r} is no editor", f"give a name in small letters and a role: {roles}")
    return line


def accounts(lines: Sequence[str]) -> dict[str, Account]:
    """The accounts of `SPINEWISE_EDITORS`, by name.

    Raises:
        SettingsError: an entry is malformed or a name comes twice. The message holds no hash.
    """
    found: dict[str, Account] = {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if (
            match is None
            or match[1] in found
            or any(int(given) > most or int(given) < 1 for given, most in zip(match.group(3, 4, 5), MOST, strict=True))
        ):
            why = "comes twice" if match and match[1] in found else "is malformed"
            raise SettingsError(f"entry {number} of editors {why}", "print one with `spinewise editors NAME`")
        role: Role = "publisher" if match[2] == "publisher" else "editor"
        cost = (int(match[3]), int(match[4]), int(match[5]))
        found[match[1]] = Account(match[1], role, cost, _bytes(match[6]), _bytes(match[7]))
    return found


class Sessions:
    """Who is logged in; safe to call from many threads. Forgets all when the server stops."""

    def __init__(self, known: dict[str, Account], clock: Callable[[], float] = time.monotonic) -> None:
        self._known, self._clock = known, clock
        self._tries = Buckets(TRIES, clock)
        self._open: dict[str, tuple[Account, float]] = {}
        self._lock, self._trying = threading.Lock(), threading.Lock()
        self._nobody = Account("", "editor", COST, b"salt", b"")

    def log_in(self, name: str, password: str, visitor: str) -> str:
        """A new session's token.

        Raises:
            RequestError: name or password is wrong (401, without saying which), or too many tries (429).
        """
        wait = self._tries.take(f"name {name}") or self._tries.take(f"from {visitor}")
        if wait:
            raise RequestError("too many log-ins in a short time", f"try again in {int(wait) + 1} seconds", 429)
        account = self._known.get(name)
        with self._trying:
            right = (account or self._nobody).knows(password[:1024])
        if not right or account is None:
            raise RequestError("the name or the password is wrong", "try again, or ask who runs the server", 401)
        token = secrets.token_urlsafe(32)
        with self._lock:
            now = self._clock()
            self._open = {key: one for key, one in self._open.items() if one[1] > now}
            self._open[token] = (account, now + LASTS)
        return token

    def account(self, token: str) -> Account | None:
        """Whose session this is, which then lasts anew; None where it has ended or never was."""
        with self._lock:
            now = self._clock()
            found = self._open.get(token)
            if found is None or found[1] <= now:
                return None
            self._open[token] = (found[0], now + LASTS)
            return found[0]

    def log_out(self, token: str) -> None:
        with self._lock:
            self._open.pop(token, None)


def _scrypt(password: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    log_n, r, p = cost
    return hashlib.scrypt(password.encode(), salt=salt, n=1 << log_n, r=r, p=p, maxmem=2**29, dklen=32)


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
