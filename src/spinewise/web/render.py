"""Renders a reply as safe HTML for both chat pages: answer, source cards, message. Every text is escaped here, none elsewhere."""

from __future__ import annotations

import html
import re

from spinewise.answer.followup import NEW_QUESTION
from spinewise.records import Reply, Sentence, Source
from spinewise.safety import checklist, numbers
from spinewise.safety.cards import ANYWHERE
from spinewise.web.markdown import inline_html, to_html

ABOUT = (
    "I am an automated tool, not a clinician. I show sentences from reviewed articles and cannot examine you. "
    "I keep nothing of what you type."
)
STARTERS = (
    "What helps new lower back pain?",
    "How many acupuncture sessions do I need for my lower back?",
    "How long does sciatica last?",
    "Do I need a scan for back pain?",
)
NEW_WINDOW, TOP_WINDOW = "_blank", "_top"
"""Where a link opens: beside the full chat page, or in place of the page that holds the widget."""

CHECKLIST = (
    '<p class="sw-check">Numbness, weakness, leg pain or pain that gets worse can need help fast. '
    '<a href="/urgent" target="{target}" rel="noopener">See when to get urgent help</a>.</p>'
)
"""Offered unasked where `Reply.checklist` says so."""

_SPECIAL = re.compile(r"[!-/:-@\[-`{-~\t\n\r]|^ ")
"""ASCII punctuation, which is all that Markdown and HTML give a meaning, line ends, and a space that may indent code."""
_LINK = re.compile(r"(?:https?://|/)[^\s\"'<>]*")


def literal(text: str) -> str:
    """`text` as HTML in which no character means anything, neither to HTML nor to Markdown. `html.unescape` undoes it."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", text)


def reply_html(reply: Reply, asked: str = "", target: str = NEW_WINDOW) -> str:
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
        parts.append(CHECKLIST.format(target=target))
    if reply.message:
        parts.append(f"<p>{literal(reply.message)}</p>")
    if reply.sentences:
        parts.append('<div class="sw-answer">' + "".join(map(_sentence, reply.sentences)) + "</div>")
    if reply.sources:
        parts.append(
            '<ol class="sw-sources" aria-label="Sources">'
            + "".join(_source(source, target) for source in reply.sources)
            + "</ol>"
        )
    return "".join(parts).replace("\n", " ")


def alert_html(reply: Reply) -> str:
    """The alert region: the emergency or crisis card, else nothing."""
    if reply.kind != "alert" or not reply.care.card:
        return ""
    label = "Get help now" if reply.care.level == "emergency" else "Get help"
    card = to_html(reply.care.card).replace("\n", " ")
    return f'<section class="sw-alert" role="alert" aria-label="{label}">{card}</section>'


def next_questions(reply: Reply, asked: str) -> list[tuple[str, str]]:
    """What the reader may ask next with one tap: the text to send, and what the button says."""
    options = [(text, text) for text in reply.suggestions]
    return [*options, (f"{NEW_QUESTION} {asked}", f"Search without “{reply.carried}”")] if reply.carried else options


def urgent_html(country: str | None) -> str:
    """The list "When to get urgent help", folded."""
    listed = to_html(checklist(country)).replace("\n", " ")
    return f'<details class="sw-urgent"><summary>When to get urgent help</summary>{listed}</details>'


def countries() -> list[tuple[str, str]]:
    """Name and code of every country whose numbers a reader may choose, the empty code for any country first."""
    return [("Any country", ""), *((row["name"], code) for code, row in numbers().items() if code != ANYWHERE)]


def _sentence(sentence: Sentence) -> str:
    text, mark = inline_html(sentence.text), f'<sup class="sw-n">[{sentence.source}]</sup>'
    return f"<div>{text} {mark}</div>" if text.startswith("<") else f"<p>{text} {mark}</p>"


def _source(source: Source, target: str) -> str:
    where = literal(" › ".join((source.title, *source.section)))
    link = html.escape(source.url) if _LINK.fullmatch(source.url) else "#"
    return (
        f'<li class="sw-source"><a href="{link}" target="{target}" rel="noopener noreferrer">{where}</a>'
        f'<div class="sw-date">Reviewed {source.reviewed:%d %B %Y}{", now overdue for review" if source.overdue else ""}</div>'
        f"<details><summary>The passage</summary><blockquote>{inline_html(source.quote)}</blockquote></details></li>"
    )
