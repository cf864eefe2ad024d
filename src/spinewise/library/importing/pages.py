"""Reads the main text of an HTML page, and what the page says about itself. Fetches nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urljoin, urlsplit

import trafilatura
from htmldate import find_date

from spinewise.errors import SourceError
from spinewise.library.importing.feeds import day
from spinewise.library.importing.page import Page, Raw
from spinewise.library.importing.texts import clean, first_sentences

_BOXES = (
    "cookie", "consent", "gdpr", "related", "read-next", "more-stories", "share", "social", "newsletter", "subscribe", "signup",
    "breadcrumb", "promo", "advert", "sponsor", "comment-", "comments", "author-box", "author-bio", "skip-link", "pager",
)  # fmt: skip
"""Parts of class names and ids of boxes that stand round the main text on many sites."""
_LOWER = "translate(concat(' ', @class, ' ', @id, ' '), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ_', 'abcdefghijklmnopqrstuvwxyz-')"
_HOLDS_TEXT = "self::html or self::body or self::main or self::article or .//main or .//article[.//h1] or .//h1"
_PRUNED = [f"//*[not({_HOLDS_TEXT}) and contains({_LOWER}, '{box}')]" for box in _BOXES] + ["//nav", "//aside", "//form"]
_REVIEWED = re.compile(
    r"(?:last\s+)?(?:medically\s+)?(?:reviewed|updated|modified)(?:\s+on)?\s*:?\s*(?:<[^>]{0,80}>\s*)*"
    r"(\d{1,2}\s+[A-Z][a-z]{2,8}\s+\d{4}|[A-Z][a-z]{2,8}\s+\d{1,2},?\s+\d{4}|\d{4}-\d\d-\d\d)",
    re.IGNORECASE,
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def html_page(raw: Raw) -> Page:
    """The page in `raw`, its main text as Markdown: navigation, banners, comments and lists of other pages left out.

    Raises:
        SourceError: there is no main text, or no title.
    """
    html = _decoded(raw)
    found = trafilatura.bare_extraction(
        html,
        url=raw.base or None,
        include_comments=False,
        include_formatting=True,
        include_links=True,
        include_tables=True,
        with_metadata=True,
        prune_xpath=_PRUNED,
    )
    if found is None or isinstance(found, dict) or not (found.text or "").strip():
        raise SourceError(f"{raw.source} has no main text that can be found", "save its text to a file and import that")
    title = _title(found.title or "", found.sitename or "")
    body = clean(_absolute(found.text or "", raw.base), title)
    if not title or not body:
        raise SourceError(f"{raw.source} has no {'title' if body else 'text'}", "save its text to a file, title first")
    return Page(
        source=raw.source,
        title=title,
        body=body,
        summary=_summary(found.description or "", body),
        author=found.author or "",
        published=_day(html, original=True),
        modified=_reviewed(html) or _day(html, original=False),
        url=_canonical(found.url or "", raw.base),
        licence=found.license or _licence(html),
        owner="" if found.sitename == found.hostname else found.sitename or "",
        etag=raw.etag,
        last_modified=raw.last_modified,
    )


def named(page: Page, *, title: str, author: str, summary: str, published: date | None, modified: date | None) -> Page:
    """`page` with what a feed says about it, which goes before what was found in its text."""
    return replace(
        page,
        title=title or page.title,
        author=author or page.author,
        summary=plain_html(summary) or page.summary,
        published=published or page.published,
        modified=modified or page.modified,
    )


def plain_html(html: str) -> str:
    """The words of a scrap of HTML, "" where it ends cut off with an ellipsis."""
    words = " ".join((trafilatura.html2txt(f"<html><body>{html}</body></html>") or "").split()) if html else ""
    return "" if words.endswith(("…", "...", "[…]", "[...]")) else words


def _decoded(raw: Raw) -> bytes | str:
    """Text where the server names an encoding that fits, else the bytes, whose encoding is then found in the page."""
    charset = re.search(r"charset=[\"']?([\w-]+)", raw.content_type, re.IGNORECASE)
    try:
        return raw.content.decode(charset.group(1) if charset else "utf-8-sig")
    except (LookupError, UnicodeDecodeError):
        return raw.content


def _title(title: str, site: str) -> str:
    """`title` on one line, without the site's name at its end."""
    words = " ".join(title.split())
    for mark in (" | ", " - ", " – ", " — ", " · "):
        head, _, tail = words.rpartition(mark)
        if head and site and tail.casefold() in {site.casefold(), site.casefold().removeprefix("www.")}:
            return head
    return words


def _summary(description: str, body: str) -> str:
    words = " ".join(description.split())
    return words if len(words) >= 40 and not words.endswith(("…", "...")) else first_sentences(body)


def _canonical(found: str, base: str) -> str:
    """The canonical address; a page's own where the one named is no web address or is the site's front page."""
    url = urljoin(base, found) if found else base
    parts, own = urlsplit(url), urlsplit(base)
    if parts.scheme not in {"http", "https"} or (parts.path in {"", "/"} and own.path not in {"", "/"}):
        url = base
    return url


def _absolute(text: str, base: str) -> str:
    """`text` with its relative links made whole; those within the page lose their address in `clean`."""
    if not base:
        return text
    return re.sub(r"(?<=\]\()(?![a-z]+:|#)([^)\s]+)", lambda match: urljoin(base, match.group(1)), text)


def _day(html: bytes | str, *, original: bool) -> date | None:
    found = find_date(html, original_date=original, extensive_search=False, outputformat="%Y-%m-%d", deferred_url_extractor=True)
    return day(found) if found else None


def _reviewed(html: bytes | str) -> date | None:
    """The day after words like "last reviewed", as health sites print it."""
    text = html if isinstance(html, str) else html.decode("utf-8", "replace")
    days = [found for match in _REVIEWED.finditer(text) if (found := _written_day(match.group(1)))]
    return max(days, default=None)


def _written_day(text: str) -> date | None:
    if text[4:5] == "-":
        return day(text)
    month = next((n for n, name in enumerate(_MONTHS, 1) if name in text.casefold()), 0)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    return day(f"{numbers[1]:04}-{month:02}-{numbers[0]:02}") if month else None


def _licence(html: bytes | str) -> str:
    text = html if isinstance(html, str) else html.decode("utf-8", "replace")
    match = re.search(r"<(?:link|a)\b[^>]*\brel=[\"']?license[^>]*", text, re.IGNORECASE)
    address = re.search(r"\bhref=[\"']?([^\"'\s>]+)", match.group()) if match else None
    return address.group(1) if address else ""
