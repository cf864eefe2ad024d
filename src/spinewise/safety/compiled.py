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
from typing import Any

import orjson

from spinewise.safety.phrases import Pattern, Step, concepts_of, firsts
from spinewise.safety.rules import HERE, Concept, Entry, Rule, RuleSet, index_patterns, load
from spinewise.safety.words import Reader

FILE = HERE / "rules.bin"


@cache
def ruleset() -> RuleSet:
    """The rules that ship with Spinewise, loaded once: from their parsed form, or from the YAML where that is newer."""
    return read() or load(HERE)


def digest(folder: Path) -> str:
    """The SHA-256 of all that the parsed form is made from: the rules, the concepts, and the code that reads them."""
    found = hashlib.sha256()
    code = [HERE / f"{name}.py" for name in ("phrases", "rules", "tokens")]
    for file in [folder / "concepts.yaml", *sorted((folder / "rules").glob("*.yaml")), *code]:
        found.update(file.read_bytes())
    return found.hexdigest()


def write(rules: RuleSet, file: Path = FILE) -> None:
    """Write the parsed form of the rules that ship with Spinewise."""
    numbers: dict[int, int] = {}
    table: list[Any] = []

    def number(entry: Entry) -> int:
        steps, name, needs, following = entry
        if id(steps) not in numbers:
            numbers[id(steps)] = len(table)
            table.append(
                [[_pack(s) for s in steps], name, [sorted(n) for n in needs], None if following is None else sorted(following)]
            )
        return numbers[id(steps)]

    def strata(stratum: dict[str, list[Entry]]) -> dict[str, list[int]]:
        return {first: [number(entry) for entry in entries] for first, entries in sorted(stratum.items())}

    content = {
        "digest": digest(HERE),
        "rules": [dataclasses.asdict(rule) for rule in rules.rules],
        "concepts": [dataclasses.asdict(concept) for concept in rules.concepts.values()],
        "strata": [strata(stratum) for stratum in rules.strata],
        "idioms": strata(rules.idioms),
        "table": table,
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
        table = content["table"]
        found = RuleSet(
            tuple(_rule(row) for row in content["rules"]),
            {row["name"]: Concept(**row | {"says": tuple(row["says"])}) for row in content["concepts"]},
            [_Stratum(raw, table) for raw in content["strata"]],
            _Stratum(content["idioms"], table),
            Reader(content["vocabulary"], content["spellings"]),
        )
    except (OSError, ValueError, KeyError, TypeError, zlib.error):
        return None
    index_patterns(found)
    return found


class _Stratum(dict[str, list[Entry]]):
    """Phrases by first symbol, each unpacked when its symbol is first met in a text."""

    def __init__(self, raw: dict[str, list[int]], table: list[Any]) -> None:
        super().__init__({first: [] for first in raw})
        self._raw, self._table = raw, table

    def __getitem__(self, first: str) -> list[Entry]:
        waiting = self._raw.pop(first, None)
        if waiting is not None:
            self[first] = [self._entry(number) for number in waiting]
        return super().__getitem__(first)

    def _entry(self, number: int) -> Entry:
        row = self._table[number]
        if isinstance(row, list):
            steps, name, needs, following = row
            needed = tuple(frozenset(need) for need in needs)
            row = (tuple(map(_unpack, steps)), name, needed, None if following is None else frozenset(following))
            self._table[number] = row
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
