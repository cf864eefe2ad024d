"""Limits and headers on every route: body size, security headers, and which of Gradio's paths exist at all."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024
"""Bytes, from the contract."""
CHAT_PATH, LARGEST_CHAT_BODY = "/gradio_api/queue/join", 512 * 1024
"""The chat page sends its whole history, answers included: forty turns are some 100 KiB."""

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

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen, answered, refused = 0, False, False
        limit = LARGEST_CHAT_BODY if scope["path"] == CHAT_PATH else LARGEST_BODY

        async def counted() -> Message:
            nonlocal seen, refused
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit and not answered:
                await refuse(headed, 413, f"the body is over {limit} bytes", "send less text")
                refused = True  # whatever the application makes of the break is not sent
                raise _TooLargeError
            return message

        async def headed(message: MutableMapping[str, Any]) -> None:
            nonlocal answered
            if refused:
                return
            if message["type"] == "http.response.start":
                answered = True
                names = {name.lower() for name, _ in message["headers"]}
                extra = [*HEADERS, (b"content-security-policy", CHAT_POLICY)]
                message["headers"] = [*message["headers"], *(pair for pair in extra if pair[0] not in names)]
            await send(message)

        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            await refuse(headed, 413, f"the body is over {limit} bytes", "send less text")
            return
        with contextlib.suppress(_TooLargeError):
            await self._app(scope, counted, headed)


class _TooLargeError(Exception):
    pass


async def refuse(send: Send, status: int, error: str, hint: str) -> None:
    """Answer with `{"error", "hint"}`."""
    body = json.dumps({"error": error, "hint": hint}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
