"""Decides whether a new version may be published: golden questions and safety sentences. Builds and publishes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from spinewise.answer.guide import Guide
from spinewise.errors import RequestError
from spinewise.index.store import Index
from spinewise.markup import plain
from spinewise.records import AnswerChange, Golden, GoldenQuestion, Progress, Reply, Turn
from spinewise.safety.checking import failures
from spinewise.safety.rules import HERE, load


@dataclass(frozen=True, slots=True)
class Answer:
    """What a golden question's answer is judged by; equal where a reader would see the same."""

    kind: str
    level: str
    cited: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Article and headings of each source."""
    text: str = ""

    def __str__(self) -> str:
        lines = [self.kind if self.level == "none" else f"{self.kind}, {self.level}", self.text]
        lines += [f"[{' › '.join((article, *section))}]" for article, section in self.cited]
        return "\n".join(line for line in lines if line)


def ask(golden: Golden | None, index: Index, progress: Progress) -> tuple[Answer, ...]:
    """Ask every golden question of a version, in their order; none where there are none."""
    guide = Guide(lambda: index)
    found: list[Answer] = []
    questions = golden.questions if golden else ()
    for question in questions:
        try:
            found.append(_answer(guide.reply([Turn(text) for text in question.turns])))
        except RequestError as error:
            found.append(Answer("refused", "none", text=str(error)))
        progress("asking the golden questions", len(found), len(questions))
    return tuple(found)


def _answer(reply: Reply) -> Answer:
    cited = tuple((source.article, source.section) for source in reply.sources) if reply.kind == "answer" else ()
    return Answer(reply.kind, reply.care.level, cited, " ".join(plain(sentence.text) for sentence in reply.sentences))


def faults(golden: Golden | None, answers: Sequence[Answer], slugs: Collection[str], progress: Progress) -> tuple[str, ...]:
    """Why a version of the articles `slugs` that gave these answers may not be published; empty where it may.

    A golden question that is required and fails stops it, and more failures among the others than `may_fail` allows; so does
    any test sentence of a safety rule that does not do what it should. A question that is not required and can cite only
    articles that are gone does not count: an editor has removed what it asks for, and `check` says so.
    """
    progress("checking the safety sentences", 0, 1)
    found = list(_safety())
    progress("checking the safety sentences", 1, 1)
    if golden is None:
        return tuple(found)
    counted = [(q, answer) for q, answer in zip(golden.questions, answers, strict=True) if q.required or _can_hold(q, slugs)]
    failed = [(q, why) for q, answer in counted if (why := failure(q, answer))]
    others = sum(not question.required for question, _ in counted)
    missed = sum(not question.required for question, _ in failed)
    too_many = missed > golden.may_fail * others
    found += [f"{golden.file}:{q.line}: {q.turns[-1]!r} {why}" for q, why in failed if q.required or too_many]
    if too_many:
        found.append(f"{missed} of {others} golden questions that are not required fail; {golden.may_fail:.0%} may")
    return tuple(found)


def _can_hold(question: GoldenQuestion, slugs: Collection[str]) -> bool:
    return not question.cites or any(target.partition("#")[0] in slugs for target in question.cites)


@cache
def _safety() -> tuple[str, ...]:
    """The screen comes before the index and never sees it, so once in a process is enough."""
    return tuple(fault for rule in load(HERE).rules for fault in failures(rule))


def failure(question: GoldenQuestion, answer: Answer) -> str:
    """What is wrong with the answer to a golden question; empty where nothing is."""
    cited = ", ".join(dict.fromkeys(article for article, _ in answer.cited)) or "nothing"
    if answer.kind == "refused":
        return f"cannot be asked: {answer.text}"
    if question.care is not None and answer.level != question.care:
        return f"has care level {answer.level}, not {question.care}"
    if question.abstains is not None and (answer.kind == "no_answer") != question.abstains:
        return f"should not be answered, but cites {cited}" if question.abstains else "should be answered, and is not"
    if question.cites and not any(_cites(answer, target) for target in question.cites):
        return f"should cite {' or '.join(question.cites)}, and cites {cited}"
    wrong = next((target for target in question.not_cites if _cites(answer, target)), None)
    return f"should not cite {wrong}" if wrong else ""


def _cites(answer: Answer, target: str) -> bool:
    slug, _, heading = target.partition("#")
    return any(
        article == slug and (not heading or heading.strip().casefold() in (part.casefold() for part in section))
        for article, section in answer.cited
    )


def changes(golden: Golden, old: Sequence[Answer], new: Sequence[Answer]) -> tuple[AnswerChange, ...]:
    """The golden questions whose answers differ between two versions."""
    return tuple(
        AnswerChange(" // ".join(question.turns), str(was), str(now))
        for question, was, now in zip(golden.questions, old, new, strict=True)
        if was != now
    )
