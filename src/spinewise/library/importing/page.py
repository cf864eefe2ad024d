"""What import knows of one page or document, as it passes from reading to writing. Reads and writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Raw:
    """The bytes of one source. `base` is the address that relative links start from, "" for a file."""

    source: str
    """The address that was asked for, or the name of the file; a later import finds the article by it."""
    content: bytes
    base: str = ""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    unchanged: bool = False
    """True where the server says that nothing changed since the last import; `content` is then empty."""
    pages: int = 1
    """How many pages of a WordPress list there are."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page's own text as Markdown, with what the page says about itself; "" and None where it says nothing."""

    source: str
    title: str
    body: str
    summary: str = ""
    author: str = ""
    published: date | None = None
    modified: date | None = None
    url: str = ""
    """The page's canonical address."""
    licence: str = ""
    owner: str = ""
    etag: str = ""
    last_modified: str = ""
    dropped: tuple[str, ...] = ()
    """Prints of the text taken out because other pages of the import have it too."""
