"""Finds the rules whose words are all in a text. Does not weigh denial or time; see `judging`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinewise.safety.sheet import Sheet

if TYPE_CHECKING:
    from spinewise.safety.phrases import Pattern
    from spinewise.safety.rules import Rule, RuleSet
    from spinewise.safety.tokens import Words

IDIOMS = "idioms"


def split_runs(words: Words, rules: RuleSet) -> None:
    """Cut run-on words ("cantfeel") in place; each part keeps the place of the whole."""
    reader = rules.reader
    at = 0
    while at < len(words.text):
        parts = reader.parts(words.text[at])
        if len(parts) > 1:
            from spinewise.safety.tokens import DROPPED  # noqa: PLC0415

            kept = [p for p in parts if p not in DROPPED] or parts[-1:]
            for name in ("start", "end", "turn", "sentence", "joined", "left_out"):
                column = getattr(words, name)
                column[at : at + 1] = [column[at]] * len(kept)
            words.comma[at : at + 1] = [words.comma[at]] + [False] * (len(kept) - 1)
            words.text[at : at + 1] = kept
            at += len(kept) - 1
        at += 1


def find(words: Words, rules: RuleSet) -> Sheet:
    """The text as a sheet to look for concepts on. Words of an idiom ("killing me") take no part in anything else."""
    split_runs(words, rules)
    sheet = Sheet([rules.reader.read(word) for word in words.text], words.joined, rules.families)
    for at in {at for start, end in sheet.spans(IDIOMS) for at in range(start, end)}:
        sheet.hide(at, words.text[at] if words.text[at] in {"no", "not"} else "~")
    return sheet


def candidates(sheet: Sheet, rules: RuleSet) -> list[tuple[Rule, Pattern]]:
    """The patterns worth weighing, in the order of the rules: all of their operands are there."""
    waiting = list(sheet.places)
    seen: set[str] = set()
    numbers: set[int] = set()
    while waiting:
        for name in rules.watched.get(waiting.pop(), ()):
            if name not in seen:
                seen.add(name)
                waiting.append(f"<{name}>")
                numbers.update(rules.by_operand.get(name, ()))
    return [found for found in map(rules.patterns.__getitem__, sorted(numbers)) if all(map(sheet.spans, found[1].operands))]
