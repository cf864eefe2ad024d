"""Fetches pages politely and safely: checked addresses, limits, robots.txt, one request a second. Parses no page."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable
from typing import Self
from urllib.parse import urljoin
from urllib.robotparser import RobotFileParser

import httpx

from spinewise.errors import SourceError
from spinewise.library.importing.addresses import split, target
from spinewise.library.importing.page import Raw

LARGEST = 10 * 1024 * 1024
"""Bytes of one page or document, unpacked."""
LONGEST = 30.0
"""Seconds for one page, its redirects not counted."""
MOST_REDIRECTS = 5
PAUSE = 1.0
"""Seconds between two requests to one host; its robots.txt may ask for up to ten."""
AGENT = "spinewise-import"
_REDIRECTS = {301, 302, 303, 307, 308}


class Fetcher:
    """Fetches one page at a time.

    `allow_private` lets it reach addresses that are not public. `transport` and `pause` (seconds) are for tests.
    """

    def __init__(
        self, *, allow_private: bool = False, pause: float = PAUSE, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._allow_private = allow_private
        self._pause = pause
        # No proxy and no .netrc of the environment: both would change where a request goes or what it carries. No connection is
        # kept: a pooled one is told apart by address alone, so one site could be answered over another's verified connection.
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            timeout=httpx.Timeout(10.0),
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
        )
        self._last: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self._robots: dict[str, RobotFileParser] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, url: str, *, etag: str = "", last_modified: str = "") -> Raw:
        """Fetch one page; with `etag` or `last_modified` of an earlier fetch the answer may be `unchanged`.

        Raises:
            SourceError: the address, a redirect, robots.txt, the status, the size or the time stands against it.
        """
        asked = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        where, reply, content = self._follow(url, {name: value for name, value in asked.items() if value}, self._obey)
        if reply.status_code == 304:
            return Raw(url, b"", where, unchanged=True, etag=etag, last_modified=last_modified)
        if reply.status_code != 200:
            raise SourceError(f"{where} answers {reply.status_code}", "open it in a browser; import only what is public")
        head = reply.headers
        kind = head.get("content-type", "")
        pages = head.get("x-wp-totalpages", "1")
        return Raw(
            url,
            content,
            where,
            kind,
            head.get("etag", ""),
            head.get("last-modified", ""),
            pages=int(pages) if pages.isdecimal() else 1,
        )

    def _follow(self, url: str, headers: dict[str, str], allowed: Callable[[str], None]) -> tuple[str, httpx.Response, bytes]:
        """The address, reply and content at the end of the redirects, each of them checked as the first was."""
        seen = url
        for _ in range(MOST_REDIRECTS + 1):
            allowed(seen)
            reply, content = self._request(seen, headers)
            if reply.status_code not in _REDIRECTS:
                return seen, reply, content
            try:
                seen = urljoin(seen, reply.headers.get("location", ""))
            except ValueError as error:
                raise SourceError(f"{seen} leads to no valid address: {error}", "give the address it should lead to") from error
        raise SourceError(f"{url} leads on more than {MOST_REDIRECTS} times", "give the address it ends at")

    def _request(self, url: str, headers: dict[str, str]) -> tuple[httpx.Response, bytes]:
        aim = target(url, allow_private=self._allow_private)
        self._wait(aim.host)
        end = time.monotonic() + LONGEST
        request = self._client.build_request(
            "GET", aim.connect_url, headers={"Host": aim.authority, **headers}, extensions={"sni_hostname": aim.host}
        )
        try:
            reply = self._client.send(request, stream=True)
            try:
                return reply, self._content(url, reply, end) if reply.status_code == 200 else b""
            finally:
                reply.close()
                self._client.cookies.clear()
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            why = str(error) or type(error).__name__
            raise SourceError(f"{url} cannot be fetched: {why}", "check the address, then try again") from error

    @staticmethod
    def _content(url: str, reply: httpx.Response, end: float) -> bytes:
        packing = reply.headers.get("content-encoding", "identity").strip().lower()
        if packing not in {"", "identity", "gzip", "x-gzip"}:
            raise SourceError(f"{url} is packed as {packing!r}, unasked", "save the page and import the file")
        parts, size = [], 0
        for part in reply.iter_raw():
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise _too_large(url)
            if time.monotonic() > end:
                raise SourceError(f"{url} took longer than {LONGEST:.0f} seconds", "try later, or save it and import the file")
        content = b"".join(parts)
        return unpacked(content, url) if "gzip" in packing else content

    def _wait(self, host: str) -> None:
        rest = self._last.get(host, 0.0) + max(self._pause, self._delays.get(host, 0.0)) - time.monotonic()
        if host in self._last and rest > 0:
            time.sleep(rest)
        self._last[host] = time.monotonic()

    def _obey(self, url: str) -> None:
        """Raise where the site's robots.txt asks not to fetch `url` (RFC 9309)."""
        scheme, host, port, _ = split(url)
        site = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        if site not in self._robots:
            self._robots[site] = self._read_robots(site)
        if not self._robots[site].can_fetch(AGENT, url):
            raise SourceError(f"robots.txt of {site} asks not to fetch {url}", "ask the site's owner, or import a saved copy")
        self._delays[host] = min(float(self._robots[site].crawl_delay(AGENT) or 0), 10.0)

    def _read_robots(self, site: str) -> RobotFileParser:
        robots = RobotFileParser()
        _, reply, content = self._follow(f"{site}/robots.txt", {}, lambda _: None)
        if reply.status_code >= 500:
            robots.disallow_all = True  # type: ignore[attr-defined]  # RFC 9309: an unreachable robots.txt forbids all
        robots.parse(content.decode("utf-8", "replace").splitlines() if reply.status_code == 200 else [])
        robots.modified()
        return robots


def without_fragment(url: str) -> str:
    """The address of the page, what follows `#` left off."""
    return url.partition("#")[0]


def unpacked(content: bytes, name: str) -> bytes:
    """Gzip undone, to the limit of size.

    Raises:
        SourceError: damaged, or larger than the limit when unpacked.
    """
    try:
        found = zlib.decompressobj(47).decompress(content, LARGEST + 1)
    except zlib.error as error:
        raise SourceError(f"{name} is damaged: {error}", "fetch or save it again") from error
    if len(found) > LARGEST:
        raise _too_large(name)
    return found


def _too_large(name: str) -> SourceError:
    limit = LARGEST // (1024 * 1024)
    return SourceError(f"{name} is larger than {limit} MB", "import its parts, or save its text to a file")
