"""The plain page, the loader, and the sites that may show them: as HTML and headers, without a browser."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StandingIndex
from fakes import SPOKEN
from fastapi.testclient import TestClient

from spinewise.errors import SettingsError
from spinewise.index.live import LiveIndex
from spinewise.languages import Languages
from spinewise.settings import Settings, load_settings
from spinewise.web.app import create_app
from spinewise.web.render import STARTERS
from spinewise.web.sites import Sites
from spinewise.web.widget import loader

NUMB = "since yesterday I can't feel when I wipe"
QUESTION = "Before you go in, how many minutes at most should you stay in?"
ANSWER = "Stay in a tidal bath for twenty minutes at most."
CLINIC = "https://www.clinic.example"


@pytest.fixture(scope="module")
def open_client(built: Settings, index) -> Iterator[TestClient]:
    """A server that two other sites may show."""
    settings = replace(built, sites=(CLINIC, "https://*.trust.example"))
    with TestClient(create_app(settings, StandingIndex(index), chat=False)) as made:  # type: ignore[arg-type]
        yield made


@pytest.fixture(scope="module")
def bare_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server without an index."""
    settings = Settings(index=tmp_path_factory.mktemp("none"))
    with TestClient(create_app(settings, LiveIndex(settings.index), chat=False), raise_server_exceptions=False) as made:
        yield made


def said(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'name="turn" value="([^"]*)"', page)]


def test_the_empty_page(client: TestClient) -> None:
    page = client.get("/ask").text
    body = page.partition("<body")[2]
    assert re.search(r"<p[ >][^<]*</p>", body).group().endswith(f">{SPOKEN.say('about')}</p>")  # type: ignore[union-attr]  # the first line
    assert "When to get urgent help" in body
    assert 'role="log"' in body
    assert all(html.escape(text) in body for text in STARTERS)
    assert said(page) == []


def test_an_answer_in_the_address_and_by_form(client: TestClient) -> None:
    for response in (client.get("/ask", params={"q": QUESTION}), client.post("/ask", data={"q": QUESTION})):
        assert response.status_code == 200
        assert ANSWER in response.text
        assert said(response.text) == [QUESTION]
        source = re.search(r'<li class="sw-source"><a href="([^"]+)" target="(\w+)"', response.text)
        assert source is not None
        assert "/articles/tidal-baths#before-you-go-in:~:text=" in source[1]
        assert source[2] == "_top"
        assert response.headers["cache-control"] == "no-store"


def test_the_form_carries_the_conversation(client: TestClient) -> None:
    first = client.post("/ask", data={"q": "How many pebble walks a week are enough?"}).text
    second = client.post("/ask", data={"turn": said(first), "q": "what should I bring?"}).text
    assert said(second) == ["How many pebble walks a week are enough?", "what should I bring?"]
    assert "Searching: " in second
    alarmed = client.post("/ask", data={"turn": [NUMB, "how long in a tidal bath?"], "q": "and in winter?"}).text
    assert 'role="alert"' in alarmed


def test_a_tapped_question_wins_over_the_box_and_an_empty_box_shows_the_talk_again(client: TestClient) -> None:
    assert said(client.post("/ask", data={"q": "left over", "pick": QUESTION}).text) == [QUESTION]
    again = client.post("/ask", data={"turn": [NUMB], "q": " ", "country": "AU", "show": "1"}).text
    assert said(again) == [NUMB]
    assert "tel:000" in again
    assert "tel:999" not in again


def test_what_is_typed_is_shown_and_nothing_more(client: TestClient) -> None:
    hostile = "\"><script>alert(1)</script><img src=x onerror=alert(1)> ü 😀 '"
    page = client.post("/ask", data={"q": hostile}).text
    assert said(page) == [hostile]
    assert "<script>alert" not in page
    assert "<img" not in page
    assert client.get("/ask", params={"country": '"><b>', "topic": '"><b>'}).text.count("<b>") == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"q": "x" * 2001}, 413),
        ({"turn": ["hello"] * 40, "q": "hello"}, 413),
        ({"q": "ü" * 20_000}, 413),
        ({"q": ""}, 200),
        ({"nonsense": "x"}, 200),
    ],
)
def test_bad_forms_get_a_page_all_the_same(client: TestClient, data: dict, status: int) -> None:
    response = client.post("/ask", data=data)
    assert response.status_code == status
    assert "When to get urgent help" in response.text


def test_a_refused_conversation_still_gets_its_emergency_card(client: TestClient) -> None:
    assert 'role="alert"' in client.post("/ask", data={"q": NUMB + " x" * 1500}).text
    reply = client.post("/api/v1/ask", json={"turns": [NUMB, "x" * 2001], "html": True})
    assert reply.status_code == 413
    assert 'role="alert"' in reply.json()["html"]["alert"]


def test_without_an_index(bare_client: TestClient) -> None:
    alarmed = bare_client.get("/ask", params={"q": NUMB})
    assert alarmed.status_code == 200
    assert 'role="alert"' in alarmed.text
    assert bare_client.get("/ask").status_code == 200
    missing = bare_client.post("/ask", data={"q": "how long?"})
    assert missing.status_code == 503
    assert "When to get urgent help" in missing.text


def test_a_topic_brings_its_own_questions(client: TestClient) -> None:
    page = client.get("/ask", params={"topic": "Sea Water"}).text
    assert "How long should I sit in a tidal bath?" in page
    assert STARTERS[0] not in page


