"""The JSON API: the contract's routes, its errors, its limits; and that no message reaches a log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from spinewise.errors import StoreError
from spinewise.index.live import LiveIndex
from spinewise.settings import Settings
from spinewise.web.app import create_app
from spinewise.web.guard import LARGEST_BODY

NUMB = "since yesterday I can't feel when I wipe"
QUESTION = "Before you go in, how many minutes at most should you stay in?"


@pytest.fixture(scope="module")
def bare_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A server without an index."""
    settings = Settings(index=tmp_path_factory.mktemp("none"))
    with TestClient(create_app(settings, LiveIndex(settings.index), chat=False), raise_server_exceptions=False) as made:
        yield made


def ask(client: TestClient, *turns: str) -> dict:
    response = client.post("/api/v1/ask", json={"turns": turns})
    assert response.status_code == 200, response.text
    return response.json()


def is_fault(response, *statuses: int) -> dict:
    assert response.status_code in statuses, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body["error"]
    assert body["hint"]
    return body


def test_ask(client: TestClient) -> None:
    reply = ask(client, QUESTION)
    assert (reply["schema"], reply["kind"], reply["care"]["level"]) == (1, "answer", "none")
    assert reply["sentences"][0] == {"text": "Stay in a tidal bath for twenty minutes at most.", "source": 1}
    source = reply["sources"][0]
    assert (source["article"], source["section"], source["reviewed"]) == ("tidal-baths", ["Before you go in"], "2026-04-11")


def test_ask_reads_the_conversation(client: TestClient) -> None:
    assert "pebble" in ask(client, "How many pebble walks a week are enough?", "what should I bring?")["searched_for"]
    assert ask(client, NUMB, "how long in a tidal bath?")["kind"] == "alert"


def test_nothing_is_kept_between_two_requests(client: TestClient) -> None:
    ask(client, NUMB)
    assert ask(client, "hello")["care"]["level"] == "none"


def test_search(client: TestClient) -> None:
    hits = client.get("/api/v1/search", params={"q": "hammock rope", "k": 3}).json()["hits"]
    assert len(hits) == 3
    assert list(hits[0]) == ["article", "passage", "score", "section", "text"]
    assert hits[0]["article"] == "hammocks"
    assert len(client.get("/api/v1/search", params={"q": "rope"}).json()["hits"]) == 10


def test_health(client: TestClient, index) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "index_version": index.manifest.version}


def test_description(client: TestClient) -> None:
    assert client.get("/api/docs").json()["openapi"].startswith("3.")
    page = client.get("/api/docs", headers={"accept": "text/html"})
    assert "POST /api/v1/ask" in page.text
    assert "://" not in page.text.split("<pre>", 1)[0].replace("http://testserver", "")
    paths = client.get("/api/openapi.json").json()["paths"]
    assert set(paths) == {"/api/v1/ask", "/api/v1/feedback", "/api/v1/search", "/healthz", "/readyz"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"null", b"[]", b'"text"', b"{}", b'{"turns": null}', b'{"turns": []}', b'{"turns": "text"}', b'{"turns": [1]}',
        b'{"turns": [["a"]]}', b"\xff\xfe", b'{"turns": [' + b"9" * 5000 + b"]}", b"[" * 60_000,
        b'{"turns": [""]}', b'{"turns": ["hello", " "]}',
    ],
)  # fmt: skip
def test_bodies_that_are_no_conversation(client: TestClient, body: bytes) -> None:
    is_fault(client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"}), 400, 422)


@pytest.mark.parametrize("parameters", [{}, {"q": ""}, {"q": "a", "k": "0"}, {"q": "a", "k": "101"}, {"q": "a", "k": "x"}])
def test_bad_searches(client: TestClient, parameters: dict[str, str]) -> None:
    is_fault(client.get("/api/v1/search", params=parameters), 422)


def test_unknown_pages(client: TestClient) -> None:
    for path in ("/nowhere", "/api/v1/nowhere", "/articles/nowhere", "/articles/..%2f..%2fetc%2fpasswd", "/login", "/monitoring"):
        is_fault(client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/api/v1/ask", "POST"),
        ("POST", "/api/v1/search", "GET"),
        ("DELETE", "/healthz", "GET"),
        ("PUT", "/articles/humming", "GET"),
    ],
)
def test_wrong_methods(client: TestClient, method: str, path: str, allowed: str) -> None:
    response = client.request(method, path)
    is_fault(response, 405)
    assert allowed in response.headers["allow"]


def test_limits_on_the_conversation(client: TestClient) -> None:
    is_fault(client.post("/api/v1/ask", json={"turns": ["hello"] * 41}), 413)
    is_fault(client.post("/api/v1/ask", json={"turns": ["x" * 2001]}), 413)
    is_fault(client.get("/api/v1/search", params={"q": "x" * 2001}), 413)
    assert ask(client, *["hello"] * 40)["kind"] == "smalltalk"
    assert ask(client, "x" * 2000)["kind"] in {"answer", "no_answer"}


@pytest.mark.parametrize("turns", [[NUMB, *["hello"] * 40], [NUMB + " x" * 2000], ["hello"] * 39 + [NUMB, "x" * 2001]])
def test_a_refused_conversation_still_gets_its_emergency_card(client: TestClient, turns: list[str]) -> None:
    response = client.post("/api/v1/ask", json={"turns": turns})
    body = is_fault(response, 413)
    if NUMB in turns[-40:] or turns[0].startswith(NUMB + " "):
        assert body["care"]["level"] == "emergency"
        assert body["care"]["card"]


