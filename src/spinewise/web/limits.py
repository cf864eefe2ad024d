"""How many questions a visitor, and the readers of a site together, may ask. Keeps no address; never stands before the screen."""

from __future__ import annotations

import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from starlette.requests import HTTPConnection

from spinewise.errors import RequestError

READERS_OF_A_SITE = 50
"""How many visitors' worth of questions one site's pages may ask together."""
MOST_KEPT = 20_000
"""Visitors remembered at a time; whoever has not asked for longest is forgotten, and begins anew."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Buckets:
    """A token bucket for each key: `burst` at once, filled again at `burst` a minute."""

    def __init__(self, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._clock = burst, clock
        self._kept: OrderedDict[bytes, _Bucket] = OrderedDict()
        self._secret = secrets.token_bytes(16)
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take one token of `key`'s: 0, or the seconds until there is one again."""
        name = blake2b(key.encode(), key=self._secret, digest_size=16).digest()
        with self._lock:
            now = self._clock()
            bucket = self._kept.pop(name, None) or _Bucket(self._burst, now)
            bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.at) * self._burst / 60)
            bucket.at = now
            self._kept[name] = bucket
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            if bucket.tokens < 1:
                return (1 - bucket.tokens) * 60 / self._burst
            bucket.tokens -= 1
            return 0.0


class Limits:
    """`a_minute` questions for a visitor, and `READERS_OF_A_SITE` times as many for one site's pages; 0 is no limit."""

    def __init__(self, a_minute: int) -> None:
        self._visitors = Buckets(a_minute) if a_minute else None
        self._sites = Buckets(a_minute * READERS_OF_A_SITE)

    def refusal(self, request: HTTPConnection) -> RequestError | None:
        """Why this visitor must wait, or None. The machine itself, and so a proxy on it that names nobody, may always ask."""
        if self._visitors is None or request.client is None or _is_own(request.client.host):
            return None
        site = request.headers.get("origin")
        wait = self._visitors.take(request.client.host) or (self._sites.take(site) if site else 0.0)
        if not wait:
            return None
        seconds = int(wait) + 1
        return RequestError(
            "too many questions in a short time", f"ask again in {seconds} seconds", 429, "often", seconds=seconds
        )


def _is_own(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True  # a socket in the file system has no address
