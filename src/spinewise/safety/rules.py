"""Loads concepts and rules from the YAML files beside it and checks every line. Decides nothing about a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinewise.errors import RulesError
from spinewise.records import LEVELS, Level
from spinewise.safety.phrase_index import Index
from spinewise.safety.phrases import Pattern, Step, mentions, parse
from spinewise.safety.tokens import read
from spinewise.safety.words import Reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from spinewise.safety.sheet import Family

HERE = Path(__file__).parent
_RULE_KEYS = {
    "id", "row", "condition", "level", "sign", "card", "says", "needs", "cancelled_by", "questions", "past", "residual", "source", "reviewer", "tests",
}  # fmt: skip
_RULE_MUST = {"id", "row", "condition", "level", "sign", "card", "says", "source", "reviewer", "tests"}
_CONCEPT_KEYS = {"means", "kind", "says"}
_OPERATOR = re.compile(r" (&&|&|~|\+) ")
_REACHES = {"&&": "message", "&": "near", "~": "tied", "+": "conversation"}
_HINT = "docs/safety.md shows a rule with every field"


@dataclass(frozen=True, slots=True)
class Concept:
    """A named family of phrases. Of a `risk` the past counts too; a `sign` must be now."""

    name: str
    means: str
    kind: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One warning sign: what readers say, what must come with it, and the card it shows."""

    id: str
    row: str
    condition: str
    level: Level
    sign: str
    card: str
    patterns: tuple[Pattern, ...]
    needs: tuple[str, ...]
    cancelled_by: tuple[str, ...]
    questions: str
    """`inform`: a question about the sign is only informed; `count`: it counts as the sign."""
    past: str
    """`resolved`: the past counts unless it is over; `cancels`: the past never counts; `counts`: it always does."""
    residual: str
    source: str
    url: str
    reviewer: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    file: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules, ready to look for."""

    rules: tuple[Rule, ...]
    concepts: dict[str, Concept]
    reader: Reader
    families: Mapping[str, Family]
    """The phrases of every concept and of every operand."""
    watched: Mapping[str, list[str]]
    """For words and for concepts as `<name>`: the concepts that may be there if they are, as far as rules hang on them."""
    by_operand: Mapping[str, list[int]]
    """The patterns, as numbers in `patterns`, by the rarest of their operands."""
    patterns: tuple[tuple[Rule, Pattern], ...]


def read_yaml(path: Path) -> Any:
    """One YAML file. Raises `RulesError` naming the file."""
    import yaml  # noqa: PLC0415  (20 ms that a turn without a card does not need)

    try:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  CSafeLoader is safe
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        message = f"{path.name}: {error}"
        raise RulesError(message, "mend the file; check with `spinewise check --safety`") from error


def load(folder: Path, without: str = "") -> RuleSet:
    """Load every rule under `folder`; `without` leaves one out, for the tests that switch rules off."""
    raw = read_yaml(folder / "concepts.yaml")
    spellings = raw.pop("SPELLINGS", {})
    concepts = {name: _concept(name, value) for name, value in raw.items()}
    phrases: dict[str, list[tuple[Step, ...]]] = {
        name: [_phrase(line, f"concepts.yaml: {name}") for line in concept.says] for name, concept in concepts.items()
    }
    if alone := [
        line
        for line, steps in zip(concepts["idioms"].says, phrases["idioms"], strict=True)
        if " " in line and len(steps) == 1 and steps[0].words
    ]:
        message = f"concepts.yaml: idioms {alone} come down to one word once small words are left out"
        raise RulesError(message, "an idiom hides its words from every rule, so give at least two words that stay")
    rules = [rule for path in sorted((folder / "rules").glob("*.yaml")) for rule in _rules(path, phrases) if rule.id != without]
    _check_names(rules, concepts, phrases)
    _check_circles(phrases)
    vocabulary = {word for family in phrases.values() for steps in family for word in mentions(steps)[0]}
    reader = Reader(vocabulary, spellings)
    harmless = read([sentence for rule in rules for sentence in rule.no]).text
    index = Index(phrases, (symbol for word in harmless for symbol in reader.read(word)))
    patterns = patterns_of(rules)
    by_operand: dict[str, list[int]] = {}
    for number, (_, pattern) in enumerate(patterns):
        by_operand.setdefault(min(pattern.operands, key=index.weight), []).append(number)
    return RuleSet(
        tuple(rules),
        concepts,
        reader,
        index.families(),
        index.watched(by_operand),
        by_operand,
        patterns,
    )


def patterns_of(rules: Sequence[Rule]) -> tuple[tuple[Rule, Pattern], ...]:
    """Every pattern with its rule, in the order of the files; lines that are one phrase are one family, and so one pattern."""
    found = {
        (rule.id, pattern.operands, pattern.reaches): (rule, pattern)
        for rule in reversed(rules)
        for pattern in reversed(rule.patterns)
    }
    return tuple(reversed(found.values()))


def lines(text: Any, where: str) -> tuple[str, ...]:
    """The comma- or line-separated entries of a block of text."""
    if not isinstance(text, str):
        message = f"{where}: expected a block of text, found {text!r}"
        raise RulesError(message, "write it as `says: |` with the phrases below it")
    return tuple(part.strip() for line in text.splitlines() for part in line.split(",") if part.strip())


def _phrase(line: str, where: str) -> tuple[Step, ...]:
    try:
        return parse(line)
    except RulesError as error:
        message = f"{where}: {error}"
        raise RulesError(message, error.hint) from error


def _concept(name: str, value: Any) -> Concept:
    where = f"concepts.yaml: {name}"
    if isinstance(value, str):
        value = {"says": value}
    if not isinstance(value, dict) or not set(value) <= _CONCEPT_KEYS or "says" not in value:
        message = f"{where}: keys must be among {sorted(_CONCEPT_KEYS)}, with says"
        raise RulesError(message, _HINT)
    return Concept(name, value.get("means", ""), value.get("kind", "sign"), lines(value["says"], where))


def _rules(path: Path, phrases: dict[str, list[tuple[Step, ...]]]) -> list[Rule]:
    raw = read_yaml(path)
    if not isinstance(raw, list):
        message = f"{path.name}: a rule file is a list of rules"
        raise RulesError(message, _HINT)
    return [_rule(item, path.name, phrases) for item in raw]


def _rule(raw: Any, file: str, phrases: dict[str, list[tuple[Step, ...]]]) -> Rule:
    where = f"{file}: {raw.get('id', raw) if isinstance(raw, dict) else raw}"
    if not isinstance(raw, dict) or (set(raw) - _RULE_KEYS) or (_RULE_MUST - set(raw)):
        keys = set(raw) if isinstance(raw, dict) else set()
        message = f"{where}: unknown keys {sorted(keys - _RULE_KEYS)}, missing {sorted(_RULE_MUST - keys)}"
        raise RulesError(message, _HINT)
    tests, source = raw["tests"], raw["source"]
    if isinstance(tests, dict):  # YAML 1.1 reads the bare words yes and no as true and false
        tests = {{True: "yes", False: "no"}.get(key, key): value for key, value in tests.items()}
    if not isinstance(tests, dict) or set(tests) != {"yes", "no"} or not all(str(tests[k]).strip() for k in tests):
        message = f"{where}: tests needs sentences under both yes and no"
        raise RulesError(message, "a rule without test sentences cannot be trusted")
    if not isinstance(source, dict) or set(source) != {"title", "url"} or not str(source["url"]).startswith("http"):
        message = f"{where}: source needs a title and a url"
        raise RulesError(message, "every rule names where it comes from")
    if raw["level"] not in LEVELS or raw["level"] == "none":
        message = f"{where}: level {raw['level']!r} is none of {LEVELS[1:]}"
        raise RulesError(message, _HINT)
    if raw.get("questions", "inform") not in {"inform", "count"} or raw.get("past", "resolved") not in {
        "resolved",
        "cancels",
        "counts",
    }:
        message = f"{where}: questions is inform or count; past is resolved, cancels or counts"
        raise RulesError(message, _HINT)
    return Rule(
        id=raw["id"], row=str(raw["row"]), condition=raw["condition"], level=raw["level"], sign=raw["sign"], card=raw["card"],
        patterns=tuple(_pattern(line, raw["id"], where, phrases) for line in lines(raw["says"], where)),
        needs=tuple(raw.get("needs", ())), cancelled_by=tuple(raw.get("cancelled_by", ())),
        questions=raw.get("questions", "inform"), past=raw.get("past", "resolved"), residual=raw.get("residual", ""),
        source=source["title"], url=source["url"], reviewer=raw["reviewer"] or "",
        yes=_sentences(tests["yes"]), no=_sentences(tests["no"]), file=file,
    )  # fmt: skip


def _sentences(block: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.splitlines() if line.strip())


def _pattern(line: str, rule: str, where: str, phrases: dict[str, list[tuple[Step, ...]]]) -> Pattern:
    parts = _OPERATOR.split(line)
    reaches = tuple(_REACHES[mark] for mark in parts[1::2])
    operands = []
    for part in parts[::2]:
        steps = _phrase(part.strip(), where)
        if len(steps) == 1 and steps[0].concept and not steps[0].optional:
            operands.append(steps[0].concept)
            continue
        name = f"={part.strip()}" if reaches else f"={rule}"
        if not reaches or name not in phrases:
            phrases.setdefault(name, []).append(steps)
        operands.append(name)
    return Pattern(tuple(operands), reaches)


def _check_names(rules: list[Rule], concepts: dict[str, Concept], phrases: dict[str, list[tuple[Step, ...]]]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            message = f"{rule.file}: the id {rule.id} is used twice"
            raise RulesError(message, "give every rule an id of its own")
        seen.add(rule.id)
        for name in (*rule.needs, *rule.cancelled_by):
            if name not in concepts:
                message = f"{rule.file}: {rule.id} names the concept {name}, which concepts.yaml does not have"
                raise RulesError(message, "add it there, or mend the spelling")
    unknown = {o for rule in rules for pattern in rule.patterns for o in pattern.operands if not o.startswith("=")} - set(
        concepts
    )
    if unknown:
        message = f"the rules name {sorted(unknown)}, which concepts.yaml does not have"
        raise RulesError(message, "add them there, or mend the spelling")
    for name, family in phrases.items():
        for missing in {c for steps in family for c in mentions(steps)[1]} - set(concepts):
            message = f"{name.lstrip('=')}: <{missing}> is not in concepts.yaml"
            raise RulesError(message, "add it there, or mend the spelling")


def _check_circles(phrases: dict[str, list[tuple[Step, ...]]]) -> None:
    uses = {name: {c for steps in family for c in mentions(steps)[1]} for name, family in phrases.items()}
    safe: set[str] = set()

    def follow(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            message = f"concepts.yaml: {name} mentions itself by way of {' > '.join(above)}"
            raise RulesError(message, "a concept cannot contain itself")
        if name not in safe:
            for used in uses[name]:
                follow(used, (*above, name))
            safe.add(name)

    for name in phrases:
        follow(name, ())
