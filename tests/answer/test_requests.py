"""Requests that no article meets are declined in fixed words; those for a clinician are answered with a caution before."""

import pytest

from spinewise.answer.requests import cannot_serve, preface


@pytest.mark.parametrize(
    "text",
    [
        "book me in with an osteopath in Bristol for Friday afternoon",
        "Can you cancel my physio appointment",
        "how do I become a chiropractor, what A levels",
        "massage near me",
    ],
)
def test_a_service_is_declined(text):
    assert cannot_serve(text)


@pytest.mark.parametrize(
    "text", ["what does an osteopath do", "I learned to lift well", "which book on back pain helps", "can I order a scan"]
)
def test_a_question_is_not(text):
    assert not cannot_serve(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("how many ibuprofen can I take a day", "ask_a_pharmacist"),
        ("what’s the max dose of naproxen", "ask_a_pharmacist"),
        ("can I just stop taking tramadol", "ask_before_stopping"),
        ("do I have a slipped disc?", "ask_a_clinician"),
        ("how many acupuncture sessions do I need", None),
        ("does ibuprofen help", None),
    ],
)
def test_what_only_a_clinician_can_say_has_its_words(text, words):
    assert preface(text) == words
