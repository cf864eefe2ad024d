"""The second net asks one question where the rules are silent, and never more."""

import pytest

from spinewise.records import Turn
from spinewise.safety import net, screen


@pytest.fixture
def near(monkeypatch):
    monkeypatch.setattr("spinewise.safety.screening.near_danger", lambda text: "soup" in text)


@pytest.mark.usefixtures("near")
def test_it_asks_and_does_not_alarm():
    care = screen([Turn("is soup good for backs")])
    assert (care.level, care.flags, care.asks) == ("none", (), True)
    assert "right now?" in care.card


@pytest.mark.usefixtures("near")
def test_a_yes_is_an_emergency():
    care = screen([Turn("is soup good for backs"), Turn("Yes, one of these is happening now")])
    assert care.level == "emergency"
    assert care.flags[0].matched == "Yes, one of these is happening now"


@pytest.mark.usefixtures("near")
def test_a_no_is_quiet():
    assert screen([Turn("is soup good for backs"), Turn("No, none of these")]).card is None


@pytest.mark.usefixtures("near")
def test_it_never_cancels_a_rule():
    assert screen([Turn("I can't feel when I wipe, and I eat soup")]).level == "emergency"


def test_without_its_weights_the_rules_go_on(monkeypatch):
    monkeypatch.setattr(net, "_weights", lambda: None)
    assert not net.near_danger("anything")
    assert screen([Turn("since yesterday I can't feel when I wipe")]).level == "emergency"


def test_its_weights_tell_danger_from_a_plain_question():
    assert not net.near_danger("how many acupuncture sessions do I need for my lower back?")
    assert net.near_danger("I keep wetting myself and cannot feel my legs since the fall, I am scared")
