"""The loader that other sites put on their pages: its text, its address and the line of HTML. Serves nothing itself."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from spinewise import __version__
from spinewise.safety import numbers
from spinewise.safety.cards import code_of

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


@dataclass(frozen=True, slots=True)
class Loader:
    """The loader with this server's name and emergency numbers in it."""

    text: str
    path: str
    """`/widget-<hash>.js`: what stands there never changes."""
    integrity: str
    """The hash that browsers check, as the attribute `integrity` has it."""

    def line(self, address: str) -> str:
        """The HTML that puts the loader on a page; `address` is where readers reach this server."""
        source = html.escape(address.rstrip("/") + self.path)
        return f'<script src="{source}" integrity="{self.integrity}" crossorigin="anonymous" async></script>'


@lru_cache(maxsize=1)
def loader(site: str, country: str) -> Loader:
    """The loader for a server called `site` whose numbers are those of `country` ("" for any country)."""
    text = resources.files("spinewise.web").joinpath("widget.js").read_text(encoding="utf-8")
    emergency = _LINK.split(numbers()[code_of(country)]["emergency"])
    values = {'"{{version}}"': __version__, '"{{site}}"': site, "{{numbers}}": emergency}
    for mark, value in values.items():
        text = text.replace(mark, json.dumps(value))
    body = text.encode()
    name = hashlib.sha256(body).hexdigest()[:16]
    integrity = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return Loader(text, f"/widget-{name}.js", f"sha384-{integrity}")
