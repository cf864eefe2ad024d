"""Both sides where guidelines disagree, and nothing of the kind where they do not, or speak of something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeEncoder, write_corpus

from spinewise.answer.guide import Guide
from spinewise.answer.sides import asks_verdict
from spinewise.index import store
from spinewise.records import Turn
from spinewise.refresh import refresh
from spinewise.settings import Settings

HEAD = "---\ntitle: {0} for the back\nsummary: On {0}.\nreviewed: 2026-05-01\ntopics: [{0}]\nquestions:\n  - Do {0} help the back?\n---\n"
DISPUTED = (
    HEAD.format("magnets")
    + "Magnets are pieces of metal. Some people wear magnets.\n\n## What the guidelines say about magnets\n\n"
    "The UK's NICE (2020) says not to offer magnets for the back. The World Health Organization (2023) says magnets may be offered "
    "for the back. NICE also recommends lavender for sleep.\n"
)
AGREED = (
    HEAD.format("buckets") + "Buckets are round. Some people carry buckets.\n\n## What the guidelines say about buckets\n\n"
    "The UK's NICE (2020) says not to offer buckets for the back. The World Health Organization (2023) is against buckets too. "
    "NICE recommends lavender for sleep.\n"
)


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    write_corpus(settings.corpus, {"magnets": DISPUTED, "buckets": AGREED})
    refresh(settings, encoder=FakeEncoder())
    index = store.load(settings.index, encoder=FakeEncoder())
    return Guide(lambda: index)


def shown(guide: Guide, text: str) -> str:
    return " ".join(sentence.text for sentence in guide.reply([Turn(text)]).sentences)


def test_a_verdict_is_answered_with_both_sides(guide: Guide) -> None:
    text = shown(guide, "do magnets help the back?")
    assert "NICE (2020) says not to offer magnets" in text
    assert "World Health Organization (2023) says magnets may be offered" in text


def test_where_all_agree_nobody_is_made_to_disagree(guide: Guide) -> None:
    text = shown(guide, "do buckets help the back?")
    assert "uckets" in text
    assert "lavender" not in text


@pytest.mark.parametrize("text", ["should I have acupuncture", "is massage worth it?", "does TENS work", "are belts recommended"])
def test_questions_for_a_verdict(text: str) -> None:
    assert asks_verdict(text)


@pytest.mark.parametrize("text", ["how many sessions of acupuncture", "what is a facet joint", "sciatica"])
def test_other_questions(text: str) -> None:
    assert not asks_verdict(text)
