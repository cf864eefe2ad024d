"""Refreshing over HTTP: the token, one at a time, the report; and that readers get whole answers while versions change."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from conftest import free_port
from fakes import FakeEncoder
from fastapi.testclient import TestClient
from test_server import fetch

from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.live import LiveIndex
from spinewise.index.lock import hold, holder
from spinewise.refresh import refresh
from spinewise.settings import Settings, load_settings
from spinewise.web import refreshing
from spinewise.web.app import create_app

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-the-tests"
HEADERS = {"authorization": f"Bearer {TOKEN}"}
PATH = "/api/v1/refresh"


def command(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


@pytest.fixture
def client(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    made = replace(settings, refresh_token=TOKEN)
    with TestClient(create_app(made, LiveIndex(made.index), chat=False), raise_server_exceptions=False) as client:
        yield client


def runs(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(refreshing.Refresher.__init__, "__defaults__", (command(code),))


def when_over(client: TestClient) -> dict:
    for _ in range(400):
        last = client.get(PATH, headers=HEADERS).json()
        if last["state"] not in {"running", "never"}:
            return last
        time.sleep(0.02)
    raise AssertionError(last)


def test_without_a_token_there_is_no_route(settings: Settings) -> None:
    with TestClient(create_app(settings, LiveIndex(settings.index), chat=False)) as client:
        assert client.post(PATH, headers={"authorization": "Bearer "}).status_code == 404
        assert client.get(PATH).status_code == 404
        assert PATH not in client.get("/api/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer \xe9"]
)
def test_a_wrong_token(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given.encode("latin-1")}
    for response in (client.post(PATH, headers=headers), client.get(PATH, headers=headers)):
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["hint"]
        assert TOKEN not in response.text
    assert client.get(PATH, headers=HEADERS).json()["state"] == "never"


def test_a_token_that_could_be_guessed_is_refused_and_none_is_shown() -> None:
    with pytest.raises(Exception, match="refresh_token has 6 characters"):
        load_settings({"SPINEWISE_REFRESH_TOKEN": "secret"})
    assert TOKEN not in repr(load_settings({"SPINEWISE_REFRESH_TOKEN": TOKEN}))


def test_a_refresh_and_its_report(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, "import json; print(json.dumps({'published': True, 'version': 'v2'}))")
    with TestClient(create_app(replace(settings, refresh_token=TOKEN), LiveIndex(settings.index), chat=False)) as client:
        begun = client.post(PATH, headers=HEADERS)
        assert begun.status_code == 202
        assert begun.headers["location"] == begun.json()["ask"] == PATH
        last = when_over(client)
        assert (last["state"], last["report"]) == ("done", {"published": True, "version": "v2"})
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", last["began"])
        assert last["took_s"] > 0
        assert 'spinewise_refreshes_total{outcome="published"} 1.0' in client.get("/metrics").text


@pytest.mark.parametrize(
    ("code", "error", "hint"),
    [
        (
            "import sys; sys.exit('embedding: 1 of 2\\nerror: no articles in corpus\\nhint: write one')",
            "no articles in corpus",
            "write one",
        ),
        ("import os; os._exit(7)", "the refresh ended with status 7", "by hand"),
        ("print('no json')", "the refresh ended with status 0", "by hand"),
    ],
)
def test_a_refresh_that_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch, code: str, error: str, hint: str) -> None:
    runs(monkeypatch, code)
    with TestClient(create_app(replace(settings, refresh_token=TOKEN), LiveIndex(settings.index), chat=False)) as client:
        client.post(PATH, headers=HEADERS)
        last = when_over(client)
        assert (last["state"], last["error"]) == ("failed", error)
        assert hint in last["hint"]
        assert 'spinewise_refreshes_total{outcome="failed"} 1.0' in client.get("/metrics").text


def test_progress_is_told_while_it_runs_and_a_report_is_kept_when_it_stops(settings: Settings) -> None:
    goes_on = settings.index.parent / "go-on"
    code = (
        "import pathlib, sys, time\n"
        "print('embedding: 3 of 10', file=sys.stderr, flush=True)\n"
        f"while not pathlib.Path({str(goes_on)!r}).exists(): time.sleep(0.01)\n"
        'print(\'{"published": false, "stops": ["it falls short"]}\')\n'
        "sys.exit('error: it would not be published\\nhint: mend it')"
    )
    refresher = refreshing.Refresher(settings, lambda _: None, command(code))
    refresher.start("--dry-run")
    for _ in range(400):
        if refresher.last().progress:
            break
        time.sleep(0.02)
    assert refresher.last().progress == "embedding: 3 of 10"
    goes_on.touch()
    for _ in range(400):
        if refresher.last().state != "running":
            break
        time.sleep(0.02)
    last = refresher.last()
    assert (last.state, last.progress, last.error) == ("failed", None, "it would not be published")
    assert last.report == {"published": False, "stops": ["it falls short"]}


def test_the_real_command_says_what_is_wrong_with_the_articles(client: TestClient, settings: Settings) -> None:
    (settings.corpus / "humming.md").write_text("no front matter")
    assert client.post(PATH, headers=HEADERS).status_code == 202
    last = when_over(client)
    assert last["state"] == "failed"
    assert "humming.md" in last["error"]


def test_the_command_gets_the_settings_and_not_the_token(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINEWISE_REFRESH_TOKEN", TOKEN)
    runs(monkeypatch, "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('SPINEWISE_')}))")
    with TestClient(create_app(replace(settings, refresh_token=TOKEN), LiveIndex(settings.index), chat=False)) as client:
        client.post(PATH, headers=HEADERS)
        given = when_over(client)["report"]
    assert given["SPINEWISE_CORPUS"] == str(settings.corpus)
    assert TOKEN not in given.values()


def test_one_at_a_time_and_an_end_with_the_server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, "import time; time.sleep(60)")
    with TestClient(create_app(replace(settings, refresh_token=TOKEN), LiveIndex(settings.index), chat=False)) as client:
        assert client.post(PATH, headers=HEADERS).status_code == 202
        second = client.post(PATH, headers=HEADERS)
        assert second.status_code == 409
        number = int(re.search(r"process (\d+)", second.json()["error"])[1])
        os.kill(number, 0)
        assert client.get(PATH, headers=HEADERS).json()["state"] == "running"
    for _ in range(200):  # the server's end ends it
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    else:
        raise AssertionError(f"process {number} goes on")


def test_a_refresh_from_elsewhere_is_named(client: TestClient, settings: Settings) -> None:
    with hold(settings.index):
        refused = client.post(PATH, headers=HEADERS)
        assert refused.status_code == 409
        assert f"process {os.getpid()}, since 20" in refused.json()["error"]
        with pytest.raises(StoreError, match=f"another refresh is at work in .*: process {os.getpid()}"), hold(settings.index):
            pass
    assert holder(settings.index) is None


def test_a_refresh_that_was_killed_holds_nothing(settings: Settings) -> None:
    code = f"from spinewise.index.lock import hold; from pathlib import Path; import time\nwith hold(Path({str(settings.index)!r})):\n print('in', flush=True); time.sleep(60)"
    with subprocess.Popen(command(code), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert holder(settings.index) == (settings.index / ".holder").read_text()
        process.kill()
    assert (settings.index / ".holder").exists()
    assert holder(settings.index) is None


def test_eight_readers_while_versions_change(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No request is dropped, none mixes two versions, and each version is in use within two seconds."""
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    file = settings.corpus / "tidal-baths.md"
    text = file.read_text()
    words = {store.current_version(settings.index): "twenty"}
    port = free_port()
    app = create_app(settings, LiveIndex(settings.index), chat=False)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    running = threading.Thread(target=server.run)
    running.start()
    body = {"turns": ["Before you go in, how many minutes at most should you stay in?"]}
    seen: list[tuple[int, str, str, str]] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            status, _, answer = fetch(f"http://127.0.0.1:{port}/api/v1/ask", body)
            reply = json.loads(answer)
            shown = (reply["sentences"] or [{"text": ""}])[0]["text"]
            quoted = (reply["sources"] or [{"quote": ""}])[0]["quote"]
            seen.append((status, reply.get("index_version", ""), shown, quoted))

    try:
        while not server.started:
            time.sleep(0.02)
        readers = [threading.Thread(target=ask) for _ in range(8)]
        for reader in readers:
            reader.start()
        for word in ("fifteen", "eleven", "nine"):
            file.write_text(text.replace("twenty minutes", f"{word} minutes"))
            version = refresh(settings, encoder=FakeEncoder()).version
            words[version] = word
            published = time.perf_counter()
            while not any(row[1] == version for row in list(seen)[-50:]):
                assert time.perf_counter() - published < 2, "the new version is not in use"
                time.sleep(0.02)
    finally:
        over.set()
        for reader in readers:
            reader.join(20)
        server.should_exit = True
        running.join(20)
    assert len(seen) > 100
    assert {status for status, *_ in seen} == {200}
    for _, version, shown, quoted in seen:
        assert shown == f"Stay in a tidal bath for {words[version]} minutes at most."
        assert shown in quoted


