"""Turns Markdown of articles and cards into a small safe subset of HTML: no raw HTML, images, styles, forms or scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from spinewise.library.sections import article_markdown
from spinewise.markup import plain, unique_anchor

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
    "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES: dict[str, set[str]] = {"*": set(), "a": {"href"}} | {tag: {"id"} for tag in "h2 h3 h4 h5 h6 li sup".split()}
SCHEMES = {"http", "https", "tel", "sms"}

_MARK = re.compile(r"\[\^([\w-]{1,20})\]")
_ARTICLE_LINK = re.compile(r"([a-z0-9-]+)\.md(#.*)?")


def to_html(markdown: str) -> str:
    """Safe HTML of `markdown`; headings get the anchors that `sections` gives them, and `[^n]` links to `#ref-n`."""
    return clean(_parser().render(markdown))


def inline_html(markdown: str) -> str:
    """Safe HTML of one sentence, without footnote marks; a list with its lead-in keeps its lines."""
    text = _MARK.sub("", markdown)
    return to_html(text) if "\n" in text.strip() else clean(_parser().renderInline(text.strip()))


def clean(html: str) -> str:
    """`html` with nothing but the tags and attributes above."""
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer")


@cache
def _parser() -> MarkdownIt:
    parser = article_markdown()
    parser.inline.ruler.before("link", "footnote_mark", _footnote_mark)
    parser.core.ruler.push("anchors", _anchors)
    parser.core.ruler.push("article_links", _article_links)
    parser.add_render_rule("footnote_mark", _render_mark)
    return parser


def _footnote_mark(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  (the signature is markdown-it's)
    match = _MARK.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        state.push("footnote_mark", "", 0).content = match.group(1)
    state.pos = match.end()
    return True


def _render_mark(_: RendererHTML, tokens: Sequence[Token], at: int, __: Any, ___: Any) -> str:
    n = tokens[at].content
    return f'<sup><a href="#ref-{n}">[{n}]</a></sup>'


def _anchors(state: Any) -> None:
    """Ids for the headings that `sections` cuts at; the page's own title is the only h1."""
    taken: dict[str, int] = {}
    for at, token in enumerate(state.tokens):
        if token.type in {"heading_open", "heading_close"} and token.tag == "h1":
            token.tag = "h2"
        if token.type == "heading_open" and token.level == 0:
            token.attrSet("id", unique_anchor(plain(state.tokens[at + 1].content), taken))


def _article_links(state: Any) -> None:
    for block in state.tokens:
        for token in block.children or ():
            match = _ARTICLE_LINK.fullmatch(str(token.attrGet("href") or "")) if token.type == "link_open" else None
            if match:
                token.attrSet("href", f"/articles/{match.group(1)}{match.group(2) or ''}")
