"""Finds every concept and every rule's words in a text. Does not weigh denial or time; see `judging`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinewise.safety.phrases import Sheet

if TYPE_CHECKING:
    from spinewise.safety.rules import RuleSet
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
    _stratum(sheet, rules.strata[0], only=IDIOMS)
    masked = {at for start, end in sheet.spans.get(IDIOMS, ()) for at in range(start, end)}
    for at in masked:
        symbols[at] = frozenset({words.text[at] if words.text[at] in {"no", "not"} else "~"})
    for stratum in rules.strata:
        _stratum(sheet, stratum)
    return sheet


def _stratum(sheet: Sheet, stratum: dict[str, list], only: str = "") -> None:
    for at, symbols in enumerate(sheet.symbols):
        limit = sheet.last[at]
        for symbol in symbols:
            for steps, concept in stratum.get(symbol, ()):
                if only and concept != only:
                    continue
                for end in sheet.ends(steps, at, limit):
                    if not only or end > at + 1 or len(steps) == 1:
                        sheet.add(concept, at, end)
        if sheet.starts[at]:
            for name in list(sheet.starts[at]):
                for steps, concept in stratum.get(f"<{name}>", ()):
                    for end in sheet.ends(steps, at, limit):
                        sheet.add(concept, at, end)
