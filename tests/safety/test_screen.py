"""How the screen reads a conversation: denial, time, questions, corrections, whom it is about. Any text, in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinewise.records import LEVELS, Care, Turn
from spinewise.safety import screen


def seen(*turns: str, country: str | None = None) -> Care:
    """The care for these turns."""
    return screen([Turn(t) for t in turns], country)


@pytest.mark.parametrize(
    "text",
    [
        "no pain in my legs just numbness down below",
        "I've never had numbness like this between my legs before",
        "no fever, I can't feel my legs",
        "I don't have any numbness but yesterday I wet myself",
        "The GP said it's just sciatica but I can't pee",
        "my husband says it's nothing, my bum is numb",
        "isn't numbness in the groin serious? mine started this morning",
        "cant feel wen i wipe",
        "I not feel when I wipe",
        "ICANTPEE back pain",
        "Can a mattress make both legs go weak? I've got two numb feet since Friday",
        "my 5 year old has back pain and a fever",
    ],
)
def test_is_an_emergency(text: str) -> None:
    """Denials beside, minimisers, typos and questions do not hide a sign."""
    assert seen(text).level == "emergency"


@pytest.mark.parametrize(
    "text",
    [
        "no numbness, tingling or weakness, just a stiff back",
        "I haven't got any numbness down below and I can pee normally",
        "numb bum from sitting on a hard bench",
        "this pain is killing me",
        "the saddle of my bike hurts my back",
        "two years ago I lost control of my bladder, surgery fixed it and I'm fine now",
        "I had a car crash in 1998 and my back is stiff",
        "",
        "👍",
    ],
)
def test_is_quiet(text: str) -> None:
    """Denials, idioms, the past."""
    assert seen(text) == Care()


def test_question_gets_one_conditional_line() -> None:
    """A question about a sign is no alarm, and yes to it is."""
    care = seen("is numbness in the saddle area a red flag?")
    assert (care.level, care.flags) == ("none", ())
    assert care.card
    assert care.card.startswith("**If this is happening")
    assert seen("is numbness in the saddle area a red flag?", "yes").level == "emergency"


def test_level_never_falls() -> None:
    """Later talk of something else changes nothing."""
    said = ["my back hurts", "I can't feel when I wipe", "is yoga good?", "thanks, it is probably nothing"]
    levels = [LEVELS.index(seen(*said[: n + 1]).level) for n in range(len(said))]
    assert levels == sorted(levels)
    assert levels[-1] == LEVELS.index("emergency")


def test_correction_is_understood() -> None:
    """The one thing that lowers a level, and never for danger to life by one's own hand."""
    assert seen("my legs are numb", "no, I meant my hands are cold").level != "emergency"
    assert seen("I'm going to kill myself tonight", "no, I meant my boss").level == "emergency"


def test_signs_add_up_over_turns() -> None:
    """A risk in one message and a sign in another."""
    assert seen("I had breast cancer in 2019", "which mattress?", "my legs feel heavy").level == "emergency"


def test_flags_are_the_readers_own_words() -> None:
    """Each flag is a slice of what was typed."""
    turns = ["Hello, back pain here.", "I CAN’T  feel it when I wipe!!"]
    for flag in seen(*turns).flags:
        assert flag.matched in turns[flag.turn]


def test_pronoun_and_number() -> None:
    """The card speaks of the right person and to the right country."""
    card = seen("my mum can't feel when she wipes", country="US").card or ""
    assert "your mum has" in card
    assert "tel:911" in card
    assert "tel:999" not in card


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=300), max_size=5))
def test_any_text_is_read(turns: list[str]) -> None:
    """No text makes it raise, and the same text always gives the same care."""
    assert seen(*turns) == seen(*turns)


WORDS = (
    "numb bum cant feel pee legs no not back pain and my i when wipe both weak since fever child 3 38.5 cancer , . ? \n".split(
        " "
    )
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=120), st.lists(st.sampled_from(WORDS), max_size=30))
def test_more_talk_never_lowers(first: list[str], second: list[str]) -> None:
    """Whatever is said next, the level does not fall."""
    before, after = seen(" ".join(first)), seen(" ".join(first), " ".join(second))
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)


@pytest.mark.parametrize(
    "unit",
    ["numb bum ", "cant feel my legs, ", "no ", "a", "pee.", "x" * 30 + " ", "my legs both weak numb back pain cancer fever "],
)
def test_time_is_linear(unit: str) -> None:
    """Eight times the text takes no more than about eight times as long (a ratio, so that slow machines pass)."""

    def cost(length: int) -> float:
        text = (unit * length)[:length]
        best = 9.0
        for _ in range(3):
            begin = time.process_time()
            seen(text)
            best = min(best, time.process_time() - begin)
        return best

    cost(2000)
    assert cost(16000) < 30 * cost(2000) + 0.01
