"""Finds every concept and every rule's words in a text. Does not weigh denial or time; see `judging`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinewise.safety.phrases import Sheet

if TYPE_CHECKING:
    from spinewise.safety.rules import Entry, RuleSet
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
    """Every span of every concept. Words of an idiom ("killing me") take no part in anything else."""
    split_runs(words, rules)
    symbols = [rules.reader.read(word) for word in words.text]
    sheet = Sheet(symbols, words.joined)
    _stratum(sheet, rules.idioms)
    masked = {at for start, end in sheet.spans.get(IDIOMS, ()) for at in range(start, end)}
    for at in masked:
        sheet.hide(at, words.text[at] if words.text[at] in {"no", "not"} else "~")
    for stratum in rules.strata:
        _stratum(sheet, stratum)
    return sheet


def _stratum(sheet: Sheet, stratum: dict[str, list[Entry]]) -> None:
    """Match one stratum. A phrase is tried only if every word it cannot do without is somewhere in the text."""
    symbols, last, add, places = sheet.symbols, sheet.last, sheet.add, sheet.places
    present = frozenset(places)
    for symbol in present & stratum.keys():
        for steps, concept, _, following in _able(stratum[symbol], present):
            alone = len(steps) == 1 and not steps[0].choices and not steps[0].concept
            for at in places[symbol]:
                if alone:
                    add(concept, at, at + 1)
                elif following is None or (at + 1 < last[at] and not symbols[at + 1].isdisjoint(following)):
                    for end in sheet.ends(steps, at, last[at]):
                        add(concept, at, end)


def _able(entries: list[Entry], present: frozenset[str]) -> list[Entry]:
    found = []
    for entry in entries:
        for need in entry[2]:
            if present.isdisjoint(need):
                break
        else:
            found.append(entry)
    return found
