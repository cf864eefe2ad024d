"""The door of the console: the log-in page, its cookie, and the refusal of everyone else. What is behind it is `console`'s."""

from __future__ import annotations

import html
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from spinewise.errors import RequestError
from spinewise.web.accounts import LASTS, Account, Sessions
from spinewise.web.audit import Audit
from spinewise.web.guard import refuse
from spinewise.web.sites import is_own

PATH = "/editors"
LOGIN, LOGOUT = f"{PATH}/login", f"{PATH}/logout"
COOKIE = "spinewise-editor"
"""The only cookie of the whole server, set for editors who log in and for this path alone."""
LARGEST_FORM = 4096
"""Bytes."""
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class Door:
    """ASGI application in front of `behind`: whoever is not logged in gets the log-in page and no further."""

    def __init__(self, behind: ASGIApp, sessions: Sessions, audit: Audit, site: str) -> None:
        self._behind, self._sessions, self._audit, self._site = behind, sessions, audit, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "/")
        if scope["type"] != "http" or not (path == PATH or path.startswith(f"{PATH}/")):
            await self._behind(scope, receive, send)
            return
        request = Request(scope, receive)
        if request.method not in {"GET", "HEAD"} and not is_own(dict(scope["headers"])):
            await refuse(send, 403, "this came from a page of another site", "use the console's own page")
        elif path in {LOGIN, LOGOUT}:
            await (await self._form(request))(scope, receive, send)
        elif account_of(request, self._sessions) is None:
            await self._stop(request, send)
        else:
            await self._behind(scope, receive, _private(send))

    async def _form(self, request: Request) -> Response:
        if request.url.path == LOGOUT:
            self._sessions.log_out(request.cookies.get(COOKIE, ""))
            leaving = RedirectResponse(LOGIN, 303)
            leaving.delete_cookie(COOKIE, path=PATH)
            return leaving
        if request.method != "POST":
            return _page(self._site)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_FORM:
                return _page(self._site, "The form is too long.", 413)
        given = parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
        name, password = (given.get(field, [""])[0] for field in ("name", "password"))
        try:
            token = await run_in_threadpool(self._log_in, name, password, request.client.host if request.client else "")
        except RequestError as error:
            return _page(self._site, f"{error}; {error.hint}.".capitalize(), error.status)
        entering = RedirectResponse(f"{PATH}/", 303)
        safe = request.url.scheme == "https"
        entering.set_cookie(COOKIE, token, max_age=int(LASTS), path=PATH, httponly=True, samesite="strict", secure=safe)
        return entering

    def _log_in(self, name: str, password: str, visitor: str) -> str:
        token = self._sessions.log_in(name, password, visitor)
        self._audit.note(name, "logged in")
        return token

    async def _stop(self, request: Request, send: Send) -> None:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            await RedirectResponse(LOGIN, 303)(request.scope, request.receive, send)
        else:
            await refuse(send, 401, "nobody is logged in", f"log in at {LOGIN}")


def account_of(request: Request, sessions: Sessions) -> Account | None:
    """Whose request this is."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(request.headers.get("cookie", ""))
    except CookieError:
        return None
    return sessions.account(jar[COOKIE].value) if COOKIE in jar else None


def _private(send: Send) -> Send:
    """`send` with headers that keep the console out of frames and caches."""

    async def headed(message: dict) -> None:  # type: ignore[type-arg]
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"x-frame-options", b"DENY"), (b"cache-control", b"private, no-store")]
        await send(message)

    return headed  # type: ignore[return-value]


def _page(site: str, wrong: str = "", status: int = 200) -> HTMLResponse:
    said = f'<p role="alert" class="sw-late">{html.escape(wrong)}</p>' if wrong else ""
    page = (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>Log in | {html.escape(site)}</title><link rel="stylesheet" href="/spinewise.css"></head>'
        f'<body class="sw-page"><main><h1>{html.escape(site)}: editors</h1>{said}'
        f'<form method="post" action="{LOGIN}" class="sw-login">'
        '<p><label for="name">Name</label><br><input id="name" name="name" autocomplete="username" required autofocus></p>'
        '<p><label for="password">Password</label><br>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required></p>'
        "<p><button>Log in</button></p></form>"
        "<p>One cookie keeps you logged in until eight hours after your last click. Readers get none.</p>"
        "</main></body></html>"
    )
    return HTMLResponse(page, status, headers={"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"})