def test_a_body_over_64_kib(client: TestClient) -> None:
    body = json.dumps({"turns": ["x" * LARGEST_BODY]}).encode()
    assert "65536" in is_fault(client.post("/api/v1/ask", content=body), 413)["error"]

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(body), 1000):
            yield body[at : at + 1000]

    is_fault(client.post("/api/v1/ask", content=chunks(), headers={"content-type": "application/json"}), 413)
    is_fault(client.post("/nowhere", content=body), 413)


def test_a_body_that_just_fits(client: TestClient) -> None:
    body = json.dumps({"turns": ["hello"]}).encode()
    padded = body + b" " * (LARGEST_BODY - len(body))
    assert client.post("/api/v1/ask", content=padded, headers={"content-type": "application/json"}).status_code == 200


def test_without_an_index(bare_client: TestClient) -> None:
    assert ask(bare_client, NUMB)["care"]["level"] == "emergency"
    assert ask(bare_client, "hello")["kind"] == "smalltalk"
    for response in (
        bare_client.post("/api/v1/ask", json={"turns": ["how long?"]}),
        bare_client.get("/api/v1/search?q=rope"),
        bare_client.get("/articles/humming"),
        bare_client.get("/articles/"),
        bare_client.get("/readyz"),
    ):
        assert is_fault(response, 503)["hint"] == "spinewise refresh"
    assert bare_client.get("/healthz").status_code == 200
    assert "999" in bare_client.get("/urgent").text


PATHS = [
    "/api/v1/search?q=rope",
    "/healthz",
    "/articles/humming",
    "/articles/",
    "/urgent",
    "/nowhere",
    "/api/docs",
    "/",
    "/spinewise.css",
]


@pytest.mark.parametrize("path", PATHS)
def test_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert "*" not in headers["content-security-policy"]
    assert len(headers.get_list("content-security-policy")) == 1


def test_headers_stand_on_refused_bodies_too(client: TestClient) -> None:
    assert client.post("/api/v1/ask", content=b"x" * 70_000).headers["x-content-type-options"] == "nosniff"


def test_no_other_site_may_read_the_answers(client: TestClient) -> None:
    response = client.post("/api/v1/ask", json={"turns": ["hello"]}, headers={"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.parametrize(
    "path", ["/gradio_api/upload", "/gradio_api/file=/etc/passwd", "/gradio_api/proxy=x", "/upload", "/file=app.py"]
)
def test_what_gradio_would_serve_besides_is_not_there(client: TestClient, path: str) -> None:
    is_fault(client.get(path), 404)
    is_fault(client.post(path, files={"files": b"x"}), 404)


def test_no_message_reaches_a_log(
    client: TestClient, bare_client: TestClient, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "zanzibarquux"
    with caplog.at_level(logging.DEBUG):
        for one in (client, bare_client):
            for turns in ([f"{secret} hammock"], [secret], [f"{NUMB} {secret}"], [secret * 300], [secret, ""]):
                one.post("/api/v1/ask", json={"turns": turns})
            one.post("/api/v1/ask", content=f'{{"turns": "{secret}"'.encode())
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "asyncio"))]
    assert not [record for record in ours if secret in record.getMessage()]
    out, err = capfd.readouterr()
    assert secret not in out + err


def test_an_error_in_the_index_does_not_tell_the_question(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise StoreError("the index is damaged", "spinewise refresh --rebuild")

    monkeypatch.setattr("spinewise.answer.guide.prepare", broken)
    response = client.post("/api/v1/ask", json={"turns": ["zanzibarquux"]})
    assert is_fault(response, 503) == {"error": "the index is damaged", "hint": "spinewise refresh --rebuild"}


@pytest.mark.parametrize("text", ["\\ud83d", "hammock \\ud83d rope", "\\u0000 hammock", "\\ufffe\\uffff rope"])
def test_half_a_character_in_a_message(client: TestClient, text: str) -> None:
    response = client.post("/api/v1/ask", content=f'{{"turns": ["{text}"]}}', headers={"content-type": "application/json"})
    assert response.status_code in {200, 422}
    assert response.json()["schema" if response.status_code == 200 else "error"]


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_conversation_gets_json(client: TestClient, turns: list[str]) -> None:
    response = client.post("/api/v1/ask", json={"turns": turns})
    assert response.status_code in {200, 422}
    assert response.json()["schema" if response.status_code == 200 else "error"]


def test_the_caller_chooses_the_country_of_the_numbers(client: TestClient) -> None:
    def card(country: str) -> str:
        return str(client.post("/api/v1/ask", json={"turns": [NUMB], "country": country}).json()["care"]["card"])

    assert "tel:911" in card("US")
    assert "tel:999" not in card("US")
    assert "tel:999" in card("GB")
    assert "tel:999" in card("no such place")


def test_the_page_of_warning_signs_by_country(client: TestClient) -> None:
    assert "tel:000" in client.get("/urgent?country=AU").text
    assert "tel:999" not in client.get("/urgent?country=AU").text.partition("Numbers for another country")[0]
    assert client.get("/urgent?country=%3Cscript%3E").status_code in {200, 422}


def test_the_checklist_is_offered_with_talk_of_numbness(client: TestClient) -> None:
    assert ask(client, "how long in a tidal bath when my toe is a bit numb?")["checklist"] is True
    assert ask(client, QUESTION)["checklist"] is False
