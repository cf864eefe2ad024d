"""Every language's file is whole and says the same as the English one; a site's own file is checked in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from spinewise.answer.language import _small_words, foreign
from spinewise.errors import LanguageError, SettingsError
from spinewise.languages import Language, Languages
from spinewise.languages.catalogue import HERE
from spinewise.records import CardWords
from spinewise.safety import card_words, checklist, numbers, render
from spinewise.safety.compiled import ruleset
from spinewise.safety.rules import read_yaml

SOURCE = Path(__file__).parents[2] / "src" / "spinewise"
OTHERS = ["de", "es", "fr"]
ALIKE = {"Chat", "Articles", "Sources", "Conversation", "Australia", "India", "Canada", "Irlande", "Language"}
"""Single words that a language may share with English."""
LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|\{\w+\}")

Change = Callable[[dict[str, Any]], object]


def own(folder: Path, name: str, of: str, change: Change = lambda _: None) -> Path:
    """A site's folder with the file `name`, made from our file `of`."""
    raw = read_yaml(HERE / f"{of}.yaml")
    change(raw)
    (folder / name).write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return folder


def texts(language: Language) -> dict[str, str]:
    """All of a language's words, by where they stand."""
    assert language.cards is not None
    found = {f"interface.{key}": text for key, text in language.words.items()}
    for part in ("cards", "checklist", "signs"):
        found |= {f"{part}.{key}": text for key, text in getattr(language.cards, part).items()}
    return found | {f"{code}.{key}": text for code, row in language.cards.numbers.items() for key, text in row.items()}


def test_ours() -> None:
    ours = Languages()
    assert ours.codes == ("de", "en", "es", "fr")
    assert [language.direction for language in ours.all()] == ["ltr"] * 4
    assert all(set(_small_words()) == set(language.languages) for language in ours.all())
    assert all(language.words.keys() == ours.pick("en").words.keys() for language in ours.all())


@pytest.mark.parametrize("code", OTHERS)
def test_no_english_is_left(code: str) -> None:
    english = card_words()
    there = set(Languages().pick("en").words.values()) | set(english.cards.values()) | set(english.signs)
    there |= {text for row in numbers().values() for text in row.values()} - {""}
    for where, text in texts(Languages().pick(code)).items():
        left = LINK.sub("", text).strip()
        assert text not in there or text in ALIKE or len(left.split()) <= 1, where
        if where.startswith("cards."):
            assert foreign(left) == code, where


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("country", [None, *numbers()])
def test_every_card_in_every_country(code: str, country: str | None) -> None:
    cards = Languages().pick(code).cards
    for name in card_words().cards:
        text = render(name, ruleset().rules[:2], ["my mum"], country, cards)
        assert "{" not in text
        assert set(re.findall(r"tel:\d+", text)) == set(re.findall(r"tel:\d+", render(name, [], [], country)))
        assert foreign(text) == code
    listed = checklist(country, cards)
    assert listed.count("\n- ") == checklist(country).count("\n- ")
    assert len(set(listed.splitlines()) & set(checklist(country).splitlines())) <= 1  # the blank line


def test_no_words_say_that_a_person_is_assessed() -> None:
    for code in OTHERS:
        for where, text in texts(Languages().pick(code)).items():
            assert not re.search(r"diagnos|diagnós|triage|triaje|évalu|evalu|beurteil", text.casefold()), (code, where)


@pytest.mark.parametrize("code", OTHERS)
def test_every_card_says_if(code: str) -> None:
    """A card is the same for everyone, and so speaks of what may be."""
    cards = Languages().pick(code).cards
    assert cards is not None
    for name, text in cards.cards.items():
        assert {"wenn", "falls", "si", "s’il"} & set(re.findall(r"[\w’]+", text.casefold())) or "?" in text, name


def test_every_key_is_used_and_every_word_has_a_key() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in SOURCE.rglob("*.py"))
    named = set(re.findall(r"[\"'](\w+)[\"']", code)) | set(re.search(r'WORDS = \(\s*"([^"]+)"', code)[1].split())  # type: ignore[index]
    keys = Languages().pick("en").words.keys()
    assert {key for key in keys if key.removeprefix("fault_") not in named} == set()
    said = re.findall(r"(?:\.say\(|written\(language, )[\"'](\w+)[\"']", code)
    assert len(said) > 30
    assert set(said) <= keys


def test_a_sign_without_words_and_a_card_without_words_are_english() -> None:
    bare = CardWords({"today": "Heute: {signs}"}, {}, {}, {}, ", ", frozenset())
    rule = next(rule for rule in ruleset().rules if rule.card == "today")
    assert render("today", [rule], (), "GB", bare) == f"Heute: {rule.sign}"
    assert render("chest", [rule], (), "GB", bare) == render("chest", [rule], (), "GB")
    assert checklist("GB", bare) == checklist("GB")


