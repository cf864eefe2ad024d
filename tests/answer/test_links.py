"""Addresses that open an article at a sentence, whatever marks the sentence holds."""

from datetime import date
from urllib.parse import unquote

import pytest

from spinewise.answer.links import sentence_url
from spinewise.records import Article


def fragment(text: str, url: str | None = None) -> str:
    article = Article("salt", "Salt", "A lamp.", date(2026, 1, 1), date(2028, 1, 1), text, url)
    address = sentence_url(article, "a-heading", text)
    start, _, directive = address.partition("#a-heading:~:text=")
    assert start == (url or "/articles/salt").partition("#")[0]
    return directive


def test_a_short_sentence_is_named_whole() -> None:
    assert unquote(fragment("It glows at night.")) == "It glows at night."


def test_a_long_one_by_its_ends() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve."
    assert unquote(fragment(text)) == "one two three four five six,nine ten eleven twelve."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It *glows* [here](x.md).", "It glows here."),
        ("It glows.[^1] It hums.", "It glows.,It hums."),
        ("Take these:\n\n- socks\n- a stick", "Take these:,a stick"),
    ],
)
def test_marks_are_left_out(text: str, expected: str) -> None:
    assert unquote(fragment(text)) == expected


def test_what_means_something_in_a_fragment_is_encoded() -> None:
    directive = fragment("Salt, so-called & 100%.")
    assert directive == "Salt%2C%20so%2Dcalled%20%26%20100%25."


def test_an_address_of_its_own_loses_its_own_fragment() -> None:
    assert fragment("It glows.", "https://a.example/salt#top") == "It%20glows."


def test_the_beginning_is_long_enough_to_stand_there_once() -> None:
    one = "Use the lamp for an hour each night in spring and in summer too."
    other = "Use the lamp for an hour each night in autumn and in winter too."
    article = Article("salt", "Salt", "A lamp.", date(2026, 1, 1), date(2028, 1, 1), f"{one} {other}", None)
    assert unquote(sentence_url(article, "a", other)).endswith(
        "text=Use the lamp for an hour each night in autumn,and in winter too."
    )


def test_what_stands_there_twice_is_named_with_what_comes_before() -> None:
    article = Article("salt", "Salt", "A lamp.", date(2026, 1, 1), date(2028, 1, 1), "It glows. It hums. It glows.", None)
    assert unquote(sentence_url(article, "a", "It glows.")).endswith("text=It glows.")
    again = Article("salt", "Salt", "A lamp.", date(2026, 1, 1), date(2028, 1, 1), "Wait. It glows. It hums. It glows.", None)
    assert unquote(sentence_url(again, "a", "It glows.")).endswith("text=Wait.-,It glows.")
