"""Builds the address that opens an article at a sentence: the heading's anchor and a text fragment."""

from __future__ import annotations

import re
from urllib.parse import quote

from spinewise.markup import plain
from spinewise.records import Article

START_WORDS, END_WORDS = 6, 4
"""Words that name the beginning and the end of a longer quotation."""

_PIECES = re.compile(r"\[\^[^\]]+\]|\n\s*(?:[-*+]|\d{1,3}[.)])\s+|\n+")


def article_url(article: Article) -> str:
    """Where the article is published: its own `url`, else this server's page."""
    return article.url or f"/articles/{article.slug}"


def sentence_url(article: Article, anchor: str, text: str) -> str:
    """The article's address with `anchor` and a fragment that browsers scroll to and mark.

    The fragment names text as the page shows it, so Markdown is taken out and no part crosses a footnote mark or a block.
    """
    pieces = [piece for piece in (plain(part) for part in _PIECES.split(text)) if piece]
    first, last = pieces[0].split(), pieces[-1].split()
    if len(pieces) == 1 and len(first) <= START_WORDS + END_WORDS:
        directive = _encode(" ".join(first))
    else:
        directive = f"{_encode(' '.join(first[:START_WORDS]))},{_encode(' '.join(last[-END_WORDS:]))}"
    return f"{article_url(article).partition('#')[0]}#{anchor}:~:text={directive}"


def _encode(words: str) -> str:
    return quote(words, safe="").replace("-", "%2D")
