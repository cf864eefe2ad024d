"""Follow-ups: which turns lean on the talk before, and what they take from it."""

import pytest

from spinewise.answer.followup import standalone
from spinewise.records import Turn

TOPICS = {"hammock", "pebbl", "copper"}


def alone(*texts: str) -> str:
    return standalone([Turn(text) for text in texts], TOPICS.__contains__).text


@pytest.mark.parametrize(
    "text", ["does it hurt?", "how long for", "and at night?", "why", "what about winter", "is that safe", "how many?"]
)
def test_turns_that_lean_take_the_topic_along(text: str) -> None:
    asked = alone("how do I hang a hammock in the garden", text)
    assert asked.startswith(f"{text} (")
    assert "hammock" in asked


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("do copper cushions help with sleep", "do copper cushions help with sleep"),
        ("different question: how far on pebbles", "how far on pebbles"),
        ("New question: does it hurt?", "does it hurt?"),
        ("ok thanks. and is a copper cushion warm", "is a copper cushion warm"),
        ("is a copper cushion warm", "is a copper cushion warm"),
    ],
)
def test_turns_that_stand_alone_take_nothing(text: str, read: str) -> None:
    asked = standalone([Turn("how do I hang a hammock in the garden"), Turn(text)], TOPICS.__contains__)
    assert (asked.text, asked.carried) == (read, "")


@pytest.mark.parametrize(
    ("texts", "read"),
    [
        (("is a hammock good", "ok great", "does it hurt?"), "does it hurt? (hammock)"),
        (("is a hammock good", "yes please"), "is a hammock good"),
        (("hammock or copper?", "tell me about the second one"), "tell me about the second one (copper)"),
        (("my hammock broke", "is copper warm"), "is copper warm (hammock)"),
        (("is a hammock good in winter", "sorry I meant copper"), "sorry I meant copper (hammock winter)"),
        (("is a hammock safe", "i have a cat"), "i have a cat (hammock)"),
    ],
)
def test_what_a_turn_is_read_as(texts: tuple[str, ...], read: str) -> None:
    assert alone(*texts) == read


def test_the_topic_is_carried_over_several_turns() -> None:
    assert alone("is a hammock good", "does it hurt?", "and at night?") == "and at night? (hammock)"


def test_a_first_turn_is_left_as_it_is() -> None:
    assert alone("  does it hurt? ") == "does it hurt?"


def test_what_was_carried_is_told() -> None:
    result = standalone([Turn("is a hammock good"), Turn("why")], TOPICS.__contains__)
    assert result.carried == "hammock"
