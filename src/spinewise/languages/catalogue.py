"""Reads one language's file and compares it with the English words, key by key. Chooses no language; see `choosing`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any

from spinewise.errors import LanguageError
from spinewise.records import CardWords
from spinewise.safety import card_words

HERE = Path(__file__).parent
HINT = "docs/languages.md says what a language's file holds"
PERSON = frozenset({"who", "have", "are", "are_cap", "them", "their", "were", "feel", "get", "take"})
"""Placeholders of the English cards that stand for forms of English words; a translation does without them."""
MONTHS = 12
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_LINK = re.compile(r"\]\(([^)]+)\)")
_TOP = {"tag", "name", "dir", "reviewed_by", "interface", "languages", "said", "safety"}
_SAID = {"greeting", "thanks", "goodbye", "about"}
_SAFETY = {"cards", "checklist", "signs", "numbers", "or", "yes"}


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language. `code` is the name of its file, `tag` what `lang` says on a page."""

    code: str
    tag: str
    name: str
    direction: str
    """`ltr` or `rtl`."""
    words: Mapping[str, str]
    languages: Mapping[str, str]
    """What languages are called in this one, by code."""
    said: Mapping[str, tuple[str, ...]]
    """Whole messages that are small talk: `greeting`, `thanks`, `goodbye`, `about`."""
    cards: CardWords | None
    """None where the cards are the English ones."""
    reviewed_by: str = ""
    """The clinician, of this language, who signed the cards; empty: nobody has."""
    query: str = ""
    """What an address of ours ends in to stay in this language: `?lang=de`, or nothing where it is the site's own."""

    @property
    def html(self) -> str:
        """The attributes of the page's `html`."""
        return f'lang="{self.tag}" dir="{self.direction}"'

    def say(self, key: str, **values: object) -> str:
        """The words under `key`, with `values` in their places."""
        return self.words[key].format(**values)

    def date(self, day: date) -> str:
        """A day as this language writes it: 7 March 2026."""
        return self.say("date", day=day.day, month=self.words["months"].split()[day.month - 1], year=day.year)


def read(file: Path, over: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a language's file says; where `over` is given, that with this file's words in place of its own.

    Raises:
        LanguageError: the file cannot be read, or is no mapping.
    """
    import yaml  # noqa: PLC0415  (20 ms that most commands do not need)

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  CSafeLoader is safe
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise LanguageError(f"{file}: {error}", HINT) from error
    if not isinstance(raw, dict):
        raise LanguageError(f"{file}: holds no keys", HINT)
    return _merged(over or {}, raw)


def parse(file: Path, raw: Mapping[str, Any], english: Mapping[str, Any]) -> Language:
    """A language from what its file says, checked against the English file.

    Raises:
        LanguageError: a key is unknown or missing, or its placeholders or links differ from the English ones.
    """
    code, faults = file.stem, _faults(raw, english, own=file.stem == "en")
    if not _TAG.fullmatch(code):
        faults.insert(0, f"{code!r} is no language code in small letters, like de or pt-BR")
    if faults:
        raise LanguageError(f"{file}: {faults[0]}", HINT)
    safety = raw.get("safety")
    return Language(
        code=code,
        tag=raw["tag"],
        name=raw["name"],
        direction=raw["dir"],
        words=raw["interface"],
        languages=raw["languages"],
        said={kind: tuple(raw.get("said", {}).get(kind, ())) for kind in _SAID},
        cards=None if safety is None else _card_words(safety),
        reviewed_by=str(raw.get("reviewed_by") or ""),
    )


def _card_words(safety: Mapping[str, Any]) -> CardWords:
    yes = frozenset(word.casefold() for word in safety["yes"])
    return CardWords(safety["cards"], safety["checklist"], safety["signs"], safety["numbers"], safety["or"], yes)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(old)
    for key, value in new.items():
        both[key] = _merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def _faults(raw: Mapping[str, Any], english: Mapping[str, Any], *, own: bool) -> list[str]:
    """What is wrong, each naming its key; empty where nothing is."""
    faults = [f"{key}: no such key" for key in raw.keys() - _TOP]
    faults += [f"{key}: must be a text" for key in ("tag", "name", "dir") if not isinstance(raw.get(key), str)]
    if not faults and not _TAG.fullmatch(raw["tag"]):
        faults.append(f"tag: {raw['tag']!r} is no language tag, like de or pt-BR")
    if not faults and raw["dir"] not in {"ltr", "rtl"}:
        faults.append(f"dir: {raw['dir']!r} is neither ltr nor rtl")
    for part in ("interface", "languages"):
        faults += _unlike(part, raw.get(part), english[part])
    faults += _said_faults(raw.get("said", {}))
    if not faults and len(raw["interface"]["months"].split()) != MONTHS:
        faults.append("interface.months: must be twelve words")
    if raw.get("safety") is not None:
        faults += ["safety: the English cards are in the safety folder"] if own else _safety_faults(raw["safety"])
    return sorted(faults)


def _said_faults(said: object) -> list[str]:
    if not isinstance(said, dict) or not said.keys() <= _SAID:
        return [f"said: has other keys than {', '.join(sorted(_SAID))}"]
    wrong = (kind for kind, texts in said.items() if not _are_texts(texts))
    return [f"said.{kind}: must be a list of texts" for kind in wrong]


def _safety_faults(safety: object) -> list[str]:
    if not isinstance(safety, dict) or safety.keys() != _SAFETY:
        return [f"safety: needs exactly {', '.join(sorted(_SAFETY))}"]
    english = card_words()
    faults = [] if isinstance(safety["or"], str) else ["safety.or: must be a text"]
    if not _are_texts(safety["yes"]) or not safety["yes"]:
        faults.append("safety.yes: must be a list of texts")
    for part, words in (("cards", english.cards), ("checklist", english.checklist), ("signs", english.signs)):
        faults += _unlike(f"safety.{part}", safety[part], words)
    faults += _unlike("safety.numbers", dict.fromkeys(safety["numbers"] or (), ""), dict.fromkeys(english.numbers, ""))
    for country, row in english.numbers.items():
        faults += _unlike(f"safety.numbers.{country}", (safety["numbers"] or {}).get(country, row), row)
    return faults


def _unlike(where: str, given: object, english: Mapping[str, str]) -> list[str]:
    """How `given` differs from `english` in keys, placeholders and links."""
    if not isinstance(given, dict):
        return [f"{where}: is missing or holds no keys"]
    faults = [f"{where}.{key}: no such key" for key in given.keys() - english.keys()]
    faults += [f"{where}.{key}: is missing" for key in english.keys() - given.keys()]
    for key in given.keys() & english.keys():
        faults += [f"{where}.{key}: {fault}" for fault in _text_faults(given[key], english[key])]
    return faults


def _text_faults(text: object, english: str) -> list[str]:
    if not isinstance(text, str):
        return ["must be a text"]
    try:
        has, wanted = _places(text), _places(english) - PERSON
    except ValueError as error:
        return [str(error)]
    faults = [] if has == wanted else [f"has the placeholders {_listed(has)}, the English words have {_listed(wanted)}"]
    links, english_links = set(_LINK.findall(text)), set(_LINK.findall(english))
    if links != english_links:
        faults.append(f"links to {_listed(links)}, the English words to {_listed(english_links)}")
    return faults


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _are_texts(given: object) -> bool:
    return isinstance(given, list) and all(isinstance(text, str) for text in given)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"
