"""An editor's day at the console in a real browser: log in, change, preview, try, publish, roll back; and what readers cannot do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="make setup installs it")
from conftest import ROOT, free_port, wait_for_chat
from fakes import bare
from playwright.sync_api import Browser, Page, expect

from spinewise.settings import Settings
from spinewise.web.accounts import account_line

pytestmark = pytest.mark.slow

PASSWORD = "pebbles on the shore"
QUESTION = "Is tai chi good for back pain?"
MINUTE = 60_000


@pytest.fixture(scope="module")
def home(real: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("console")
    shutil.copytree(real.corpus, folder / "corpus")
    shutil.copytree(real.index, folder / "index")
    return Settings(corpus=folder / "corpus", index=folder / "index")


@pytest.fixture(scope="module")
def address(home: Settings) -> Iterator[str]:
    port = free_port()
    said = home.index.parent / "output"
    editors = ",".join(account_line(name, role, PASSWORD) for name, role in (("mina", "publisher"), ("ed", "editor")))
    names = {"CORPUS": str(home.corpus), "INDEX": str(home.index), "EDITORS": editors, "PORT": str(port)}
    environ = os.environ | {f"SPINEWISE_{name}": value for name, value in names.items()}
    with said.open("wb") as output:
        process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environ, stdout=output, stderr=output)
        try:
            wait_for_chat(process, f"http://127.0.0.1:{port}", said)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)
    assert "Traceback" not in said.read_text(), said.read_text()


def enter(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB").new_page()
    page.goto(f"{address}/editors")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#sw-articles table")).to_be_visible(timeout=MINUTE)
    return page


def read(address: str) -> str:
    with urllib.request.urlopen(address) as page:
        return page.read().decode()


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_an_editors_day(browser: Browser, address: str, home: Settings) -> None:
    page = enter(browser, address, "mina")
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.fill("#sw-open input", "tai-chi")
    page.keyboard.press("Enter")
    text = page.locator("#sw-text textarea")
    expect(text).to_have_value(re.compile("title:"))
    text.fill(text.input_value().replace("Tai chi may help", "Tai chi (slow moves) may help", 1))
    page.click("#sw-save")
    expect(page.locator("#sw-said")).to_contain_text("Saved tai-chi")
    expect(page.locator("#sw-articles tbody tr").first).to_contain_text("changed")
    page.click("#sw-look")
    expect(page.locator("#sw-passages")).to_contain_text("Tai chi (slow moves) may help")

    tab(page, "Preview and publish")
    page.click("#sw-preview")
    expect(page.locator("#sw-previewed")).to_contain_text("running", timeout=MINUTE)
    page.reload()  # long work survives a page that is closed
    tab(page, "Preview and publish")
    expect(page.locator("#sw-previewed")).to_contain_text("done", timeout=2 * MINUTE)
    expect(page.locator("#sw-previewed")).to_contain_text("tai-chi")
    tab(page, "Try a question")
    page.fill("#sw-try textarea", QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#sw-candidate")).to_contain_text("(slow moves)", timeout=MINUTE)
    expect(page.locator("#sw-live")).not_to_contain_text("(slow moves)")

    tab(page, "Preview and publish")
    page.click("#sw-publish")
    expect(page.locator("#sw-published")).to_contain_text("Published as", timeout=2 * MINUTE)
    page.wait_for_timeout(2000)  # a running server picks it up within two seconds
    assert "(slow moves)" in read(f"{address}/articles/tai-chi")
    tab(page, "Versions")
    expect(page.locator("#sw-versions tbody tr").first).to_contain_text("live")
    page.click("#sw-back")
    expect(page.locator("#sw-back-said")).to_contain_text("is live")
    page.wait_for_timeout(2000)
    assert "(slow moves)" not in read(f"{address}/articles/tai-chi")

    tab(page, "Golden questions")
    golden = page.locator("#sw-golden textarea")
    expect(golden).to_have_value(re.compile("questions:"))
    before = golden.input_value()
    golden.fill(before + f"  - ask: {QUESTION}\n    cites: tai-chi\n")
    page.click("#sw-golden-save")
    expect(page.locator("#sw-golden-said")).to_contain_text("Saved")
    golden.fill(before + "  - ask: nothing is expected of this\n")
    page.click("#sw-golden-save")
    expect(page.locator("#sw-golden-said [role=alert]")).to_contain_text("expects nothing")
    assert QUESTION in (home.corpus / "golden.yaml").read_text()
    tab(page, "Log")
    for did in ("logged in", "saves an article", "previews", "publishes", "rolls back", "saves golden questions"):
        expect(page.locator("#sw-log")).to_contain_text(did)
    assert len(hosts) == 1, hosts
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto(f"{address}/editors/")
    assert page.url.endswith("/login")
    page.context.close()


def test_an_editor_uploads_and_may_not_publish(browser: Browser, address: str, home: Settings, tmp_path: Path) -> None:
    page = enter(browser, address, "ed")
    (tmp_path / "kites.md").write_text(bare("Kites", "Fly a kite for an hour."))
    page.get_by_text("Upload a file").click()
    for said in ("added: kites.md", "already a kites.md"):
        page.locator("#sw-file input[type=file]").set_input_files(tmp_path / "kites.md")
        expect(page.locator("#sw-file")).to_contain_text("kites")
        page.click("#sw-take")
        expect(page.locator("#sw-said")).to_contain_text(said)
        expect(page.locator("#sw-file")).not_to_contain_text("kites")
    assert (home.corpus / "kites.md").exists()
    tab(page, "Preview and publish")
    page.click("#sw-publish")
    expect(page.locator("#sw-publish-said [role=alert]")).to_contain_text("ed may not publish")
    (home.corpus / "kites.md").unlink()
    page.context.close()


@pytest.mark.parametrize(
    "path", ["/editors/gradio_api/upload", "/gradio_api/upload", "/editors/gradio_api/queue/join", "/editors/config"]
)
def test_readers_cannot_reach_it(address: str, path: str) -> None:
    origin = {"origin": address, "content-type": "multipart/form-data; boundary=x"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address + path, b"--x--", origin))
    with refused.value:
        assert refused.value.code in {401, 404}
