"""Verdicts on answers: by form and by JSON, bound to an answer, no free text, limited, and never in the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import StandingIndex
from fastapi.testclient import TestClient

from spinewise.index.store import Index
from spinewise.languages import Languages
from spinewise.learning.counts import FEWEST, Count, counts
from spinewise.settings import Settings
from spinewise.web.app import create_app
from spinewise.web.feedback import said_by, verdicts

PATH = "/api/v1/feedback"
QUESTION = "How many pebble walks a week are enough?"


@pytest.fixture
def client(built: Settings, index: Index, tmp_path: Path) -> Iterator[TestClient]:
    app = create_app(replace(built, index=tmp_path), StandingIndex(index), chat=False)  # type: ignore[arg-type]
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def answer(client: TestClient, question: str = QUESTION) -> str:
    reply = client.post("/api/v1/ask", json={"turns": [question]}).json()
    return f"{reply['sources'][0]['article']}:{reply['sources'][0]['start']}:{reply['index_version']}"


def test_verdicts_are_counted(client: TestClient, tmp_path: Path) -> None:
    named = answer(client)
    for _ in range(FEWEST):
        assert client.post(PATH, json={"answer": named, "said": "safety"}).status_code == 202
    page = client.get("/ask", params={"q": QUESTION}).text
    form = page.split('class="sw-feedback"')[1]
    assert re.search(r'name="answer" value="([^"]+)"', form)[1] == named  # type: ignore[index]
    for _ in range(FEWEST):
        thanks = client.post("/feedback", data={"answer": named, "said": "yes", "lang": "de"})
        assert "Danke" in thanks.text
        assert 'lang="de"' in thanks.text
    client.__exit__()
    version = named.rpartition(":")[2]
    found = counts(tmp_path)
    assert found[0] == Count("feedback safety", f"pebble-walks#1 {version}", FEWEST)
    assert Count("feedback helpful", f"pebble-walks#1 {version}", FEWEST) in found
    assert b"pebble walks" not in (tmp_path / "counts.sqlite").read_bytes()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"said": "my back hurts and I live at 12 High Street"}, 422),
        ({"said": "x" * 41}, 422),
        ({"answer": "pebble-walks:99999:{version}"}, 422),
        ({"answer": "nowhere:1:{version}"}, 422),
        ({"answer": "pebble-walks:٣:{version}"}, 422),
        ({"answer": "pebble-walks"}, 422),
        ({"answer": "a" * 201}, 422),
        ({"answer": "pebble-walks:1:another"}, 409),
        ({"answer": None}, 422),
    ],
)
def test_what_names_no_answer_or_verdict(client: TestClient, tmp_path: Path, change: dict, status: int) -> None:
    named = answer(client)
    given = {"answer": named, "said": "yes"} | change
    if given["answer"]:
        given["answer"] = given["answer"].replace("{version}", named.rpartition(":")[2])
    refused = client.post(PATH, json=given)
    assert refused.status_code == status
    assert {"error", "hint"} <= refused.json().keys()
    if all(isinstance(value, str) for value in given.values()):
        assert client.post("/feedback", data=given).status_code == status
    client.__exit__()
    assert not [count for count in counts(tmp_path) if count.what.startswith("feedback")]


def test_only_answers_have_the_form(client: TestClient) -> None:
    for text in ("since yesterday I can't feel when I wipe", "hello", "what is the capital of France"):
        assert "sw-feedback" not in client.get("/ask", params={"q": text}).text


def test_the_chats_buttons_stand_for_verdicts_in_every_language() -> None:
    languages = Languages()
    for language in languages.all():
        words = verdicts(language)
        assert len(set(words)) == len(words) == 8
        assert [said_by(text, languages) for text in words] == [
            "yes", "other_question", "unclear", "outdated", "situation", "link", "safety", "no",
        ]  # fmt: skip
    assert said_by("something else", languages) == ""
