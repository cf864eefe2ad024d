"""Joins the routes into one application. Takes what it needs as arguments; reads no setting from elsewhere."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from spinewise import __version__
from spinewise.errors import SettingsError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.languages import Languages
from spinewise.learning.asking import asked_by
from spinewise.learning.counts import Counts
from spinewise.settings import Settings
from spinewise.web import api, door, embed, feedback, metrics, pages, plain, refreshing
from spinewise.web.accounts import Sessions, accounts
from spinewise.web.audit import Audit
from spinewise.web.guard import Guard
from spinewise.web.late import LatePage
from spinewise.web.limits import Limits
from spinewise.web.readiness import Readiness
from spinewise.web.sites import Sites

if TYPE_CHECKING:
    from spinewise.learning.gaps import Unanswered
    from spinewise.web.desk import Desk


def create_app(
    settings: Settings,
    live: LiveIndex,
    *,
    chat: bool = True,
    before_chat: Callable[[], None] = lambda: None,
    when_complete: Callable[[], None] = lambda: None,
) -> FastAPI:
    """The whole server: API, articles, and (unless `chat` is false) the Gradio page, which joins a moment later.

    `before_chat` is waited for before Gradio is imported, so that its seconds do not delay the first answer;
    `when_complete` is called once the chat is there.
    """
    country = settings.country or None
    languages = Languages(settings.language, settings.languages, keeps=bool(settings.learning_key))
    sites = Sites(settings.sites)
    limits = Limits(settings.limit)
    readiness = Readiness(live)
    counts = metrics.Metrics(live, readiness)
    kept, unanswered = _learners(settings, live)
    learners = [learner.replied for learner in (kept, unanswered) if learner is not None]
    guide = metrics.CountingGuide(live.get, country, languages, counts, learners)
    refresher = refreshing.Refresher(settings, counts.refreshed)
    editors = accounts(settings.editors)
    sessions, audit = Sessions(editors), Audit(settings.index)
    desk = _desk(settings, live, refresher, audit) if editors else None

    def console(page: FastAPI) -> None:
        if desk is not None:
            from spinewise.web.console import mount  # noqa: PLC0415  (imports Gradio)

            mount(page, desk, sessions, settings.site)

    def build() -> FastAPI:
        before_chat()
        from spinewise.web.chat import build as build_chat  # noqa: PLC0415  (Gradio takes seconds to import)

        try:
            return build_chat(
                guide, settings.site, country, limits, languages, plain.starters(live), feedback.Taker(live, kept), console
            )
        finally:
            when_complete()
            threading.Thread(target=_say_if_not_ready, args=[readiness], daemon=True).start()  # the page need not wait for it

    late = LatePage(build, languages, (door.PATH,) if editors else ())

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        starting = asyncio.create_task(late.start()) if chat else None
        yield
        refresher.stop()
        for learner in (kept, unanswered, desk):
            if learner is not None:
                learner.close()
        if starting is not None:
            await starting
            await late.stop()

    app = FastAPI(
        title="Spinewise",
        version=__version__,
        description="Finds passages of reviewed articles about back pain and shows their sentences word for word.",
        docs_url=None,  # FastAPI's page loads its scripts from another host
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=lifespan,
    )
    app.include_router(api.router(guide, live, readiness, country, limits, languages))
    app.include_router(feedback.router(live, kept, limits, languages))
    app.include_router(metrics.router(counts))
    app.include_router(refreshing.router(refresher, settings.refresh_token))
    app.include_router(pages.router(live, settings.site, country, settings.index, languages))
    app.include_router(plain.router(guide, live, settings.site, country, sites, limits, languages))
    app.include_router(embed.router(settings.site, settings.country, languages))

    @app.get("/api/docs", include_in_schema=False)
    def docs(request: Request) -> Response:
        return pages.api_description(request, app.openapi(), settings.site)

    app.router.default = (
        door.Door(late, sessions, audit, settings.site) if editors else late
    )  # not a mount, which would take a wrong method on a route of ours for a missing page
    app.add_middleware(_Asked)
    app.add_middleware(Guard, sites=sites)
    app.add_middleware(metrics.CountRefusals, metrics=counts)
    _add_error_handlers(app)
    return app


def _learners(settings: Settings, live: LiveIndex) -> tuple[Counts, Unanswered | None]:
    if not settings.learning_key:
        return Counts(settings.index), None
    from spinewise.learning.gaps import Unanswered  # noqa: PLC0415  (ciphers, which few sites need)

    return Counts(settings.index), Unanswered(settings.index, settings.learning_key, live.get)


class _Asked:
    """ASGI middleware: what a request asks, its visitor asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with asked_by((scope.get("client") or ("",))[0]):
            await self._app(scope, receive, send)


def _desk(settings: Settings, live: LiveIndex, refresher: refreshing.Refresher, audit: Audit) -> Desk:
    try:
        from spinewise.web.desk import Desk  # noqa: PLC0415  (needs what a machine that only serves does not have)
    except ImportError as error:
        hint = 'install all of Spinewise there (pip install "spinewise[editing]"), or leave SPINEWISE_EDITORS empty'
        raise SettingsError(f"the console needs {error.name}, which is not installed", hint) from error
    return Desk(settings, live, refresher, audit)


def _say_if_not_ready(readiness: Readiness) -> None:
    try:
        readiness.version()
    except SpinewiseError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr, flush=True)


def _add_error_handlers(app: FastAPI) -> None:
    @app.exception_handler(SpinewiseError)
    def ours(_: Request, error: SpinewiseError) -> JSONResponse:
        return JSONResponse(api.fault(error), api.status_of(error))

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return JSONResponse({"error": f"{where}: {first['msg']}", "hint": "see /api/docs"}, 422)

    @app.exception_handler(HTTPException)
    def refused(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": str(error.detail), "hint": "see /api/docs"}, error.status_code, error.headers)
