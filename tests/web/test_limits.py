"""Limits on visitors: who asks too much waits, and nobody's warning does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from conftest import StandingIndex
from fastapi.testclient import TestClient

from spinewise.index.store import Index
from spinewise.settings import Settings
from spinewise.web import guard, limits
from spinewise.web.app import create_app
from spinewise.web.limits import Buckets, Limits

VISITOR, OTHER = "203.0.113.5", "198.51.100.7"
QUESTION = {"turns": ["how long should I stay in a tidal bath?"]}
DANGER = {"turns": ["since yesterday I can't feel when I wipe"]}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    buckets = Buckets(3, clock)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == pytest.approx(20)
    assert buckets.take("b") == 0
    clock.now += 20.1
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0


def test_a_full_bucket_holds_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    buckets = Buckets(2, clock)
    buckets.take("a")
    clock.now += 3600
    assert [buckets.take("a") > 0 for _ in range(3)] == [False, False, True]
    monkeypatch.setattr(limits, "MOST_KEPT", 5)
    for n in range(50):
        buckets.take(str(n))
    assert len(buckets._kept) == 5


def test_no_address_is_kept() -> None:
    buckets = Buckets(2)
    buckets.take(VISITOR)
    assert VISITOR.encode() not in b"".join(buckets._kept)
    assert set(buckets._kept).isdisjoint(Buckets(2)._kept)


@pytest.fixture
def app(built: Settings, index: Index):
    return create_app(replace(built, limit=2, sites=("https://site.example",)), StandingIndex(index), chat=False)  # type: ignore[arg-type]


@pytest.fixture
def visitor(app) -> Iterator[TestClient]:
    with TestClient(app, client=(VISITOR, 1)) as made:
        yield made


def test_a_visitor_waits_and_another_does_not(app, visitor: TestClient) -> None:
    assert [visitor.post("/api/v1/ask", json=QUESTION).status_code for _ in range(4)] == [200, 200, 429, 429]
    refused = visitor.post("/api/v1/ask", json=QUESTION).json()
    assert refused == {"error": "too many questions in a short time", "hint": refused["hint"], "message": refused["message"]}
    assert refused["hint"].startswith("ask again in ")
    assert refused["message"].startswith("Too many questions in a short time.")
    assert visitor.get("/api/v1/search", params={"q": "bath"}).status_code == 429
    assert TestClient(app, client=(OTHER, 1)).post("/api/v1/ask", json=QUESTION).status_code == 200


def test_the_machine_itself_may_always_ask(app) -> None:
    own = TestClient(app, client=("127.0.0.1", 1))
    assert {own.post("/api/v1/ask", json=QUESTION).status_code for _ in range(9)} == {200}


def test_a_warning_is_shown_to_who_must_wait(visitor: TestClient) -> None:
    for _ in range(3):
        visitor.post("/api/v1/ask", json=QUESTION)
    refused = visitor.post("/api/v1/ask", json=DANGER | {"html": True})
    assert refused.status_code == 429
    assert refused.json()["care"]["level"] == "emergency"
    assert "999" in refused.json()["html"]["alert"]
    page = visitor.post("/ask", data={"q": DANGER["turns"][0]})
    assert 'class="sw-card' in page.text or "999" in page.text.split('id="sw-alert"')[1].split('id="sw-talk"')[0]


def test_the_plain_page_says_to_wait(visitor: TestClient) -> None:
    for _ in range(2):
        visitor.post("/ask", data={"q": QUESTION["turns"][0]})
    page = visitor.post("/ask", data={"q": QUESTION["turns"][0]})
    assert page.status_code == 429
    assert "Too many questions" in page.text, page.text[-2500:-1200]
    assert visitor.get("/ask").status_code == 200


def test_a_site_has_a_limit_for_all_its_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "READERS_OF_A_SITE", 2)
    both = Limits(2)

    def asks(host: str, origin: str) -> bool:
        return both.refusal(SimpleNamespace(client=SimpleNamespace(host=host), headers={"origin": origin})) is None  # type: ignore[arg-type]

    assert [asks(f"203.0.113.{n}", "https://a.example") for n in range(6)] == [True] * 4 + [False] * 2
    assert asks("203.0.113.99", "https://b.example")


def test_no_limit_is_no_limit() -> None:
    free = Limits(0)
    asked = SimpleNamespace(client=SimpleNamespace(host=VISITOR), headers={})
    assert all(free.refusal(asked) is None for _ in range(500))  # type: ignore[arg-type]


def test_a_body_that_never_comes_is_not_waited_for(app, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SLOWEST", 0.05)
    sent: list[dict] = []

    async def never() -> dict:
        await asyncio.sleep(60)
        return {}

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"40")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/ask", "raw_path": b"/api/v1/ask", "query_string": b"", "root_path": "",
             "headers": headers, "client": (VISITOR, 1), "server": ("test", 80), "scheme": "http", "http_version": "1.1", "state": {}}  # fmt: skip
    asyncio.run(asyncio.wait_for(app(scope, never, send), 10))
    assert sent[0]["status"] == 408
