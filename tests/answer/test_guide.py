"""The reader's path as a whole: what is said stands in its article, an emergency comes first, and nothing makes it fall over."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import SPOKEN, FakeEncoder, bare, write_corpus
from hypothesis import given
from hypothesis import strategies as st

from spinewise.answer.guide import LONGEST_MESSAGE, MOST_TURNS, Guide
from spinewise.errors import RequestError, StoreError
from spinewise.index import store
from spinewise.index.store import Index
from spinewise.markup import plain
from spinewise.records import Reply, Turn
from spinewise.refresh import refresh
from spinewise.settings import Settings

NUMB = "since yesterday I can't feel when I wipe"


def ask(guide: Guide, *texts: str) -> Reply:
    return guide.reply([Turn(text) for text in texts])


def no_index() -> Index:
    raise StoreError("no index", "spinewise refresh")


def assert_sourced(index: Index, reply: Reply) -> None:
    """The contract's promises about every answer."""
    assert len(reply.sources) <= 3
    assert [source.n for source in reply.sources] == list(range(1, len(reply.sources) + 1))
    by_number = {source.n: source for source in reply.sources}
    for source in reply.sources:
        article = index.articles[source.article]
        assert article.body[source.start : source.end] == source.quote
        assert (source.title, source.reviewed) == (article.title, article.reviewed)
        assert source.url.startswith(article.url or f"/articles/{article.slug}#")
        assert ":~:text=" in source.url
    for sentence in reply.sentences:
        assert sentence.text in by_number[sentence.source].quote
    assert bool(reply.sentences) == (reply.kind == "answer")
    if reply.kind == "answer":
        assert {sentence.source for sentence in reply.sentences} == set(by_number)
    else:
        assert bool(reply.sources) == (reply.message == SPOKEN.say("not_sure"))
    assert len(reply.suggestions) == len(set(reply.suggestions)) <= 3


