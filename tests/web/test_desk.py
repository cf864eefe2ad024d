"""The console's desk: what editors see and may do, without a browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fakes import FakeEncoder, bare

from spinewise.errors import CorpusError, RequestError, SpinewiseError
from spinewise.index import store
from spinewise.index.live import LiveIndex
from spinewise.learning.asking import asked_by
from spinewise.learning.gaps import Unanswered
from spinewise.records import Reply
from spinewise.refresh import refresh
from spinewise.settings import Settings
from spinewise.web.accounts import Account
from spinewise.web.audit import Audit
from spinewise.web.desk import CANDIDATE, Desk, table
from spinewise.web.refreshing import Refresher

ED = Account("ed", "editor", (1, 1, 1), b"", b"")
MINA = Account("mina", "publisher", (1, 1, 1), b"", b"")
PEBBLES = "How many pebble walks a week are enough?"


@pytest.fixture
def desk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    return Desk(settings, LiveIndex(settings.index), Refresher(settings, lambda _: None), Audit(settings.index))


def test_tables_escape() -> None:
    assert "<td>&lt;b&gt;</td><td></td>" in table(("a", "b"), [("<b>", None)])


@pytest.mark.parametrize("act", [lambda desk: desk.publish(ED, shrink=False), lambda desk: desk.roll_back(ED, "x")])
def test_what_only_publishers_may(desk: Desk, settings: Settings, act: Callable[[Desk], object]) -> None:
    with pytest.raises(RequestError, match="ed may not") as raised:
        act(desk)
    assert raised.value.status == 403
    assert Audit(settings.index).last() == []
    assert not desk.busy()


def test_an_article_is_changed_seen_and_noted(desk: Desk, settings: Settings) -> None:
    opened = desk.open("humming")
    text = opened.text.replace("five breaths", "six <script>breaths")
    assert "six &lt;script&gt;breaths" in desk.passages("humming", text) or "<script>" not in desk.passages("humming", text)
    desk.save(ED, "humming", text, opened.digest)
    assert "changed" in desk.articles().split("humming")[1][:60]
    assert Audit(settings.index).last()[0] | {"at": ""} == {
        "at": "", "who": "ed", "did": "saves an article", "article": "humming", "new": False,
    }  # fmt: skip
    assert "saves an article" in desk.log()
    assert "line 1: no front matter" in desk.passages("humming", "nothing")


def test_uploads(desk: Desk, settings: Settings, tmp_path: Path) -> None:
    kites = tmp_path / "kites.md"
    kites.write_text(bare("Kites", "Fly one."))
    assert desk.upload(ED, kites, replace=False) == "added: kites.md"
    with pytest.raises(CorpusError, match=r"already a kites\.md"):
        desk.upload(ED, kites, replace=False)
    kites.write_text(bare("Kites", "Fly two."))
    assert desk.upload(ED, kites, replace=True) == "replaced: kites.md"
    assert "Fly two." in (settings.corpus / "kites.md").read_text()
    page = tmp_path / "ropes.html"
    page.write_text(
        f"<html><head><title>Ropes</title></head><body><article><h1>Ropes</h1><p>{'Ropes hold a hammock. ' * 30}</p></article></body></html>"
    )
    assert "added: ropes.md" in desk.upload(ED, page, replace=False)
    for name, content in (
        ("golden.md", b"---\nno"),
        ("Bad Name.md", bare("Bad", "x").encode()),
        ("empty.pdf", b"%PDF-"),
        ("x.md", b"---\n\xff"),
    ):
        bad = tmp_path / name
        bad.write_bytes(content)
        before = sorted(settings.corpus.iterdir())
        with pytest.raises(SpinewiseError) as raised:
            desk.upload(ED, bad, replace=True)
        assert raised.value.hint
        assert sorted(settings.corpus.iterdir()) == before


def test_a_question_on_the_candidate_beside_the_live_version(desk: Desk, settings: Settings) -> None:
    live, candidate = desk.ask_both(PEBBLES)
    assert "Three pebble walks a week" in live
    assert "no preview yet" in candidate
    opened = desk.open("pebble-walks")
    desk.save(
        ED, "pebble-walks", opened.text.replace("Three pebble walks a week are", "Nine pebble walks a week are"), opened.digest
    )
    refresh(settings, dry_run=True, keep=settings.index / CANDIDATE, encoder=FakeEncoder())
    live, candidate = desk.ask_both(PEBBLES)
    assert "Three pebble walks a week" in live
    assert "Nine pebble walks a week" in candidate
    assert "pebble-walks#1" in candidate
    live, candidate = desk.ask_both("since yesterday I can't feel when I wipe")
    assert "emergency" in live
    assert "emergency" in candidate


def test_gaps_are_filled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    keeping = replace(settings, learning_key=Fernet.generate_key().decode())
    live = LiveIndex(settings.index)
    desk = Desk(keeping, live, Refresher(settings, lambda _: None), Audit(settings.index))
    assert desk.gaps() == ()
    kept = Unanswered(settings.index, keeping.learning_key, live.get)
    for n in range(3):
        with asked_by(str(n)):
            kept.replied("Can I juggle torches?", Reply("no_answer", searched_for="Can I juggle torches?"))
    kept.close()
    (gap,) = desk.gaps()
    assert desk.fill(ED, gap, golden=False) == "can-i-juggle-torches.md"
    assert desk.fill(ED, gap, golden=True) == "golden.yaml"
    with pytest.raises(CorpusError, match="already"):
        desk.fill(ED, gap, golden=False)
    assert "juggle" not in str(Audit(settings.index).last()), "the log holds nothing that a reader typed"


def test_versions(desk: Desk, settings: Settings) -> None:
    first = store.current_version(settings.index)
    assert desk.older() == []
    opened = desk.open("humming")
    desk.save(ED, "humming", opened.text + "\nHum more.\n", opened.digest)
    second = refresh(settings, encoder=FakeEncoder()).version
    assert desk.older() == [first]
    assert f"<td>live</td><td>{second}</td>" in desk.versions()
    assert desk.roll_back(MINA, first or "") == first
    assert desk.older() == [second]
    with pytest.raises(SpinewiseError, match="no version 'x'"):
        desk.roll_back(MINA, "x")
    assert [row["did"] for row in Audit(settings.index).last(3)] == ["rolls back", "rolls back", "saves an article"]
