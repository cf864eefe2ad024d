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

from spinewise.answer.language import language_of
from spinewise.answer.links import article_url
from spinewise.index.live import LiveIndex
from spinewise.languages import ENGLISH, Language, Languages
from spinewise.records import Article, Reference
from spinewise.safety import checklist
from spinewise.safety.cards import ANYWHERE, code_of
from spinewise.web.markdown import to_html
from spinewise.web.quality import quality_html
from spinewise.web.render import countries, in_language, lang, title_of, written

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
"""The pages' content security policy: our own style sheet and nothing else."""


Wanted = Annotated[str, Query(alias="lang", max_length=35)]


def router(live: LiveIndex, site: str, country: str | None, index: Path, languages: Languages) -> APIRouter:
    """Routes of the articles, their list, and the page of warning signs."""
    pages = APIRouter(include_in_schema=False)

    @pages.get("/articles/{slug}")
    def article(slug: str, wanted: Wanted = "") -> HTMLResponse:
        found, language = live.get(), languages.pick(wanted)
        one = found.articles.get(slug)
        if one is None:
            raise HTTPException(404, f"no article {slug!r}")
        return _page(one.title, _article(one, lang(language_of(found), language), language), site, language, one.url)

    @pages.get("/articles/")
    def articles(wanted: Wanted = "") -> HTMLResponse:
        index, language = live.get(), languages.pick(wanted)
        found = sorted(index.articles.values(), key=lambda article: article.title.casefold())
        items = "".join(
            f'<li><a href="{html.escape(in_language(article_url(a), language))}">{html.escape(a.title)}</a>'
            f"<br>{html.escape(a.summary)}</li>"
            for a in found
        )
        title = language.say("articles")
        listed = f"<h1>{html.escape(title)}</h1><ul{lang(language_of(index), language)}>{items}</ul>"
        return _page(title, listed, site, language)

    @pages.get("/urgent")
    def urgent(numbers_of: Annotated[str, Query(alias="country", max_length=8)] = "", wanted: Wanted = "") -> HTMLResponse:
        language = languages.pick(wanted)
        chosen = numbers_of if code_of(numbers_of) != ANYWHERE else country
        more = language.query.replace("?", "&amp;")
        links = " ".join(
            f'<a href="/urgent?country={code}{more}">{html.escape(name)}</a>' for name, code in countries(language) if code
        )
        listed = checklist(chosen, language.cards)
        other = written(language, "other_numbers")
        body = f'{to_html(listed)}<h2>{other}</h2><p class="sw-countries">{links}</p>{_in_other_languages(languages, language)}'
        return _page(title_of(listed), body, site, language)

    @pages.get("/quality")
    def quality() -> HTMLResponse:
        found = quality_html(index) or "<h1>How good is this guide?</h1><p>There is no board yet: make evaluate writes one.</p>"
        return _page("How good is this guide?", found, site, languages.pick(ENGLISH))

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
    whole = f"<details><summary>The whole description</summary><pre>{schema}</pre></details>"
    return _page("The API", f"{head}{routes}{whole}", site, Languages().pick(ENGLISH))


def css() -> str:
    """The style sheet shared by the pages and the chat."""
    return resources.files("spinewise.web").joinpath("spinewise.css").read_text(encoding="utf-8")


def _article(article: Article, attributes: str, language: Language) -> str:
    overdue = article.review_due < date.today()  # noqa: DTZ011  (a date on a page, in the server's own place)
    review = written(language, "review", date=language.date(article.reviewed), due=language.date(article.review_due))
    late = f' <strong class="sw-late">{written(language, "review_late")}</strong>' if overdue else ""
    references = "".join(f'<li id="ref-{n}">{_reference(entry, language)}</li>' for n, entry in enumerate(article.references, 1))
    heading = written(language, "references")
    return (
        f"<article><div{attributes}><h1>{html.escape(article.title)}</h1><p class=sw-summary>{html.escape(article.summary)}</p>"
        f"{to_html(article.body)}</div><p class=sw-date>{review}{late}</p>"
        + (f"<h2 id=references>{heading}</h2><ol class=sw-references>{references}</ol>" if references else "")
        + "</article>"
    )


def _reference(entry: Reference, language: Language) -> str:
    facts = ". ".join(filter(None, (entry.publisher, str(entry.year or language.say("no_date")))))
    checked = f" {written(language, 'checked', date=language.date(entry.checked))}" if entry.checked else ""
    title = html.escape(entry.title)
    if entry.url.startswith(("https://", "http://")):
        title = f'<a href="{html.escape(entry.url)}" rel="noopener noreferrer">{title}</a>'
    return f"{title}. {html.escape(facts)}.{checked}"


def _in_other_languages(languages: Languages, language: Language) -> str:
    links = " ".join(
        f'<a href="/urgent?lang={each.code}" hreflang="{each.tag}" lang="{each.tag}" dir="{each.direction}">'
        f"{html.escape(each.name)}</a>"
        for each in languages.all()
        if each.code != language.code
    )
    return f'<h2>{written(language, "language")}</h2><p class="sw-countries">{links}</p>'


def _page(title: str, body: str, site: str, language: Language, canonical: str | None = None) -> HTMLResponse:
    link = f'<link rel="canonical" href="{html.escape(canonical)}">' if canonical else ""
    urgent = html.escape(title_of(checklist(None, language.cards)))
    page = (
        f'<!doctype html><html {language.html}><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} | {html.escape(site)}</title>{link}"
        '<link rel="stylesheet" href="/spinewise.css"></head><body class="sw-page">'
        f'<nav><a href="/{language.query}">{written(language, "ask_a_question")}</a> '
        f'<a href="/articles/{language.query}">{written(language, "all_articles")}</a> '
        f'<a href="/urgent{language.query}">{urgent}</a></nav>'
        f"<main>{body}</main></body></html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})
