"""The gate: a version that falls short of golden questions or safety sentences is not published; a dry run shows what changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeEncoder

from spinewise import gate
from spinewise.answer.guide import Guide
from spinewise.errors import CorpusError, GateError
from spinewise.gate import Answer, failure
from spinewise.index import store
from spinewise.records import GoldenQuestion, Turn
from spinewise.refresh import refresh
from spinewise.settings import Settings

PEBBLES = "How many pebble walks a week are enough?"
HOLDS = f"""questions:
  - ask: {PEBBLES}
    cites: pebble-walks#How many pebble walks a week
    not_cites: hammocks
    required: true
  - ask: since yesterday I can't feel when I wipe
    care: emergency
    required: true
  - ask: what is the capital of France?
    abstains: true
"""


def golden(settings: Settings, text: str) -> None:
    (settings.corpus / "golden.yaml").write_text(text)


def change(settings: Settings, slug: str, old: str, new: str) -> None:
    file = settings.corpus / f"{slug}.md"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_version_that_holds_is_published(settings: Settings) -> None:
    golden(settings, HOLDS)
    change(settings, "humming", "five breaths", "six breaths")
    assert refresh(settings, encoder=FakeEncoder()).published


def test_a_required_question_that_fails_stops_it(settings: Settings) -> None:
    golden(settings, HOLDS)
    live = store.current_version(settings.index)
    change(settings, "pebble-walks", "## How many pebble walks a week", "## Numbers")
    with pytest.raises(GateError, match=rf"golden\.yaml:2: '{PEBBLES[:-1]}\?' should cite pebble-walks#How many") as raised:
        refresh(settings, encoder=FakeEncoder())
    assert "golden.yaml" in raised.value.hint
    assert store.current_version(settings.index) == live
    assert len(store.version_names(settings.index)) == 1

    report = refresh(settings, dry_run=True, encoder=FakeEncoder())
    assert any("should cite pebble-walks#How many" in text for text in report.stops)


@pytest.mark.parametrize(("may_fail", "published"), [(0.5, True), (0.49, False)])
def test_of_the_others_a_share_may_fail(settings: Settings, may_fail: float, published: bool) -> None:
    asked = f"  - {{ask: '{PEBBLES}', cites: pebble-walks}}\n  - {{ask: '{PEBBLES}', cites: hammocks}}\n"
    golden(settings, f"may_fail: {may_fail}\nquestions:\n{asked}")
    change(settings, "humming", "five breaths", "six breaths")
    if published:
        assert refresh(settings, encoder=FakeEncoder()).published
    else:
        with pytest.raises(GateError, match="1 of 2 golden questions that are not required fail; 49% may"):
            refresh(settings, encoder=FakeEncoder())


def test_a_question_for_an_article_that_was_removed_does_not_count_unless_required(settings: Settings) -> None:
    asked = "questions:\n  - ask: How tight should the rope of a hammock be?\n    cites: hammocks\n"
    golden(settings, f"may_fail: 0\n{asked}")
    (settings.corpus / "hammocks.md").unlink()
    assert refresh(settings, encoder=FakeEncoder()).published
    change(settings, "humming", "five breaths", "six breaths")
    golden(settings, f"{asked}    required: true\n")
    with pytest.raises(GateError, match="should cite hammocks"):
        refresh(settings, encoder=FakeEncoder())


def test_a_safety_sentence_that_fails_stops_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "failures", lambda rule: [f"{rule.id}: should fire"] if rule.id == "cord-cancer" else [])
    gate._safety.cache_clear()
    change(settings, "humming", "five breaths", "six breaths")
    try:
        with pytest.raises(GateError, match="cord-cancer: should fire"):
            refresh(settings, encoder=FakeEncoder())
    finally:
        gate._safety.cache_clear()


def test_a_bad_golden_file_publishes_nothing(settings: Settings) -> None:
    golden(settings, "questions:\n  - ask: a\n")
    change(settings, "humming", "five breaths", "six breaths")
    with pytest.raises(CorpusError, match=r"golden\.yaml:2: 'a' expects nothing"):
        refresh(settings, encoder=FakeEncoder())


def test_a_dry_run_shows_old_and_new_answers_and_writes_nothing(settings: Settings) -> None:
    golden(settings, HOLDS)
    change(settings, "pebble-walks", "Three pebble walks a week are enough", "Nine pebble walks a week are enough")
    before = {path: path.stat().st_mtime_ns for path in settings.index.rglob("*")}
    report = refresh(settings, dry_run=True, encoder=FakeEncoder())
    (changed,) = report.golden_changed
    assert changed.question == PEBBLES
    assert "Three pebble walks a week" in changed.old
    assert "Nine pebble walks a week" in changed.new
    assert "[pebble-walks › How many pebble walks a week]" in changed.new
    assert (report.stops, report.published) == ((), False)
    assert {path: path.stat().st_mtime_ns for path in settings.index.rglob("*")} == before


def test_a_dry_run_without_index_has_no_old_answers(settings: Settings, tmp_path: Path) -> None:
    golden(settings, HOLDS)
    nowhere = replace(settings, index=tmp_path / "nowhere")
    report = refresh(nowhere, dry_run=True, encoder=FakeEncoder())
    assert (report.golden_changed, report.stops) == ((), ())
    assert not nowhere.index.exists()


def test_a_message_that_is_too_long_fails_as_a_question(settings: Settings) -> None:
    golden(settings, f"questions:\n  - ask: {'x' * 2001}\n    abstains: true\n    required: true\n")
    report = refresh(settings, dry_run=True, encoder=FakeEncoder())
    assert "cannot be asked: a message has 2001 characters" in report.stops[0]


SCIATICA = Answer("answer", "none", (("sciatica", ("Walking", "How far")),), "Walk.")


@pytest.mark.parametrize(
    ("expected", "answer", "words"),
    [
        ({"cites": ("sciatica",)}, SCIATICA, ""),
        ({"cites": ("disc", "sciatica#how far")}, SCIATICA, ""),
        ({"cites": ("sciatica#Sitting",)}, SCIATICA, "should cite sciatica#Sitting, and cites sciatica"),
        ({"cites": ("sciatica",)}, Answer("no_answer", "none"), "and cites nothing"),
        ({"not_cites": ("sciatica#Walking",)}, SCIATICA, "should not cite sciatica#Walking"),
        ({"not_cites": ("disc",)}, SCIATICA, ""),
        ({"care": "none"}, SCIATICA, ""),
        ({"care": "urgent"}, SCIATICA, "has care level none, not urgent"),
        ({"abstains": True}, SCIATICA, "should not be answered"),
        ({"abstains": False}, SCIATICA, ""),
        ({"abstains": False}, Answer("no_answer", "none"), "should be answered"),
        ({"abstains": True}, Answer("no_answer", "none"), ""),
    ],
)
def test_what_counts_as_a_failure(expected: dict, answer: Answer, words: str) -> None:
    found = failure(GoldenQuestion(1, ("a",), **expected), answer)
    assert (words in found) if words else (found == "")


def removed(settings: Settings, count: int) -> None:
    for file in sorted(settings.corpus.glob("*.md"))[:count]:
        file.unlink()


def test_more_than_a_fifth_of_the_articles_gone_stops_and_asks(settings: Settings) -> None:
    live = store.current_version(settings.index)
    removed(settings, 2)
    for rebuild in (False, True):
        with pytest.raises(
            CorpusError, match=r"2 of the 6 articles of the live version have gone \(copper-cushions, hammocks\)"
        ) as raised:
            refresh(settings, rebuild=rebuild, encoder=FakeEncoder())
        assert "--allow-shrink" in raised.value.hint
    assert store.current_version(settings.index) == live
    assert "2 of the 6 articles" in refresh(settings, dry_run=True, encoder=FakeEncoder()).stops[0]
    assert refresh(settings, allow_shrink=True, encoder=FakeEncoder()).published


def test_a_fifth_may_go_and_renamed_ones_count_as_gone(settings: Settings) -> None:
    removed(settings, 1)
    assert refresh(settings, encoder=FakeEncoder()).published
    removed(settings, 1)
    assert refresh(settings, encoder=FakeEncoder()).published  # one of five is just a fifth
    for file in sorted(settings.corpus.glob("*.md"))[:2]:
        file.rename(file.with_stem(f"new-{file.stem}"))
    with pytest.raises(CorpusError, match="2 of the 4 articles"):
        refresh(settings, encoder=FakeEncoder())


def test_a_folder_that_vanished_stops_whatever_is_allowed(settings: Settings) -> None:
    live = store.current_version(settings.index)
    settings.corpus.rename(settings.corpus.with_name("elsewhere"))
    with pytest.raises(CorpusError, match="no corpus folder"):
        refresh(settings, allow_shrink=True, encoder=FakeEncoder())
    assert store.current_version(settings.index) == live


def test_the_candidate_of_a_dry_run_can_be_kept_and_tried(settings: Settings, tmp_path: Path) -> None:
    golden(settings, HOLDS.replace("cites: pebble-walks", "cites: no-such-article"))
    live, had = store.current_version(settings.index), "Three"
    for word in ("Nine", "Ten"):
        change(settings, "pebble-walks", f"{had} pebble walks a week are", f"{word} pebble walks a week are")
        report = refresh(settings, dry_run=True, keep=tmp_path / "kept", encoder=FakeEncoder())
        kept, had = store.load(tmp_path / "kept", encoder=FakeEncoder()), word
        assert f"{word} pebble walks" in Guide(lambda kept=kept: kept).reply([Turn(PEBBLES)]).sentences[0].text
        assert len(store.version_names(tmp_path / "kept")) == 1
    assert report.stops, "a candidate that falls short can be tried too"
    assert store.current_version(settings.index) == live
