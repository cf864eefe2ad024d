"""The screen: from a conversation to a level, flags and one card. Pure: no index, no model, no network, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinewise.records import LEVELS, Care, Flag, Level
from spinewise.safety import cards
from spinewise.safety.compiled import ruleset
from spinewise.safety.context import LIVE
from spinewise.safety.judging import Finding, Judge
from spinewise.safety.matching import candidates, find
from spinewise.safety.net import near_danger
from spinewise.safety.rules import RuleSet
from spinewise.safety.tokens import Words, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spinewise.records import CardWords, Turn

_YES = frozenset("yes yeah yep yea yup aye correct".split())
_MINE = (
    "i have that", "thats me", "that is me", "i do have that", "yes i do", "i've got that", "ive got that", "got that", "it is happening", "thats happening", "happening to me",
    "happening now", "i have those", "i have all", "i have both", "that's what i have", "thats what i have", "i have exactly that", "same as me", "mine is like that", "thats how mine is",
)  # fmt: skip
_CORRECTS = (
    "i meant",
    "i ment",
    "meant to say",
    "meant to type",
    "meant to write",
    "typo",
    "autocorrect",
    "mistyped",
    "misspoke",
    "wrong word",
    "not my",
    "i mean my",
    "i mean the",
)
_NEVER_TAKEN_BACK = frozenset({"danger-now", "overdose", "crisis", "unsafe"})


def screen(
    turns: Sequence[Turn], country: str | None = None, rules: RuleSet | None = None, wording: CardWords | None = None
) -> Care:
    """The care that the conversation as a whole calls for; its card in the language of `wording`, else in English."""
    known = rules or ruleset()
    texts = [turn.text for turn in turns]
    words = read(texts)
    if not words.text:
        return Care()
    care = _by_rules(known, words, texts, country, wording)
    return _second_net(texts, country, wording) if care == Care() and rules is None else care


def _second_net(texts: list[str], country: str | None, wording: CardWords | None) -> Care:
    """The question of the second net where the last turn calls for it, or the card where the reader has said yes to it."""
    asked = next((number for number, text in enumerate(texts) if near_danger(text)), -1)
    if asked < 0:
        return Care()
    yes = next((number for number in range(asked + 1, len(texts)) if _says_yes(texts[: number + 1], number - 1, wording)), -1)
    if yes >= 0:
        flag = Flag("second-net", "one of the signs in the question", texts[yes], yes)
        return Care("emergency", (flag,), cards.render("said-yes", country=country, wording=wording))
    if near_danger(texts[-1]):
        return Care("none", (), cards.render("any-of-these", country=country, wording=wording), asks=True)
    return Care()


def _by_rules(known: RuleSet, words: Words, texts: list[str], country: str | None, wording: CardWords | None) -> Care:
    sheet = find(words, known)
    patterns = candidates(sheet, known)
    if not patterns:
        return Care()
    findings = Judge(known, words, sheet).findings(patterns)
    findings = _corrected(findings, words, texts)
    live = [f for f in findings if f.status == LIVE]
    asked = [f for f in findings if f.status != LIVE]
    if asked and _says_yes(texts, min(_turn(f, words) for f in asked), wording):
        live, asked = live + asked, []
    if not live and _is_tale(asked, words):
        live, asked = asked, []
    if live:
        return _alarm(live, words, texts, country, wording)
    return _conditional(asked, country, wording) if asked else Care()


def _is_tale(asked: list[Finding], words: Words) -> bool:
    """Whether a question names emergency signs of two kinds at once: nobody asks so about nobody."""
    urgent = [f for f in asked if f.rule.level == "emergency" and not f.framed]
    signs = [(f.rule.row.split(",")[0], words.turn[f.spans[0][0]], *f.spans[0]) for f in urgent]
    return any(
        (row, turn) != (other, turn_) and (end <= start_ or end_ <= start)
        for row, turn, start, end in signs
        for other, turn_, start_, end_ in signs
    )


def _alarm(live: list[Finding], words: Words, texts: list[str], country: str | None, wording: CardWords | None) -> Care:
    level: Level = max((f.rule.level for f in live), key=LEVELS.index)
    rank = {name: n for n, name in enumerate(cards.cards())}
    live = sorted(live, key=lambda f: (-LEVELS.index(f.rule.level), rank[f.rule.card]))
    name = live[0].rule.card
    shown = [f.rule for f in live if f.rule.card == name and f.rule.level == level]
    card = cards.render(name, shown, texts, country, wording)
    return Care(level, tuple(_flag(f, words, texts) for f in live), card)


def _conditional(asked: list[Finding], country: str | None, wording: CardWords | None) -> Care:
    asked = sorted(asked, key=lambda f: -LEVELS.index(f.rule.level))
    top = asked[0].rule
    name = "conditional" if top.level == "emergency" else "conditional-crisis" if top.level == "crisis" else "conditional-today"
    if top.card in {"danger-now", "overdose"}:
        name = "conditional-crisis"
    return Care("none", (), cards.render(name, [top], (), country, wording))


def _turn(finding: Finding, words: Words) -> int:
    return max(words.turn[start] for start, _ in finding.spans)


def _flag(finding: Finding, words: Words, texts: list[str]) -> Flag:
    start, end = finding.spans[0]
    turn = words.turn[start]
    while words.turn[end - 1] != turn:
        end -= 1
    same = [
        s
        for s in finding.spans[1:]
        if words.turn[s[0]] == turn == words.turn[s[1] - 1] and words.sentence[s[0]] == words.sentence[start]
    ]
    start, end = min([start, *(s[0] for s in same)]), max([end, *(s[1] for s in same)])
    return Flag(finding.rule.id, finding.rule.condition, texts[turn][words.start[start] : words.end[end - 1]], turn)


def _says_yes(texts: list[str], asked_in: int, wording: CardWords | None) -> bool:
    """Whether a later turn says that what was asked about is the reader's own."""
    yes = _YES | wording.yes if wording else _YES
    for text in texts[asked_in + 1 :]:
        plain = text.lower().replace("’", "'").replace("'", "").strip(" .!?,¡¿")
        first = plain.split(" ", 1)[0].strip(",.!،")
        if (first in yes and len(plain) < 60) or any(cue.replace("'", "") in plain for cue in _MINE):
            return True
    return False


def _corrected(findings: list[Finding], words: Words, texts: list[str]) -> list[Finding]:
    """Findings without those that the reader took back in the next message ("no, I meant my hands")."""
    for number, text in enumerate(texts[1:], 1):
        plain = " ".join(text.lower().replace("’", "").replace("'", "").split())[:60]
        if not any(cue in plain for cue in _CORRECTS):
            continue
        if any(
            _turn(f, words) == number
            and f.status == LIVE
            and f.rule.level == "emergency"
            and all(words.turn[s] == number for s, _ in f.spans)
            for f in findings
        ):
            continue
        earlier = [_turn(f, words) for f in findings if _turn(f, words) < number]
        taken = max(earlier, default=-1)
        findings = [f for f in findings if not (taken <= _turn(f, words) <= number) or f.rule.card in _NEVER_TAKEN_BACK]
    return findings
