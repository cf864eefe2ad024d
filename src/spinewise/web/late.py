"""Puts the Gradio page behind "/" once it is imported, so that the API need not wait for it. Holds a page until then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from spinewise.web.guard import GRADIO_PATHS, refuse

_WAIT = (
    '<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
    "<title>Starting</title></head><body><p>The chat is starting. This page opens it in a moment.</p>"
    '<p>If you have a warning sign, do not wait: <a href="/urgent">when to get urgent help</a>.</p></body></html>'
)


class LatePage:
    """An ASGI application that becomes `build()`'s when that is done."""

    def __init__(self, build: Callable[[], FastAPI], also: tuple[str, ...] = ()) -> None:
        """`also` are the beginnings of further paths that are the page's."""
        self._build, self._also = build, also
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
            await HTMLResponse(_WAIT, 503 if path != "/" else 200, {"Retry-After": "1"})(scope, receive, send)
        else:
            await self._page(scope, receive, send)
