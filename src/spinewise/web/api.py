"""The JSON API and the health routes, as the contract has them. Stateless: the caller sends the conversation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from spinewise.answer.guide import LONGEST_MESSAGE, MOST_TURNS, Guide, refusal
from spinewise.errors import RequestError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.languages import Languages
from spinewise.records import Reply, Turn
from spinewise.safety import screen
from spinewise.web.limits import Limits
from spinewise.web.plain import pieces
from spinewise.web.readiness import Readiness
from spinewise.web.render import fault_words
from spinewise.wire import care_json, hits_json, reply_json


class Conversation(BaseModel):
    """The reader's messages, oldest first; the reply is to the last."""

    model_config = ConfigDict(json_schema_extra={"example": {"turns": ["How many acupuncture sessions do I need?"]}})

    turns: Annotated[list[str], Field(min_length=1)]
    html: Annotated[bool, Field(description="Also give the reply as safe HTML: `html.alert` and `html.talk`")] = False
    country: Annotated[str, Field(description="Two-letter code for the numbers to call; empty: the site's own")] = ""
    lang: Annotated[str, Field(description="Language of our own words and cards, like de; empty or unknown: the site's own")] = ""


def router(
    guide: Guide, live: LiveIndex, readiness: Readiness, country: str | None, limits: Limits, languages: Languages
) -> APIRouter:
    """The routes over one guide."""
    api = APIRouter()

    @api.post("/api/v1/ask", summary="The reply to the last message of a conversation")
    def ask(conversation: Conversation, request: Request, response: Response) -> dict[str, Any]:
        turns = [Turn(_encodable(text)) for text in conversation.turns]
        language = languages.pick(conversation.lang)
        refused = refusal(turns) or limits.refusal(request)
        if refused is None:
            reply = guide.reply(turns, conversation.country, language=language)
            return reply_json(reply) | ({"html": pieces(reply, turns[-1].text, language)} if conversation.html else {})
        response.status_code = refused.status
        care = screen(
            [Turn(turn.text[:LONGEST_MESSAGE]) for turn in turns[-MOST_TURNS:]],
            conversation.country or country,
            wording=language.cards,
        )  # as Guide.reply does
        said = fault(refused) | {"message": fault_words(refused, language)}
        if care.level not in {"emergency", "crisis"}:
            return said
        alert = Reply("alert", care, language=language.code)
        html = {"html": pieces(alert, "", language)} if conversation.html else {}
        return said | {"care": care_json(care)} | html

    @api.get("/api/v1/search", summary="The passages that rank highest for a query")
    def search(q: str, request: Request, k: Annotated[int, Query(ge=1, le=100)] = 10) -> dict[str, Any]:
        refused = refusal([Turn(q)]) or limits.refusal(request)
        if refused:
            raise refused
        return {"hits": hits_json(guide.search(q[:LONGEST_MESSAGE], k))}

    @api.get("/healthz", summary="The process is alive")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @api.get("/readyz", summary="Index and model are loaded, and have passed the self-check")
    def readyz(response: Response) -> dict[str, str]:
        try:
            ready = {"status": "ok", "index_version": readiness.version()}
        except SpinewiseError as error:
            response.status_code = 503
            return {"status": "not ready", **fault(error)}
        newer = live.fault
        return ready if newer is None else ready | {"warning": f"a newer index does not load: {newer}", "hint": newer.hint}

    return api


def _encodable(text: str) -> str:
    """`text` without half characters (lone surrogates), which JSON can escape but no reply can carry back."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def fault(error: SpinewiseError) -> dict[str, Any]:
    """An error as the contract has it."""
    return {"error": str(error), "hint": error.hint}


def status_of(error: SpinewiseError) -> int:
    """The HTTP status of an error: the request's own fault, or ours for now."""
    return error.status if isinstance(error, RequestError) else 503
