"""Routes of the widget: the loader at its two addresses, and a made-up page of another site that shows it."""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response

from spinewise.languages import Languages
from spinewise.web.widget import loader

DEMO_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; connect-src 'self'; img-src data:"
"""As strict as a careful site's, so that the demo shows what is enough for the widget."""


def router(site: str, country: str, languages: Languages) -> APIRouter:
    """The loader may be read by every site, since it holds nothing secret; the frame that it opens may not."""
    embed = APIRouter(include_in_schema=False)

    def script(keep: str) -> Response:
        headers = {"Cache-Control": keep, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return Response(loader(site, country, languages).text, media_type="text/javascript", headers=headers)

    @embed.get("/widget.js")
    def newest() -> Response:
        return script("public, max-age=3600")

    @embed.get("/widget-{name}.js")
    def versioned(name: str) -> Response:
        path = loader(site, country, languages).path
        if path != f"/widget-{name}.js":
            raise HTTPException(404, f"no loader {name!r}; it is {path} now (spinewise embed prints the line)")
        return script("public, max-age=31536000, immutable")

    @embed.get("/demo")
    def demo() -> HTMLResponse:
        return HTMLResponse(_file("demo.html"), headers={"Content-Security-Policy": f"{DEMO_POLICY}; frame-ancestors 'self'"})

    @embed.get("/demo.css")
    def demo_style() -> Response:
        return Response(_file("demo.css"), media_type="text/css")

    return embed


def _file(name: str) -> str:
    return resources.files("spinewise.web").joinpath(name).read_text(encoding="utf-8")
