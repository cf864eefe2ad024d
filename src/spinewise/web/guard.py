"""Limits and headers on every route: size and pace of bodies, security headers, origins, and which of Gradio's paths exist."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import re
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spinewise.web.sites import Sites, cors

LARGEST_BODY = 64 * 1024
"""Bytes, from the contract."""
SLOWEST = 20.0
"""Seconds to wait for the next part of a body."""
CHAT_PATHS, LARGEST_CHAT_BODY = {"/gradio_api/queue/join", "/ask"}, 512 * 1024
"""The chat pages send the whole conversation, one with the answers, the other as a form, which triples letters beyond ASCII."""
CONSOLE_PATH, LARGEST_UPLOAD = "/editors/gradio_api/", 11 * 1024 * 1024
"""The editors' console takes files of 10 MiB; its door reads nothing of a body before it knows the editor."""

GRADIO_PATHS = re.compile(
    r"/(?:|config|theme\.css|manifest\.json|robots\.txt|favicon\.ico|(?:assets|static|svelte)/.*"
    r"|gradio_api/(?:queue/(?:join|data)|run/[\w-]+|call/.*|heartbeat/.*|cancel|startup-events|app_id|reset|info))"
)
"""All that the chat needs. Uploads, file reading, monitoring and the rest of what Gradio serves are not there."""

HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
]
CHAT_POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    b"font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    b"form-action 'self'; frame-src 'none'; frame-ancestors 'self'"
)
"""Gradio configures itself with an inline script, hence 'unsafe-inline'; nothing is loaded from or sent to another host."""


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, sites: Sites) -> None:
        self._app = app
        self._sites = sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, answered, refused, whole = 0, False, False, False
        may_call, cors_headers = cors(self._sites, scope)
        limit = _limit(scope["path"])

        async def counted() -> Message:
            nonlocal seen, refused, whole
            try:
                message = await _part(receive, seen, math.inf if answered else limit, None if whole or answered else SLOWEST)
            except _NotTakenError as fault:
                await refuse(headed, *fault.args)
                refused = True  # whatever the application makes of the break is not sent
                raise
            seen += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            return message

        async def headed(message: MutableMapping[str, Any]) -> None:
            nonlocal answered
            if refused:
                return
            if message["type"] == "http.response.start":
                answered = True
                names = {name.lower() for name, _ in message["headers"]}
                extra = [*HEADERS, (b"content-security-policy", CHAT_POLICY), *cors_headers]
                message["headers"] = [*message["headers"], *(pair for pair in extra if pair[0] not in names)]
            await send(message)

        if not may_call:
            await refuse(
                headed, 403, "another site may not call this API", "its server's owner adds its origin to SPINEWISE_SITES"
            )
            return
        if scope["method"] == "OPTIONS" and cors_headers:
            await headed({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await refuse(headed, 413, f"the body is over {limit} bytes", "send less text")
            return
        with contextlib.suppress(_NotTakenError):
            await self._app(scope, counted, headed)


def _limit(path: str) -> int:
    if path.startswith(CONSOLE_PATH):
        return LARGEST_UPLOAD
    return LARGEST_CHAT_BODY if path in CHAT_PATHS else LARGEST_BODY


class _NotTakenError(Exception):
    """Status, error and hint of a body that is too large or too slow."""


async def _part(receive: Receive, seen: int, limit: float, patience: float | None) -> Message:
    """The next part of a body of `limit` bytes, `seen` of which have come, within `patience` seconds."""
    try:
        message = await asyncio.wait_for(receive(), patience)
    except TimeoutError:
        raise _NotTakenError(408, f"no more of the body came in {patience:.0f} seconds", "send it again") from None
    if seen + len(message.get("body", b"")) > limit:
        raise _NotTakenError(413, f"the body is over {limit} bytes", "send less text")
    return message


async def refuse(send: Send, status: int, error: str, hint: str) -> None:
    """Answer with `{"error", "hint"}`."""
    body = json.dumps({"error": error, "hint": hint}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
