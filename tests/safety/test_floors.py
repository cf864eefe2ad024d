"""How well the screen does, against floors that may only rise: the cases of SPINEWISE_EVAL, the lines beside this file, and variants."""

from __future__ import annotations

import random
import re

import pytest
from board import EVAL, board, care

from spinewise.records import LEVELS, Turn
from spinewise.safety import screen
from spinewise.safety.rules import HERE, load
from spinewise.safety.screening import screen as screened

FLOORS = {
    "emergency": 0.98, "urgent and soon": 0.92, "urgent and soon, card": 0.95, "crisis": 0.99, "informational": 0.97, "vignettes, emergencies": 0.95,
    "vignettes, safe": 0.97, "general emergencies": 0.90, "dev emergency": 0.90, "dev urgent, soon": 0.78, "dev crisis": 0.83,
}  # fmt: skip
CEILINGS = {
    "emergency, no card": 0.0, "crisis idioms alarmed": 0.0, "ordinary, emergency": 0.01, "ordinary, any card": 0.05, "scope, any card": 0.05,
    "vignettes, self-care up": 0.05, "dev none, emergency": 0.015, "dev none, any level": 0.05,
}  # fmt: skip
DROPS = 0.02
"""The most that a kind of variant may lower the level."""


@pytest.mark.parametrize("name", [*FLOORS, *CEILINGS])
def test_floor(name: str) -> None:
    """No measure sinks unnoticed."""
    cases, counts, _ = board()[name]
    if not cases:
        pytest.skip(f"no cases for {name!r} in {EVAL}")
    share = sum(counts(case, care(case)) for case in cases) / len(cases)
    assert FLOORS.get(name, 0.0) <= share <= CEILINGS.get(name, 1.0)


def _typo(text: str, dice: random.Random) -> str:
    places = list(re.finditer(r"[a-z]{6,}", text))
    if not places:
        return text
    at = dice.choice(places).start() + dice.randrange(1, 4)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _third(text: str, _: random.Random) -> str:
    for old, new in (
        (r"\bI'm\b", "she's"),
        (r"\bI've\b", "she's"),
        (r"\bI am\b", "she is"),
        (r"\bI have\b", "she has"),
        (r"\b[Mm]y\b", "her"),
        (r"\bI\b", "she"),
        (r"\bme\b", "her"),
    ):
        text = re.sub(old, new, text)
    return text


def _split(text: str, dice: random.Random) -> str:
    words = text.split(" ")
    if " // " in text or len(words) < 4:
        return text
    at = dice.randrange(2, len(words) - 1)
    return " ".join(words[:at]) + " // " + " ".join(words[at:])


VARIANTS = {
    "typo": _typo,
    "no apostrophes": lambda text, _: text.replace("'", ""),
    "third person": _third,
    "two turns": _split,
    "minimiser": lambda text, _: text + ". My husband says it's probably nothing.",
    "shouted": lambda text, _: text.upper(),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_do_not_lower(name: str) -> None:
    """The same sentence told otherwise keeps its level, measured over every rule's own sentences."""
    dice = random.Random(name)
    drops = []
    sentences = [s for rule in load(HERE).rules for s in rule.yes]
    for sentence in sentences:
        told = VARIANTS[name](sentence, dice)
        before, after = (screened([Turn(t) for t in text.split(" // ")]).level for text in (sentence, told))
        if LEVELS.index(after) < LEVELS.index(before):
            drops.append(f"{before} -> {after}: {told}")
    assert len(drops) <= DROPS * len(sentences), "\n".join(drops)


def test_screen_is_the_public_one() -> None:
    """The floors are those of what others import."""
    assert screen is screened
