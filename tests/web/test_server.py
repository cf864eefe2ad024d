"""The server as it is run: `python app.py` on the real index, its routes, and what it says where it cannot start."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import free_port

from spinewise.settings import Settings

ROOT = Path(__file__).parents[2]


def fetch(address: str, data: dict | bytes | None = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
    body = json.dumps(data).encode() if isinstance(data, dict) else data
    request = urllib.request.Request(address, body, {"content-type": "application/json"} | headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def start(settings: Settings, **names: str) -> subprocess.Popen[str]:
    environment = os.environ | {"SPINEWISE_CORPUS": str(settings.corpus), "SPINEWISE_INDEX": str(settings.index)} | names
    return subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(Settings(index=tmp_path), PORT=str(taken.getsockname()[1]))
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("error: cannot listen on 127.0.0.1:")
    assert "\nhint: give another, as in PORT=7861" in err
    assert "Traceback" not in err


def test_an_empty_corpus(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    process = start(Settings(corpus=tmp_path / "corpus", index=tmp_path / "index"), PORT="0")
    assert process.communicate(timeout=60)[1].startswith("error: port is '0'")
    port = str(free_port())
    process = start(Settings(corpus=tmp_path / "corpus", index=tmp_path / "index"), PORT=port)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "error: no articles in" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_ctrl_c_ends_it_quietly(real: Settings) -> None:
    port = str(free_port())
    process = start(real, PORT=port)
    assert process.stderr is not None
    assert f"Spinewise is at http://127.0.0.1:{port}" in process.stderr.readline()
    for _ in range(200):
        with contextlib.suppress(OSError):
            if fetch(f"http://127.0.0.1:{port}/healthz")[0] == 200:
                break
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err


@pytest.mark.slow
def test_the_routes(server: str) -> None:
    status, _, body = fetch(f"{server}/api/v1/ask", {"turns": ["how many acupuncture sessions do I need for my lower back?"]})
    reply = json.loads(body)
    assert (status, reply["kind"]) == (200, "answer")
    for source in reply["sources"]:
        status, _, page = fetch(f"{server}{source['url'].partition('#')[0]}")
        anchor = source["url"].partition("#")[2].partition(":~:")[0]
        assert status == 200
        assert not anchor or f'id="{anchor}"'.encode() in page
    assert json.loads(fetch(f"{server}/readyz")[2])["index_version"] == reply["index_version"]


@pytest.mark.slow
def test_what_must_not_be_had_of_gradio(server: str) -> None:
    for path in (
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=app.py",
        "/monitoring",
        "/gradio_api/login",
    ):
        status, _, body = fetch(f"{server}{path}")
        assert status == 404, path
        assert json.loads(body)["hint"]
    for path in ("/", "/config", "/healthz"):
        _, headers, _ = fetch(f"{server}{path}", None, Origin="https://evil.example")
        headers = {name.lower(): value for name, value in headers.items()}
        assert "access-control-allow-origin" not in headers, path
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


@pytest.mark.slow
def test_the_first_page_names_no_other_host(server: str) -> None:
    page = fetch(f"{server}/")[2].decode()
    assert "Spinewise" in page
    for host in ("fonts.googleapis.com", "fonts.gstatic.com", "cdnjs", "analytics"):
        assert f"//{host}" not in page, host
