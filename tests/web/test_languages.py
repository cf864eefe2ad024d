"""Pages, API and widget in each language, also in one that a site adds and that runs from right to left."""

from __future__ import annotations

import gzip
import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from conftest import StandingIndex
from fakes import FakeEncoder, write_corpus
from fastapi.testclient import TestClient

from spinewise.answer.guide import Guide
from spinewise.index import store
from spinewise.languages import Languages
from spinewise.languages.catalogue import HERE
from spinewise.records import Turn
from spinewise.refresh import refresh
from spinewise.safety import render
from spinewise.safety.rules import read_yaml
from spinewise.settings import Settings
from spinewise.web.app import create_app
from spinewise.web.late import waiting
from spinewise.web.render import STARTERS
from spinewise.web.widget import loader

NUMB = "since yesterday I can't feel when I wipe"
QUESTION = "how long in a tidal bath?"
ANSWER = "Stay in a tidal bath for twenty minutes at most."
PAGES = ["/ask", "/urgent", "/articles/", "/articles/tidal-baths"]
OTHERS = ["de", "es", "fr"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site's own language, which is English from right to left."""
    made = tmp_path_factory.mktemp("languages")
    raw = read_yaml(HERE / "en.yaml")
    raw.update(tag="ar", name="عربي", dir="rtl")
    raw["interface"]["send"] = "أرسل"
    (made / "ar.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def arabic(built: Settings, index, folder: Path) -> Iterator[TestClient]:
    settings = replace(built, language="ar", languages=folder)
    with TestClient(create_app(settings, StandingIndex(index), chat=False)) as made:  # type: ignore[arg-type]
        yield made


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_its_language_and_speaks_it(client: TestClient, path: str, code: str) -> None:
    page = client.get(path, params={"lang": code}).text
    language = Languages().pick(code)
    assert f'<html lang="{code}" dir="ltr">' in page
    shown = html.unescape(re.sub(r"<[^>]+>", "\n", page))
    english = {text for text in Languages().pick("en").words.values() if " " in text and "{" not in text}
    assert english.isdisjoint(map(str.strip, shown.splitlines()))
    assert language.say("clear" if path == "/ask" else "all_articles") in shown
    own = re.findall(r'href="(/(?:urgent|ask|articles/[\w-]*)?(?:\?[^"#]*)?)["#]', page)
    assert own
    assert all(f"lang={code}" in address or "?lang=" in address for address in own), own


def test_a_page_is_english_unless_asked(client: TestClient) -> None:
    assert all('<html lang="en-GB" dir="ltr">' in client.get(path).text for path in PAGES)
    assert "?lang=" not in client.get("/articles/").text


def test_words_of_the_articles_say_that_they_are_english(client: TestClient) -> None:
    page = client.post("/ask", data={"q": QUESTION, "lang": "de"}).text
    assert '<div class="sw-answer" lang="en" dir="auto"><p>' in page
    assert ANSWER in page
    assert re.search(r'<button name="pick"[^>]* lang="en" dir="auto">', page)
    assert re.search(r'href="/articles/tidal-baths\?lang=de#[^"]*"[^>]* lang="en"', page)
    assert "Geprüft am" in page
    assert '<option value="de" selected>Deutsch</option>' in page
    assert ' lang="en"' not in client.post("/ask", data={"q": QUESTION}).text
    assert '<div lang="en" dir="auto"><h1>' in client.get("/articles/tidal-baths?lang=fr").text


@pytest.mark.parametrize("code", OTHERS)
def test_a_warning_sign_in_the_chosen_language(client: TestClient, code: str) -> None:
    """The words are read as ever; only the card is another."""
    told = client.post("/api/v1/ask", json={"turns": [NUMB], "lang": code, "country": "GB", "html": True}).json()
    english = client.post("/api/v1/ask", json={"turns": [NUMB], "country": "GB"}).json()
    assert (told["kind"], told["language"], told["care"]["flags"]) == ("alert", code, english["care"]["flags"])
    cards = Languages().pick(code).cards
    assert cards is not None
    assert told["care"]["card"].splitlines()[0] == cards.cards["cauda-equina"].splitlines()[0].format(**cards.numbers["GB"])
    assert "(tel:999)" in told["care"]["card"]
    assert 'role="alert"' in told["html"]["alert"]


@pytest.mark.parametrize("code", ["en", *OTHERS])
def test_yes_and_no_to_the_question_of_the_second_net(guide: Guide, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinewise.safety.screening.near_danger", lambda text: "soup" in text)
    language = Languages().pick(code)
    asked = Turn("is soup good for backs")
    reply = guide.reply([asked], language=language)
    assert reply.suggestions[:2] == (language.say("yes"), language.say("no"))
    assert reply.care.card == render("any-of-these", wording=language.cards)
    yes, no = (guide.reply([asked, Turn(text)], language=language) for text in reply.suggestions[:2])
    assert (yes.kind, yes.care.card) == ("alert", render("said-yes", wording=language.cards))
    assert (no.kind, no.message) == ("smalltalk", language.say("good"))


def test_small_talk_in_its_language(guide: Guide) -> None:
    def said(text: str, code: str) -> str | None:
        return guide.reply([Turn(text)], language=Languages().pick(code)).message

    assert said("Guten Tag!", "de") == Languages().pick("de").say("greeting")
    assert said("¡Gracias!", "es") == Languages().pick("es").say("thanks")
    assert said("thanks", "fr") == Languages().pick("fr").say("thanks")
    assert (said("au revoir", "fr") or "").startswith("Au revoir")


def test_a_refusal_in_the_reader_s_language(client: TestClient) -> None:
    told = client.post("/api/v1/ask", json={"turns": ["a" * 2001], "lang": "de"})
    assert told.status_code == 413
    assert told.json()["error"] == "a message has 2001 characters"
    assert told.json()["message"] == "Diese Nachricht ist zu lang. Bitte kürzen Sie sie auf 2000 Zeichen."
    assert "Diese Nachricht ist zu lang" in client.post("/ask", data={"q": "a" * 2001, "lang": "de"}).text


def test_an_unknown_language_is_the_site_s(client: TestClient) -> None:
    assert client.post("/api/v1/ask", json={"turns": [NUMB], "lang": "<b>"}).json()["language"] == "en"
    assert '<html lang="en-GB"' in client.get("/ask?lang=xx").text


def test_a_language_from_right_to_left(arabic: TestClient, folder: Path) -> None:
    for path in PAGES:
        assert '<html lang="ar" dir="rtl">' in arabic.get(path).text
    page = arabic.get("/ask").text
    assert "أرسل" in page
    assert 'href="/urgent"' in page  # the site's own language needs no name
    assert '<html lang="de" dir="ltr">' in arabic.get("/ask?lang=de").text
    assert arabic.post("/api/v1/ask", json={"turns": [NUMB]}).json()["care"]["card"].startswith("### Go to")
    assert '<html lang="ar" dir="rtl">' in waiting(Languages("ar", folder).pick())


def test_no_style_sheet_knows_left_from_right(client: TestClient) -> None:
    for path in ("/ask.css", "/spinewise.css"):
        assert not re.search(r"(?:margin|padding|border)-(?:left|right)|text-align: ?(?:left|right)", client.get(path).text), path


def test_the_loader_holds_every_language_and_stays_small(folder: Path) -> None:
    text = loader("Clinic", "GB", Languages("ar", folder)).text
    words = json.loads(re.search(r"WORDS = (\{.*\});", text)[1])  # type: ignore[index]
    assert words.keys() == {"ar", "de", "en", "es", "fr"}
    assert (words["ar"]["dir"], words["de"]["close"]) == ("rtl", "Schließen")
    assert words["de"]["call"] == [
        "Wenn es ein Notfall sein kann, warten Sie nicht. Rufen Sie an: ", "999", "tel:999", ".",
    ]  # fmt: skip
    assert 'DEFAULT = "ar"' in text
    assert len(gzip.compress(loader("Clinic", "", Languages()).text.encode())) < 6_000


@pytest.mark.parametrize("code", OTHERS)
def test_the_page_stays_small_in_every_language(client: TestClient, code: str) -> None:
    sent = [client.get(path).content for path in (f"/ask?lang={code}", "/ask.css", "/ask.js")]
    assert sum(len(gzip.compress(part)) for part in sent) < 20_000


def test_articles_in_another_language_bring_their_own_questions_to_begin_with(tmp_path: Path) -> None:
    article = (
        "---\ntitle: Was bei Rückenschmerzen hilft\nsummary: Wie Sie mit den Schmerzen umgehen und was nicht hilft.\n"
        "reviewed: 2026-04-11\nquestions:\n  - Was hilft, wenn der Rücken weh tut?\n---\n\n## Was hilft\n\n"
        "Bleiben Sie in Bewegung, auch wenn der Rücken weh tut.\n"
    )
    made = Settings(corpus=write_corpus(tmp_path / "corpus", {"ruecken": article}), index=tmp_path / "index", language="de")
    refresh(made, encoder=FakeEncoder())
    found = StandingIndex(store.load(made.index, encoder=FakeEncoder()))
    with TestClient(create_app(made, found, chat=False)) as client:  # type: ignore[arg-type]
        page = client.get("/ask").text
        english = client.get("/ask?lang=en").text
    assert "Was hilft, wenn der Rücken weh tut?</button>" in page
    assert (STARTERS[0] in page, "Bitte fragen Sie darum auf" in page) == (False, False)
    assert "Our articles are in German" in english
    assert 'lang="de" dir="auto">Was hilft' in english
