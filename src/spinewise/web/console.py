"""The editors' console as a Gradio page: lays out what `desk` shows and does. Decides nothing; who may enter is `door`'s."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from spinewise.errors import SpinewiseError
from spinewise.web.accounts import Account, Sessions
from spinewise.web.chat import THEME
from spinewise.web.desk import Desk, table
from spinewise.web.door import LOGOUT, PATH, account_of
from spinewise.web.pages import css

LARGEST_UPLOAD = 10 * 1024 * 1024
"""Bytes."""
TYPES = [".md", ".html", ".htm", ".docx", ".pdf", ".txt"]
FORGET = (600, 600)
"""Seconds between two looks for uploaded files, and the age from which one is deleted."""


def mount(page: FastAPI, desk: Desk, sessions: Sessions, site: str) -> None:
    """Put the console into `page`, which also holds the chat, at `door.PATH`."""

    def name(request: Any) -> str | None:
        account = account_of(request, sessions)
        return account.name if account else None

    gr.mount_gradio_app(
        page,
        _blocks(desk, sessions, site),
        path=PATH,
        auth_dependency=name,
        theme=THEME,
        css=css(),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST_UPLOAD,
        ssr_mode=False,
        pwa=False,
    )


def _blocks(desk: Desk, sessions: Sessions, site: str) -> gr.Blocks:
    def who(request: gr.Request) -> Account:
        account = account_of(request.request, sessions) if request.request else None
        if account is None:
            raise gr.Error("You are logged out. Load this page again.")
        return account

    with gr.Blocks(title=f"{site}: editors", analytics_enabled=False, delete_cache=FORGET, fill_width=True) as blocks:
        _html(f"<h1>{html.escape(site)}: editors</h1><form method=post action={LOGOUT}><button>Log out</button></form>")
        with gr.Tabs():
            with gr.Tab("Articles") as articles:
                _articles(blocks, articles, desk, who)
            with gr.Tab("Preview and publish"):
                _publishing(desk, who)
            with gr.Tab("Try a question"):
                _trying(desk)
            with gr.Tab("Golden questions") as tab:
                _golden(tab, desk, who)
            with gr.Tab("Versions") as versions:
                _versions(versions, desk, who)
            with gr.Tab("Gaps") as gaps:
                _gaps(gaps, desk, who)
            with gr.Tab("Counts") as counted:
                listed = _html("", "sw-counts")
                _on(counted.select, lambda: _shown(desk.counts), None, listed)
            with gr.Tab("Log") as log:
                shown = _html("", "sw-log")
                _on(log.select, lambda: _shown(desk.log), None, shown)
    return blocks


Who = Callable[[gr.Request], Account]


def _articles(blocks: gr.Blocks, tab: gr.Tab, desk: Desk, who: Who) -> None:
    digest = gr.State("")
    listed = _html("", "sw-articles", height=280)
    with gr.Row():
        chosen = gr.Dropdown([], label="Open an article", filterable=True, elem_id="sw-open")
        name = gr.Textbox(label="Or name a new one", placeholder="small-letters-and-hyphens", elem_id="sw-new")
    said = _html("", "sw-said")
    text = gr.Textbox(label="The article's file", lines=22, max_lines=22, elem_id="sw-text", max_length=400_000)
    with gr.Row():
        save = gr.Button("Save", variant="primary", elem_id="sw-save")
        look = gr.Button("Show its passages", elem_id="sw-look")
    passages = _html("", "sw-passages")

    def load() -> tuple[Any, str]:
        return gr.update(choices=_tried(desk.slugs, [])), _shown(desk.articles)

    def opened(slug: str) -> tuple[str, str, str, str]:
        if not slug:
            return "", "", "", ""
        try:
            found = desk.open(slug)
            return found.text, found.digest, desk.problems(slug), ""
        except SpinewiseError as error:
            return "", "", _fault(error), ""

    def saved(slug: str, new: str, written: str, known: str, request: gr.Request) -> tuple[str, str, Any, str, str]:
        slug, fresh = (new.strip(), True) if new.strip() else (slug or "", False)
        try:
            known = desk.save(who(request), slug, written, None if fresh else known)
            said = f"<p role=status>Saved {html.escape(slug)}. Readers see it once it is published.</p>{desk.problems(slug)}"
        except SpinewiseError as error:
            return known, _fault(error), gr.update(), gr.update(), new
        return known, said, gr.update(choices=_tried(desk.slugs, []), value=slug), _shown(desk.articles), ""

    for event in (blocks.load, tab.select):
        _on(event, load, None, [chosen, listed])
    _on(chosen.input, opened, chosen, [text, digest, said, passages])
    _on(save.click, saved, [chosen, name, text, digest], [digest, said, chosen, listed, name])
    _on(
        look.click,
        lambda slug, new, now: _shown(lambda: desk.passages(new or slug or "new", now)),
        [chosen, name, text],
        passages,
    )
    _uploading(desk, who, [said, chosen, listed])


def _uploading(desk: Desk, who: Who, outputs: list[Any]) -> None:
    with gr.Accordion("Upload a file: an article, or a page or document to import", open=False):
        file = gr.File(label="File", file_types=TYPES, elem_id="sw-file")
        over = gr.Checkbox(label="Replace the article of the same name (the text before it is kept)")
        send = gr.Button("Take it in", elem_id="sw-take")

    def taken(path: str | None, replace: bool, request: gr.Request) -> tuple[str, Any, str, None]:  # noqa: FBT001
        try:
            told = desk.upload(who(request), Path(path), replace=replace) if path else "Choose a file first."
            said = f"<p role=status>{html.escape(told)}</p>"
        except SpinewiseError as error:
            said = _fault(error)
        finally:
            if path:
                Path(path).unlink(missing_ok=True)
        return said, gr.update(choices=_tried(desk.slugs, [])), _shown(desk.articles), None

    _on(send.click, taken, [file, over], [*outputs, file])


def _publishing(desk: Desk, who: Who) -> None:
    gr.Markdown("A preview builds the next version aside: readers see nothing of it. Publishing takes the articles as saved.")
    with gr.Row():
        preview = gr.Button("Preview", elem_id="sw-preview")
        publish = gr.Button("Publish", variant="primary", elem_id="sw-publish")
    shrink = gr.Checkbox(label="Go on though more than a fifth of the articles have gone")
    said = _html("", "sw-publish-said")
    previewed, published = _html("", "sw-previewed"), _html("", "sw-published")
    tick = gr.Timer(1)

    def begin(action: Callable[[], None]) -> tuple[str, str, str]:
        try:
            action()
            told = "<p role=status>Begun. You may close this page; it goes on.</p>"
        except SpinewiseError as error:
            told = _fault(error)
        return told, desk.previewed(), desk.published()

    def previews(request: gr.Request) -> tuple[str, str, str]:
        account = who(request)
        return begin(lambda: desk.preview(account))

    def publishes(shrink: bool, request: gr.Request) -> tuple[str, str, str]:  # noqa: FBT001
        account = who(request)
        return begin(lambda: desk.publish(account, shrink=shrink))

    _on(preview.click, previews, None, [said, previewed, published])
    _on(publish.click, publishes, shrink, [said, previewed, published])
    _on(tick.tick, lambda: (desk.previewed(), desk.published()), None, [previewed, published])


def _trying(desk: Desk) -> None:
    asked = gr.Textbox(label="A reader's question", submit_btn="Ask", elem_id="sw-try", max_length=2000)
    with gr.Row():
        with gr.Column():
            gr.Markdown("### What readers get now")
            live = _html("", "sw-live")
        with gr.Column():
            gr.Markdown("### What they would get after publishing")
            candidate = _html("", "sw-candidate")

    def both(question: str) -> tuple[str, str]:
        try:
            return desk.ask_both(question)
        except SpinewiseError as error:
            return _fault(error), ""

    _on(asked.submit, both, asked, [live, candidate])


def _golden(tab: gr.Tab, desk: Desk, who: Who) -> None:
    gr.Markdown("Questions that every new version must answer as written here; else it is not published.")
    digest = gr.State("")
    text = gr.Textbox(label="golden.yaml", lines=22, max_lines=22, elem_id="sw-golden", max_length=400_000)
    save = gr.Button("Save", variant="primary", elem_id="sw-golden-save")
    said = _html("", "sw-golden-said")

    def load() -> tuple[str, str, str]:
        try:
            found = desk.golden()
        except SpinewiseError as error:
            return "", "", _fault(error)
        return found.text, found.digest, ""

    def saved(written: str, known: str, request: gr.Request) -> tuple[str, str]:
        try:
            return desk.save_golden(who(request), written, known), "<p role=status>Saved.</p>"
        except SpinewiseError as error:
            return known, _fault(error)

    _on(tab.select, load, None, [text, digest, said])
    _on(save.click, saved, [text, digest], [digest, said])


def _gaps(tab: gr.Tab, desk: Desk, who: Who) -> None:
    gr.Markdown("What three readers or more asked in vain in the last thirty days, without names and numbers.")
    said, shown = _html("", "sw-gap-said"), _html("", "sw-gaps")
    chosen = gr.Dropdown([], label="Gap", elem_id="sw-gap")
    with gr.Row():
        stub = gr.Button("Begin an article", elem_id="sw-stub")
        golden = gr.Button("Make it a golden question", elem_id="sw-to-golden")

    def load() -> tuple[str, Any]:
        try:
            found = desk.gaps()
        except SpinewiseError as error:
            return _fault(error), gr.update(choices=[], value=None)
        rows = [(gap.askers, "; ".join(gap.questions[:5]), gap.article, gap.last) for gap in found]
        listed = table(("Askers", "What they asked", "Nearest article", "Last"), rows) if rows else "<p>There is no gap.</p>"
        choices = [(gap.questions[0], gap.questions[0]) for gap in found]
        return listed, gr.update(choices=choices, value=choices[0][1] if choices else None)

    def fill(asked: str | None, request: gr.Request, *, as_golden: bool) -> str:
        try:
            gap = next((gap for gap in desk.gaps() if gap.questions[0] == asked), None)
            if gap is None:
                return "<p role=status>Choose a gap first.</p>"
            return f"<p role=status>Wrote {html.escape(desk.fill(who(request), gap, golden=as_golden))}.</p>"
        except SpinewiseError as error:
            return _fault(error)

    def begin(asked: str | None, request: gr.Request) -> str:
        return fill(asked, request, as_golden=False)

    def to_golden(asked: str | None, request: gr.Request) -> str:
        return fill(asked, request, as_golden=True)

    _on(tab.select, load, None, [shown, chosen])
    _on(stub.click, begin, chosen, said)
    _on(golden.click, to_golden, chosen, said)


def _versions(tab: gr.Tab, desk: Desk, who: Who) -> None:
    shown = _html("", "sw-versions")
    older = gr.Dropdown([], label="Go back to", elem_id="sw-older")
    back = gr.Button("Roll back", elem_id="sw-back")
    said = _html("", "sw-back-said")

    def load() -> tuple[str, Any]:
        names = _tried(desk.older, [])
        return _shown(desk.versions), gr.update(choices=names, value=names[0] if names else None)

    def rolled(version: str | None, request: gr.Request) -> tuple[str, str, Any]:
        try:
            done = desk.roll_back(who(request), version or "")
            told = f"<p role=status>{html.escape(done)} is live.</p>"
        except SpinewiseError as error:
            told = _fault(error)
        return (told, *load())

    _on(tab.select, load, None, [shown, older])
    _on(back.click, rolled, older, [said, shown, older])


def _html(text: str, name: str | None = None, height: int | None = None) -> gr.Markdown:
    """A place for our own safe HTML, at most `height` pixels high; not gr.HTML, which evaluates strings as code."""
    return gr.Markdown(text, sanitize_html=False, elem_id=name, max_height=height)


def _on(event: Any, work: Callable[..., Any], inputs: Any, outputs: Any) -> None:
    event(work, inputs, outputs, show_progress="hidden", api_visibility="private")


def _shown(work: Callable[[], str]) -> str:
    try:
        return work()
    except SpinewiseError as error:
        return _fault(error)


def _tried(work: Callable[[], list[str]], otherwise: list[str]) -> list[str]:
    try:
        return work()
    except SpinewiseError:
        return otherwise


def _fault(error: SpinewiseError) -> str:
    hint = f"<p>Next: {html.escape(error.hint)}.</p>" if error.hint else ""
    return f'<div role=alert class="sw-late"><pre>{html.escape(str(error))}</pre>{hint}</div>'
