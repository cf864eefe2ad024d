"""Readers' verdicts on answers: the form under an answer, the route that takes it, and the chat's buttons. Takes no free text."""

from __future__ import annotations

import html
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from spinewise.errors import RequestError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.languages import Language, Languages
from spinewise.learning.counts import REASONS, Counts, verdict
from spinewise.records import Reply
from spinewise.web.limits import Limits
from spinewise.web.render import written

PATH = "/api/v1/feedback"
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
_KEYS = {
    "yes": "said_yes",
    "other_question": "said_other_question",
    "unclear": "said_unclear",
    "outdated": "said_outdated",
    "situation": "said_situation",
    "link": "said_link",
    "safety": "said_safety",
    "no": "said_no",
}
"""Verdicts in the order in which readers see them, with the words for each."""


class Judged(BaseModel):
    """A verdict. `answer` names it by its first source: article, `start` and the reply's `index_version`, with colons between."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": "sciatica:1204:20261124T112354Z-ffadf75b", "said": "yes"}})

    answer: Annotated[str, Field(max_length=200)]
    said: Annotated[str, Field(max_length=40, description="yes, no, or a reason: " + ", ".join(REASONS))]


class Taker:
    """Counts verdicts on answers of the live version."""

    def __init__(self, live: LiveIndex, counts: Counts) -> None:
        self._live, self._counts = live, counts

    def take(self, answer: str, said: str) -> None:
        """Count it.

        Raises:
            RequestError: there is no such answer or verdict, or its version is no longer live.
            StoreError: there is no index.
        """
        article, _, rest = answer.partition(":")
        start, _, version = rest.partition(":")
        if not start.isascii() or not start.isdecimal() or len(start) > 9:
            raise RequestError(f"{answer[:80]!r} names no answer", "send what the form under the answer holds")
        self._counts.judged(verdict(self._live.get(), article, int(start), version, said))


def router(live: LiveIndex, counts: Counts, limits: Limits, languages: Languages) -> APIRouter:
    """The route for scripts (JSON) and for the form of the plain page."""
    api, taker = APIRouter(), Taker(live, counts)

    @api.post(PATH, summary="Say whether an answer helped; only counts are kept", status_code=202)
    def judged(given: Judged, request: Request) -> JSONResponse:
        refused = limits.refusal(request)
        if refused:
            raise refused
        taker.take(given.answer, given.said)
        return JSONResponse({"counted": True}, 202)

    @api.post("/feedback", include_in_schema=False)
    async def form(request: Request) -> Response:
        sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=10)
        answer, said, wanted = (sent.get(name, [""])[0] for name in ("answer", "said", "lang"))
        language, status, key = languages.pick(wanted), 200, "feedback_thanks"
        try:
            refused = limits.refusal(request)
            if refused:
                raise refused
            taker.take(answer, said)
        except SpinewiseError as error:
            status, key = getattr(error, "status", 503), "feedback_late"
        title = written(language, "feedback")
        page = (
            f'<!doctype html><html {language.html}><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
            f'<link rel="stylesheet" href="/spinewise.css"></head><body class="sw-page"><main><h1>{title}</h1>'
            f'<p role="status">{written(language, key)}</p></main></body></html>'
        )
        return HTMLResponse(page, status, headers={"Content-Security-Policy": _POLICY})

    return api


def answer_id(reply: Reply) -> str:
    """What names an answer: no word of the question is in it."""
    source = reply.sources[0]
    return f"{source.article}:{source.start}:{reply.index_version}"


def form_html(reply: Reply, language: Language) -> str:
    """The form under an answer, folded; nothing under any other reply."""
    if reply.kind != "answer" or not reply.sources:
        return ""
    buttons = "".join(f'<button name="said" value="{said}">{written(language, key)}</button>' for said, key in _KEYS.items())
    return (
        f'<details class="sw-feedback"><summary>{written(language, "feedback")}</summary>'
        '<form method="post" action="/feedback" target="_blank" rel="noopener" '
        f'data-thanks="{written(language, "feedback_thanks")}">'
        f'<input type="hidden" name="answer" value="{html.escape(answer_id(reply))}">'
        f'<input type="hidden" name="lang" value="{language.code}">{buttons}</form></details>'
    )


def verdicts(language: Language) -> list[str]:
    """What the chat's buttons say, the good one first."""
    return [language.say(key) for key in _KEYS.values()]


def said_by(words: str, languages: Languages) -> str:
    """The verdict that a button of the chat stands for, in whichever language it was shown; empty where it is none."""
    for language in languages.all():
        for said, key in _KEYS.items():
            if language.say(key) == words:
                return said
    return ""
