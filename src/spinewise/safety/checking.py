"""Checks rules, cards and numbers, and runs each rule's own test sentences. Mends nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from spinewise.errors import RulesError
from spinewise.records import Turn
from spinewise.safety.cards import cards, numbers, numbers_review_due, render
from spinewise.safety.compiled import ruleset
from spinewise.safety.rules import HERE, Rule, load
from spinewise.safety.screening import screen

FORBIDDEN = ("assess", "diagnos", "triage")
TURNS = " // "
"""Stands between the turns of a test sentence that is a conversation."""


def check_rules() -> list[str]:
    """Every problem, one a line; empty when all is well."""
    try:
        rules = load(HERE).rules
        problems = _check_cards()
    except RulesError as error:
        return [str(error)]
    if numbers_review_due() < datetime.now(tz=UTC).date():
        problems.append(f"numbers.yaml: the review was due on {numbers_review_due()}")
    for rule in rules:
        problems += failures(rule)
    return problems


def as_turns(sentence: str) -> list[Turn]:
    """A test sentence as the conversation that it stands for."""
    return [Turn(part) for part in sentence.split(TURNS)]


def failures(rule: Rule) -> list[str]:
    """The rule's test sentences that do not do what they should."""
    found = [f"{rule.file}: {rule.id}: should fire on {s!r}" for s in rule.yes if rule.id not in fired(s)]
    found += [f"{rule.file}: {rule.id}: should not fire on {s!r}" for s in rule.no if rule.id in fired(s)]
    return found


def fired(sentence: str) -> set[str]:
    """The ids of the rules that fire on a test sentence."""
    return {flag.id for flag in screen(as_turns(sentence)).flags}


def _check_cards() -> list[str]:
    problems = []
    known = cards()
    for rule in ruleset().rules:
        if rule.card not in known:
            problems.append(f"{rule.file}: {rule.id} shows the card {rule.card}, which cards.yaml does not have")
        elif known[rule.card]["level"] != rule.level:
            problems.append(f"{rule.file}: {rule.id} is {rule.level}, its card {rule.card} is {known[rule.card]['level']}")
    for name in known:
        for country in numbers():
            text = render(name, [], (), country).lower()
            problems += [f"cards.yaml: {name} says {word!r}" for word in FORBIDDEN if word in text]
    return sorted(set(problems))
