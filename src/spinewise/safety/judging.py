"""Weighs what was found: which rules hold, which are only asked about. Writes no card."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spinewise.safety.context import ASKED, DENIED, LIVE, PAST, Context

if TYPE_CHECKING:
    from collections.abc import Iterable

    from spinewise.safety.phrases import Pattern
    from spinewise.safety.rules import Rule, RuleSet
    from spinewise.safety.sheet import Sheet
    from spinewise.safety.tokens import Words

NEAR = 8
"""Words, small ones left out, that may stand between two things that belong together."""
_WITH_DENIAL = ("numb", "unwell", "no-urine", "unexplained", "night-pain", "leg-gives", "breathless")
"""Concepts whose phrases may begin with a denial that is the sign itself."""
_TRIES = 12
"""How many neighbours are tried for one place: bounds the work on any text."""

_LISTING = frozenset(
    {"and", "or", "in", "round", "around", "both", "down", "inside", "left", "right", "into", "on", "at", "back"}
)

_MOST = 60
"""The most places of one pattern that are weighed."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule whose words were found, and whether they stand as a statement or only as a question."""

    rule: Rule
    spans: tuple[Span, ...]
    status: str
    framed: bool = False
    """Whether it is asked in so many words: "what are the signs of"."""


class Judge:
    """Applies every rule to one conversation."""

    def __init__(self, rules: RuleSet, words: Words, sheet: Sheet) -> None:
        self._rules, self._words, self._sheet = rules, words, sheet
        own = frozenset(a for name in _WITH_DENIAL for a, b in sheet.spans(name) if b > a + 1)
        self._context = Context(words, own)
        self._statuses: dict[tuple[Span, tuple[Span, ...]], str] = {}

    def findings(self, patterns: Iterable[tuple[Rule, Pattern]]) -> list[Finding]:
        """The best finding of each rule among patterns whose operands are all in the text: a statement before a question."""
        best: dict[str, Finding] = {}
        for rule, pattern in patterns:
            known = best.get(rule.id)
            if known and known.status == LIVE:
                continue
            found = self._pattern(rule, pattern)
            if found and (not known or found.status == LIVE):
                best[rule.id] = found
        return list(best.values())

    def _pattern(self, rule: Rule, pattern: Pattern) -> Finding | None:
        asked = None
        for spans in self._together(pattern):
            status = self._standing(rule, pattern.operands, spans)
            if status in {LIVE, ASKED}:
                finding = self._with_needs(rule, spans, status)
                if finding and finding.status == LIVE:
                    return finding
                asked = asked or finding
        return asked

    def _together(self, pattern: Pattern) -> list[tuple[Span, ...]]:
        """Places of all operands that are near enough to each other."""
        found: list[tuple[Span, ...]] = [(span,) for span in self._sheet.spans(pattern.operands[0])[:_MOST]]
        for name, reach in zip(pattern.operands[1:], pattern.reaches, strict=True):
            found = [(*spans, other) for spans in found for other in self._partners(spans, name, reach)][:_MOST]
        return found

    def _partners(self, spans: tuple[Span, ...], name: str, reach: str) -> list[Span]:
        others = self._sheet.spans(name)
        first, last = spans[-1]
        words = self._words
        if reach in {"near", "tied"}:
            low = bisect_left(others, (first - NEAR - 10, 0))
            near: list[Span] = []
            for other in others[low:]:
                if other[0] > last + NEAR or len(near) >= _TRIES:
                    break
                gap = max(other[0] - last, first - other[1])
                if (
                    gap <= NEAR
                    and words.joined[other[0]] == words.joined[first]
                    and all(other[1] <= a or other[0] >= b for a, b in spans)
                ):
                    near.append(other)
            return [o for o in near if self._belongs(spans[-1], o)] if reach == "tied" else near
        apart = [o for o in others[: 4 * _TRIES] if all(o[1] <= a or o[0] >= b for a, b in spans)]
        if reach == "message":
            apart = [o for o in apart if words.turn[o[0]] == words.turn[first]]
        apart.sort(key=lambda o: self._status(o, ()) != LIVE)
        return apart[:2]

    def _belongs(self, feeling: Span, part: Span) -> bool:
        """Whether the feeling belongs to this part: "pain in my bum and numb toes" is no numb bum."""
        words, parts = self._words, self._sheet.spans("parts")
        low, high = (feeling[1], part[0]) if feeling[1] <= part[0] else (part[1], feeling[0])
        between = [p for p in parts[bisect_left(parts, (low, 0)) :][:_TRIES] if low <= p[0] and p[1] <= high]
        if feeling[1] <= part[0]:
            if not between:
                return True
            after = words.text[part[1]] if part[1] < len(words.text) else ""
            listed = set(words.text[between[0][0] : part[0]]) - {w for p in between for w in words.text[p[0] : p[1]]} <= _LISTING
            return listed and not after.startswith(("hurt", "sore", "ach", "pain"))
        if between:
            return set(words.text[low : between[-1][0]]) - {w for p in between for w in words.text[p[0] : p[1]]} <= _LISTING
        follows = [
            p
            for p in parts[bisect_left(parts, (feeling[1], 0)) :][:2]
            if p[0] <= feeling[1] + 1 and words.joined[p[0]] == words.joined[feeling[0]]
        ]
        direct = [
            p
            for p in follows
            if not any(words.comma[feeling[1] : p[0] + 1]) and not set(words.text[feeling[1] : p[0]]) - {"in", "round", "around"}
        ]
        return not direct or "and" not in words.text[part[1] : feeling[0]] or direct[0] == part

    def _standing(self, rule: Rule, operands: tuple[str, ...], spans: tuple[Span, ...]) -> str:
        statuses = set()
        for name, span in zip(operands, spans, strict=True):
            status = self._status(span, spans)
            concept = self._rules.concepts.get(name)
            if status == PAST and (rule.past == "counts" or (concept and concept.kind == "risk")):
                status = LIVE
            if (
                status == LIVE
                and rule.past == "cancels"
                and self._context.long_ago(span[0])
                and not (concept and concept.kind == "risk")
            ):
                status = PAST
            if status == ASKED and rule.questions == "count" and not self._context.framed(span[0]):
                status = LIVE
            statuses.add(status)
        if LIVE in statuses and ASKED in statuses and not any(self._context.framed(span[0]) for span in spans):
            statuses.discard(ASKED)  # "What helps severe back pain? I had an abscess last week" tells as much as it asks
        for status in (DENIED, PAST, ASKED):
            if status in statuses:
                return status
        return LIVE

    def _with_needs(self, rule: Rule, spans: tuple[Span, ...], status: str) -> Finding | None:
        turn = self._words.turn[spans[0][0]]
        for name in rule.cancelled_by:
            if any(
                self._words.turn[s[0]] == turn and self._status(s, ()) != DENIED for s in self._sheet.spans(name)[: 4 * _TRIES]
            ):
                return None
        extra: list[Span] = []
        for name in rule.needs:
            standing = self._need(name, spans)
            if standing is None:
                return None
            if standing[1] == ASKED and self._context.framed(standing[0][0]):
                status = ASKED
            extra.append(standing[0])
        return Finding(rule, (*spans, *extra), status, framed=any(self._context.framed(span[0]) for span in spans))

    def _need(self, name: str, spans: tuple[Span, ...]) -> tuple[Span, str] | None:
        asked = None
        risk = self._rules.concepts[name].kind == "risk"
        for span in self._sheet.spans(name)[: 4 * _TRIES]:
            status = self._status(span, spans)
            if status == LIVE or (risk and status == PAST):
                return span, LIVE
            if status == ASKED and asked is None:
                asked = span, ASKED
        return asked

    def _status(self, span: Span, inside: tuple[Span, ...]) -> str:
        key = (span, inside)
        if key not in self._statuses:
            self._statuses[key] = self._context.status(*span, (*inside, span))
        return self._statuses[key]
