"""Decides which network addresses may be fetched from. Looks names up in DNS and connects to nothing.

A name is looked up once and the caller connects to the address returned here, so a second, different
answer of DNS (rebinding) is never asked for. All addresses of a name must be public, not only one.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from spinewise.errors import SourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL = 2048
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 networks reach IPv4 hosts through this prefix, so the IPv4 address inside decides."""
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "64:ff9b:1::/48", "100::/64", "::/96", "3fff::/20"),
    )
)
"""Kept for protocols, or able to carry a private address inside, and not all known to Python's own list; no site lives there."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect for a URL: the parts of the URL and the one address that was checked."""

    scheme: str
    host: str
    port: int
    address: str
    path: str
    """Path and query, as sent."""

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.scheme == "https" else 80) else f"{name}:{self.port}"

    @property
    def connect_url(self) -> str:
        """The URL with the checked address in place of the name."""
        name = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{name}:{self.port}{self.path}"


def target(url: str, *, allow_private: bool = False) -> Target:
    """Check a URL and look its host up.

    Raises:
        SourceError: not http or https, malformed, not to be found, or at an address that is not public.
    """
    scheme, host, port, path = split(url)
    return Target(scheme, host, port, _look_up(host, port, allow_private=allow_private), path)


def split(url: str) -> tuple[str, str, int, str]:
    """Scheme, host (in ASCII), port, and path with query of a web address.

    Raises:
        SourceError: not http or https, or malformed.
    """
    if len(url) > LONGEST_URL:
        raise SourceError(f"the address is {len(url)} characters long: {url[:60]}…", f"use at most {LONGEST_URL} characters")
    if _ODD.search(url):
        raise SourceError(f"{url!r} holds a space, a backslash or a control character", "write the address as %-escapes")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SourceError(f"{url!r} is not an address: {error}", "give one like https://example.org/page") from error
    if parts.scheme not in {"http", "https"}:
        raise SourceError(f"{url!r} is not http or https", "give an address that begins with https:// or http://")
    if "@" in parts.netloc:
        raise SourceError(f"the address of {host or 'a host'} carries a user name or password", "give the address without it")
    if not host or port == 0:
        raise SourceError(f"{url!r} names no host, or port 0", "give an address like https://example.org/page")
    try:
        host = host if ":" in host else host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise SourceError(f"{host!r} is not a name of a host", "check the spelling of the address") from error
    port = port or (443 if parts.scheme == "https" else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, host, port, path


def _look_up(host: str, port: int, *, allow_private: bool) -> str:
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as error:
        raise SourceError(f"the host {host!r} is not found: {error}", "check the spelling, and the network") from error
    if not found:
        raise SourceError(f"the host {host!r} has no address", "check the spelling")
    for text in () if allow_private else found:
        if not is_public(text):
            raise SourceError(
                f"{host!r} is at {text}, which is not a public address",
                "give a public site's address, or --allow-private for a server of your own",
            )
    return found[0]


def is_public(text: str) -> bool:
    """Whether an IPv4 or IPv6 address lies on the public internet, any IPv4 address inside it counted."""
    try:
        address: Address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return False
        if address.ipv4_mapped:
            address = address.ipv4_mapped
        elif address in _TRANSLATED:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or site_local)