@pytest.mark.parametrize(
    ("wanted", "code"), [("", "en"), ("DE", "de"), ("de-AT", "de"), ("es_MX", "es"), ("cy", "en"), ("<b>", "en"), (" fr ", "fr")]
)
def test_which_language_a_tag_means(wanted: str, code: str) -> None:
    assert Languages().pick(wanted).code == code


def test_an_address_names_the_language_only_where_it_is_not_the_site_s() -> None:
    assert (Languages().pick("de").query, Languages("de").pick("de").query, Languages("de").pick("en").query) == (
        "?lang=de", "", "?lang=en",
    )  # fmt: skip


def test_a_day_in_each_language() -> None:
    written = [language.date(date(2026, 3, 7)) for language in Languages().all()]
    assert written == ["7. März 2026", "7 March 2026", "7 de marzo de 2026", "7 mars 2026"]


def drop(part: str, key: str) -> Change:
    return lambda raw: raw[part].pop(key)


def put(part: str, key: str, text: object) -> Change:
    return lambda raw: raw[part].update({key: text})


def put_safety(part: str, key: str, text: object) -> Change:
    return lambda raw: raw["safety"][part].update({key: text})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (drop("interface", "send"), r"interface\.send: is missing"),
        (put("interface", "sned", "Senden"), r"interface\.sned: no such key"),
        (put("interface", "send", 5), r"interface\.send: must be a text"),
        (put("interface", "reviewed", "Geprüft"), r"interface\.reviewed: has the placeholders none, the English words have date"),
        (put("interface", "reviewed", "{date} {0}"), r"interface\.reviewed"),
        (put("interface", "reviewed", "{date"), r"interface\.reviewed"),
        (put("interface", "months", "Januar"), r"interface\.months"),
        (put_safety("cards", "chest", "{signs} {emergency}"), r"safety\.cards\.chest: has the placeholders"),
        (put_safety("cards", "today", "{who} {signs} {signs_short} {same_day} {place} {emergency}"), r"safety\.cards\.today"),
        (lambda raw: raw["safety"]["numbers"]["GB"].update(emergency="[911](tel:911)"), r"numbers\.GB\.emergency: links to tel:911"),
        (lambda raw: raw["safety"]["numbers"].pop("GB"), r"safety\.numbers\.GB: is missing"),
        (lambda raw: raw["safety"].pop("signs"), r"safety: needs exactly"),
        (lambda raw: raw["safety"].update(yes=[]), r"safety\.yes"),
        (lambda raw: raw.update(dir="up"), "dir: 'up'"),
        (lambda raw: raw.update(tag='de"><script>'), "tag: "),
        (lambda raw: raw.update(said={"hello": []}), "said: "),
        (lambda raw: raw.update(said={"greeting": "hallo"}), r"said\.greeting"),
        (lambda raw: raw.update(colour="red"), "colour: no such key"),
        (lambda raw: raw.update(interface=None), "interface: is missing"),
    ],
)  # fmt: skip
def test_a_fault_names_the_file_and_the_key(tmp_path: Path, change: Change, named: str) -> None:
    with pytest.raises(LanguageError, match=named) as caught:
        Languages(folder=own(tmp_path, "sv.yaml", "de", change))
    assert "sv.yaml" in str(caught.value)
    assert "docs/languages.md" in caught.value.hint


@pytest.mark.parametrize("text", ["- a list\n", "tag: [\n", ""])
def test_no_file_of_keys(tmp_path: Path, text: str) -> None:
    (tmp_path / "sv.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(LanguageError, match=r"sv\.yaml"):
        Languages(folder=tmp_path)


def test_english_cards_are_not_for_sites_to_change(tmp_path: Path) -> None:
    with pytest.raises(LanguageError, match="safety: "):
        Languages(folder=own(tmp_path, "en.yaml", "de"))


def test_a_site_adds_a_language_and_changes_some_words_of_ours(tmp_path: Path) -> None:
    own(tmp_path, "sv.yaml", "de", lambda raw: [raw.pop("safety"), raw.update(tag="sv", name="Svenska")])
    (tmp_path / "de.yaml").write_text("interface:\n  send: Los\n", encoding="utf-8")
    found = Languages("sv", tmp_path)
    assert found.codes == ("de", "en", "es", "fr", "sv")
    assert (found.pick().name, found.pick().cards) == ("Svenska", None)
    assert (found.pick("de").say("send"), found.pick("de").say("close")) == ("Los", "Schließen")


def test_settings_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="language is 'xx'") as caught:
        Languages("xx")
    assert "de, en, es, fr" in caught.value.hint
    with pytest.raises(SettingsError, match="no folder"):
        Languages(folder=tmp_path / "none")


def test_where_questions_are_kept_no_words_say_that_nothing_is() -> None:
    for language in Languages(keeps=True).all():
        usual = Languages().pick(language.code).words
        for key in ("about", "what_i_am"):
            assert usual["keeps_nothing"] in usual[key], (language.code, key)
            assert usual["keeps_unanswered"] in language.words[key], (language.code, key)
        assert not [key for key, text in language.words.items() if usual["keeps_nothing"] in text]
