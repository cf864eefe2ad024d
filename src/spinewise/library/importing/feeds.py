"""Reads lists of pages: sitemaps, RSS and Atom feeds, WordPress REST answers. Fetches nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urljoin

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from spinewise.errors import SourceError
from spinewise.library.importing.page import Raw

FEWEST_WORDS = 80
"""A feed's entry with fewer words is taken for a teaser, and its page is fetched."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One page that a list names. `html` is its text where the list holds all of it, else ""."""

    url: str
    title: str = ""
    html: str = ""
    summary: str = ""
    author: str = ""
    published: date | None = None
    modified: date | None = None
    is_list: bool = False
    """True for a sitemap named by a sitemap index."""


def entries(raw: Raw) -> list[Entry] | None:
    """The pages that `raw` lists, in its order; None where it is no list.

    Raises:
        SourceError: it begins like a list and is damaged or dangerous, or it names no page.
    """
    start = raw.content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in {b"[", b"{"}:
        found = _wordpress(raw)
    elif start.startswith(b"<") and any(
        tag in raw.content[:2048] for tag in (b"<urlset", b"<sitemapindex", b"<rss", b"<feed", b"<rdf:RDF")
    ):
        found = _xml(raw)
    else:
        return None
    if not found:
        raise SourceError(f"{raw.source} lists no page", "check that it is the sitemap or feed you mean")
    return found


def _xml(raw: Raw) -> list[Entry]:
    try:
        root = ElementTree.fromstring(raw.content, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except (ElementTree.ParseError, ValueError, LookupError, DefusedXmlException) as error:
        why = "it defines entities of its own" if isinstance(error, DefusedXmlException) else str(error)
        raise SourceError(f"{raw.source} cannot be read as XML: {why}", "check the feed in a validator") from error
    kind = _name(root)
    if kind in {"urlset", "sitemapindex"}:
        places = [_text(node, "loc") for node in root]
        return [Entry(urljoin(raw.base, place), is_list=kind == "sitemapindex") for place in places if place]
    nodes = [node for node in root.iter() if _name(node) in {"item", "entry"}]
    return [entry for entry in (_feed_entry(node, raw.base) for node in nodes) if entry.url]


def _feed_entry(node: Any, base: str) -> Entry:
    link = _text(node, "link")
    for child in node:
        if _name(child) == "link" and child.get("href") and child.get("rel", "alternate") == "alternate":
            link = child.get("href")
    text = _text(node, "encoded") or _text(node, "content")
    teaser = _text(node, "description") or _text(node, "summary")
    html = max(text, teaser, key=len)
    author = next((_text(child, "name") or (child.text or "") for child in node if _name(child) in {"creator", "author"}), "")
    return Entry(
        url=urljoin(base, link) if link else "",
        title=unescape(_text(node, "title")),
        html=html if len(html.split()) >= FEWEST_WORDS else "",
        author=author.strip(),
        published=day(_text(node, "pubDate") or _text(node, "published") or _text(node, "date")),
        modified=day(_text(node, "updated")),
    )


def _wordpress(raw: Raw) -> list[Entry]:
    try:
        posts = json.loads(raw.content)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{raw.source} cannot be read as JSON: {error}", "give the address of /wp-json/wp/v2/posts") from error
    found = []
    for post in posts if isinstance(posts, list) else [posts]:
        if not isinstance(post, dict) or not isinstance(post.get("link"), str) or not _rendered(post, "content"):
            raise SourceError(f"{raw.source} is JSON but not of WordPress posts", "give the address of /wp-json/wp/v2/posts")
        people = (post.get("_embedded") or {}).get("author") or [{}]
        found.append(
            Entry(
                url=post["link"],
                title=unescape(_rendered(post, "title")),
                html=_rendered(post, "content"),
                summary=_rendered(post, "excerpt"),
                author=str(people[0].get("name") or ""),
                published=day(str(post.get("date_gmt") or post.get("date") or "")),
                modified=day(str(post.get("modified_gmt") or post.get("modified") or "")),
            )
        )
    return found


def as_html(entry: Entry) -> bytes:
    """An entry's own text as a whole page."""
    head = f"<html><head><meta charset='utf-8'></head><body><article><h1>{escape(entry.title)}</h1>"
    return f"{head}{entry.html}</article></body></html>".encode()


def day(text: str) -> date | None:
    """The day of an ISO 8601 or RFC 822 date; None where it is neither, or lies ahead."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip()).date()
        except (ValueError, TypeError, IndexError):
            continue
        return found if found <= date.today() else None  # noqa: DTZ011  (the editor's own day)
    return None


def _rendered(post: dict[str, Any], name: str) -> str:
    value = post.get(name)
    return str(value.get("rendered") or "") if isinstance(value, dict) else ""


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def _text(node: Any, name: str) -> str:
    for child in node:
        if _name(child) == name and not child.get("href"):
            return "".join(child.itertext()).strip()
    return ""
