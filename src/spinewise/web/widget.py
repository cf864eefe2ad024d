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
from typing import Any

from spinewise import __version__
from spinewise.languages import Language, Languages
from spinewise.safety.cards import place

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
def loader(site: str, country: str, languages: Languages) -> Loader:
    """The loader for a server called `site` whose numbers are those of `country` ("" for any country)."""
    text = resources.files("spinewise.web").joinpath("widget.js").read_text(encoding="utf-8")
    words = {each.code.casefold(): _words(country, each) for each in languages.all()}
    values = {'"{{version}}"': __version__, '"{{site}}"': site, '"{{default}}"': languages.default.casefold(), "{{words}}": words}
    for mark, value in values.items():
        text = text.replace(mark, json.dumps(value, ensure_ascii=False))
    body = text.encode()
    name = hashlib.sha256(body).hexdigest()[:16]
    integrity = base64.b64encode(hashlib.sha384(body).digest()).decode()
    return Loader(text, f"/widget-{name}.js", f"sha384-{integrity}")


def _words(country: str, language: Language) -> dict[str, Any]:
    """What the panel says in one language; `call` is text, link, address, text, link, address and so on."""
    said = {key: language.say(key) for key in ("ask_about", "close", "not_shown", "own_page")}
    call = _LINK.split(language.say("call_now", emergency=place(country, language.cards)["emergency"]))
    return {"tag": language.tag, "dir": language.direction, "name": language.name, "call": call} | said
