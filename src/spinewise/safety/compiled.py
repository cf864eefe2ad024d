"""Keeps the rules in parsed form, so that a fresh process screens after milliseconds. Holds nothing that the YAML does not.

`python -m spinewise.safety` writes `rules.bin` anew after a change. Where it is missing or older than the YAML, the
YAML is read instead: slower, and the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
import zlib
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
    """The rules that ship with Spinewise, loaded once: from their parsed form, or from the YAML where that is newer."""
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
    numbers: dict[int, int] = {}
    table: list[Any] = []

    def number(entry: Entry) -> int:
        steps, needs, beginnings = entry
        if id(entry) not in numbers:
            numbers[id(entry)] = len(table)
            table.append([[_pack(step) for step in steps], [sorted(need) for need in needs], sorted(beginnings)])
        return numbers[id(entry)]

    content = {
        "digest": digest(HERE),
        "rules": [dataclasses.asdict(rule) for rule in rules.rules],
        "concepts": [dataclasses.asdict(concept) for concept in rules.concepts.values()],
        "families": {
            name: [
                {word: [number(entry) for entry in entries] for word, entries in by_word.items()},
                [number(entry) for entry in others],
            ]
            for name, (by_word, others) in rules.families.items()
        },
        "table": table,
        "watched": rules.watched,
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
        return RuleSet(
            rules,
            {row["name"]: Concept(**row | {"says": tuple(row["says"])}) for row in content["concepts"]},
            Reader(content["vocabulary"], content["spellings"]),
            _Families(content["families"], content["table"]),
            content["watched"],
            content["by_operand"],
            patterns_of(rules),
        )
    except (OSError, ValueError, KeyError, TypeError, zlib.error):
        return None


class _Families(dict[str, "Family"]):
    """Phrases by concept, each unpacked when its concept and its word are first met in a text."""

    def __init__(self, raw: dict[str, Any], table: list[Any]) -> None:
        super().__init__()
        self._raw, self._table = raw, table

    def __missing__(self, name: str) -> Family:
        by_word, others = self._raw[name]
        found = self[name] = (_ByWord(by_word, self._table), [_entry(self._table, number) for number in others])
        return found


class _ByWord(dict[str, "list[Entry]"]):
    def __init__(self, raw: dict[str, list[int]], table: list[Any]) -> None:
        super().__init__(raw)  # type: ignore[arg-type]
        self._waiting, self._table = set(raw), table

    def __getitem__(self, word: str) -> list[Entry]:
        found = super().__getitem__(word)
        if word in self._waiting:
            self._waiting.discard(word)
            found = self[word] = [_entry(self._table, number) for number in found]  # type: ignore[arg-type]
        return found


def _entry(table: list[Any], number: int) -> Entry:
    row = table[number]
    if isinstance(row, list):
        steps, needs, beginnings = row
        row = table[number] = (tuple(map(_unpack, steps)), tuple(map(frozenset, needs)), frozenset(beginnings))
    entry: Entry = row
    return entry


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
    patterns = tuple(Pattern(tuple(p["operands"]), tuple(p["reaches"]), p["line"]) for p in row["patterns"])
    texts = {name: tuple(row[name]) for name in ("needs", "cancelled_by", "yes", "no")}
    return Rule(**row | texts | {"patterns": patterns})
