"""`spinewise doctor`: each thing that can be wrong is found, named and given a next step, and decides the exit status."""

from __future__ import annotations

import json
import os
import socket
from dataclasses import replace
from datetime import date
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import free_port
from fakes import FakeEncoder

from spinewise import cli, doctor
from spinewise.doctor import Finding, examine
from spinewise.index import store
from spinewise.settings import Settings

CHECKS = [
    "python", "libraries", "safety rules", "emergency cards", "numbers", "languages", "corpus", "index", "schema", "digests", "age",
    "encoder", "questions", "disk", "port",
]  # fmt: skip


@pytest.fixture(autouse=True)
def free(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    """The fake encoder behind the index, and settings whose port is free."""
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    monkeypatch.setattr("spinewise.refresh.encoder_name", lambda _: "given")
    return Settings(corpus=settings.corpus, index=settings.index, port=free_port())


def found(settings: Settings) -> dict[str, Finding]:
    findings = list(examine(settings))
    assert len({finding.check for finding in findings}) == len(findings)
    for finding in findings:
        assert bool(finding.hint) == (finding.state != "ok"), finding
    return {finding.check: finding for finding in findings}


def test_all_is_well(free: Settings) -> None:
    seen = found(free)
    assert list(seen) == CHECKS
    assert [name for name, finding in seen.items() if finding.state == "problem"] == []
    assert seen["questions"].text.startswith(f"{len([1 for q in store.load(free.index).questions if q.answered])} of")
    assert seen["age"].text == "built 0 hours ago; no article has changed since"


def test_a_changed_article(free: Settings) -> None:
    file = free.corpus / "humming.md"
    file.write_text(file.read_text() + "\nHum again.\n")
    assert (found(free)["age"].state, found(free)["age"].hint) == ("warning", "spinewise refresh")


def test_a_bad_article(free: Settings) -> None:
    (free.corpus / "humming.md").write_text("no front matter")
    seen = found(free)
    assert (seen["corpus"].state, seen["corpus"].hint) == ("problem", "spinewise check")
    assert "1 error(s)" in seen["corpus"].text


def test_no_index(free: Settings, tmp_path) -> None:
    seen = found(Settings(corpus=free.corpus, index=tmp_path / "none", port=free.port))
    assert (seen["index"].state, seen["index"].hint) == ("problem", "spinewise refresh")
    assert "encoder" not in seen


@pytest.mark.parametrize(("name", "check"), [("manifest.json", "schema"), ("words.npz", "digests"), ("units.npy", "digests")])
def test_a_damaged_file(free: Settings, name: str, check: str) -> None:
    (free.index / "versions" / str(store.current_version(free.index)) / name).write_bytes(b"x")
    seen = found(free)
    assert (seen[check].state, seen[check].hint) == ("problem", "spinewise refresh --rebuild")
    assert name in seen[check].text


def test_another_schema(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "SCHEMA", 99)
    assert "this program reads 99" in found(free)["schema"].text


def test_an_encoder_that_does_not_agree(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(FakeEncoder):
        def encode(self, texts):
            return super().encode(texts)[:, ::-1]

    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: Other())
    seen = found(free)
    assert (seen["encoder"].state, seen["encoder"].hint) == ("problem", "spinewise refresh --rebuild")


def test_an_encoder_that_breaks(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(FakeEncoder):
        def encode(self, texts):
            raise RuntimeError("no such node")

    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: Broken())
    assert found(free)["encoder"].text == "RuntimeError: no such node"


def test_questions_that_nothing_answers(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinewise.answer.guide.abstain.decide", lambda *_: "nothing")
    seen = found(free)
    assert seen["questions"].state == "problem"
    assert seen["questions"].text.startswith("0 of")


def test_a_card_that_does_not_come(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinewise.answer.selfcheck.missing_cards", lambda: ["saddle-numbness"])
    assert found(free)["emergency cards"] == Finding(
        "emergency cards", "problem", "no card for saddle-numbness", "spinewise check --safety"
    )


def test_languages(free: Settings, tmp_path: Path) -> None:
    assert "no clinician has signed the cards in de, es, fr" in found(free)["languages"].text
    (tmp_path / "de.yaml").write_text("reviewed_by: A. Doctor\n", encoding="utf-8")
    assert "in es, fr" in found(replace(free, languages=tmp_path))["languages"].text
    (tmp_path / "de.yaml").write_text("interface: {sned: x}\n", encoding="utf-8")
    finding = found(replace(free, languages=tmp_path))["languages"]
    assert (finding.state, "interface.sned" in finding.text) == ("problem", True)


def test_numbers_past_their_review(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinewise.safety.cards.numbers_review_due", lambda: date(2020, 1, 1))
    assert "2020-01-01" in found(free)["numbers"].text


@pytest.mark.parametrize(("mib", "state"), [(50, "problem"), (500, "warning"), (5000, "ok")])
def test_disk(free: Settings, monkeypatch: pytest.MonkeyPatch, mib: int, state: str) -> None:
    usage = SimpleNamespace(free=mib * 1024 * 1024)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    assert found(free)["disk"].state == state


def test_a_port_that_is_taken(free: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free.port))
        taken.listen()
        assert found(free)["port"].state == "warning"
    assert found(Settings(corpus=free.corpus, index=free.index, host="203.0.113.1"))["port"].state == "problem"


def test_libraries(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        metadata, "requires", lambda _: ["numpy>=999", "no-such-library>=1", "absent; extra == 'dev'", "fastapi>=0.1"]
    )
    seen = found(free)["libraries"]
    assert (seen.state, seen.hint) == ("problem", "make setup")
    assert "no-such-library is missing" in seen.text
    assert "needed is >=999" in seen.text
    assert "absent" not in seen.text


def test_an_old_python(free: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.platform, "python_version", lambda: "3.9.1")
    assert found(free)["python"].state == "problem"


def run(settings: Settings, capsys, monkeypatch: pytest.MonkeyPatch, *more: str) -> tuple[int, str]:
    monkeypatch.setitem(os.environ, "SPINEWISE_PORT", str(settings.port))
    status = cli.main(["doctor", "--corpus", str(settings.corpus), "--index", str(settings.index), *more])
    return status, capsys.readouterr().out


def test_the_command(free: Settings, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    status, out = run(free, capsys, monkeypatch)
    assert status == 0, out
    assert len(out.splitlines()) == len(CHECKS)
    assert "ok       python: Python 3." in out
    (free.index / "CURRENT").unlink()
    status, out = run(free, capsys, monkeypatch)
    assert status == 1
    assert f"problem  index: no index in {free.index}; next: spinewise refresh" in out
    status, out = run(free, capsys, monkeypatch, "--json")
    assert status == 1
    rows = {row["check"]: row for row in json.loads(out)}
    assert rows["index"]["state"] == "problem"
    assert set(rows["index"]) == {"check", "state", "text", "hint"}
