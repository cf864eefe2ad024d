"""The chat as a reader has it: a real browser, a phone's width, the keyboard alone, and no request to any other host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

pytest.importorskip("playwright", reason="make setup installs it")
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.slow

QUESTION = "how many acupuncture sessions do I need for my lower back?"
NUMB = "since yesterday I can't feel when I wipe"
WAIT = 20_000


@pytest.fixture
def page(browser: Browser, server: str) -> Iterator[Page]:
    """A phone's page with the chat open; at the end, nothing was asked of another host and the console is clean."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    hosts: set[str] = set()
    complaints: list[str] = []
    context.on("request", lambda request: hosts.add(urlsplit(request.url).netloc) if request.url.startswith("http") else None)
    context.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    made = context.new_page()
    made.goto(server)
    expect(box(made)).to_be_visible(timeout=WAIT)
    yield made
    assert context.cookies() == []
    seen = list(complaints)
    context.close()
    assert seen == []
    assert hosts == {urlsplit(server).netloc}


def box(page: Page):
    return page.get_by_role("textbox", name="Your question about back pain")


def say(page: Page, text: str) -> None:
    """Type into the box and send, with the keyboard."""
    tab_to(page, "document.activeElement.matches('#sw-box textarea')")
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(box(page)).to_have_value("", timeout=WAIT)


def tab_to(page: Page, there: str) -> None:
    for _ in range(60):
        if page.evaluate(there):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {there}")


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def in_view(page: Page, selector: str) -> bool:
    return page.evaluate(
        "selector => { const box = document.querySelector(selector).getBoundingClientRect();"
        "return box.top >= 0 && box.bottom <= window.innerHeight && box.right <= window.innerWidth }",
        selector,
    )


def test_ask_read_follow_the_link_then_an_emergency(page: Page) -> None:
    expect(page.locator("#sw-about")).to_contain_text("I am an automated tool, not a clinician")
    assert fits(page)

    say(page, QUESTION)
    answer = page.locator(".sw-answer").last
    expect(answer).to_contain_text("sessions", timeout=WAIT)
    sentences = [text.rpartition(" [")[0] for text in answer.locator("p, div").all_inner_texts()]
    assert 1 <= len(sentences) <= 4
    assert fits(page)
    assert page.get_by_role("alert").count() == 0

    tab_to(page, "document.activeElement.matches('.sw-source a')")
    address = page.evaluate("document.activeElement.href")
    assert ":~:text=" in address
    with page.context.expect_page() as opened:
        page.keyboard.press("Enter")
    article = opened.value
    article.wait_for_load_state()
    assert urlsplit(article.url).path == urlsplit(address).path
    anchor = urlsplit(address).fragment.partition(":~:")[0]
    heading = f"[id='{unquote(anchor)}']"
    expect(article.locator(heading)).to_be_visible()
    article.wait_for_function(
        "selector => document.querySelector(selector).getBoundingClientRect().top < innerHeight", arg=heading
    )
    assert in_view(article, heading)
    assert fits(article)
    shown = " ".join(re.sub(r"\[\d+\]", "", article.locator("main").inner_text()).split())
    assert " ".join(sentences[0].split()) in shown
    article.close()

    say(page, NUMB)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("999", timeout=WAIT)
    expect(alert).to_contain_text("911")
    assert page.evaluate("document.querySelector('[role=alert]').getBoundingClientRect().top < window.innerHeight / 2")
    assert fits(page)

    say(page, "does it hurt?")  # the card stays for the whole conversation
    expect(page.locator(".message.user")).to_have_count(3, timeout=WAIT)
    expect(alert).to_contain_text("999")


def test_urgent_help_is_always_there_and_opens_with_the_keyboard(page: Page) -> None:
    tab_to(page, "document.activeElement.matches('.sw-urgent summary')")
    page.keyboard.press("Enter")
    expect(page.locator(".sw-urgent")).to_contain_text("999")
    assert fits(page)


def test_a_starter_question_is_asked(page: Page) -> None:
    tab_to(page, "/^Select example 2/.test(document.activeElement.ariaLabel || '')")
    page.keyboard.press("Enter")
    expect(page.locator(".sw-answer")).to_contain_text("sessions", timeout=WAIT)


def test_a_suggestion_is_asked_in_its_turn(page: Page) -> None:
    say(page, QUESTION)
    expect(page.locator(".sw-answer")).to_have_count(1, timeout=WAIT)
    tab_to(page, "document.activeElement.matches('button') && /\\?$/.test(document.activeElement.innerText.trim())")
    page.keyboard.press("Enter")
    expect(page.locator(".message.bot")).to_have_count(2, timeout=WAIT)


def test_what_a_reader_types_is_shown_and_not_run(page: Page) -> None:
    hostile = "<img src=x onerror=document.title='run'> *stars* `code` [x](javascript:alert(1)) back pain"
    say(page, hostile)
    expect(page.locator(".message.user").last).to_contain_text(hostile, timeout=WAIT)
    expect(page.locator(".message.bot")).to_have_count(1, timeout=WAIT)
    assert page.locator("#sw-talk .message img[src=x], #sw-talk .message.user a, #sw-talk .message.user em").count() == 0
    assert page.title() != "run"


def test_nothing_to_upload_share_or_flag(page: Page) -> None:
    say(page, QUESTION)
    expect(page.locator(".sw-answer")).to_have_count(1, timeout=WAIT)
    labels = " ".join(page.locator("button").evaluate_all("all => all.map(b => b.ariaLabel + ' ' + b.title + ' ' + b.innerText)"))
    assert not re.search(r"share|upload|flag|like|record|api|built with", labels, re.IGNORECASE)
    assert page.locator("input[type=file]").count() == 0


def test_a_long_conversation_does_not_break_off(page: Page) -> None:
    for count in range(1, 41):
        box(page).fill(f"{QUESTION} {count}")
        box(page).press("Enter")
        expect(page.locator(".message.bot")).to_have_count(count, timeout=WAIT)
    assert page.locator(".sw-answer").count() > 30
    box(page).fill(NUMB)
    box(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("999", timeout=WAIT)
