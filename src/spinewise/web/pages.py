"""The article pages, made without scripts: body, references, review date. Renders; decides nothing."""

from __future__ import annotations

import html
import json
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from spinewise.answer.links import article_url
from spinewise.index.live import LiveIndex
from spinewise.records import Article, Reference
from spinewise.safety import checklist, numbers
from spinewise.safety.cards import ANYWHERE, code_of
from spinewise.web.markdown import to_html
from spinewise.web.quality import quality_html

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""The pages' content security policy: our own style sheet and nothing else."""


def router(live: LiveIndex, site: str, country: str | None, index: Path) -> APIRouter:
    """Routes of the articles, their list, and the page of warning signs."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/articles/{slug}")
    def article(slug: str) -> HTMLResponse:
        found = live.get().articles.get(slug)
        if found is None:
            raise HTTPException(404, f"no article {slug!r}")
        return _page(found.title, _article(found), site, canonical=found.url)

    @pages.get("/articles/")
    def articles() -> HTMLResponse:
        found = sorted(live.get().articles.values(), key=lambda article: article.title.casefold())
        items = "".join(
            f'<li><a href="{html.escape(article_url(a))}">{html.escape(a.title)}</a><br>{html.escape(a.summary)}</li>'
            for a in found
        )
        return _page("Articles", f"<h1>Articles</h1><ul>{items}</ul>", site)

    @pages.get("/urgent")
    def urgent(numbers_of: Annotated[str, Query(alias="country", max_length=8)] = "") -> HTMLResponse:
        chosen = numbers_of if code_of(numbers_of) != ANYWHERE else country
        links = " ".join(
            f'<a href="/urgent?country={code}">{html.escape(row["name"])}</a>'
            for code, row in numbers().items()
            if code != ANYWHERE
        )
        body = f'{to_html(checklist(chosen))}<h2>Numbers for another country</h2><p class="sw-countries">{links}</p>'
        return _page("When to get urgent help", body, site)

    @pages.get("/quality")
    def quality() -> HTMLResponse:
        found = quality_html(index) or "<h1>How good is this guide?</h1><p>There is no board yet: make evaluate writes one.</p>"
        return _page("How good is this guide?", found, site)

    @pages.get("/spinewise.css")
    def style() -> Response:
        return Response(css(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    return pages


def api_description(request: Request, described: dict[str, Any], site: str) -> Response:
    """The API's OpenAPI description: a readable page for browsers, JSON for all others."""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(described)
    routes = "".join(
        f"<h2><code>{method.upper()} {html.escape(path)}</code></h2><p>{html.escape(route.get('summary', ''))}</p>"
        for path, methods in described["paths"].items()
        for method, route in methods.items()
    )
    schema = html.escape(json.dumps(described, indent=2))
    head = f'<h1>The API</h1><p>Also as <a href="/api/openapi.json">OpenAPI {described["openapi"]}</a>.</p>'
    return _page("The API", f"{head}{routes}<details><summary>The whole description</summary><pre>{schema}</pre></details>", site)


def css() -> str:
    """The style sheet shared by the pages and the chat."""
    return resources.files("spinewise.web").joinpath("spinewise.css").read_text(encoding="utf-8")


def _article(article: Article) -> str:
    overdue = article.review_due < date.today()  # noqa: DTZ011  (a date on a page, in the server's own place)
    review = f"Reviewed {article.reviewed:%d %B %Y}. Next review due {article.review_due:%d %B %Y}."
    late = ' <strong class="sw-late">This review is overdue.</strong>' if overdue else ""
    references = "".join(f'<li id="ref-{n}">{_reference(entry)}</li>' for n, entry in enumerate(article.references, 1))
    return (
        f"<article><h1>{html.escape(article.title)}</h1><p class=sw-summary>{html.escape(article.summary)}</p>"
        f"{to_html(article.body)}<p class=sw-date>{review}{late}</p>"
        + (f"<h2 id=references>References</h2><ol class=sw-references>{references}</ol>" if references else "")
        + "</article>"
    )


def _reference(entry: Reference) -> str:
    facts = ". ".join(filter(None, (entry.publisher, str(entry.year or "no date given"))))
    checked = f" Checked {entry.checked:%d %B %Y}." if entry.checked else ""
    title = html.escape(entry.title)
    if entry.url.startswith(("https://", "http://")):
        title = f'<a href="{html.escape(entry.url)}" rel="noopener noreferrer">{title}</a>'
    return f"{title}. {html.escape(facts)}.{checked}"


def _page(title: str, body: str, site: str, canonical: str | None = None) -> HTMLResponse:
    link = f'<link rel="canonical" href="{html.escape(canonical)}">' if canonical else ""
    page = (
        '<!doctype html><html lang="en-GB"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} | {html.escape(site)}</title>{link}"
        '<link rel="stylesheet" href="/spinewise.css"></head><body class="sw-page">'
        '<nav><a href="/">Ask a question</a> <a href="/articles/">All articles</a> '
        '<a href="/urgent">When to get urgent help</a></nav>'
        f"<main>{body}</main></body></html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
