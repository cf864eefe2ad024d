"""The reader's path: a conversation in, a reply out. Each step is another module's; this one only joins them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from spinewise.answer import abstain
from spinewise.answer.compose import compose
from spinewise.answer.followup import standalone
from spinewise.answer.language import foreign, language_of
from spinewise.answer.requests import cannot_serve, preface
from spinewise.answer.search import Query, prepare, search
from spinewise.answer.smalltalk import small_talk
from spinewise.errors import RequestError, StoreError
from spinewise.index.store import Index
from spinewise.languages import ENGLISH, Language, Languages
from spinewise.records import Care, Hit, Reply, Turn
from spinewise.safety import offers_checklist, render, screen

LONGEST_MESSAGE = 2000
"""Characters of one message, from the contract."""
MOST_TURNS = 40
"""Messages of one conversation, from the contract."""
FEWEST_LETTERS = 2
SUGGESTIONS = 3
ASKED_ALREADY = 0.9
"""Cosine from which a suggestion is the question that was just asked."""


class Guide:
    """Answers from the index that `index_of` gives at each turn, so that a published version is picked up between two."""

    def __init__(self, index_of: Callable[[], Index], country: str | None = None, languages: Languages | None = None) -> None:
        self._index_of = index_of
        self._country = country or None
        self._languages = languages or Languages()

    def reply(
        self,
        turns: Sequence[Turn],
        country: str | None = None,
        refused: RequestError | None = None,
        language: Language | None = None,
    ) -> Reply:
        """The reply to the last of `turns`, each read with those before it.

        `country`, for the numbers to call, and `language`, for our own words, are the reader's; without them, the site's.
        `refused` is why the caller would not answer, as when too much is asked: an emergency is shown all the same.

        Raises:
            RequestError: no turn, too many, or one that is too long. An emergency in the part that fits is still shown.
            StoreError: there is no usable index. An emergency is answered all the same.
        """
        began = time.perf_counter()
        refused = refused or refusal(turns)
        language = language or self._languages.pick()
        care = self._screen(turns, country, language)
        base = Reply("no_answer", care, language=language.code)
        if care.level in {"emergency", "crisis"}:
            return _timed(replace(base, kind="alert"), began)
        if refused:
            raise refused
        text = turns[-1].text.strip()
        talk = small_talk(text, language)
        if talk:
            return _timed(replace(base, kind="smalltalk", message=language.say(talk)), began)
        if sum(character.isalpha() for character in text) < FEWEST_LETTERS:
            return _timed(replace(base, message=language.say("say_more")), began)
        index = self._index_of()
        base = replace(base, articles_language=language_of(index), index_version=index.manifest.version)
        written = foreign(text, base.articles_language)
        if written:
            return _timed(self._not_understood(base, turns, country, language, written), began)
        reply = _answer(index, turns, base, language)
        if reply.kind == "no_answer" and {language.code, reply.articles_language} != {ENGLISH}:
            reply = replace(reply, care=self._with_signs(care, country, language))  # too few words to tell may not be English
        return _timed(reply, began)

    def search(self, text: str, k: int = 10) -> list[Hit]:
        """The `k` passages that rank highest for `text`."""
        index = self._index_of()
        return search(index, prepare(index, text), k)

    def articles_language(self) -> str | None:
        """The code of the language of the articles; None where there are none yet."""
        try:
            return language_of(self._index_of())
        except StoreError:
            return None

    def _screen(self, turns: Sequence[Turn], country: str | None, language: Language) -> Care:
        read = [Turn(turn.text[:LONGEST_MESSAGE]) for turn in turns[-MOST_TURNS:]]
        return screen(read, country or self._country, wording=language.cards)

    def _not_understood(self, base: Reply, turns: Sequence[Turn], country: str | None, language: Language, written: str) -> Reply:
        """The reply to a message that is not in the articles' language: said in its own where we have that, and in `language`."""
        own = self._languages.named(written) or language
        said = own.say("other_language", articles=own.languages[base.articles_language])
        if own.code != language.code:
            said += f" ({language.name}: {language.say('other_language', articles=language.languages[base.articles_language])})"
        care = self._with_signs(self._screen(turns, country, own), country, own)
        return replace(base, care=care, message=said, language=own.code)

    def _with_signs(self, care: Care, country: str | None, language: Language) -> Care:
        """`care` with the list of warning signs where it has no card: what is not in English is not screened."""
        if care.card:
            return care
        return replace(care, card=render("another-language", country=country or self._country, wording=language.cards))


def _answer(index: Index, turns: Sequence[Turn], base: Reply, language: Language) -> Reply:
    if cannot_serve(turns[-1].text):
        return replace(base, message=language.say("not_a_service"))
    asked = standalone(turns, index.topics.__contains__)
    query = prepare(index, asked.text)
    hits = search(index, query, 10)
    base = replace(base, searched_for=query.text, carried=asked.carried)
    if base.care.card is None and offers_checklist(turns[-1].text):
        base = replace(base, checklist=True)
    decision = abstain.decide(index, query, hits)
    if decision == "unsure" and asked.carried:
        decision = "answer"  # the talk is about backs already, and what leans on it says less by itself
    sentences, sources = compose(index, query, hits) if decision != "nothing" else ((), ())
    yes_or_no = (language.say("yes"), language.say("no")) if base.care.asks else ()
    if decision != "answer" or not sentences:
        nearest = yes_or_no or _nearest_questions(index, query, list(chain(*index.questions_of.values())))
        said = language.say("not_sure" if sources else "nothing_answers")
        return replace(base, message=said, sources=sources, suggestions=nearest)
    suggestions = (*yes_or_no, *_nearest_questions(index, query, index.questions_of[sources[0].article]))[:SUGGESTIONS]
    before = preface(turns[-1].text)
    message = language.say(before) if before else None
    return replace(base, kind="answer", message=message, sentences=sentences, sources=sources, suggestions=suggestions)


def _nearest_questions(index: Index, query: Query, numbers: Sequence[int]) -> tuple[str, ...]:
    """The articles' own questions nearest to `query` among `numbers`, but not the one asked."""
    if not numbers:
        return ()
    cosines = index.vectors.vectors(len(index.passages) + np.asarray(numbers)) @ query.vector
    found: list[str] = []
    for at in np.argsort(-cosines):
        question = index.questions[numbers[at]]
        if cosines[at] < ASKED_ALREADY and question.text not in found:
            found.append(question.text)
        if len(found) == SUGGESTIONS:
            break
    return tuple(found)


def _timed(reply: Reply, began: float) -> Reply:
    return replace(reply, took_ms=round((time.perf_counter() - began) * 1000, 2))


def refusal(turns: Sequence[Turn]) -> RequestError | None:
    """Why a conversation cannot be taken, or None."""
    if not turns or not turns[-1].text.strip():
        return RequestError("the question is empty", "type a question about back pain", reason="empty")
    if len(turns) > MOST_TURNS:
        return RequestError(
            f"the conversation has {len(turns)} turns", f"start a new one; {MOST_TURNS} is the most", 413, "turns"
        )
    longest = max(len(turn.text) for turn in turns)
    if longest > LONGEST_MESSAGE:
        return RequestError(
            f"a message has {longest} characters", f"shorten it to {LONGEST_MESSAGE}", 413, "long", most=LONGEST_MESSAGE
        )
    return None
