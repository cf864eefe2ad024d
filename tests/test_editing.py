"""What editors do to the folder: states told, texts saved whole or not at all, nobody's edits lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fakes import FakeEncoder, bare

from spinewise import editing
from spinewise.errors import CorpusError
from spinewise.refresh import refresh
from spinewise.settings import Settings


def state(settings: Settings, slug: str) -> editing.ArticleState:
    (found,) = (row for row in editing.states(settings) if row.slug == slug)
    return found


def test_states(settings: Settings) -> None:
    assert not {name for row in editing.states(settings) for name in row.states} & {"new", "changed", "removed", "errors"}
    opened = editing.open_article(settings, "humming")
    text = opened.text.replace("five breaths", "six breaths").replace("reviewed: 2026-05-30", "reviewed: 2019-05-30")
    editing.save_article(settings, "humming", text, opened.digest)
    editing.save_article(settings, "kites", bare("Kites", "Fly one."), None)
    (settings.corpus / "hammocks.md").unlink()
    assert state(settings, "humming").states[:2] == ("changed", "overdue")
    assert state(settings, "kites").states[0] == "new"
    assert state(settings, "hammocks").states == ("removed",)
    (settings.corpus / "kites.md").write_text("no front matter")
    assert state(settings, "kites").states == ("errors",)
    assert "line 1: no front matter" in state(settings, "kites").problems[0]


def test_the_stamp_changes_with_files_and_versions(settings: Settings) -> None:
    first = editing.stamp(settings)
    assert editing.stamp(settings) == first
    opened = editing.open_article(settings, "humming")
    editing.save_article(settings, "humming", opened.text + "More.\n", opened.digest)
    second = editing.stamp(settings)
    refresh(settings, encoder=FakeEncoder())
    assert len({first, second, editing.stamp(settings)}) == 3


def test_what_is_no_article_is_not_saved(settings: Settings) -> None:
    opened = editing.open_article(settings, "humming")
    with pytest.raises(CorpusError, match=r"line \d+: .*reviewed") as raised:
        editing.save_article(settings, "humming", opened.text.replace("reviewed: 2026-05-30", "reviewed: soon"), opened.digest)
    assert raised.value.hint
    assert editing.open_article(settings, "humming") == opened
    with pytest.raises(CorpusError, match="characters"):
        editing.save_article(settings, "humming", opened.text + "x" * editing.LONGEST, opened.digest)
    assert editing.open_article(settings, "humming") == opened


@pytest.mark.parametrize("slug", ["", "../humming", "Humming", "a/b", ".hidden", "a" * 101, "golden.yaml", "a\0b"])
def test_names_that_lead_elsewhere(settings: Settings, slug: str) -> None:
    before = sorted(settings.corpus.parent.rglob("*"))
    with pytest.raises(CorpusError, match="no name of an article"):
        editing.save_article(settings, slug, bare("Kites", "Fly one."), None)
    with pytest.raises(CorpusError):
        editing.open_article(settings, slug)
    assert sorted(settings.corpus.parent.rglob("*")) == before


def test_an_edit_by_another_is_not_lost(settings: Settings) -> None:
    opened = editing.open_article(settings, "humming")
    by_hand = opened.text.replace("five breaths", "nine breaths")
    (settings.corpus / "humming.md").write_text(by_hand)
    with pytest.raises(CorpusError, match="by another"):
        editing.save_article(settings, "humming", opened.text.replace("five", "six"), opened.digest)
    with pytest.raises(CorpusError, match="already"):
        editing.save_article(settings, "humming", opened.text, None)
    assert editing.open_article(settings, "humming").text == by_hand


def test_what_a_save_replaces_is_kept(settings: Settings) -> None:
    first = opened = editing.open_article(settings, "humming")
    for number in range(editing.MOST_KEPT + 3):
        digest = editing.save_article(settings, "humming", f"{first.text}\nLine {number}.\n", opened.digest)
        if number == 0:
            (kept,) = (settings.index / editing.KEPT).iterdir()
            assert kept.read_text() == first.text
        opened = editing.open_article(settings, "humming")
        assert opened.digest == digest
    assert len(list((settings.index / editing.KEPT).iterdir())) == editing.MOST_KEPT


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(settings: Settings) -> None:
    opened = editing.open_article(settings, "humming")
    settings.corpus.chmod(0o500)
    try:
        with pytest.raises(CorpusError, match="cannot be written"):
            editing.save_article(settings, "humming", opened.text + "More.\n", opened.digest)
    finally:
        settings.corpus.chmod(0o700)


def test_a_full_disk_leaves_the_article(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = editing.open_article(settings, "humming")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CorpusError, match="No space left"):
        editing.save_article(settings, "humming", opened.text + "More.\n", opened.digest)
    assert editing.open_article(settings, "humming") == opened
    assert not list(settings.corpus.glob(".*"))


def test_golden_questions(settings: Settings) -> None:
    assert editing.open_golden(settings) == editing.Opened("", "")
    digest = editing.save_golden(settings, "questions:\r\n  - ask: Hum?\r\n    cites: humming\r\n", "")
    assert editing.open_golden(settings).digest == digest
    with pytest.raises(CorpusError, match=r"line 2: .*expects nothing"):
        editing.save_golden(settings, "questions:\n  - ask: Hum?\n", digest)
    with pytest.raises(CorpusError, match="by another"):
        editing.save_golden(settings, "questions:\n  - ask: Hum?\n    cites: humming\n", "")
    assert editing.open_golden(settings).text == "questions:\n  - ask: Hum?\n    cites: humming\n"


def test_windows_line_ends_and_a_byte_order_mark(settings: Settings) -> None:
    file = Path(settings.corpus / "humming.md")
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    opened = editing.open_article(settings, "humming")
    editing.save_article(settings, "humming", opened.text, opened.digest)
    assert b"\r" not in file.read_bytes()
