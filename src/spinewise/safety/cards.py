"""Fills the fixed cards: numbers by country, the pronoun, the rules' own words. Holds no medical text of its own."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from spinewise.errors import RulesError
from spinewise.records import LEVELS, CardWords
from spinewise.safety.compiled import ruleset
from spinewise.safety.rules import HERE, Rule, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ANYWHERE = "anywhere"
_NUMBER_KEYS = {"name", "emergency", "place", "same_day", "crisis", "poison"}
_SAME = {"UK": "GB"}
_RELATIVES = {
    "mum": "your mum", "mam": "your mum", "mom": "your mom", "mummy": "your mum", "mother": "your mother", "dad": "your dad", "da": "your dad", "father": "your father",
    "wife": "your wife", "missus": "your wife", "husband": "your husband", "hubby": "your husband", "partner": "your partner", "boyfriend": "your boyfriend",
    "girlfriend": "your girlfriend", "son": "your son", "daughter": "your daughter", "nan": "your nan", "gran": "your gran", "grandma": "your grandma", "grandad": "your grandad",
    "grandpa": "your grandpa", "brother": "your brother", "sister": "your sister", "uncle": "your uncle", "aunt": "your aunt", "auntie": "your aunt", "friend": "your friend",
    "mate": "your mate", "neighbour": "your neighbour", "neighbor": "your neighbor", "baby": "your baby", "toddler": "your child", "child": "your child", "kid": "your child",
    "boy": "your child", "girl": "your child", "lad": "your lad",
}  # fmt: skip
CHECKLIST = {
    "title": "When to get urgent help",
    "emergency": "Now: call {emergency}, or go to {place}\n\nBack pain, or any pain, with any of these:",
    "urgent": "Today: speak to a doctor or nurse\n\n{same_day}. Back pain with any of these:",
    "soon": "Soon: see a doctor within days, two weeks at most\n\nBack pain with any of these:",
    "crisis": "If you feel you cannot go on\n\n{crisis}. In danger now, call {emergency}. Call for any of these:",
}
"""Title and headings of the page "When to get urgent help"."""
_PLURAL = {"have": "have", "are": "are", "were": "were", "feel": "feel", "get": "get", "take": "take"}
_FORMS = {
    "you": _PLURAL | {"them": "you", "their": "your"},
    "they": _PLURAL | {"them": "them", "their": "their"},
    "one": {
        "have": "has",
        "are": "is",
        "were": "was",
        "feel": "feels",
        "get": "gets",
        "take": "takes",
        "them": "them",
        "their": "their",
    },
}


@cache
def numbers() -> dict[str, dict[str, str]]:
    """The numbers by country code, `anywhere` among them."""
    raw = read_yaml(HERE / "numbers.yaml")
    for key, value in raw.items():
        if key in {"checked", "review_due"}:
            continue
        if not isinstance(value, dict) or set(value) != _NUMBER_KEYS:
            message = f"numbers.yaml: {key} needs exactly {sorted(_NUMBER_KEYS)}"
            raise RulesError(message, "copy the shape of another country")
    return {key: value for key, value in raw.items() if isinstance(value, dict)}


def numbers_review_due() -> date:
    """The day from which the numbers must be checked again."""
    due: Any = read_yaml(HERE / "numbers.yaml")["review_due"]
    return due if isinstance(due, date) else date.fromisoformat(str(due))


@cache
def cards() -> dict[str, dict[str, str]]:
    """The cards by name, in the order of their rank."""
    found: dict[str, dict[str, str]] = read_yaml(HERE / "cards.yaml")
    for name, card in found.items():
        if not isinstance(card, dict) or set(card) != {"level", "text"} or card["level"] not in LEVELS:
            message = f"cards.yaml: {name} needs level and text"
            raise RulesError(message, "copy the shape of another card")
    return found


def place(country: str | None, wording: CardWords | None = None) -> Mapping[str, str]:
    """The numbers of a country; of anywhere if it is not given or not known."""
    code = code_of(country)
    return (wording.numbers.get(code) if wording else None) or numbers()[code]


@cache
def card_words() -> CardWords:
    """The English words, against which those of another language are checked."""
    texts = {name: card["text"] for name, card in cards().items()}
    signs = {rule.sign: rule.sign for rule in ruleset().rules}
    return CardWords(texts, CHECKLIST, signs, numbers(), ", or ", frozenset())


def code_of(country: str | None) -> str:
    """The code under which `numbers` has a country, `anywhere` if it is not given or not known."""
    code = (country or "").upper()
    code = _SAME.get(code, code)
    return code if code in numbers() else ANYWHERE


def person(turns: Iterable[str]) -> tuple[str, str]:
    """Whom the card speaks of and the verb form: ("you", "you"), ("your mum", "one") or ("they", "they")."""
    spoken = [
        word
        for text in turns
        for word in text.lower().replace("'", "").replace("’", "").replace(",", " ").replace(".", " ").split()
    ]
    mine = sum(word in {"i", "im", "ive", "me", "my"} for word in spoken)
    for before, word in zip(["", *spoken], spoken, strict=False):
        name = word.removesuffix("s") if word not in _RELATIVES else word
        if name in _RELATIVES and (before in {"my", "our", "me", "ma", "old", "little", "wee", "the"} or mine <= 1):
            theirs = sum(
                w in {"he", "hes", "she", "shes", "his", "her", "him", "they", "them", "their", "theyre"} for w in spoken
            )
            first_own = any(w in {"i", "im", "ive"} for w in spoken)
            if theirs or not first_own:
                return _RELATIVES[name], "one"
    theirs = sum(w in {"he", "hes", "she", "shes", "his", "her", "him"} for w in spoken)
    return ("they", "they") if theirs and not any(w in {"i", "im", "ive"} for w in spoken) else ("you", "you")


def render(
    name: str, rules: Iterable[Rule] = (), turns: Iterable[str] = (), country: str | None = None, wording: CardWords | None = None
) -> str:
    """One card as Markdown, about the signs of these rules, in the language of `wording` if it has the card, else in English."""
    if wording is None or name not in wording.cards:
        wording = card_words()
    who, form = person(turns)
    signs = list(dict.fromkeys(wording.signs.get(rule.sign, rule.sign) for rule in rules))[:3]
    short = signs[0] if signs else ""
    return (
        wording.cards[name]
        .strip()
        .format(
            who=who,
            are_cap=_FORMS[form]["are"].capitalize(),
            signs=wording.joined_by.join(signs),
            signs_short=short[:1].upper() + short[1:],
            **_FORMS[form],
            **{key: value for key, value in place(country, wording).items() if key != "name"},
        )
    )


def checklist(country: str | None = None, wording: CardWords | None = None) -> str:
    """The page "When to get urgent help" as Markdown, from the rules' own words."""
    wording = wording or card_words()
    heads = CHECKLIST | dict(wording.checklist)
    parts = [f"# {heads['title']}"]
    for level in ("emergency", "urgent", "soon", "crisis"):
        signs = dict.fromkeys(wording.signs.get(rule.sign, rule.sign) for rule in ruleset().rules if rule.level == level)
        head = heads[level].strip().format(**place(country, wording))
        parts.append(f"## {head}\n\n" + "\n".join(f"- {sign}" for sign in signs))
    return "\n\n".join(parts) + "\n"
