"""The chat as a plain page that works without scripts, and the pieces that `ask.js` adds to it. Finds and decides nothing."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from spinewise.answer.guide import LONGEST_MESSAGE, MOST_TURNS, Guide
from spinewise.answer.language import language_of
from spinewise.errors import RequestError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.languages import ENGLISH, Language, Languages
from spinewise.records import Reply, Turn
from spinewise.safety.cards import ANYWHERE, code_of
from spinewise.web.feedback import form_html
from spinewise.web.limits import Limits
from spinewise.web.pages import css
from spinewise.web.render import (
    STARTERS,
    TOP_WINDOW,
    about_html,
    alert_html,
    countries,
    fault_words,
    lang,
    literal,
    next_questions,
    reply_html,
    urgent_html,
    written,
)
from spinewise.web.sites import Sites

SHOWN = 8
"""Exchanges that the page shows. Earlier messages are still read with each new one."""
MOST_STARTERS = 4
WORDS = ("question leave_out send unreachable old_numbers looking numbers_for language show urgent_help clear").split()
"""The words of the page that have nothing to fill in."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; "
)


def router(
    guide: Guide, live: LiveIndex, site: str, country: str | None, sites: Sites, limits: Limits, languages: Languages
) -> APIRouter:
    """The page, its script and its style sheet. `sites` may show the page in a frame."""
    plain = APIRouter(include_in_schema=False)
    headers = {"Content-Security-Policy": POLICY + sites.ancestors, "Cache-Control": "no-store"}

    def page(request: Request, turns: Sequence[str], chosen: str, wanted: str, topic: str = "") -> HTMLResponse:
        refused = limits.refusal(request) if turns else None
        language = languages.pick(wanted)
        body, status = _talk(guide, turns, chosen, language, starters(live, topic) if not turns else (), refused)
        about = about_html(language, guide.articles_language())
        return HTMLResponse(_page(site, about, body, turns, chosen or country, language, languages), status, headers)

    @plain.get("/ask")
    def ask(
        request: Request,
        q: str = "",
        topic: str = "",
        numbers_of: Annotated[str, Query(alias="country")] = "",
        wanted: Annotated[str, Query(alias="lang")] = "",
    ) -> HTMLResponse:
        return page(request, [q] if q.strip() else [], numbers_of, wanted, topic)

    @plain.post("/ask")
    async def ask_on(request: Request) -> HTMLResponse:
        form = parse_qs((await request.body()).decode("ascii", "replace"), max_num_fields=MOST_TURNS + 10)
        said = next((text for name in ("pick", "q") for text in form.get(name, ()) if text.strip()), None)
        turns = [*form.get("turn", ()), *([said] if said else ())]
        return await run_in_threadpool(page, request, turns, form.get("country", [""])[0], form.get("lang", [""])[0])

    @plain.get("/ask.js")
    def script() -> Response:
        return Response(_file("ask.js"), media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})

    @plain.get("/ask.css")
    def style() -> Response:
        return Response(css() + _file("ask.css"), media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return plain


def pieces(reply: Reply, asked: str, language: Language) -> dict[str, str]:
    """What the page's script shows of a reply, as safe HTML: `alert` for the alert region, `talk` for the conversation."""
    articles = lang(reply.articles_language, language) if not reply.care.asks else ""
    options = next_questions(reply, asked, language)
    buttons = "".join(_button(option, articles if option[0] in reply.suggestions else "") for option in options)
    more = f'<div class="sw-next">{buttons}</div>' if buttons else ""
    shown = reply_html(reply, language, asked, TOP_WINDOW)
    return {
        "alert": alert_html(reply, language),
        "talk": f'<div class="sw-reply">{shown}{form_html(reply, language)}{more}</div>',
    }


def _talk(
    guide: Guide,
    turns: Sequence[str],
    chosen: str,
    language: Language,
    starters: Sequence[str],
    refused: RequestError | None = None,
) -> tuple[str, int]:
    """The alert region and the conversation, and the HTTP status of the last reply."""
    alert, talk, status = "", "", 200
    first = max(len(turns) - (1 if refused else SHOWN), 0)
    if first:
        talk = f"<p class=sw-date>{written(language, 'earlier', count=first)}</p>"
    for count in range(first + 1, len(turns) + 1):
        asked = turns[count - 1]
        try:
            reply, status = guide.reply([Turn(text) for text in turns[:count]], chosen, refused, language), 200
        except SpinewiseError as error:
            reply = Reply("no_answer", message=fault_words(error, language), language=language.code)
            status = error.status if isinstance(error, RequestError) else 503
        shown = pieces(reply, asked, language)
        last = ' id="sw-last"' if count == len(turns) else ""
        alert, talk = shown["alert"], f'{talk}<div class="sw-said"{last} dir="auto">{literal(asked)}</div>{shown["talk"]}'
    if not turns:
        buttons = "".join(_button((text, text), lang(guide.articles_language() or ENGLISH, language)) for text in starters)
        invited = f"<p>{written(language, 'invitation')}</p>"
        talk = f'<div id="sw-start">{invited}<div class=sw-next>{buttons}</div></div>'
    label = f'role="log" aria-label="{written(language, "conversation")}"'
    return f'<div id="sw-alert">{alert}</div><div id="sw-talk" {label}>{talk}</div>', status


def _page(
    site: str, about: str, body: str, turns: Sequence[str], country: str | None, language: Language, languages: Languages
) -> str:
    said = "".join(f'<input type="hidden" name="turn" value="{html.escape(text)}">' for text in turns)
    picked = code_of(country)
    name, query = html.escape(site), language.query
    words = {key: written(language, key) for key in WORDS}
    numbers_of = _options(countries(language), picked if picked != ANYWHERE else "")
    spoken = _options([(each.name, each.code) for each in languages.all()], language.code)
    return (
        f'<!doctype html><html {language.html}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><base target="_top">'
        f'<title>{written(language, "title", site=name)}</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/ask.css"><script src="/ask.js"></script></head>'
        f'<body class="sw-ask"><main><h1>{name}</h1><p id="sw-about">{about}</p>'
        f'<div id="sw-urgent">{urgent_html(picked if picked != ANYWHERE else None, language)}</div>{body}</main>'
        f'<form id="sw-form" method="post" action="/ask#sw-last" target="_self">{said}'
        f'<label for="sw-box">{words["question"]}</label><div class="sw-row">'
        f'<textarea id="sw-box" name="q" rows="2" dir="auto" maxlength="{LONGEST_MESSAGE}" '
        f'placeholder="{words["leave_out"]}"></textarea>'
        f'<button id="sw-send">{words["send"]}</button></div>'
        f'<p id="sw-status" role="status" data-unreachable="{words["unreachable"]}" data-old="{words["old_numbers"]}"></p>'
        f'<p id="sw-busy" hidden>{words["looking"]}</p><div class="sw-row sw-small">'
        f'<label for="sw-country">{words["numbers_for"]}</label><select id="sw-country" name="country">{numbers_of}</select>'
        f'<select id="sw-lang" name="lang" aria-label="{words["language"]}">{spoken}</select>'
        f'<button id="sw-show" name="show" value="1">{words["show"]}</button>'
        f'<a id="sw-help" href="/urgent{query}">{words["urgent_help"]}</a>'
        f'<a id="sw-clear" href="/ask{query}" target="_self">{words["clear"]}</a></div></form></body></html>'
    )


def _options(named: Iterable[tuple[str, str]], chosen: str) -> str:
    return "".join(
        f'<option value="{code}"{" selected" if code == chosen else ""}>{html.escape(name)}</option>' for name, code in named
    )


def _button(option: tuple[str, str], attributes: str) -> str:
    text, label = map(html.escape, option)
    return f'<button name="pick" form="sw-form" value="{text}"{attributes}>{label}</button>'


def starters(live: LiveIndex, topic: str = "") -> Sequence[str]:
    """Questions to begin with: those of the articles on `topic` that are known to be answered, else the usual ones."""
    try:
        index = live.get()
    except SpinewiseError:
        return STARTERS
    wanted = topic.strip().casefold()
    found = [
        index.questions[number].text
        for slug, article in index.articles.items()
        if wanted and wanted in {slug, *map(str.casefold, article.topics)}
        for number in index.questions_of[slug]
    ]
    if not found and language_of(index) != ENGLISH:
        found = [index.questions[numbers[0]].text for numbers in index.questions_of.values() if numbers]
    return found[:MOST_STARTERS] or STARTERS


def _file(name: str) -> str:
    return resources.files("spinewise.web").joinpath(name).read_text(encoding="utf-8")
