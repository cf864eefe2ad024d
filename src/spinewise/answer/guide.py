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
from spinewise.answer.language import ENGLISH, foreign, words_for
from spinewise.answer.requests import NOT_A_SERVICE, cannot_serve, preface
from spinewise.answer.search import Query, prepare, search
from spinewise.answer.smalltalk import small_talk
from spinewise.errors import RequestError
from spinewise.index.store import Index
from spinewise.records import Care, Hit, Reply, Turn
from spinewise.safety import offers_checklist, screen

LONGEST_MESSAGE = 2000
"""Characters of one message, from the contract."""
MOST_TURNS = 40
"""Messages of one conversation, from the contract."""
FEWEST_LETTERS = 2
SUGGESTIONS = 3
ASKED_ALREADY = 0.9
"""Cosine from which a suggestion is the question that was just asked."""

NOT_SURE = "I am not sure that our articles answer this. These pages are the closest."
NOTHING_ANSWERS = "Nothing in our articles answers that. The nearest questions that they do answer are below."
YES_OR_NO = ("Yes, one of these is happening now", "No, none of these")
"""The answers offered to the second net's question."""
SAY_MORE = "Please type a question about back pain, in a few words."


class Guide:
    """Answers from the index that `index_of` gives at each turn, so that a published version is picked up between two."""

    def __init__(self, index_of: Callable[[], Index], country: str | None = None) -> None:
        self._index_of = index_of
        self._country = country or None
        self._language = ("", ENGLISH)

    def reply(self, turns: Sequence[Turn], country: str | None = None, refused: RequestError | None = None) -> Reply:
        """The reply to the last of `turns`, each read with those before it; `country` is the reader's, else the site's.

        `refused` is why the caller would not answer, as when too much is asked: an emergency is shown all the same.

        Raises:
            RequestError: no turn, too many, or one that is too long. An emergency in the part that fits is still shown.
            StoreError: there is no usable index. An emergency is answered all the same.
        """
        began = time.perf_counter()
        refused = refused or refusal(turns)
        care = screen([Turn(turn.text[:LONGEST_MESSAGE]) for turn in turns[-MOST_TURNS:]], country or self._country)
        if care.level in {"emergency", "crisis"}:
            return _timed(Reply("alert", care), began)
        if refused:
            raise refused
        text = turns[-1].text.strip()
        talk = small_talk(text)
        if talk:
            return _timed(Reply("smalltalk", care, message=talk), began)
        if sum(character.isalpha() for character in text) < FEWEST_LETTERS:
            return _timed(Reply("no_answer", care, message=SAY_MORE), began)
        return _timed(self._answer(self._index_of(), turns, care), began)

    def search(self, text: str, k: int = 10) -> list[Hit]:
        """The `k` passages that rank highest for `text`."""
        index = self._index_of()
        return search(index, prepare(index, text), k)

    def _language_of(self, index: Index) -> str:
        """The language of the articles, read from their titles and summaries once a version."""
        version, language = self._language
        if version != index.manifest.version:
            texts = (f"{article.title}. {article.summary}" for article in index.articles.values())
            version, language = self._language = index.manifest.version, foreign(" ".join(texts)) or ENGLISH
        return language

    def _answer(self, index: Index, turns: Sequence[Turn], care: Care) -> Reply:
        language = foreign(turns[-1].text)
        if language and self._language_of(index) == ENGLISH:
            return Reply("no_answer", care, message=words_for(language), index_version=index.manifest.version)
        if cannot_serve(turns[-1].text):
            return Reply("no_answer", care, message=NOT_A_SERVICE, index_version=index.manifest.version)
        asked = standalone(turns, index.topics.__contains__)
        query = prepare(index, asked.text)
        hits = search(index, query, 10)
        base = Reply("no_answer", care, searched_for=query.text, carried=asked.carried, index_version=index.manifest.version)
        if care.card is None and offers_checklist(turns[-1].text):
            base = replace(base, checklist=True)
        decision = abstain.decide(index, query, hits)
        if decision == "unsure" and asked.carried:
            decision = "answer"  # the talk is about backs already, and what leans on it says less by itself
        sentences, sources = compose(index, query, hits) if decision != "nothing" else ((), ())
        if decision != "answer" or not sentences:
            nearest = YES_OR_NO if care.asks else _nearest_questions(index, query, list(chain(*index.questions_of.values())))
            return replace(base, message=NOT_SURE if sources else NOTHING_ANSWERS, sources=sources, suggestions=nearest)
        suggestions = _nearest_questions(index, query, index.questions_of[sources[0].article])
        if care.asks:
            suggestions = (*YES_OR_NO, *suggestions)[:SUGGESTIONS]
        return replace(
            base, kind="answer", message=preface(turns[-1].text), sentences=sentences, sources=sources, suggestions=suggestions
        )


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
        return RequestError("the question is empty", "type a question about back pain")
    if len(turns) > MOST_TURNS:
        return RequestError(f"the conversation has {len(turns)} turns", f"start a new one; {MOST_TURNS} is the most", 413)
    longest = max(len(turn.text) for turn in turns)
    if longest > LONGEST_MESSAGE:
        return RequestError(f"a message has {longest} characters", f"shorten it to {LONGEST_MESSAGE}", 413)
    return None
