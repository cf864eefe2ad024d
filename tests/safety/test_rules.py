"""The rules as data: their own sentences, each rule switched off, and files that must be refused. Not how well they do; see test_floors."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from spinewise.errors import RulesError
from spinewise.safety import checklist
from spinewise.safety.cards import ANYWHERE, cards, numbers, numbers_review_due, render
from spinewise.safety.checking import as_turns, check_rules, failures
from spinewise.safety.compiled import ruleset
from spinewise.safety.hazards import log
from spinewise.safety.phrases import parse
from spinewise.safety.rules import HERE, Rule, load
from spinewise.safety.screening import screen

RULES = load(HERE).rules
REPO = Path(__file__).parents[2]


def test_nothing_is_wrong() -> None:
    """What `spinewise check --safety` reports."""
    assert check_rules() == []


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_own_sentences(rule: Rule) -> None:
    """Each rule fires on its yes sentences and not on its no sentences."""
    assert failures(rule) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_switched_off_is_noticed(rule: Rule) -> None:
    """Without the rule, its own sentences fail, and nothing else pretends to be it."""
    rest = ruleset()
    kept = {
        name: [number for number in numbers if rest.patterns[number][0].id != rule.id]
        for name, numbers in rest.by_operand.items()
    }
    without = replace(rest, by_operand=kept)
    assert all(rule.id not in {f.id for f in screen(as_turns(s), None, without).flags} for s in rule.yes)


def test_numbers_are_reviewed() -> None:
    """Fails when the numbers are due for another check."""
    assert numbers_review_due() >= datetime.now(tz=UTC).date(), "check every number in numbers.yaml, then set both dates"


@pytest.mark.parametrize("country", [None, *(code for code in numbers() if code != ANYWHERE)])
@pytest.mark.parametrize("name", list(cards()))
def test_cards_are_plain(name: str, country: str | None) -> None:
    """Every card fills in, gives a number to tap, and keeps to plain words."""
    text = render(name, RULES[:1], ["my mum has back pain"], country)
    assert "{" not in text
    assert "tel:" in text or cards()[name]["level"] == "none"
    assert not any(word in text.lower() for word in ("assess", "diagnos", "triage"))
    if name.startswith("conditional"):
        return
    words = [len(sentence.split()) for sentence in text.replace("\n", ". ").split(".") if sentence.strip()]
    assert country is None or sum(words) / len(words) < 20, "short sentences, please"


def test_unknown_country_names_four_numbers() -> None:
    """The country is never guessed."""
    text = render("chest", RULES[:1])
    assert all(f"(tel:{n})" in text for n in ("999", "911", "112", "000"))
    assert render("chest", RULES[:1], (), "nowhere") == text
    assert "911" not in render("chest", RULES[:1], (), "UK")


def test_checklist_has_every_sign() -> None:
    """The checklist is the rules' own words."""
    text = checklist("GB")
    assert all(f"- {rule.sign}" in text for rule in RULES)
    assert numbers()["GB"]["crisis"] in text


def test_hazard_log_is_current() -> None:
    """docs/safety.md is what the rules say."""
    assert (REPO / "docs/safety.md").read_text(encoding="utf-8") == log(), "python -m spinewise.safety.hazards > docs/safety.md"


@pytest.mark.parametrize("phrase", ["", "the my", "(numb", "numb)", "numb .. ", ".. numb", "numb <", "? numb", "!(numb"])
def test_bad_phrases_are_refused(phrase: str) -> None:
    """A phrase that is not in the language is an error, not a rule that never fires."""
    with pytest.raises(RulesError):
        parse(phrase)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("  level: emergency\n", "  level: alarming\n", "ces-bladder-stuck"),
        ("  row: E01, E22\n", "  rows: E01\n", "ces-bladder-stuck"),
        ("    <bladder-stuck>\n", "    <no-such-thing>\n", "no-such-thing"),
        ("    <bladder-stuck>\n", "    (pee\n", "ces-bladder-stuck"),
        ("cancelled_by: [stone-words", "cancelled_by: [nothing-known", "nothing-known"),
        ("https://www.backes.org.uk", "backes", "ces-bladder-stuck"),
    ],
)
def test_bad_files_name_the_rule(tmp_path: Path, old: str, new: str, named: str) -> None:
    """A malformed rule is an error that names it."""
    shutil.copytree(HERE / "rules", tmp_path / "rules")
    shutil.copy(HERE / "concepts.yaml", tmp_path)
    file = tmp_path / "rules/1-cauda-equina.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulesError, match=named):
        load(tmp_path)
