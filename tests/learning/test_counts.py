"""Counts: what is kept and what never is, small numbers, many writers, and a disk that refuses."""

from __future__ import annotations

import sqlite3
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from spinewise.answer.guide import Guide
from spinewise.errors import RequestError, StoreError
from spinewise.index.store import Index
from spinewise.learning import counts as learning
from spinewise.learning.counts import FEWEST, KEPT, NAME, REASONS, Count, Counts, Verdict, counts, verdict
from spinewise.records import Turn

TODAY = date(2026, 11, 24)
QUESTION = "How many pebble walks a week are enough?"
NUMB = "since yesterday I can't feel when I wipe"


def counting(folder: Path, day: date = TODAY) -> Counts:
    return Counts(folder, lambda: day)


def test_what_a_reply_adds(guide: Guide, tmp_path: Path) -> None:
    kept = counting(tmp_path)
    for text in [QUESTION] * FEWEST + [NUMB] * FEWEST + ["what is the capital of France"] * FEWEST + ["hello"]:
        kept.replied(text, guide.reply([Turn(text)]))
    kept.close()
    found = counts(tmp_path, today=TODAY)
    assert {Count("reply", "answered", FEWEST), Count("reply", "abstained", FEWEST), Count("reply", "alert", FEWEST)} <= set(
        found
    )
    assert {Count("card", "emergency", FEWEST), Count("article", "pebble-walks", FEWEST)} <= set(found)
    assert Count("reply", "smalltalk", None) in found, "small numbers are not shown"
    assert any(count.what == "rule" and count.n == FEWEST for count in found)
    content = (tmp_path / NAME).read_bytes()
    for word in (b"pebble walks", b"wipe", b"France", b"hello", b"yesterday"):
        assert word not in content


def test_days(tmp_path: Path) -> None:
    for back in (0, 29, 30, KEPT - 1, KEPT + 1):
        kept = counting(tmp_path, TODAY - timedelta(back))
        for _ in range(FEWEST):
            kept.judged(Verdict(helpful=True, reason="", passage=f"a#{back}", version="v"))
        kept.close()
    assert [count.which for count in counts(tmp_path, today=TODAY)] == ["a#0 v", "a#29 v"]
    last = counting(tmp_path)
    last.judged(Verdict(helpful=True, reason="", passage="b#0", version="v"))
    last.close()
    with sqlite3.connect(tmp_path / NAME) as base:
        assert base.execute("SELECT MIN(day) FROM counts").fetchone() == ((TODAY - timedelta(KEPT - 1)).isoformat(),)


def test_worries_about_safety_come_first(tmp_path: Path) -> None:
    kept = counting(tmp_path)
    for reason, times in (("unclear", 9), ("safety", 1)):
        for _ in range(times):
            kept.judged(Verdict(helpful=False, reason=reason, passage="a#0", version="v"))
    kept.close()
    assert [count.what for count in counts(tmp_path, today=TODAY)] == ["feedback safety", "feedback unclear"]


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    given = Verdict(helpful=False, reason="link", passage="a#0", version="v")

    def write() -> None:
        kept = counting(tmp_path)
        for _ in range(50):
            kept.judged(given)
        kept.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts(tmp_path, today=TODAY) == (Count("feedback link", "a#0 v", 400),)


@pytest.mark.parametrize("broken", ["folder", "garbage", "missing"])
def test_a_disk_that_refuses_hinders_nobody(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "EVERY", 0.01)
    folder = tmp_path / "gone" if broken == "missing" else tmp_path
    if broken == "folder":
        (tmp_path / NAME).mkdir()
    if broken == "garbage":
        (tmp_path / NAME).write_bytes(b"not a base" * 100)
    kept = counting(folder)
    for _ in range(FEWEST):
        kept.judged(Verdict(helpful=True, reason="", passage="a#0", version="v"))
    if broken == "garbage":
        with pytest.raises(StoreError, match=NAME):
            counts(folder, today=TODAY)
        (tmp_path / NAME).unlink()
    elif broken == "folder":
        (tmp_path / NAME).rmdir()
    else:
        folder.mkdir()
    kept.close()
    assert counts(folder, today=TODAY) == (Count("feedback helpful", "a#0 v", FEWEST),), "what waited is written once it can be"


def test_verdicts(index: Index) -> None:
    version, article = index.manifest.version, index.articles["pebble-walks"]
    at = article.body.index("Three pebble walks")
    assert verdict(index, "pebble-walks", at, version, "yes") == Verdict(True, "", "pebble-walks#1", version)
    for reason in REASONS:
        assert verdict(index, "pebble-walks", at, version, reason).reason == reason
    for wrong, status in (
        (("nowhere", at, version, "yes"), 422),
        (("pebble-walks", 10**9, version, "yes"), 422),
        (("pebble-walks", at, "another", "yes"), 409),
        (("pebble-walks", at, version, "my back hurts"), 422),
    ):
        with pytest.raises(RequestError) as raised:
            verdict(index, *wrong)
        assert raised.value.status == status
        assert raised.value.hint
