"""GET /metrics: what is counted, that every count moves, and that nothing of a reader is in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from spinewise.index.live import LiveIndex
from spinewise.index.store import Index
from spinewise.settings import Settings
from spinewise.web.app import create_app

NUMB = "since yesterday I can't feel when I wipe"


@pytest.fixture
def client(built: Settings, index: Index) -> Iterator[TestClient]:
    """A server whose counts begin at 0."""
    from conftest import StandingIndex

    with TestClient(create_app(built, StandingIndex(index), chat=False), raise_server_exceptions=False) as made:
        yield made


def samples(client: TestClient) -> dict[tuple[str, str], float]:
    """(name, label's value) -> value."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    for family in text_string_to_metric_families(response.text):
        for sample in family.samples:
            label = sample.labels.get("version") or next(iter(sample.labels.values()), "")
            found[sample.name, label] = sample.value
    return found


def test_counts_begin_at_nought(client: TestClient) -> None:
    found = samples(client)
    for key in (
        ("spinewise_replies_total", "answer"),
        ("spinewise_cards_total", "emergency"),
        ("spinewise_requests_refused_total", "too_large"),
        ("spinewise_refreshes_total", "failed"),
        ("spinewise_reply_seconds_count", ""),
        ("spinewise_index_load_failures_total", ""),
    ):
        assert found[key] == 0, key


def test_replies_and_cards(client: TestClient) -> None:
    for text in ("How many pebble walks a week are enough?", "hello", NUMB, "does a trombone rust in June?"):
        client.post("/api/v1/ask", json={"turns": [text]})
    found = samples(client)
    assert [found["spinewise_replies_total", kind] for kind in ("answer", "no_answer", "alert", "smalltalk")] == [1, 1, 1, 1]
    assert found["spinewise_cards_total", "emergency"] == 1
    assert found["spinewise_reply_seconds_count", ""] == 4
    assert 0 < found["spinewise_reply_seconds_sum", ""] < 4


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda c: c.post("/api/v1/ask", content=b"x" * 70_000), "too_large"),
        (lambda c: c.post("/api/v1/ask", json={"turns": ["x" * 2001]}), "too_large"),
        (lambda c: c.post("/api/v1/ask", json={"turns": []}), "malformed"),
        (lambda c: c.get("/nowhere"), "unknown_page"),
        (lambda c: c.get("/api/v1/ask"), "method"),
    ],
)
def test_refused_requests_by_reason(client: TestClient, ask, reason: str) -> None:
    assert ask(client).status_code >= 400
    assert samples(client)["spinewise_requests_refused_total", reason] == 1


def test_the_index(client: TestClient, index: Index) -> None:
    found = samples(client)
    assert found["spinewise_index_info", index.manifest.version] == 1
    assert 0 <= found["spinewise_index_age_seconds", ""] < 3600
    assert found["spinewise_ready", ""] == 1


def test_an_index_that_does_not_load(tmp_path) -> None:
    settings = Settings(index=tmp_path)
    with TestClient(create_app(settings, LiveIndex(settings.index), chat=False)) as client:
        client.post("/api/v1/ask", json={"turns": ["how long?"]})
        found = samples(client)
        assert found["spinewise_ready", ""] == 0
        assert found["spinewise_index_load_failures_total", ""] >= 1
        assert found["spinewise_requests_refused_total", "not_ready"] == 1
        assert not [name for name, _ in found if name.startswith("spinewise_index_info")]


def test_nothing_of_a_reader(client: TestClient) -> None:
    secret = "zanzibarquux"
    for turns in ([f"{secret} hammock"], [f"{NUMB} {secret}"], [secret * 300]):
        client.post("/api/v1/ask", json={"turns": turns}, headers={"x-forwarded-for": "203.0.113.7", "user-agent": secret})
    client.get(f"/{secret}")
    client.get("/api/v1/search", params={"q": secret})
    text = client.get("/metrics").text
    assert secret not in text
    assert "203.0.113.7" not in text
    assert "testclient" not in text


def test_two_applications_do_not_share_counts(client: TestClient, built: Settings, index: Index) -> None:
    from conftest import StandingIndex

    client.post("/api/v1/ask", json={"turns": ["hello"]})
    with TestClient(create_app(built, StandingIndex(index), chat=False)) as other:
        assert samples(other)["spinewise_replies_total", "smalltalk"] == 0
