"""The small language that rules are written in. Knows words and concepts, not what they mean; `sheet` looks for them.

    bum goes numb          these words in this order; small words (the, my, is, of ...) are left out on both sides
    (pee|wee|pass water)   one of these; `(…)?` may be missing
    numb*                  any word that begins so
    ..                     up to two words between, none of them a denial; `...` up to five
    !(better|well)         the next word is none of these
    <saddle>               any phrase of that concept
    #60plus                a number of that class (see `tokens.numbers`)
    A & B                  both in one sentence, near each other, in any order
    A ~ B                  a feeling A that belongs to the part B, no other part standing closer
    A && B                 both in one message;  A + B  both anywhere in the conversation

Every phrase has a bounded length, so matching takes time in proportion to the text whatever is typed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NoReturn

from spinewise.errors import RulesError
from spinewise.safety.tokens import DROPPED, plain

_PIECE = re.compile(r"\s*(?:(<[a-z0-9-]+>)|(\.{2,3})|([()|?!])|(#[a-z0-9]+)|([^\s()|<>?!.&+,~]+\*?))")
_SIMPLE = re.compile(r"[a-z' *]+")
_KINDS = ("", "concept", "gap", "sign", "number", "word")
DENIERS = frozenset("no not nor isnt arent wasnt werent without never dont doesnt didnt havent hasnt hadnt none".split())
"""A gap never leaps over one of these: "legs aren't weak" is not "legs … weak"."""
_GAPS = {"..": 2, "...": 5}


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a phrase: words (any of), a concept, alternatives, a gap, or words that must not follow."""

    words: frozenset[str] = frozenset()
    concept: str = ""
    choices: tuple[tuple[Step, ...], ...] = ()
    """Alternatives of more than one word; those of one word stand in `words`."""
    gap: int = 0
    forbids: bool = False
    optional: bool = False
    by_first: dict[str, list[tuple[Step, ...]]] = field(default_factory=dict)
    """The choices by what they can begin with."""
    named: frozenset[str] = frozenset()
    """The concepts among these."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a rule: operands that must occur together, `reaches` saying how near each is to the ones before it."""

    operands: tuple[str, ...]
    reaches: tuple[str, ...]
    """Of every operand but the first: `near`, `tied`, `message` or `conversation`."""


def parse(line: str) -> tuple[Step, ...]:
    """Parse one phrase. Raises `RulesError` on anything that is not in the language."""
    if _SIMPLE.fullmatch(line):
        plain_words = [word for piece in line.split() if (word := _plain(piece)) not in DROPPED]
        if not plain_words:
            _refuse(
                f"the phrase {line!r} has nothing but small words",
                "they are left out of the text, so give at least one other word",
            )
        return tuple([_word(word) for word in plain_words])
    pieces: list[tuple[str, str]] = []
    at = 0
    for found in _PIECE.finditer(line):
        if found.start() != at:
            break
        at = found.end()
        kind = found.lastindex or 1
        pieces.append((_KINDS[kind], found.group(kind)))
    if line[at:].strip():
        _refuse(
            f"cannot read {line[at:]!r} in the phrase {line!r}", "see the docstring of spinewise.safety.phrases for the language"
        )
    steps, used = _sequence(pieces, 0, line)
    if used != len(pieces):
        _refuse(f"unexpected {pieces[used][1]!r} in the phrase {line!r}", "every ( needs its )")
    if steps and (steps[0].gap or steps[-1].gap):
        _refuse(f"the phrase {line!r} begins or ends with a gap once small words are left out", "a gap stands between two words")
    if not any((s.words and not s.forbids) or s.concept or s.choices for s in steps) or all(s.optional for s in steps):
        _refuse(
            f"the phrase {line!r} has nothing but small words", "they are left out of the text, so give at least one other word"
        )
    return steps


def _refuse(message: str, hint: str) -> NoReturn:
    raise RulesError(message, hint)


@cache
def _word(word: str) -> Step:
    return Step(words=frozenset({word}))


