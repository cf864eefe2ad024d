"""Renders a reply as safe HTML for both chat pages: answer, source cards, message. Every text is escaped here, none elsewhere."""

from __future__ import annotations

import html
import re

from spinewise.answer.followup import NEW_QUESTION
from spinewise.errors import RequestError, SpinewiseError
from spinewise.languages import Language
from spinewise.records import Reply, Sentence, Source
from spinewise.safety import checklist, numbers
from spinewise.safety.cards import ANYWHERE, place
from spinewise.web.markdown import inline_html, to_html

STARTERS = (
    "What helps new lower back pain?",
    "How many acupuncture sessions do I need for my lower back?",
    "How long does sciatica last?",
    "Do I need a scan for back pain?",
)
NEW_WINDOW, TOP_WINDOW = "_blank", "_top"
"""Where a link opens: beside the full chat page, or in place of the page that holds the widget."""

_SPECIAL = re.compile(r"[!-/:-@\[-`{-~\t\n\r]|^ ")
"""ASCII punctuation, which is all that Markdown and HTML give a meaning, line ends, and a space that may indent code."""
_LINK = re.compile(r"(?:https?://|/)[^\s\"'<>]*")


def literal(text: str) -> str:
    """`text` as HTML in which no character means anything, neither to HTML nor to Markdown. `html.unescape` undoes it."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match.group())};", text)


def reply_html(reply: Reply, language: Language, asked: str = "", target: str = NEW_WINDOW) -> str:
    """The reply's part of the talk, as one line of HTML: what stands in the alert region is not repeated.

    Where the question was read with earlier ones, and so differs from `asked`, the reader is shown how.
    """
    parts = []
    ours, articles = lang(reply.language, language), lang(reply.articles_language, language)
    if asked and reply.searched_for and reply.searched_for != asked.strip():
        parts.append(f'<p class="sw-date">{written(language, "searching", question=literal(reply.searched_for))}</p>')
    if reply.kind == "alert":
        parts.append(f"<p><strong>{written(language, 'read_the_box')}</strong></p>")
    elif reply.care.card:
        parts.append(f'<div class="sw-care sw-{reply.care.level}"{ours}>{_card(reply.care.card, language)}</div>')
    if reply.checklist:
        link = f'<a href="/urgent{language.query}" target="{target}" rel="noopener">{written(language, "see_checklist")}</a>'
        parts.append(f'<p class="sw-check">{written(language, "checklist")} {link}.</p>')
    if reply.message:
        parts.append(f"<p{ours}>{literal(reply.message)}</p>")
    if reply.sentences:
        parts.append(f'<div class="sw-answer"{articles}>' + "".join(map(_sentence, reply.sentences)) + "</div>")
    if reply.sources:
        parts.append(
            f'<ol class="sw-sources" aria-label="{written(language, "sources")}">'
            + "".join(_source(source, language, articles, target) for source in reply.sources)
            + "</ol>"
        )
    return "".join(parts).replace("\n", " ")


def alert_html(reply: Reply, language: Language) -> str:
    """The alert region: the emergency or crisis card, else nothing."""
    if reply.kind != "alert" or not reply.care.card:
        return ""
    label = written(language, "get_help_now" if reply.care.level == "emergency" else "get_help")
    card = _card(reply.care.card, language).replace("\n", " ")
    return f'<section class="sw-alert" role="alert" aria-label="{label}">{card}</section>'


def next_questions(reply: Reply, asked: str, language: Language) -> list[tuple[str, str]]:
    """What the reader may ask next with one tap: the text to send, and what the button says."""
    options = [(text, text) for text in reply.suggestions]
    if not reply.carried:
        return options
    return [*options, (f"{NEW_QUESTION} {asked}", language.say("search_without", words=reply.carried))]


def urgent_html(country: str | None, language: Language) -> str:
    """The list "When to get urgent help", folded."""
    text = checklist(country, language.cards)
    title = html.escape(title_of(text))
    return f'<details class="sw-urgent" {language.html}><summary>{title}</summary>{to_html(text).replace(chr(10), " ")}</details>'


def title_of(markdown: str) -> str:
    """The words of the heading that `markdown` begins with."""
    return markdown.partition("\n")[0].removeprefix("# ")


def countries(language: Language) -> list[tuple[str, str]]:
    """Name and code of every country whose numbers a reader may choose, the empty code for any country first."""
    listed = [(place(code, language.cards)["name"], code) for code in numbers() if code != ANYWHERE]
    return [(language.say("any_country"), ""), *listed]


def fault_words(error: SpinewiseError, language: Language) -> str:
    """Why there is no reply, in words for the reader."""
    if isinstance(error, RequestError) and error.reason:
        return language.say(f"fault_{error.reason}", **error.values)
    return language.say("fault_down")


def written(language: Language, key: str, **values: object) -> str:
    """Words of the interface as HTML; `values` are HTML already."""
    return html.escape(language.words[key]).format(**values)


def about_html(language: Language, articles: str | None) -> str:
    """What the guide is; and where its articles are in another language, that readers should ask in that."""
    about = written(language, "about")
    if articles in {None, language.code}:
        return about
    return f"{about} {written(language, 'ask_in', articles=html.escape(language.languages[articles or '']))}"


def lang(code: str, around: Language) -> str:
    """The attributes of a part in the language `code`, where that is not the language around it."""
    return f' lang="{code}" dir="auto"' if code != around.code else ""


def in_language(address: str, language: Language) -> str:
    """`address`, such that a page of ours opens in `language`."""
    path, mark, fragment = address.partition("#")
    return f"{path}{language.query}{mark}{fragment}" if address.startswith("/") else address


def _card(card: str, language: Language) -> str:
    return to_html(card).replace('href="/urgent"', f'href="/urgent{language.query}"')


def _sentence(sentence: Sentence) -> str:
    text, mark = inline_html(sentence.text), f'<sup class="sw-n">[{sentence.source}]</sup>'
    return f"<div>{text} {mark}</div>" if text.startswith("<") else f"<p>{text} {mark}</p>"


def _source(source: Source, language: Language, articles: str, target: str) -> str:
    where = literal(" › ".join((source.title, *source.section)))
    link = html.escape(in_language(source.url, language)) if _LINK.fullmatch(source.url) else "#"
    reviewed = written(language, "reviewed", date=language.date(source.reviewed))
    late = f", {written(language, 'overdue')}" if source.overdue else ""
    return (
        f'<li class="sw-source"><a href="{link}" target="{target}" rel="noopener noreferrer"{articles}>{where}</a>'
        f'<div class="sw-date">{reviewed}{late}</div>'
        f"<details><summary>{written(language, 'passage')}</summary>"
        f"<blockquote{articles}>{inline_html(source.quote)}</blockquote></details></li>"
    )
