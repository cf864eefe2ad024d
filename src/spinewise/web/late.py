"""Puts the Gradio page behind "/" once it is imported, so that the API need not wait for it. Holds a page until then."""

from __future__ import annotations

import asyncio
import contextlib
import html
from collections.abc import Callable
from urllib.parse import parse_qs

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from spinewise.languages import Language, Languages
from spinewise.safety import checklist
from spinewise.web.guard import GRADIO_PATHS, refuse
from spinewise.web.render import title_of, written


class LatePage:
    """An ASGI application that becomes `build()`'s when that is done."""

    def __init__(self, build: Callable[[], FastAPI], languages: Languages, also: tuple[str, ...] = ()) -> None:
        """`also` are the beginnings of further paths that are the page's."""
        self._build, self._also = build, also
        self._languages = languages
        self._page: FastAPI | None = None
        self._stack = contextlib.AsyncExitStack()

    async def start(self) -> None:
        """Build in a thread and then serve the page; run as a task."""
        page = await asyncio.to_thread(self._build)
        await self._stack.enter_async_context(page.router.lifespan_context(page))
        self._page = page

    async def stop(self) -> None:
        self._page = None
        await self._stack.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")
        if scope["type"] == "http" and not (GRADIO_PATHS.fullmatch(path) or path.startswith(self._also)):
            await refuse(send, 404, f"no page {path}", "the chat is at /, the API's description at /api/docs")
        elif self._page is None:
            wanted = parse_qs(scope.get("query_string", b"").decode("ascii", "replace")).get("lang", [""])[0]
            page = waiting(self._languages.pick(wanted))
            await HTMLResponse(page, 503 if path != "/" else 200, {"Retry-After": "1"})(scope, receive, send)
        else:
            await self._page(scope, receive, send)


def waiting(language: Language) -> str:
    """The page until the chat is there; it asks for itself again every second."""
    words = {key: written(language, key) for key in ("starting", "starting_soon", "do_not_wait")}
    title = html.escape(title_of(checklist(None, language.cards)))
    return (
        f'<!doctype html><html {language.html}><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
        f"<title>{words['starting']}</title></head><body><p>{words['starting_soon']}</p>"
        f'<p>{words["do_not_wait"]}: <a href="/urgent{language.query}">{title}</a>.</p></body></html>'
    )