@pytest.fixture
def copied(real: Settings, tmp_path: Path) -> Settings:
    """The real corpus and index, a test's own."""
    shutil.copytree(real.corpus, tmp_path / "corpus")
    shutil.copytree(real.index, tmp_path / "index")
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


@contextlib.contextmanager
def served(settings: Settings) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    port = free_port()
    names = {
        "SPINEWISE_CORPUS": str(settings.corpus),
        "SPINEWISE_INDEX": str(settings.index),
        "SPINEWISE_REFRESH_TOKEN": TOKEN,
        "PORT": str(port),
    }
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | names, stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                if fetch(f"http://127.0.0.1:{port}/readyz")[0] == 200:
                    break
            assert process.poll() is None
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.mark.slow
def test_a_real_refresh_and_a_graceful_stop(copied: Settings) -> None:
    """One article changes, the route refreshes, the server answers from the new version; SIGTERM waits for an answer."""
    with served(copied) as (address, process):
        before = json.loads(fetch(f"{address}/readyz")[2])["index_version"]
        file = next(iter(sorted(copied.corpus.glob("*.md"))))
        file.write_text(file.read_text() + "\n\n## Zephyr stools\n\nA zephyr stool is a stool for the tests of this program.\n")
        status, _, begun = fetch(f"{address}{PATH}", b"", **HEADERS)
        assert (status, json.loads(begun)["state"]) == (202, "running")
        assert fetch(f"{address}{PATH}", b"", **HEADERS)[0] == 409
        for _ in range(600):
            last = json.loads(fetch(f"{address}{PATH}", None, **HEADERS)[2])
            if last["state"] != "running":
                break
            time.sleep(0.1)
        assert last["state"] == "done", last
        assert last["report"]["articles_changed"] == [file.stem]
        published = time.perf_counter()
        while json.loads(fetch(f"{address}/readyz")[2])["index_version"] == before:
            assert time.perf_counter() - published < 2
            time.sleep(0.05)

        body = json.dumps({"turns": ["hello"]}).encode()
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=20) as line:
            head = (
                f"POST /api/v1/ask HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            line.sendall(head.encode() + body[:5])
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            time.sleep(0.7)
            line.sendall(body[5:])
            answer = b""
            while part := line.recv(65536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
        assert b'"kind":"smalltalk"' in answer
        _, err = process.communicate(timeout=30)
        assert process.returncode in {0, -signal.SIGTERM}
        assert "Traceback" not in err, err
