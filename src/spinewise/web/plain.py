"""The chat as a plain page that works without scripts, and the pieces that `ask.js` adds to it. Finds and decides nothing."""

from __future__ import annotations

import html
from collections.abc import Sequence
from importlib import resources
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from spinewise.answer.guide import LONGEST_MESSAGE, MOST_TURNS, Guide
from spinewise.errors import RequestError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.records import Reply, Turn
from spinewise.safety.cards import ANYWHERE, code_of
from spinewise.web.limits import Limits
from spinewise.web.pages import css
from spinewise.web.render import (
    ABOUT,
    STARTERS,
    TOP_WINDOW,
    alert_html,
    countries,
    literal,
    next_questions,
    reply_html,
    urgent_html,
)
from spinewise.web.sites import Sites

SHOWN = 8
"""Exchanges that the page shows. Earlier messages are still read with each new one."""
MOST_STARTERS = 4
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; "
)


def router(guide: Guide, live: LiveIndex, site: str, country: str | None, sites: Sites, limits: Limits) -> APIRouter:
    """The page, its script and its style sheet. `sites` may show the page in a frame."""
    plain = APIRouter(include_in_schema=False)
    headers = {"Content-Security-Policy": POLICY + sites.ancestors, "Cache-Control": "no-store"}

    def page(request: Request, turns: Sequence[str], chosen: str, topic: str = "") -> HTMLResponse:
        refused = limits.refusal(request) if turns else None
        body, status = _talk(guide, turns, chosen, _starters(live, topic) if not turns else (), refused)
        return HTMLResponse(_page(site, body, turns, chosen, country), status, headers)

    @plain.get("/ask")
    def ask(
        request: Request, q: str = "", topic: str = "", numbers_of: Annotated[str, Query(alias="country")] = ""
    ) -> HTMLResponse:
        return page(request, [q] if q.strip() else [], numbers_of, topic)

    @plain.post("/ask")
    async def ask_on(request: Request) -> HTMLResponse:
        form = parse_qs((await request.body()).decode("ascii", "replace"), max_num_fields=MOST_TURNS + 10)
        said = next((text for name in ("pick", "q") for text in form.get(name, ()) if text.strip()), None)
        turns = [*form.get("turn", ()), *([said] if said else ())]
        return await run_in_threadpool(page, request, turns, form.get("country", [""])[0])

    @plain.get("/ask.js")
    def script() -> Response:
        return Response(_file("ask.js"), media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})

    @plain.get("/ask.css")
    def style() -> Response:
        return Response(css() + _file("ask.css"), media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return plain


def pieces(reply: Reply, asked: str) -> dict[str, str]:
    """What the page's script shows of a reply, as safe HTML: `alert` for the alert region, `talk` for the conversation."""
    buttons = "".join(map(_button, next_questions(reply, asked)))
    more = f'<div class="sw-next">{buttons}</div>' if buttons else ""
    return {"alert": alert_html(reply), "talk": f'<div class="sw-reply">{reply_html(reply, asked, TOP_WINDOW)}{more}</div>'}


def _talk(
    guide: Guide, turns: Sequence[str], chosen: str, starters: Sequence[str], refused: RequestError | None = None
) -> tuple[str, int]:
    """The alert region and the conversation, and the HTTP status of the last reply."""
    alert, talk, status = "", "", 200
    first = max(len(turns) - (1 if refused else SHOWN), 0)
    if first:
        talk = f"<p class=sw-date>Messages before these are not shown, but are still read: {first}.</p>"
    for count in range(first + 1, len(turns) + 1):
        asked = turns[count - 1]
        try:
            reply, status = guide.reply([Turn(text) for text in turns[:count]], chosen, refused), 200
        except SpinewiseError as error:
            reply = Reply("no_answer", message=f"{error}. {error.hint}.".replace("..", "."))
            status = error.status if isinstance(error, RequestError) else 503
        shown = pieces(reply, asked)
        last = ' id="sw-last"' if count == len(turns) else ""
        alert, talk = shown["alert"], f'{talk}<div class="sw-said"{last}>{literal(asked)}</div>{shown["talk"]}'
    if not turns:
        buttons = "".join(_button((text, text)) for text in starters)
        invited = "<p>Ask in your own words, or begin with one of these:</p>"
        talk = f'<div id="sw-start">{invited}<div class=sw-next>{buttons}</div></div>'
    label = 'role="log" aria-label="Conversation"'
    return f'<div id="sw-alert">{alert}</div><div id="sw-talk" {label}>{talk}</div>', status


def _page(site: str, body: str, turns: Sequence[str], chosen: str, country: str | None) -> str:
    said = "".join(f'<input type="hidden" name="turn" value="{html.escape(text)}">' for text in turns)
    picked = code_of(chosen or country)
    options = "".join(
        f'<option value="{code}"{" selected" if code == picked else ""}>{html.escape(name)}</option>'
        for name, code in countries()
    )
    name = html.escape(site)
    return (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><base target="_top">'
        f'<title>{name}: ask about back pain</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/ask.css">'
        f'<script src="/ask.js"></script></head><body class="sw-ask"><main><h1>{name}</h1><p id="sw-about">{ABOUT}</p>'
        f'<div id="sw-urgent">{urgent_html(picked if picked != ANYWHERE else None)}</div>{body}</main>'
        f'<form id="sw-form" method="post" action="/ask#sw-last" target="_self">{said}'
        '<label for="sw-box">Your question about back pain</label><div class="sw-row">'
        f'<textarea id="sw-box" name="q" rows="2" maxlength="{LONGEST_MESSAGE}" '
        'placeholder="Please leave out names and contact details."></textarea>'
        '<button id="sw-send">Send</button></div><p id="sw-status" role="status"></p>'
        '<p id="sw-busy" hidden>Looking for an answer…</p><div class="sw-row sw-small">'
        f'<label for="sw-country">Emergency numbers for</label><select id="sw-country" name="country">{options}</select>'
        '<button id="sw-show" name="show" value="1">Show</button>'
        '<a id="sw-help" href="/urgent">Urgent help</a>'
        '<a id="sw-clear" href="/ask" target="_self">Clear this talk</a></div></form></body></html>'
    )


def _button(option: tuple[str, str]) -> str:
    text, label = map(html.escape, option)
    return f'<button name="pick" form="sw-form" value="{text}">{label}</button>'


def _starters(live: LiveIndex, topic: str) -> Sequence[str]:
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
    return found[:MOST_STARTERS] or STARTERS


def _file(name: str) -> str:
    return resources.files("spinewise.web").joinpath(name).read_text(encoding="utf-8")