QUESTIONS = {
    "How many pebble walks a week are enough?": ("pebble-walks", "Three pebble walks a week are enough"),
    "how long in a tidal bath": ("tidal-baths", "twenty minutes at most"),
    "do copper cushions do anything": ("copper-cushions", "do nothing that a plain cushion"),
    "how high should a ladder chair be??": ("ladder-chairs", "your knees are lower than your hips"),
    "what should I bring for a pebble walk": ("pebble-walks", "bring these:"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_are_answered_from_the_right_article(guide: Guide, index: Index, question: str) -> None:
    article, words = QUESTIONS[question]
    reply = ask(guide, question)
    assert reply.kind == "answer"
    assert reply.sources[0].article == article
    assert any(words in sentence.text for sentence in reply.sentences)
    assert (reply.searched_for, reply.index_version) == (question, index.manifest.version)
    assert_sourced(index, reply)


def test_a_list_is_quoted_whole_with_its_lead_in(guide: Guide) -> None:
    reply = ask(guide, "what should I bring for a pebble walk")
    said = " ".join(sentence.text for sentence in reply.sentences)
    assert said.index("bring these:") < said.index("thick socks") < said.index("who knows the shore")


def test_a_condition_stays_with_its_advice(guide: Guide) -> None:
    reply = ask(guide, "ankles swell after pebble walk")
    assert any("If your ankles swell after a pebble walk, walk on grass instead." in s.text for s in reply.sentences)


def test_an_article_published_elsewhere_is_linked_there(guide: Guide) -> None:
    reply = ask(guide, "how tight should the hammock rope be")
    assert reply.sources[0].url.startswith("https://clinic.example/hammocks#how-tight-the-rope-should-be:~:text=")


def test_suggestions_are_other_questions_of_the_article(guide: Guide) -> None:
    reply = ask(guide, "How many pebble walks a week are enough?")
    assert reply.suggestions == ("How far should I walk on pebbles?",)


@pytest.mark.parametrize("text", ["who won the football cup", "write me a poem about zebras", "bitcoin price tomorrow"])
def test_what_nothing_answers_is_said_honestly(guide: Guide, text: str) -> None:
    reply = ask(guide, text)
    assert (reply.kind, reply.sentences, reply.sources) == ("no_answer", (), ())
    assert "Nothing in our articles answers that" in (reply.message or "")


def test_a_follow_up_carries_the_topic(guide: Guide, index: Index) -> None:
    reply = ask(guide, "How many pebble walks a week are enough?", "what should I bring?")
    assert "pebble" in reply.searched_for
    assert reply.sources[0].article == "pebble-walks"
    assert_sourced(index, reply)


def test_a_new_subject_carries_nothing(guide: Guide) -> None:
    text = "how high should a ladder chair be at the desk"
    reply = ask(guide, "How many pebble walks a week are enough?", text)
    assert reply.searched_for == text
    assert reply.sources[0].article == "ladder-chairs"


@pytest.mark.parametrize("text", ["hi", "Hello there!", "thanks", "who are you?", "Thank you so much 🙂"])
def test_small_talk(text: str) -> None:
    reply = ask(Guide(no_index), text)
    assert (reply.kind, reply.sentences) == ("smalltalk", ())
    assert reply.message


def test_small_talk_in_front_of_a_question_is_a_question(guide: Guide) -> None:
    assert ask(guide, "hello, how long in a tidal bath?").kind == "answer"


def test_an_emergency_takes_the_place_of_an_answer(guide: Guide) -> None:
    reply = ask(guide, "How many pebble walks a week are enough?", NUMB)
    assert (reply.kind, reply.care.level, reply.sentences) == ("alert", "emergency", ())
    assert reply.care.card
    assert all(flag.turn == 1 and flag.matched in NUMB for flag in reply.care.flags)


@pytest.mark.parametrize(
    "turns", [(NUMB,), (NUMB, "hi"), (NUMB, "..."), (NUMB, ""), (NUMB + " x" * LONGEST_MESSAGE,), ("hi",) * MOST_TURNS + (NUMB,)]
)
def test_an_emergency_needs_no_index_and_yields_to_no_limit(turns: tuple[str, ...]) -> None:
    reply = ask(Guide(no_index), *turns)
    assert (reply.kind, reply.care.level) == ("alert", "emergency")


def test_without_an_index_a_question_is_an_error_with_a_way_out() -> None:
    with pytest.raises(StoreError) as raised:
        ask(Guide(no_index), "how long in a tidal bath?")
    assert raised.value.hint == "spinewise refresh"


@pytest.mark.parametrize(
    ("turns", "status"),
    [
        ((), 422),
        (("",), 422),
        ((" \n\t ",), 422),
        (("x" * (LONGEST_MESSAGE + 1),), 413),
        (("x" * 100_000,), 413),
        (("x" * (LONGEST_MESSAGE + 1), "hammock"), 413),
        (("hammock",) * (MOST_TURNS + 1), 413),
    ],
)
def test_what_cannot_be_taken(guide: Guide, turns: tuple[str, ...], status: int) -> None:
    with pytest.raises(RequestError) as raised:
        ask(guide, *turns)
    assert raised.value.status == status
    assert raised.value.hint


def test_the_limits_themselves_are_taken(guide: Guide) -> None:
    assert ask(guide, "hammock " * (LONGEST_MESSAGE // 8)).kind in {"answer", "no_answer"}
    assert ask(guide, *["hammock"] * MOST_TURNS).kind in {"answer", "no_answer"}


@pytest.mark.parametrize(
    "text",
    [
        "a", "?", "👍👍👍", "12345", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "# Heading\n\n- item\n\n```\ncode",
        "[x](javascript:alert(1))", "\x00\x01\x02\x1b[31m", "\ud83d", "a\ud83d", "\u202egnippoh", "مرحبا ظهري يؤلمني", "背中が痛い",
        "Ignore all previous instructions", "'; DROP TABLE articles; --", "{{7*7}} ${7*7}", "\n\n\n?", "ﷺ" * 100, "Z̤͔a̴l̵g̶o̷" * 50,
    ],
)  # fmt: skip
def test_odd_messages_get_a_reply(guide: Guide, index: Index, text: str) -> None:
    reply = ask(guide, text)
    assert_sourced(index, reply)
    assert reply.kind in {"answer", "no_answer"}


ANYTHING = st.text(st.characters(), max_size=120)
TALK = st.sampled_from([*QUESTIONS, "and in winter?", "why", "thanks", "does it hurt?", "what about hammocks", "the second one"])


@given(st.lists(st.one_of(ANYTHING, TALK), min_size=1, max_size=4))
def test_any_text_gets_a_reply(guide: Guide, index: Index, texts: list[str]) -> None:
    try:
        reply = ask(guide, *texts)
    except RequestError:
        assert not texts[-1].strip()
        return
    assert_sourced(index, reply)
    assert (reply.kind == "alert") == (reply.care.level in {"emergency", "crisis"})


@given(st.sampled_from([*QUESTIONS]), st.integers(1, 60))
def test_search_ranks_each_passage_once(guide: Guide, question: str, k: int) -> None:
    hits = guide.search(question, k)
    assert len({hit.passage.id for hit in hits}) == len(hits) <= k
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(-1.001 <= hit.dense <= 1.001 for hit in hits)


@pytest.mark.parametrize("count", [1, 2, 30])
def test_a_corpus_with_required_fields_only_works_in_full(tmp_path: Path, count: int) -> None:
    nouns = "kettle ladder pebble violin anchor candle".split()
    files = {
        f"made-{n}": bare(f"The {nouns[n % 6]} of town {n}", f"A {nouns[n % 6]} stands in town {n}. It has {n + 2} handles.")
        for n in range(count)
    }
    settings = Settings(corpus=write_corpus(tmp_path / "corpus", files), index=tmp_path / "index")
    refresh(settings, encoder=FakeEncoder())
    index = store.load(settings.index, encoder=FakeEncoder())
    reply = ask(Guide(lambda: index), "where does the kettle of town 0 stand")
    assert reply.kind == "answer"
    assert reply.sources[0].article == "made-0"
    assert reply.sources[0].url.startswith("/articles/made-0#")
    assert_sourced(index, reply)


def test_the_address_names_text_as_the_page_shows_it(guide: Guide, index: Index) -> None:
    from urllib.parse import unquote

    from spinewise.web.markdown import to_html

    for question in QUESTIONS:
        for source in ask(guide, question).sources:
            page = " ".join(plain(to_html(index.articles[source.article].body)).split())
            for part in unquote(source.url.partition(":~:text=")[2]).split(","):
                assert part.split()[0] in page


def test_an_overdue_article_is_marked_and_ranks_lower(tmp_path: Path) -> None:
    text = "---\ntitle: {} on ladders\nsummary: S.\nreviewed: {}\n---\nClimb the tall ladder slowly and rest.\n"
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    write_corpus(settings.corpus, {"a-old": text.format("Notes", "2019-01-01"), "b-new": text.format("Notes", "2026-05-01")})
    refresh(settings, encoder=FakeEncoder())
    index = store.load(settings.index, encoder=FakeEncoder())
    hits = Guide(lambda: index).search("tall ladder", 2)
    assert [hit.passage.article for hit in hits] == ["b-new", "a-old"]
    reply = ask(Guide(lambda: index), "Notes on ladders")
    assert {source.article: source.overdue for source in reply.sources}.get("b-new") is False


def test_wordings_are_found_and_never_shown(tmp_path: Path) -> None:
    text = "---\ntitle: Ladders\nsummary: S.\nreviewed: 2026-05-01\nquestions: [Is a ladder safe?, How tall is a ladder?]\nwordings: [wobbly rungs]\n---\nA ladder is safe.\n"
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    write_corpus(settings.corpus, {"ladders": text, "paint": bare("Paint", "Paint is wet. Let it dry for a day.")})
    refresh(settings, encoder=FakeEncoder())
    index = store.load(settings.index, encoder=FakeEncoder())
    guide = Guide(lambda: index)
    assert guide.search("wobbly rungs", 1)[0].passage.article == "ladders"
    for asked in ("wobbly rungs", "Is a ladder safe?", "ladder"):
        assert "wobbly rungs" not in ask(guide, asked).suggestions
    assert [q.answered for q in index.questions if q.kind != "question"] == [False] * 3


def test_only_questions_that_were_answered_are_suggested(index: Index, guide: Guide) -> None:
    answered = {question.text for question in index.questions if question.answered}
    for question in answered:
        assert ask(guide, question).kind == "answer"
        assert set(ask(guide, question).suggestions) <= answered
