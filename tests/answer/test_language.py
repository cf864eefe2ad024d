"""A message in another language is known as one, gets fixed words with the numbers to call, and no reader of English does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import SPOKEN, FakeEncoder, write_corpus

from spinewise.answer.guide import Guide
from spinewise.answer.language import foreign
from spinewise.index import store
from spinewise.languages import Languages
from spinewise.records import Turn
from spinewise.refresh import refresh
from spinewise.safety import render
from spinewise.settings import Settings

TESTS = Path(__file__).parents[1]
LINES = {
    "es": ["Tengo mucho dolor de espalda desde ayer", "¿Cuántas sesiones de acupuntura necesito?", "dolor de espalda embarazo"],
    "de": [
        "Ich habe seit drei Wochen starke Rückenschmerzen",
        "Kann ich mit Ischias joggen gehen?",
        "mein Bein ist taub seit gestern",
    ],
    "fr": ["j’ai mal au dos depuis deux semaines", "est-ce que le yoga aide pour la sciatique"],
    "it": ["ho mal di schiena da tre settimane", "il dolore scende nella gamba sinistra"],
    "pt": ["tenho dor nas costas há dois meses"],
    "nl": ["ik heb al weken pijn in mijn rug"],
    "pl": ["boli mnie kręgosłup i nie mogę chodzić"],
    "tr": ["belim çok ağrıyor ne yapmalıyım"],
    "und": ["عندي ألم في الظهر منذ أسبوع", "मेरी पीठ में दर्द है", "我背痛三个星期了", "У меня болит спина"],
}


@pytest.mark.parametrize(("code", "line"), [(code, line) for code, lines in LINES.items() for line in lines])
def test_another_language_is_known(code: str, line: str) -> None:
    assert foreign(line) == code


def test_english_is_english() -> None:
    """Readers' lines of ours; a few hold words of other languages."""
    read = [
        json.loads(line)
        for name in ("lay_questions.jsonl", "lay_questions_misspelt.jsonl", "followups.jsonl")
        for line in (TESTS / "data" / name).read_text(encoding="utf-8").splitlines()
    ]
    read += [
        json.loads(line)
        for file in (TESTS / "safety" / "lines").glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    texts = [text for row in read for text in (row.get("turns") or [row.get("text")]) if isinstance(text, str)]
    taken = [text for text in texts if foreign(text)]
    assert len(texts) > 8000
    assert len(taken) / len(texts) < 0.002, taken


@pytest.mark.parametrize("text", ["", "yoga", "no me gusta", "😀😀", "...", "sciatica stretches bed", "L4 L5 S1"])
def test_too_little_to_tell_is_english(text: str) -> None:
    assert foreign(text) in ({None} if text != "no me gusta" else {None, "es"})


def test_the_reply_says_so_and_answers_nothing(guide: Guide) -> None:
    spanish = Languages().pick("es")
    reply = guide.reply([Turn("Tengo mucho dolor de espalda desde ayer")])
    assert (reply.kind, reply.sentences, reply.suggestions, reply.language) == ("no_answer", (), (), "es")
    assert spanish.say("other_language", articles="inglés") in (reply.message or "")
    assert "Our articles are in English" in (reply.message or "")
    assert reply.care.card == render("another-language", wording=spanish.cards)
    assert (reply.care.level, reply.care.flags) == ("none", ())


def test_a_language_that_we_do_not_have_is_answered_in_the_page_s(guide: Guide) -> None:
    reply = guide.reply([Turn("У меня болит спина")], country="GB")
    assert (reply.message, reply.language) == (SPOKEN.say("other_language", articles="English"), "en")
    assert "Numbness between the legs" in (reply.care.card or "")
    assert "(tel:999)" in (reply.care.card or "")
    german = guide.reply([Turn("boli mnie kręgosłup i nie mogę chodzić")], language=Languages().pick("de"))
    assert german.message == Languages().pick("de").say("other_language", articles="Englisch")


def test_a_warning_in_english_among_other_words_comes_first(guide: Guide) -> None:
    reply = guide.reply([Turn("perdón por mi inglés, desde ayer I can't feel when I wipe")])
    assert reply.care.level == "emergency"


def test_a_corpus_in_another_language_answers_in_it(tmp_path: Path) -> None:
    article = (
        "---\ntitle: Was bei Rückenschmerzen hilft\nsummary: Wie Sie mit den Schmerzen umgehen und was nicht hilft.\n"
        "reviewed: 2026-04-11\n---\n\n## Was hilft\n\nBleiben Sie in Bewegung, auch wenn der Rücken weh tut.\n"
    )
    made = Settings(corpus=write_corpus(tmp_path / "corpus", {"ruecken": article}), index=tmp_path / "index")
    refresh(made, encoder=FakeEncoder())
    index = store.load(made.index, encoder=FakeEncoder())
    reply = Guide(lambda: index).reply([Turn("Was hilft, wenn der Rücken weh tut und ich mich nicht bewegen kann?")])
    assert "Englisch" not in (reply.message or "")
    strange = Guide(lambda: index).reply([Turn("What should I do if my back hurts when I lift things and what about the gym?")])
    assert "Our articles are in German" in (strange.message or "")


def test_too_few_words_to_tell_bring_the_signs_where_the_page_is_not_english(guide: Guide) -> None:
    german = Languages().pick("de")
    reply = guide.reply([Turn("Reithosentaubheit")], country="GB", language=german)
    assert (reply.kind, reply.care.level) == ("no_answer", "none")
    assert reply.care.card == render("another-language", country="GB", wording=german.cards)
    assert guide.reply([Turn("Reithosentaubheit")]).care.card is None
    assert guide.reply([Turn("how long in a tidal bath?")], language=german).care.card is None
