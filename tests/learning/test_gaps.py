"""Unanswered questions: scrubbed, sealed, thirty days, three askers; and what is never kept."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from spinewise.answer.guide import Guide
from spinewise.errors import SettingsError, StoreError
from spinewise.index.store import Index
from spinewise.learning.asking import asked_by
from spinewise.learning.gaps import ASKERS, KEPT, NAME, Gap, Unanswered, gaps, golden_entry, stub
from spinewise.learning.scrub import GAP, scrub
from spinewise.library.articles import parse_article
from spinewise.records import Turn

KEY = Fernet.generate_key().decode()
TODAY = date(2026, 11, 24)
QUESTION = "Can I juggle torches with my back?"


def ask(guide: Guide, folder: Path, index: Index, texts: list[str], day: date = TODAY, askers: int = ASKERS) -> None:
    kept = Unanswered(folder, KEY, lambda: index, lambda: day)
    for text in texts:
        for n in range(askers):
            with asked_by(f"10.0.0.{n}"):
                kept.replied(text, guide.reply([Turn(text)]))
    kept.close()


def test_three_askers_make_a_gap(guide: Guide, index: Index, tmp_path: Path) -> None:
    ask(guide, tmp_path, index, [QUESTION], askers=ASKERS - 1)
    assert gaps(tmp_path, KEY, index, TODAY) == ()
    ask(guide, tmp_path, index, [QUESTION])
    (gap,) = gaps(tmp_path, KEY, index, TODAY)
    assert gap.questions == ("Can I juggle torches with my back",)
    assert gap.askers >= ASKERS
    assert gap.article in index.articles
    assert gap.last == TODAY.isoformat()


def test_one_asker_many_times_makes_none(guide: Guide, index: Index, tmp_path: Path) -> None:
    ask(guide, tmp_path, index, [QUESTION] * 10, askers=1)
    assert gaps(tmp_path, KEY, index, TODAY) == ()


@pytest.mark.parametrize(
    "text", ["since yesterday I can't feel when I wipe", "hello", "How many pebble walks a week are enough?"]
)
def test_what_is_never_kept(guide: Guide, index: Index, tmp_path: Path, text: str) -> None:
    ask(guide, tmp_path, index, [text])
    assert not (tmp_path / NAME).exists()


def test_nothing_readable_is_on_disk_and_another_key_reads_nothing(guide: Guide, index: Index, tmp_path: Path) -> None:
    ask(guide, tmp_path, index, [QUESTION])
    content = (tmp_path / NAME).read_bytes()
    assert b"juggle" not in content
    assert b"10.0.0" not in content
    with pytest.raises(StoreError, match="this learning_key"):
        gaps(tmp_path, Fernet.generate_key().decode(), index, TODAY)
    with pytest.raises(SettingsError, match="no questions are kept"):
        gaps(tmp_path, "", index, TODAY)
    with pytest.raises(SettingsError) as raised:
        gaps(tmp_path, "a-bad-key", index, TODAY)
    assert "a-bad-key" not in str(raised.value)


def test_thirty_days(guide: Guide, index: Index, tmp_path: Path) -> None:
    ask(guide, tmp_path, index, [QUESTION], TODAY - timedelta(KEPT))
    assert gaps(tmp_path, KEY, index, TODAY) == ()
    assert gaps(tmp_path, KEY, index, TODAY - timedelta(1))
    ask(guide, tmp_path, index, ["Can I wear stilts?"], askers=1)
    with sqlite3.connect(tmp_path / NAME) as base:
        assert base.execute("SELECT DISTINCT day FROM gaps").fetchall() == [(TODAY.isoformat(),)], "the server purges it itself"


def test_a_disk_that_refuses_hinders_nobody(guide: Guide, index: Index, tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    ask(guide, tmp_path, index, [QUESTION])


def test_a_gap_becomes_a_stub_or_a_golden_question() -> None:
    gap = Gap((f"Can I juggle {GAP} torches: with my back?", "juggling"), 4, "humming", "2026-11-24")
    slug, text = stub(gap, TODAY)
    article, problems = parse_article(Path(f"{slug}.md"), text)
    assert not problems
    assert article
    assert article.questions == gap.questions
    assert "cites: humming" in golden_entry(gap)


WORDS = {"bad", "ok", "see", "sciatica", "juggl", "torch", "acupunctur", "physio"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Is juggling ok with sciatica?", "Is juggling ok with sciatica"),
        ("my name is Jane Smith and my back hurts", "my name is … and my back hurts"),
        ("Dr Rose says it is my back", "… says it is my back"),
        ("I'm Will. Is juggling bad?", "I'm … Is juggling bad"),
        ("mail me at jane.smith@example.org please", "mail me at … please"),
        ("see https://example.org/me?x=1", "see …"),
        ("call 07700 900123 about my back", "call … about my back"),
        ("born 12/03/1961, back pain since 2019", "born … back pain since …"),
        ("I live at 12 High Street, SW1A 1AA", "I live at … High Street …"),
        ("my nhs number is 943-476-5919", "my … number is …"),
        ("Kowalczyk told me to rest", "… told me to rest"),
        ("does it help in Grimsby?", "does it help in …"),
        ("", ""),
        ("@@@ 123 Zzyzx", "…"),
    ],
)  # fmt: skip
def test_scrubbing(text: str, left: str) -> None:
    found = scrub(text, WORDS)
    if "High Street" in left:
        assert "12" not in found
        assert "SW1A" not in found
        assert "High" not in found, "a capital inside a sentence goes too"
    else:
        assert found == left
