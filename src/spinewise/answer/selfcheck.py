"""Tries the guide on what it must be able to do: every rule's card, and questions that it is known to answer. Mends nothing."""

from __future__ import annotations

from dataclasses import dataclass

from spinewise.answer.guide import Guide
from spinewise.errors import RulesError, SpinewiseError
from spinewise.index.store import Index, Question
from spinewise.records import LEVELS, Turn
from spinewise.safety import screen
from spinewise.safety.checking import as_turns
from spinewise.safety.compiled import ruleset

QUESTIONS = 12
"""How many questions are asked."""
FEWEST_ANSWERED = 0.5
"""Share of them below which something is broken; one or two may read differently in a talk than at refresh."""
LOWEST_AGREEMENT = 0.95
"""Cosine between what the encoder makes of a text now and the vector kept for it. Processors differ by far less."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the questions."""

    asked: int
    answered: int
    agreement: float
    """Lowest cosine between a question's vector now and the one in the index, -1 to 1; 1 where nothing was asked."""


def missing_cards() -> list[str]:
    """The rules whose first test sentence does not bring their card; needs no index."""
    try:
        rules = ruleset().rules
    except RulesError as error:
        return [f"the rules cannot be read: {error}"]
    missing = []
    for rule in rules:
        try:
            care = screen(as_turns(rule.yes[0]))
        except SpinewiseError as error:
            missing.append(f"{rule.id}: {error}")
            continue
        shown = care.card and LEVELS.index(care.level) >= LEVELS.index(rule.level)
        if not shown or rule.id not in {flag.id for flag in care.flags}:
            missing.append(rule.id)
    return missing


def trial(index: Index) -> Trial:
    """Ask questions that were answered at refresh, spread over the corpus; titles where the articles have no questions."""
    numbered = list(enumerate(index.questions, len(index.passages)))
    known = [pair for pair in numbered if pair[1].answered]
    chosen = _spread(known) or _spread([pair for pair in numbered if pair[1].kind == "title"])
    guide = Guide(lambda: index)
    answered = sum(guide.reply([Turn(question.text)]).kind == "answer" for _, question in chosen) if known else len(chosen)
    if not chosen:
        return Trial(0, 0, 1.0)
    now = index.encoder.encode([question.text for _, question in chosen])
    kept = index.vectors.vectors([row for row, _ in chosen])
    if now.shape != kept.shape:
        return Trial(len(chosen), answered, -1.0)
    return Trial(len(chosen), answered, float((now * kept).sum(axis=1).min()))


def _spread(pairs: list[tuple[int, Question]]) -> list[tuple[int, Question]]:
    return pairs[:: max(1, len(pairs) // QUESTIONS)][:QUESTIONS]


def faults(index: Index) -> list[str]:
    """Why this program with this index should not be shown to readers; empty when all is well."""
    found = []
    if missing := missing_cards():
        found.append(f"{len(missing)} rule(s) do not bring their card: {', '.join(missing[:3])}")
    try:
        came = trial(index)
    except Exception as error:  # noqa: BLE001  (whatever a damaged index raises, it is a reason not to be ready)
        return [*found, f"a question could not be answered: {type(error).__name__}: {error}"]
    if came.answered < came.asked * FEWEST_ANSWERED:
        found.append(f"{came.answered} of {came.asked} known questions are answered")
    if came.agreement < LOWEST_AGREEMENT:
        found.append(f"the encoder does not agree with the kept vectors: cosine {came.agreement:.2f}")
    return found
