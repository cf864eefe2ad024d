"""The widget on a page of another origin under a strict policy, and the plain page with and without scripts, in a real browser."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import pytest

pytest.importorskip("playwright", reason="make setup installs it")
import uvicorn
from conftest import StandingIndex, free_port
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from spinewise.settings import Settings
from spinewise.web.app import create_app

pytestmark = pytest.mark.slow

QUESTION = "Before you go in, how many minutes at most should you stay in?"
ANSWER = "twenty minutes at most"
NUMB = "since yesterday I can't feel when I wipe"
LABEL = "Ask about back pain"
SITE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Clinic</title><link rel="icon" href="data:,">
<script src="/queue.js"></script>{scripts}</head><body><h1>A clinic</h1><div id="here"></div><p><a href="#x">A link</a></p></body></html>"""


class Site(BaseHTTPRequestHandler):
    """Another site. `/?<attributes>` has the loader once, `/twice` twice; `guide` is the server's address."""

    guide = ""
    queue = ""

    def do_GET(self) -> None:
        loader = f'<script src="{self.guide}/widget.js" {{}} async></script>'
        attributes = unquote(self.path.partition("?")[2]).replace("&", " ")
        body = self.queue if self.path == "/queue.js" else SITE
        if self.path != "/queue.js":
            body = SITE.format(scripts=loader.format(attributes) * (2 if self.path == "/twice" else 1))
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path == "/queue.js" else "text/html")
        allowed = f"script-src 'self' {self.guide}; frame-src {self.guide}; connect-src {self.guide}"
        trusted = "require-trusted-types-for 'script'"
        self.send_header("Content-Security-Policy", f"default-src 'none'; img-src data:; {allowed}; {trusted}")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(built: Settings, index) -> Iterator[str]:
    """The address of the other site, which the guide's server allows as 127.0.0.1 and not as localhost."""
    other = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    address = f"http://127.0.0.1:{other.server_port}"
    port = free_port()
    app = create_app(replace(built, sites=(address,)), StandingIndex(index), chat=False)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False, ws="none"))
    Site.guide = f"http://127.0.0.1:{port}"
    threads = [threading.Thread(target=run, daemon=True) for run in (server.run, other.serve_forever)]
    for thread in threads:
        thread.start()
    while not server.started:
        time.sleep(0.02)
    yield address
    server.should_exit = True
    other.shutdown()
    other.server_close()
    threads[0].join(10)


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    Site.queue = ""
    made = browser.new_context(viewport={"width": 360, "height": 740})
    made.set_default_timeout(8000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose console must stay clean."""
    made = context.new_page()
    complaints: list[str] = []
    made.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
    made.on("pageerror", lambda error: complaints.append(str(error)))
    yield made
    assert complaints == []


def launcher(page: Page):
    return page.get_by_role("button", name=LABEL)


def guide(page: Page) -> FrameLocator:
    return page.frame_locator("spinewise-guide iframe")


def say(where: Page | FrameLocator, text: str) -> None:
    where.locator("#sw-box").fill(text)
    where.locator("#sw-box").press("Enter")


def fits(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_nothing_before_the_click_then_an_answer_then_escape(page: Page, site: str) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.goto(site)
    expect(launcher(page)).to_be_visible()
    assert [url for url in seen if url.startswith(Site.guide)] == [f"{Site.guide}/widget.js"]
    assert page.locator("iframe").count() == 0
    assert page.evaluate("document.activeElement === document.body && scrollY === 0")
    assert fits(page)

    launcher(page).press("Enter")
    say(guide(page), QUESTION)
    expect(guide(page).locator(".sw-answer")).to_contain_text(ANSWER)
    assert not [url for url in seen if "minutes" in url]
    guide(page).locator("#sw-box").press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "launch"
    launcher(page).click()  # still there
    expect(guide(page).locator(".sw-said")).to_have_text(QUESTION)
    page.get_by_role("button", name="Close").click()
    page.reload()  # and after the next page of the site
    launcher(page).click()
    expect(guide(page).locator(".sw-said")).to_have_text(QUESTION)
    guide(page).get_by_text("Clear this talk").click()
    expect(guide(page).locator(".sw-said")).to_have_count(0)


def test_a_source_opens_in_the_top_window(page: Page, site: str) -> None:
    page.goto(site)
    launcher(page).click()
    say(guide(page), QUESTION)
    guide(page).locator(".sw-source a").first.click()
    page.wait_for_url("**/articles/tidal-baths**")


def test_calls_made_before_the_loader_and_events_without_the_question(page: Page, site: str) -> None:
    Site.queue = f"""window.Spinewise = []; window.heard = [];
        for (const type of ["open", "close", "asked", "answered", "alert", "reset"])
            document.addEventListener("spinewise:" + type, event => heard.push([type, JSON.stringify(event.detail)]));
        Spinewise.push(["on", "alert", detail => heard.push(["on", detail.level])]);
        Spinewise.push(["ask", {NUMB!r}]);"""
    page.goto(site)
    expect(guide(page).get_by_role("alert")).to_contain_text("999")
    page.wait_for_function("heard.some(entry => entry[0] === 'alert')")
    assert page.evaluate("document.activeElement === document.body")  # opened by a script: the focus stays
    page.evaluate("Spinewise.reset()")
    expect(guide(page).get_by_role("alert")).to_have_count(0)
    page.evaluate("Spinewise.open({question: 'back'})")
    expect(guide(page).locator("#sw-box")).to_have_value("back")
    assert page.evaluate("Spinewise.isOpen()")
    page.evaluate("Spinewise.toggle()")
    page.wait_for_function("heard.some(entry => entry[0] === 'close')")
    heard = page.evaluate("heard")
    assert ["answered", '{"kind":"alert"}'] in heard
    assert ["on", "emergency"] in heard
    assert "wipe" not in str(heard)
    page.evaluate("Spinewise.destroy()")
    assert page.evaluate("document.querySelector('spinewise-guide') === null && !('Spinewise' in window)")


def test_twice_on_a_page_and_a_body_exchanged(page: Page, site: str) -> None:
    page.goto(f"{site}/twice")
    expect(launcher(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.locator("spinewise-guide").count() == 1
    page.evaluate("document.documentElement.replaceChild(document.createElement('body'), document.body)")
    expect(launcher(page)).to_be_visible()
    launcher(page).click()
    expect(guide(page).locator("#sw-box")).to_be_visible()


@pytest.mark.parametrize("accent", ["yellow", "#eee", "hsl(200 90% 70%)", "nonsense", "#003355"])
def test_white_words_on_any_accent_can_be_read(page: Page, site: str, accent: str) -> None:
    page.goto(f"{site}/?data-accent={quote(repr(accent))}")
    expect(launcher(page)).to_be_visible()
    contrast = page.evaluate(
        """() => { const style = getComputedStyle(document.querySelector("spinewise-guide").shadowRoot.querySelector(".launch"));
        const light = style.backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 1.05 / (0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2] + 0.05) }"""
    )
    assert contrast >= 4.5


def test_inline(page: Page, site: str) -> None:
    page.goto(f"{site}/?data-inline=%23here")
    expect(page.locator("#here").get_by_role("button", name=LABEL)).to_be_visible()
    launcher(page).click()
    say(guide(page), QUESTION)
    expect(guide(page).locator(".sw-answer")).to_contain_text(ANSWER)
    assert fits(page)


def test_left_topic_theme_and_layer(page: Page, site: str) -> None:
    page.goto(f"{site}/?data-position=left&data-topic=baths&data-theme=dark&data-z-index=7")
    expect(launcher(page)).to_be_visible()
    assert launcher(page).bounding_box()["x"] == 16  # type: ignore[index]
    assert page.evaluate("getComputedStyle(document.querySelector('spinewise-guide')).zIndex") == "7"
    launcher(page).click()
    expect(guide(page).locator("#sw-start")).to_contain_text("tidal bath")
    assert guide(page).locator("html").evaluate("root => root.className") == "dark live framed"


def test_a_site_that_is_not_on_the_list(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(site.replace("127.0.0.1", "localhost"))
    launcher(page).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("999")
    expect(dialog.get_by_role("link", name="Open the guide")).to_have_attribute("href", f"{Site.guide}/ask")
    page.wait_for_timeout(200)
    assert any("SPINEWISE_SITES" in text and "http://localhost:" in text for text in said)


def test_a_server_that_is_down(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    page.goto(site)
    expect(launcher(page)).to_be_visible()
    context.route(f"{Site.guide}/**", lambda route: route.abort())
    launcher(page).click()
    expect(page.get_by_role("dialog")).to_contain_text("999")
    context.unroute(f"{Site.guide}/**")
    page.keyboard.press("Escape")
    launcher(page).click()  # tries again
    expect(guide(page).locator("#sw-box")).to_be_visible()


def test_a_message_from_elsewhere_is_not_heard(page: Page, site: str) -> None:
    page.goto(site)
    launcher(page).click()
    expect(guide(page).locator("#sw-box")).to_be_visible()
    page.evaluate("window.postMessage({spinewise: 'close'}, '*')")  # the right words, from the wrong window
    guide(page).locator("body").evaluate("() => window.postMessage({spinewise: 'ask', question: 'hello'}, '*')")
    page.wait_for_timeout(300)
    assert page.evaluate("Spinewise.isOpen()")
    expect(guide(page).locator(".sw-said")).to_have_count(0)


def test_the_plain_page_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 600})
    page = context.new_page()
    page.goto(f"{Site.guide}/ask")
    page.locator("#sw-box").fill(QUESTION)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".sw-answer")).to_contain_text(ANSWER)
    page.locator("#sw-box").fill(NUMB)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("999")
    expect(page.locator(".sw-said")).to_have_count(2)
    page.locator("#sw-country").select_option("AU")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("000")
    expect(page.get_by_role("alert")).not_to_contain_text("999")
    assert "wipe" not in page.url
    context.close()


def test_the_live_page(page: Page, site: str) -> None:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(f"{Site.guide}/ask")
    assert len(seen) == 3
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    say(page, QUESTION)
    expect(page.locator(".sw-answer")).to_contain_text(ANSWER)
    assert page.evaluate("sessionStorage.length") == 1
    expect(page.get_by_role("link", name="Urgent help")).to_be_in_viewport()
    say(page, NUMB)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("999")
    page.evaluate("window.first = document.querySelector('[role=alert]')")
    say(page, "does it hurt?")
    expect(page.locator(".sw-reply")).to_have_count(3)
    assert page.evaluate("window.first === document.querySelector('[role=alert]')")  # the same card is not announced again
    page.locator("#sw-country").select_option("AU")
    expect(alert).to_contain_text("000")
    expect(alert).not_to_contain_text("999")
    assert fits(page)
    small = page.locator("a, button, select, summary, textarea").evaluate_all(
        "all => all.filter(e => e.checkVisibility() && !e.closest('p, .sw-alert, .sw-urgent ul'))"
        ".map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect().height]).filter(([_, height]) => height < 24)"
    )
    assert small == []
    page.get_by_text("Clear this talk").click()
    assert page.evaluate("sessionStorage.length") == 0
    expect(alert).to_have_count(0)


def test_a_question_in_the_address_goes_out_of_it(page: Page, site: str) -> None:
    page.goto(f"{Site.guide}/ask?q=hello")
    assert page.url == f"{Site.guide}/ask"
    expect(page.locator(".sw-said")).to_have_text("hello")
    say(page, QUESTION)
    expect(page.locator(".sw-answer")).to_contain_text(ANSWER)


def test_the_server_gone_in_mid_talk_leaves_the_words_in_the_box(context: BrowserContext, site: str) -> None:
    page = context.new_page()
    page.goto(f"{Site.guide}/ask")
    context.route("**/api/**", lambda route: route.abort())
    say(page, QUESTION)
    expect(page.get_by_role("status")).to_contain_text("cannot be reached")
    expect(page.locator("#sw-box")).to_have_value(QUESTION)
    expect(page.locator(".sw-urgent")).to_contain_text("999")
    assert page.evaluate("sessionStorage.length") == 0


def test_the_demo(page: Page, site: str) -> None:
    page.goto(f"{Site.guide}/demo")
    launcher(page).click()
    expect(guide(page).locator("#sw-box")).to_be_visible()
