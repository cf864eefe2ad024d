"""Article pages and replies as HTML: anchors and references, and nothing that an article or a reader could smuggle in."""

from __future__ import annotations

import html
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fakes import SPOKEN
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from spinewise.answer.guide import Guide
from spinewise.index.store import Index
from spinewise.library.sections import sections
from spinewise.records import Article, Care, Reference, Reply, Sentence, Source, Turn
from spinewise.web.markdown import ATTRIBUTES, TAGS, inline_html, to_html
from spinewise.web.pages import _article, _page
from spinewise.web.quality import quality_html
from spinewise.web.render import alert_html, literal, reply_html


class Seen(HTMLParser):
    """Every tag with its attributes, and the text between."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](https://evil.example/x.png)", "<iframe src=//evil.example></iframe>",
    "<style>*{display:none}</style>", "<div style='position:fixed'>x</div>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)", "[x](vbscript:x)", "<javascript:alert(1)>", "[x]: javascript:alert(1)\n\n[x]",
    "<form action=//evil.example><input></form>", "<svg onload=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "</article></main><h1>x</h1>",
    "[x](https://a.example '\"><script>alert(1)</script>')", "`<script>`", "[^<script>]", "# <img src=x onerror=alert(1)>", "<math><mi//xlink:href=data:x>",
    "| <script>x</script> |\n| - |\n| <img src=x> |", "&lt;script&gt;alert(1)&lt;/script&gt;", "\x00<scr\x00ipt>", "[a](<javascript:x>)", "<!-- --><script>",
]  # fmt: skip


def assert_safe(page: str, tags: set[str], attributes: set[str]) -> None:
    for tag, given_ in Seen(page).tags:
        assert tag in tags, page
        assert set(given_) <= attributes, page
        assert urlsplit(given_.get("href") or "").scheme in {"", "http", "https", "tel", "sms"}, page


ALLOWED = {name for names in ATTRIBUTES.values() for name in names} | {"rel"}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_is_harmless(text: str) -> None:
    for page in (
        to_html(text),
        to_html(f"# {text}\n\n- {text}\n\n> {text}"),
        inline_html(text),
        inline_html(f"{text}\n- {text}"),
    ):
        assert_safe(page, TAGS, ALLOWED)


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)), max_size=6).map("\n".join))
def test_any_markdown_is_harmless(text: str) -> None:
    assert_safe(to_html(text), TAGS, ALLOWED)
    assert_safe(inline_html(text), TAGS, ALLOWED)


PAGE_TAGS = TAGS | {"html", "head", "meta", "title", "link", "body", "nav", "main", "article", "div"}
PAGE_ATTRIBUTES = ALLOWED | {"lang", "charset", "dir", "name", "content", "class"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_article_makes_a_harmless_page(text: str) -> None:
    entry = Reference(text, text, 2020, "javascript:alert(1)")
    article = Article("x", text, text, date(2026, 1, 1), date(2028, 1, 1), text, None, (), (text,), (entry,))
    page = _page(text, _article(article, "", SPOKEN), text, SPOKEN, canonical='https://a.example/"><script>').body.decode()
    assert_safe(page, PAGE_TAGS, PAGE_ATTRIBUTES)
    assert sum(tag == "h1" for tag, _ in Seen(page).tags) == 1


def test_article_page(client: TestClient, index: Index) -> None:
    response = client.get("/articles/pebble-walks")
    page = Seen(response.text)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    ids = [given_["id"] for _, given_ in page.tags if given_.get("id")]
    assert ids == ["how-many-pebble-walks-a-week", "what-to-bring", "when-the-tide-is-high", "references", "ref-1"]
    links = [given_["href"] for tag, given_ in page.tags if tag == "a"]
    assert "#ref-1" in links
    assert "/articles/tidal-baths#before-you-go-in" in links
    assert "https://pebbles.example/trial" in links
    assert "Reviewed 2 March 2026. Next review due 2 March 2028." in page.text
    assert not any(tag in {"script", "img", "iframe"} for tag, _ in page.tags)


def test_every_link_of_an_answer_opens_a_page_with_that_anchor(client: TestClient, guide: Guide, index: Index) -> None:
    for slug, article in index.articles.items():
        page = client.get(f"/articles/{slug}").text
        for section in sections(article.body):
            assert not section.anchor or f'id="{section.anchor}"' in page


def test_an_overdue_review_is_told() -> None:
    article = Article("x", "T", "S", date(2020, 1, 1), date(2022, 1, 1), "Text.")
    assert "overdue" in _article(article, "", SPOKEN)


def test_the_list_of_articles(client: TestClient) -> None:
    page = Seen(client.get("/articles/").text)
    links = [given_["href"] for tag, given_ in page.tags if tag == "a"][3:]
    assert len(links) == 6
    assert links[:2] == ["/articles/copper-cushions", "https://clinic.example/hammocks"]


def test_urgent_help_and_style(client: TestClient) -> None:
    assert re.search(r"999.*911.*112.*000", client.get("/urgent").text, re.DOTALL)
    assert client.get("/spinewise.css").headers["content-type"].startswith("text/css")


@given(st.text(st.characters()))
def test_literal_round_trips(text: str) -> None:
    made = literal(text)
    assert html.unescape(made) == text
    assert not set(made) & set("<>\"'*_`[]()!|~\\\n")


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "    code", "a\n\n# b", "1. x", "- x", "&amp;", "&#60;b&#62;", "$x$", "https://a.example"]
)
def test_literal_means_nothing_to_markdown_or_html(text: str) -> None:
    from markdown_it import MarkdownIt

    page = MarkdownIt("commonmark").render(literal(text))
    assert Seen(page).tags == [("p", {})]
    assert Seen(page).text.strip() == html.unescape(literal(text)).strip()


OUR_TAGS = TAGS | {"div", "section", "details", "summary"}
OUR_ATTRIBUTES = ALLOWED | {"class", "aria-label", "target", "role"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_reply_has_no_tags_but_ours(text: str) -> None:
    source = Source(1, "x", text, (text,), text, 0, len(text), f"/articles/x#{text}", date(2026, 1, 1))
    reply = Reply("answer", Care("soon", (), text), (Sentence(text, 1),), (source,), (text,), text)
    page = reply_html(reply, SPOKEN)
    assert_safe(page, OUR_TAGS, OUR_ATTRIBUTES)
    assert "\n" not in page
    alert = alert_html(Reply("alert", Care("emergency", (), text)), SPOKEN)
    assert_safe(alert, OUR_TAGS, OUR_ATTRIBUTES)


def test_a_reply_shows_sentences_numbers_and_sources(guide: Guide) -> None:
    page = Seen(reply_html(guide.reply([Turn("how long in a tidal bath?")]), SPOKEN))
    assert "Stay in a tidal bath for twenty minutes at most." in page.text
    assert "[1]" in page.text
    assert "Reviewed 11 April 2026" in page.text
    links = [given_ for tag, given_ in page.tags if tag == "a" and (given_["href"] or "").startswith("/articles/")]
    assert all(given_["rel"] == "noopener noreferrer" for given_ in links)
    assert any(":~:text=" in (given_["href"] or "") for given_ in links)


def test_the_alert_region_is_for_alerts(guide: Guide) -> None:
    alarm = guide.reply([Turn("since yesterday I can't feel when I wipe")])
    (section, *_) = Seen(alert_html(alarm, SPOKEN)).tags
    assert section[0] == "section"
    assert (section[1]["role"], section[1]["aria-label"]) == ("alert", "Get help now")
    assert "Seen" not in reply_html(alarm, SPOKEN)
    assert alert_html(guide.reply([Turn("how long in a tidal bath?")]), SPOKEN) == ""


BOARD = {
    "lines": [
        {"name": "emergency.jsonl: emergency card", "share": 1.0, "low": 0.94, "high": 1.0, "of": 60},
        {"name": "ordinary.jsonl: any card (lower is better)", "share": 0.01, "low": 0.0, "high": 0.07, "of": 79},
        {"name": "<script>alert(1)</script>", "share": 0.5, "low": 0.1, "high": 0.9, "of": 2},
    ],
    "ranks": {"first": 3, "second": 1, "third": 0, "4 to 10": 0, "later": 0},
    "abstention": [[1.0, 1.0], [0.9, 0.05], [0.0, 0.0]],
    "floor": [0.9, 0.05],
    "date": "2026-11-23T20:00+00:00",
    "index_version": "v1",
}


def test_the_board_is_shown_and_harmless(tmp_path: Path) -> None:
    assert quality_html(tmp_path) is None
    (tmp_path / "quality.json").write_text(json.dumps(BOARD))
    page = quality_html(tmp_path) or ""
    assert "first for 75%" in page
    assert "90% and 5%" in page
    assert "94.0% to 100.0%" in page
    assert "<script" not in page
    for broken in ("{}", "not json", json.dumps(BOARD | {"ranks": []}), json.dumps(BOARD | {"abstention": [[1]]})):
        (tmp_path / "quality.json").write_text(broken)
        assert quality_html(tmp_path) is None


def test_without_a_board_the_page_says_what_makes_one(client: TestClient) -> None:
    assert "make evaluate" in client.get("/quality").text
