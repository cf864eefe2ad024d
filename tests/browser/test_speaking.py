"""The chat pages and the widget in another language, and from right to left, in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import yaml

pytest.importorskip("playwright", reason="make setup installs it")
from conftest import ROOT, free_port, wait_for_chat
from playwright.sync_api import Browser, Page, expect

from spinewise.languages.catalogue import HERE
from spinewise.safety.rules import read_yaml
from spinewise.settings import Settings

pytestmark = pytest.mark.slow

QUESTION = "What helps sciatica?"
NUMB = "since yesterday I can't feel when I wipe"


@pytest.fixture(scope="module")
def speaking(real: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a language of its own, which runs from right to left."""
    folder = tmp_path_factory.mktemp("languages")
    raw = read_yaml(HERE / "en.yaml")
    raw.update(tag="ar", name="عربي", dir="rtl")
    raw["interface"]["send"] = "أرسل"
    (folder / "ar.yaml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    port, output = free_port(), folder / "output"
    names = {"SPINEWISE_CORPUS": str(real.corpus), "SPINEWISE_INDEX": str(real.index), "PORT": str(port)}
    names |= {"SPINEWISE_LANGUAGES": str(folder)}
    with output.open("wb") as file:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=os.environ | names, stdout=file, stderr=file)
        try:
            wait_for_chat(process, f"http://127.0.0.1:{port}", output)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    yield context.new_page()
    context.close()


def html_of(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[document.documentElement.lang, document.documentElement.dir]")
    return found


def test_the_chat_in_german(speaking: str, page: Page) -> None:
    page.goto(f"{speaking}/?lang=de")
    expect(page.locator("#sw-urgent summary")).to_have_text("Wann Sie dringend Hilfe brauchen", timeout=20_000)
    expect(page).to_have_title("Spinewise: Fragen zu Rückenschmerzen")
    assert html_of(page) == ["de", "ltr"]
    expect(page.locator("#sw-about")).to_contain_text("Bitte fragen Sie darum auf Englisch")
    box = page.locator("#sw-box textarea")
    box.fill(QUESTION)
    box.press("Enter")
    expect(page.locator(".sw-answer[lang=en]")).to_be_visible(timeout=20_000)
    expect(page.locator(".sw-source").first).to_contain_text("Geprüft am")
    box.fill(NUMB)
    box.press("Enter")
    expect(page.get_by_role("alert", name="Holen Sie jetzt Hilfe")).to_contain_text("Gehen Sie jetzt in")


def test_the_chat_from_right_to_left(speaking: str, page: Page) -> None:
    page.goto(f"{speaking}/?lang=ar")
    expect(page.get_by_text("أرسل")).to_be_visible(timeout=20_000)
    assert html_of(page) == ["ar", "rtl"]


def test_the_plain_page_takes_its_talk_into_another_language(speaking: str, page: Page) -> None:
    page.goto(f"{speaking}/ask#theme=dark")
    page.fill("#sw-box", QUESTION)
    page.press("#sw-box", "Enter")
    expect(page.locator(".sw-answer")).to_be_visible()
    page.select_option("#sw-lang", "ar")
    expect(page.locator("#sw-send")).to_have_text("أرسل")
    assert html_of(page) == ["ar", "rtl"]
    expect(page.locator(".sw-answer[lang=en]")).to_have_count(1)
    answer, source = page.locator(".sw-answer p").first, page.locator(".sw-source").first
    assert [part.evaluate("it => getComputedStyle(it).direction") for part in (answer, source)] == ["ltr", "rtl"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()
    expect(page.locator(".sw-answer[lang=en]")).to_have_count(1)
    assert page.url == f"{speaking}/ask?lang=ar#theme=dark"
    expect(page.locator("html.dark")).to_have_count(1)


def test_a_server_that_is_gone_is_told_in_the_page_s_language(speaking: str, page: Page) -> None:
    page.goto(f"{speaking}/ask?lang=fr")
    page.route("**/api/v1/ask", lambda route: route.abort())
    page.fill("#sw-box", QUESTION)
    page.press("#sw-box", "Enter")
    expect(page.locator("#sw-status")).to_contain_text("injoignable")


@pytest.mark.parametrize(("asked", "label", "tag", "direction"), [
    ("de-AT", "Fragen zu Rückenschmerzen", "de", "ltr"),
    ("ar", "Ask about back pain", "ar", "rtl"),
    ("cy", "Ask about back pain", "en-GB", "ltr"),
])  # fmt: skip
def test_the_widget_in_a_language(speaking: str, page: Page, asked: str, label: str, tag: str, direction: str) -> None:
    loader = f'<script src="/widget.js" data-language="{asked}"></script>'
    body = f"<!doctype html><html lang=en><title>x</title><body>{loader}</body></html>"
    page.route(f"{speaking}/site", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto(f"{speaking}/site")
    page.get_by_role("button", name=label).click()
    frame = page.frame_locator("spinewise-guide iframe")
    expect(frame.locator(f'html[lang="{tag}"][dir="{direction}"]')).to_have_count(1)
    assert page.locator("spinewise-guide").get_attribute("dir") == direction
    expect(page.get_by_role("button", name="Schließen" if tag == "de" else "Close", exact=True)).to_be_visible()
