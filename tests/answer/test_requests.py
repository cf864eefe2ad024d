"""Requests that no article meets are declined in fixed words; those for a clinician are answered with a caution before."""

import pytest

from spinewise.answer.requests import ASK_A_CLINICIAN, ASK_A_PHARMACIST, ASK_BEFORE_STOPPING, cannot_serve, preface


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
        ("how many ibuprofen can I take a day", ASK_A_PHARMACIST),
        ("what’s the max dose of naproxen", ASK_A_PHARMACIST),
        ("can I just stop taking tramadol", ASK_BEFORE_STOPPING),
        ("do I have a slipped disc?", ASK_A_CLINICIAN),
        ("how many acupuncture sessions do I need", None),
        ("does ibuprofen help", None),
    ],
)
def test_what_only_a_clinician_can_say_has_its_words(text, words):
    assert preface(text) == words
