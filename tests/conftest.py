"""Shared by all tests: a made-up corpus, its index under a fake encoder, a guide, and the web application without Gradio."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import ARTICLES, FakeEncoder, write_corpus
from fastapi.testclient import TestClient
from hypothesis import settings as hypothesis_settings

from spinewise.answer.guide import Guide
from spinewise.index import store
from spinewise.index.store import Index
from spinewise.refresh import refresh
from spinewise.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser
from spinewise.web.app import create_app

hypothesis_settings.register_profile("same-every-time", derandomize=True, deadline=None, database=None, max_examples=60)
hypothesis_settings.load_profile("same-every-time")


class StandingIndex:
    """As LiveIndex, with the fake encoder and one version for ever."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self.failures, self.fault = 0, None

    def get(self) -> Index:
        return self._index


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Corpus and index, built once; tests that write take `settings`, a copy of their own."""
    home = tmp_path_factory.mktemp("built")
    made = Settings(corpus=write_corpus(home / "corpus", ARTICLES), index=home / "index")
    refresh(made, encoder=FakeEncoder())
    return made


@pytest.fixture(scope="session")
def index(built: Settings) -> Index:
    return store.load(built.index, encoder=FakeEncoder())


@pytest.fixture(scope="session")
def guide(index: Index) -> Guide:
    return Guide(lambda: index)


@pytest.fixture(scope="session")
def client(built: Settings, index: Index) -> Iterator[TestClient]:
    app = create_app(built, StandingIndex(index), chat=False)  # type: ignore[arg-type]
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def settings(built: Settings, tmp_path: Path) -> Settings:
    """Corpus and built index of a test's own."""
    shutil.copytree(built.corpus, tmp_path / "corpus")
    shutil.copytree(built.index, tmp_path / "index")
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")


ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def real() -> Settings:
    """The real corpus under the real model. Stays in build/ between runs, so that only the first is slow."""
    made = Settings(corpus=ROOT / "corpus", index=ROOT / "build" / "test-index")
    where = ["--corpus", str(made.corpus), "--index", str(made.index)]
    done = subprocess.run([sys.executable, "-m", "spinewise", "refresh", *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return made


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("NO BROWSER, SO THE PAGES ARE NOT TESTED: apt-get install chromium")
    quiet = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found, args=quiet)
        yield made
        made.close()


@pytest.fixture(scope="session")
def server(real: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `python app.py` over the real index, its chat page up. Its output must hold nothing that was typed."""
    port = free_port()
    said = tmp_path_factory.mktemp("server") / "output"
    names = {"SPINEWISE_CORPUS": str(real.corpus), "SPINEWISE_INDEX": str(real.index), "PORT": str(port)}
    with said.open("wb") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | names, stdout=output, stderr=output)
        try:
            wait_for_chat(process, f"http://127.0.0.1:{port}", said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)
    text = said.read_text()
    assert "Traceback" not in text, text
    assert "acupuncture" not in text
    assert "wipe" not in text


def wait_for_chat(process: subprocess.Popen[bytes], address: str, said: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, said.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as page:
            if b"gradio" in page.read():
                return
        time.sleep(0.1)
    raise AssertionError(f"no chat after a minute: {said.read_text()}")
