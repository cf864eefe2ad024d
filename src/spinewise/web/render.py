"""Renders a reply as safe HTML for the chat: answer, source cards, message. Every text is escaped here and nowhere else."""

from __future__ import annotations

import html
import re

from spinewise.records import Reply, Sentence, Source
from spinewise.web.markdown import inline_html, to_html

CHECKLIST = (
    '<p class="sw-check">Numbness, weakness, leg pain or pain that gets worse can need help fast. '
    '<a href="/urgent" target="_blank" rel="noopener">See when to get urgent help</a>.</p>'
)
"""Offered unasked where `Reply.checklist` says so."""

_SPECIAL = re.compile(r"[!-/:-@\[-`{-~\t\n\r]|^ ")
"""ASCII punctuation, which is all that Markdown and HTML give a meaning, line ends, and a space that may indent code."""
_LINK = re.compile(r"(?:https?://|/)[^\s\"'<>]*")


def literal(text: str) -> str:
    """`text` as HTML in which no character means anything, neither to HTML nor to Markdown. `html.unescape` undoes it."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", text)


def reply_html(reply: Reply, asked: str = "") -> str:
    """The reply's part of the talk, as one line of HTML: what stands in the alert region is not repeated.

    Where the question was read with earlier ones, and so differs from `asked`, the reader is shown how.
    """
    parts = []
    if asked and reply.searched_for and reply.searched_for != asked.strip():
        parts.append(f'<p class="sw-date">Searching: {literal(reply.searched_for)}</p>')
    if reply.kind == "alert":
        parts.append("<p><strong>Please read the box at the top of this page now.</strong></p>")
    elif reply.care.card:
        parts.append(f'<div class="sw-care sw-{reply.care.level}">{to_html(reply.care.card)}</div>')
    if reply.checklist:
        parts.append(CHECKLIST)
    if reply.message:
        parts.append(f"<p>{literal(reply.message)}</p>")
    if reply.sentences:
        parts.append('<div class="sw-answer">' + "".join(map(_sentence, reply.sentences)) + "</div>")
    if reply.sources:
        parts.append('<ol class="sw-sources" aria-label="Sources">' + "".join(map(_source, reply.sources)) + "</ol>")
    return "".join(parts).replace("\n", " ")


def alert_html(reply: Reply) -> str:
    """The alert region: the emergency or crisis card, else nothing."""
    if reply.kind != "alert" or not reply.care.card:
        return ""
    label = "Get help now" if reply.care.level == "emergency" else "Get help"
    card = to_html(reply.care.card).replace("\n", " ")
    return f'<section class="sw-alert" role="alert" aria-label="{label}">{card}</section>'


def _sentence(sentence: Sentence) -> str:
    text, mark = inline_html(sentence.text), f'<sup class="sw-n">[{sentence.source}]</sup>'
    return f"<div>{text} {mark}</div>" if text.startswith("<") else f"<p>{text} {mark}</p>"


def _source(source: Source) -> str:
    where = literal(" › ".join((source.title, *source.section)))
    link = html.escape(source.url) if _LINK.fullmatch(source.url) else "#"
    return (
        f'<li class="sw-source"><a href="{link}" target="_blank" rel="noopener noreferrer">{where}</a>'
        f'<div class="sw-date">Reviewed {source.reviewed:%d %B %Y}{", now overdue for review" if source.overdue else ""}</div>'
        f"<details><summary>The passage</summary><blockquote>{inline_html(source.quote)}</blockquote></details></li>"
    )
