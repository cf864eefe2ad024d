"""Which other sites may frame the widget's page and call the API. Sends nothing; `guard` acts on what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Sites:
    """Exact origins, and patterns like `https://*.example.org`, which is every subdomain but not the domain itself."""

    patterns: tuple[str, ...] = ()

    def allows(self, origin: str) -> bool:
        """Whether a page of `origin` may show and call the guide."""
        return any(_matches(pattern, origin) for pattern in self.patterns)

    @property
    def ancestors(self) -> str:
        """The content security policy's `frame-ancestors`, our own origin among them."""
        return " ".join(("frame-ancestors 'self'", *self.patterns))


def cors(sites: Sites, scope: Mapping[str, Any]) -> tuple[bool, list[Header]]:
    """Whether a request may go on, and the headers that let an allowed site read the answer.

    Only the API is closed to other sites. A request without an origin is no browser's page and may go on.
    """
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not scope["path"].startswith("/api/") or not origin or is_own(headers):
        return True, []
    if not sites.allows(origin):
        return False, []
    return True, [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", b"content-type"),
        (b"access-control-max-age", b"600"),
        (b"vary", b"Origin"),
    ]


def is_own(headers: Mapping[bytes, bytes]) -> bool:
    """Whether the asking page is this server's: as browsers say themselves, since a proxy may change the name of the host."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    same_host = origin.partition("://")[2] == headers.get(b"host", b"").decode("latin-1")
    return same_host or headers.get(b"sec-fetch-site") == b"same-origin"


def _matches(pattern: str, origin: str) -> bool:
    scheme, star, domain = pattern.partition("*")
    if not star:
        return pattern == origin
    name = origin.removeprefix(scheme).removesuffix(domain)
    return origin.startswith(scheme) and origin.endswith(domain) and bool(name) and not set("/:@") & set(name)
