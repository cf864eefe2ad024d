"""Each file of a live index damaged or gone under a running server: the card still comes, and the health routes tell the truth."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from fakes import FakeEncoder
from fastapi.testclient import TestClient

from spinewise.index import live as living
from spinewise.index import store
from spinewise.index.live import LiveIndex
from spinewise.refresh import refresh
from spinewise.settings import Settings
from spinewise.web.app import create_app

NUMB = "since yesterday I can't feel when I wipe"
QUESTION = "How many pebble walks a week are enough?"
FILES = ("CURRENT", "manifest.json", *sorted(store.FILES))


def cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def spoil(file: Path) -> None:
    """Other bytes of the same length, in place: what has mapped the file sees them."""
    with file.open("r+b") as handle:
        handle.write(b"\xff" * file.stat().st_size)


DAMAGE = {"gone": Path.unlink, "cut": cut, "spoilt": spoil}


def ask(client: TestClient, text: str) -> dict:
    return client.post("/api/v1/ask", json={"turns": [text]}).json()


def serving(settings: Settings) -> TestClient:
    return TestClient(create_app(settings, LiveIndex(settings.index), chat=False), raise_server_exceptions=False)


def file_of(folder: Path, version: str, name: str) -> Path:
    return folder / name if name == "CURRENT" else folder / "versions" / version / name


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    monkeypatch.setattr(living, "LOOK_EVERY", 0.0)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_version_in_use(settings: Settings, name: str, damage: str) -> None:
    """A running server answers on from memory and says so; one that is started on the ruin says that it is not ready."""
    version = str(store.current_version(settings.index))
    with serving(settings) as client:
        assert ask(client, QUESTION)["kind"] == "answer"
        DAMAGE[damage](file_of(settings.index, version, name))
        assert ask(client, NUMB)["care"]["level"] == "emergency"
        assert ask(client, QUESTION)["index_version"] == version
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["index_version"]) == (200, version)
        assert ("warning" in ready.json()) == (name == "CURRENT")
        assert client.get("/healthz").json() == {"status": "ok"}
    with serving(settings) as client:
        assert ask(client, NUMB)["care"]["level"] == "emergency"
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["error"]
        assert ready.json()["hint"].startswith("spinewise refresh")
        assert client.post("/api/v1/ask", json={"turns": [QUESTION]}).status_code == 503
        assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("name", [name for name in FILES if name != "CURRENT"])
def test_a_file_of_a_version_just_published(settings: Settings, name: str) -> None:
    """The old version answers on, and /readyz and /metrics say that the new one does not load."""
    with serving(settings) as client:
        old = ask(client, QUESTION)["index_version"]
        file = settings.corpus / "humming.md"
        file.write_text(file.read_text() + "\nHum again.\n")
        kept = (settings.index / "CURRENT").read_text()
        new = refresh(settings, encoder=FakeEncoder()).version
        (settings.index / "CURRENT").write_text(kept)
        cut(file_of(settings.index, new, name))
        (settings.index / "CURRENT").write_text(new)
        assert ask(client, NUMB)["care"]["level"] == "emergency"
        assert ask(client, QUESTION)["index_version"] == old
        ready = client.get("/readyz").json()
        assert ready["index_version"] == old
        assert name in ready["warning"]
        assert "spinewise_index_load_failures_total 0.0" not in client.get("/metrics").text


def test_an_encoder_that_makes_other_vectors(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files are whole and the encoder is another: only the self-check sees it."""

    class Other(FakeEncoder):
        def encode(self, texts):
            return super().encode(texts)[:, ::-1]

    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: Other())
    with serving(settings) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert "the encoder does not agree with the kept vectors" in ready.json()["error"]
        assert ready.json()["hint"] == "spinewise doctor"
        assert ask(client, NUMB)["care"]["level"] == "emergency"
        assert "spinewise_ready 0.0" in client.get("/metrics").text


def test_a_rule_that_brings_no_card(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from spinewise.answer import selfcheck
    from spinewise.records import Care

    real = selfcheck.screen
    monkeypatch.setattr(selfcheck, "screen", lambda turns: Care() if "wipe" in turns[-1].text else real(turns))
    missing = selfcheck.missing_cards()
    assert missing
    with serving(settings) as client:
        error = client.get("/readyz").json()["error"]
        assert f"{len(missing)} rule(s) do not bring their card: {missing[0]}" in error
        assert ask(client, NUMB)["care"]["level"] == "emergency"


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["encoder.onnx", "tokenizer.json", "encoder.json"])
def test_a_file_of_the_real_encoder(
    real: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, damage: str
) -> None:
    monkeypatch.undo()
    shutil.copytree(real.index, tmp_path / "index")
    settings = Settings(corpus=real.corpus, index=tmp_path / "index")
    (file,) = settings.index.glob(f"encoders/{store.load(settings.index).manifest.encoder}/{name}")
    with serving(settings) as client:
        assert client.get("/readyz").status_code == 200
        DAMAGE[damage](file)
        assert ask(client, NUMB)["care"]["level"] == "emergency"
        assert ask(client, "how long does sciatica last?")["kind"] == "answer"
    with serving(settings) as client:
        assert ask(client, NUMB)["care"]["level"] == "emergency"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
