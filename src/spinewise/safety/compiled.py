"""Keeps the rules in parsed form, so that a fresh process screens after milliseconds. Of their test sentences it holds one a rule.

`python -m spinewise.safety` writes `rules.bin` anew after a change. Where it is missing or older than the YAML, the
YAML is read instead: slower, and the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from spinewise.safety.phrases import Pattern, Step, concepts_of, firsts
from spinewise.safety.rules import HERE, Concept, Rule, RuleSet, load, patterns_of
from spinewise.safety.words import Reader

if TYPE_CHECKING:
    from spinewise.safety.sheet import Entry, Family

FILE = HERE / "rules.bin"


@cache
def ruleset() -> RuleSet:
    """The rules that ship with Spinewise, loaded once: from their parsed form, or from the YAML where that is newer.

    Of the test sentences there is the first of each rule, for self-checks; only `rules.load` gives all, and the concepts' phrases.
    """
    return read() or load(HERE)


def digest(folder: Path) -> str:
    """The SHA-256 of all that the parsed form is made from: the rules, the concepts, and the code that reads them."""
    found = hashlib.sha256()
    code = [HERE / f"{name}.py" for name in ("phrase_index", "phrases", "rules", "tokens")]
    for file in [folder / "concepts.yaml", *sorted((folder / "rules").glob("*.yaml")), *code]:
        found.update(file.read_bytes())
    return found.hexdigest()


def write(rules: RuleSet, file: Path = FILE) -> None:
    """Write the parsed form of the rules that ship with Spinewise."""
    names = {name: number for number, name in enumerate(rules.families)}
    content = {
        "digest": digest(HERE),
        "rules": [dataclasses.asdict(dataclasses.replace(rule, yes=rule.yes[:1], no=())) for rule in rules.rules],
        "kinds": {concept.name: concept.kind for concept in rules.concepts.values()},
        "families": {name: orjson.dumps(_pack_family(family)).decode() for name, family in rules.families.items()},
        "watched": {symbol: [names[name] for name in watching] for symbol, watching in rules.watched.items()},
        "by_operand": rules.by_operand,
        "vocabulary": sorted(rules.reader.vocabulary),
        "spellings": rules.reader.spellings,
    }
    file.write_bytes(zlib.compress(orjson.dumps(content), 9))


def read(file: Path = FILE) -> RuleSet | None:
    """The rules in parsed form; None where the file is missing, damaged or not of the YAML beside it."""
    try:
        content = orjson.loads(zlib.decompress(file.read_bytes()))
        if content["digest"] != digest(HERE):
            return None
        rules = tuple(_rule(row) for row in content["rules"])
        names = list(content["families"])
        return RuleSet(
            rules,
            {name: Concept(name, "", kind, ()) for name, kind in content["kinds"].items()},
            Reader(content["vocabulary"], content["spellings"]),
            _Unpacked(content["families"], _family),
            _Unpacked(content["watched"], lambda numbers: [names[number] for number in numbers]),
            content["by_operand"],
            patterns_of(rules),
        )
    except (OSError, ValueError, KeyError, TypeError, zlib.error):
        return None


class _Unpacked(dict[str, Any]):
    """A mapping whose values are unpacked when they are first asked for.

    What is packed stays as it is, so readers' threads that ask for the same at once each unpack it, and get the same.
    """

    def __init__(self, packed: dict[str, Any], unpack: Callable[[Any], Any]) -> None:
        super().__init__(packed)
        self._unpack, self._made = unpack, dict[str, Any]()

    def __getitem__(self, key: str) -> Any:
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = self._unpack(super().__getitem__(key))
        return found

    def get(self, key: str, otherwise: Any = None) -> Any:
        return self[key] if key in self else otherwise  # noqa: SIM401  (`dict.get` does not unpack)


def _family(packed: str) -> Family:
    by_word, others, rows = orjson.loads(packed)

    def entries(numbers: list[int]) -> list[Entry]:
        return [_entry(rows, number) for number in numbers]

    return _Unpacked(by_word, entries), entries(others)


def _entry(rows: list[Any], number: int) -> Entry:
    row = rows[number]
    if isinstance(row, list):
        steps, needs, beginnings = row
        row = rows[number] = (tuple(map(_unpack, steps)), tuple(map(frozenset, needs)), frozenset(beginnings))
    entry: Entry = row
    return entry


def _pack_family(family: Family) -> list[Any]:
    by_word, others = family
    entries = {id(entry): entry for entries in (*by_word.values(), others) for entry in entries}
    numbers = {key: number for number, key in enumerate(entries)}
    rows = [
        [[_pack(step) for step in steps], [sorted(need) for need in needs], sorted(beginnings)]
        for steps, needs, beginnings in entries.values()
    ]
    filed = {word: [numbers[id(entry)] for entry in entries] for word, entries in by_word.items()}
    return [filed, [numbers[id(entry)] for entry in others], rows]


def _pack(step: Step) -> Any:
    if step == Step(words=step.words) and len(step.words) == 1:
        return next(iter(step.words))
    choices = [[_pack(inner) for inner in choice] for choice in step.choices]
    return [sorted(step.words), step.concept, choices, step.gap, step.forbids, step.optional]


def _unpack(row: Any) -> Step:
    if isinstance(row, str):
        return Step(words=frozenset({row}))
    words, concept, packed, gap, forbids, optional = row
    choices = tuple(tuple(map(_unpack, choice)) for choice in packed)
    by_first: dict[str, list[tuple[Step, ...]]] = {}
    for choice in choices:
        for first in firsts(choice):
            by_first.setdefault(first, []).append(choice)
    return Step(frozenset(words), concept, choices, gap, forbids, optional, by_first, concepts_of(by_first))


def _rule(row: dict[str, Any]) -> Rule:
    patterns = tuple(Pattern(tuple(p["operands"]), tuple(p["reaches"])) for p in row["patterns"])
    texts = {name: tuple(row[name]) for name in ("needs", "cancelled_by", "yes", "no")}
    return Rule(**row | texts | {"patterns": patterns})