def _sequence(pieces: list[tuple[str, str]], at: int, line: str) -> tuple[tuple[Step, ...], int]:
    steps: list[Step] = []
    while at < len(pieces):
        kind, piece = pieces[at]
        if kind == "sign" and piece in ")|":
            break
        at += 1
        if kind == "gap":
            steps.append(Step(gap=_GAPS[piece]))
        elif kind == "concept":
            steps.append(Step(concept=piece[1:-1]))
        elif kind in {"word", "number"}:
            word = piece if kind == "number" else _plain(piece)
            if word == "*":
                _refuse(
                    f"a bare * in the phrase {line!r}", "it would stand for any word; put it straight after a word's beginning"
                )
            if word not in DROPPED:
                steps.append(_word(word))
        elif piece == "(":
            step, at = _choices(pieces, at, line)
            steps.extend(step)
            if not step and at < len(pieces) and pieces[at][1] == "?":
                at += 1  # nothing but small words between the brackets
        elif piece == "!" and at < len(pieces) and pieces[at][1] == "(":
            step, at = _choices(pieces, at + 1, line)
            if not step:
                continue
            if len(step) != 1 or step[0].choices:
                message = f"only single words can follow ! in {line!r}"
                raise RulesError(message, "write !(one|two)")
            steps.append(Step(words=step[0].words, forbids=True))
        elif piece == "?" and steps:
            steps.append(replace(steps.pop(), optional=True))
        else:
            message = f"unexpected {piece!r} in the phrase {line!r}"
            raise RulesError(message, "see the docstring of spinewise.safety.phrases for the language")
    return tuple(steps), at


def _choices(pieces: list[tuple[str, str]], at: int, line: str) -> tuple[tuple[Step, ...], int]:
    choices: list[tuple[Step, ...]] = []
    while True:
        steps, at = _sequence(pieces, at, line)
        choices.append(steps)
        if at >= len(pieces):
            message = f"a ( without ) in the phrase {line!r}"
            raise RulesError(message, "close it")
        at += 1
        if pieces[at - 1][1] == ")":
            break
    choices = [c for c in choices if c]
    if not choices:
        return (), at
    words = frozenset().union(*(c[0].words for c in choices if _is_words(c)))
    longer = tuple(c for c in choices if not _is_words(c))
    by_first: dict[str, list[tuple[Step, ...]]] = {}
    for choice in longer:
        for first in firsts(choice):
            by_first.setdefault(first, []).append(choice)
    return (Step(words=words, choices=longer, by_first=by_first, named=concepts_of(by_first)),), at


def concepts_of(by_first: dict[str, list[tuple[Step, ...]]]) -> frozenset[str]:
    """The names among the beginnings: `<saddle>` of saddle."""
    return frozenset(first[1:-1] for first in by_first if first.startswith("<"))


def _is_words(steps: tuple[Step, ...]) -> bool:
    """Whether an alternative is nothing but one place of words."""
    step = steps[0]
    return len(steps) == 1 and bool(step.words) and not (step.choices or step.optional or step.forbids)


@cache
def _plain(word: str) -> str:
    return plain(word.rstrip("*")) + "*" if word.endswith("*") else plain(word)


def firsts(steps: tuple[Step, ...]) -> set[str]:
    """What a phrase can begin with: words, and concepts as `<name>`."""
    found: set[str] = set()
    for step in steps:
        if step.forbids or step.gap:
            continue
        if step.concept:
            found.add(f"<{step.concept}>")
        found |= step.words
        for choice in step.choices:
            found |= firsts(choice)
        if not step.optional:
            break
    return found


def mentions(steps: tuple[Step, ...]) -> tuple[set[str], set[str]]:
    """The words and the concepts that a phrase mentions."""
    words: set[str] = set()
    concepts: set[str] = set()
    for step in steps:
        words |= step.words
        if step.concept:
            concepts.add(step.concept)
        for choice in step.choices:
            more_words, more_concepts = mentions(choice)
            words |= more_words
            concepts |= more_concepts
    return words, concepts


def needed(steps: tuple[Step, ...]) -> tuple[frozenset[str], ...]:
    """For each place that cannot be missing: the words and concepts of which one must be in the text."""
    found = []
    for step in steps:
        if step.gap or step.forbids or step.optional:
            continue
        found.append(step.words | ({f"<{step.concept}>"} if step.concept else set()) | set(step.by_first))
    return tuple(found)
