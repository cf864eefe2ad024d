"""Cuts articles into passages, exact slices of the body within one section. Does not embed them."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

from spinewise.library.sections import sections
from spinewise.markup import plain
from spinewise.records import Article, Passage, Section

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

LONGEST = 900
"""Characters of a passage. MiniLM reads 256 word pieces, which is about 1,000 characters of English with the title."""

_BREAKS = (
    r"(?<!:)\n\n+(?![ \t]*(?:[-*+]|\d+[.)])[ \t])",  # between paragraphs, but not between a lead-in and its list
    r"\n\n+",
    r"\n",
    r"(?<=[.!?])(?:\[\^[^\]]+\])*[ \t]+",
    r"[ \t]+",
    "",
)


def split(article: Article) -> tuple[Passage, ...]:
    """The passages of an article, in order: `article.body[p.start:p.end] == p.text` for each."""
    pieces = [(section, start, end) for section in sections(article.body) for start, end in _cut(article.body, section)]
    return tuple(_passage(article, n, *piece) for n, piece in enumerate(pieces))


def _cut(body: str, section: Section) -> list[tuple[int, int]]:
    text = body[section.start : section.end]
    if len(text) <= LONGEST:
        return [(section.start, section.end)]
    spans: list[tuple[int, int]] = []
    at = 0
    for document in _splitter().create_documents([text]):
        piece = document.page_content
        at = text.index(piece, at)
        spans.append((section.start + at, section.start + at + len(piece)))
        at += len(piece)
    return spans


@cache
def _splitter() -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415  (0.2 s, at refresh only)

    return RecursiveCharacterTextSplitter(
        separators=list(_BREAKS), is_separator_regex=True, keep_separator="end", chunk_size=LONGEST, chunk_overlap=0
    )


def _passage(article: Article, n: int, section: Section, start: int, end: int) -> Passage:
    text = article.body[start:end]
    return Passage(
        id=f"{article.slug}#{n}",
        article=article.slug,
        title=article.title,
        section=section.path,
        anchor=section.anchor,
        start=start,
        end=end,
        text=text,
        digest=hashlib.sha256("\0".join((article.title, *section.path, text)).encode(errors="surrogatepass")).hexdigest(),
    )


def embedding_text(title: str, section: tuple[str, ...], text: str) -> str:
    """What the encoder is given for a passage: title and headings first, since that raises nDCG@10 by 0.04 (measured)."""
    return "\n".join((title, *section, plain(text)))
