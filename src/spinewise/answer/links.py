"""Builds the address that opens an article at a sentence: the heading's anchor and a text fragment."""

from __future__ import annotations

import re
from functools import lru_cache
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

    The fragment names text as the page shows it, so Markdown is taken out and no part crosses a footnote mark or a block. Its
    beginning is made as long as it must be to stand on the page once; where even all of it stands there again, the words
    before it are named too.
    """
    pieces = [piece for piece in (plain(part) for part in _PIECES.split(text)) if piece]
    first, last = pieces[0].split(), pieces[-1].split()
    whole = len(pieces) == 1 and len(first) <= START_WORDS + END_WORDS
    page = _shown(article.body)
    count = len(first) if whole else START_WORDS
    while count < len(first) and page.count(" ".join(first[:count])) > 1:
        count += 1
    begin = " ".join(first[:count])
    before = ""
    if page.count(begin) > 1:
        lead = plain(_PIECES.split(article.body[: max(article.body.find(text), 0)])[-1]).split()[-END_WORDS:]
        before = f"{_encode(' '.join(lead))}-," if lead else ""
    directive = _encode(begin)
    if not whole and (count < len(first) or len(pieces) > 1):
        directive += f",{_encode(' '.join(last[-END_WORDS:]))}"
    directive = before + directive
    return f"{article_url(article).partition('#')[0]}#{anchor}:~:text={directive}"


@lru_cache(maxsize=256)
def _shown(body: str) -> str:
    """An article's text as its page shows it, white space made even. Holds articles, and nothing of a reader's."""
    return " ".join(plain(_PIECES.sub(" ", body)).split())


def _encode(words: str) -> str:
    return quote(words, safe="").replace("-", "%2D")