def test_html_comes_with_the_reply_only_when_asked_for(client: TestClient) -> None:
    assert "html" not in client.post("/api/v1/ask", json={"turns": [QUESTION]}).json()
    shown = client.post("/api/v1/ask", json={"turns": [QUESTION], "html": True}).json()["html"]
    assert ANSWER in shown["talk"]
    assert shown["alert"] == ""
    assert shown["talk"] in client.post("/ask", data={"q": QUESTION}).text  # one renderer


def test_sizes(client: TestClient) -> None:
    page = client.get("/ask").text
    own = re.findall(r'(?:src|href)="(/ask[\w.]+)"', page)
    assert own == ["/ask.css", "/ask.js"]
    assert sum(len(gzip.compress(client.get(path).content)) for path in ("/ask", *own)) < 20_000
    assert len(gzip.compress(client.get("/widget.js").content)) < 6_000


def test_the_loader_at_its_two_addresses(client: TestClient) -> None:
    made = loader("Spinewise", "", Languages())
    for path, keep in (("/widget.js", "max-age=3600"), (made.path, "immutable")):
        response = client.get(path)
        digest = base64.b64encode(hashlib.sha384(response.content).digest()).decode()
        assert made.integrity == f"sha384-{digest}"
        assert keep in response.headers["cache-control"]
        assert response.headers["access-control-allow-origin"] == "*"
    assert "{{" not in made.text
    assert 'tel:999", ' in made.text
    assert 'tel:999", ' not in loader("Spinewise", "AU", Languages()).text
    missing = client.get("/widget-0123456789abcdef.js")
    assert missing.status_code == 404
    assert "spinewise embed" in missing.json()["error"]


def test_embed_prints_the_line() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "spinewise", "embed", *arguments]
        environment = os.environ | {"SPINEWISE_SITE": "Clinic"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    done = run("https://guide.example.org/")
    assert (done.returncode, done.stdout.count("\n")) == (0, 1)
    assert done.stdout == loader("Clinic", "", Languages()).line("https://guide.example.org") + "\n"
    assert 'src="https://guide.example.org/widget-' in done.stdout
    assert "SPINEWISE_SITES" in done.stderr
    wrong = run('javascript:"')
    assert wrong.returncode == 1
    assert "hint: give one like" in wrong.stderr


def test_who_may_show_the_page(client: TestClient, open_client: TestClient) -> None:
    assert client.get("/ask").headers["content-security-policy"].endswith("frame-ancestors 'self'")
    policy = open_client.get("/ask").headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {CLINIC} https://*.trust.example")
    assert "unsafe" not in policy
    for path in ("/", "/demo", "/urgent"):
        assert CLINIC not in open_client.get(path).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        (CLINIC, True),
        ("https://a.trust.example", True),
        ("https://a.b.trust.example", True),
        ("http://testserver", True),
        ("https://trust.example", False),
        ("https://eviltrust.example", False),
        ("https://.trust.example", False),
        ("https://evil.example:1/.trust.example", False),
        ("http://www.clinic.example", False),
        ("https://www.clinic.example:8443", False),
        ("https://www.clinic.example.evil.example", False),
        ("null", False),
    ],
)
def test_who_may_call_the_api(open_client: TestClient, origin: str, may: bool) -> None:
    response = open_client.post("/api/v1/ask", json={"turns": ["hello"]}, headers={"origin": origin})
    before = open_client.options("/api/v1/ask", headers={"origin": origin, "access-control-request-method": "POST"})
    listed = may and origin != "http://testserver"
    assert response.status_code == (200 if may else 403)
    assert response.headers.get("access-control-allow-origin") == (origin if listed else None)
    assert before.status_code == (204 if listed else 405 if may else 403)
    assert "content-type" in before.headers.get("access-control-allow-headers", "") or not listed


def test_a_page_of_our_own_behind_a_proxy_may_call(client: TestClient) -> None:
    headers = {"origin": "https://guide.example", "sec-fetch-site": "same-origin"}
    assert client.post("/api/v1/ask", json={"turns": ["hello"]}, headers=headers).status_code == 200
    headers["sec-fetch-site"] = "cross-site"
    refused = client.post("/api/v1/ask", json={"turns": ["hello"]}, headers=headers)
    assert refused.status_code == 403
    assert "SPINEWISE_SITES" in refused.json()["hint"]


def test_sites_as_a_setting(tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert load_settings({"SPINEWISE_SITES": f"{CLINIC}, https://*.trust.example  http://localhost:8080,"}, none).sites == (
        CLINIC,
        "https://*.trust.example",
        "http://localhost:8080",
    )
    file = tmp_path / "s.toml"
    file.write_text(f'sites = ["{CLINIC}"]')
    assert load_settings({}, file).sites == (CLINIC,)
    for wrong in ("*", "https://*", "https://*.org", "clinic.example", f"{CLINIC}/", f"{CLINIC};x", "https://a.*.example"):
        with pytest.raises(SettingsError, match=r"sites has") as raised:
            load_settings({"SPINEWISE_SITES": wrong}, none)
        assert "https://www.example.org" in raised.value.hint


def test_no_sites_means_none() -> None:
    assert not Sites().allows(CLINIC)
    assert Sites().ancestors == "frame-ancestors 'self'"
