"""The chat page, one of the two modules that import Gradio. Shows replies; finds and decides nothing."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from spinewise.answer.guide import LONGEST_MESSAGE, Guide
from spinewise.errors import RequestError, SpinewiseError
from spinewise.records import Reply, Turn
from spinewise.safety import screen
from spinewise.safety.cards import ANYWHERE, code_of
from spinewise.web.limits import Limits
from spinewise.web.pages import css
from spinewise.web.render import ABOUT, STARTERS, alert_html, countries, literal, next_questions, reply_html, urgent_html

THEME = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"], primary_hue="teal")

History = list[dict[str, Any]]


def build(
    guide: Guide, site: str, country: str | None, limits: Limits, first: Callable[[FastAPI], None] = lambda _: None
) -> FastAPI:
    """The chat as an application of its own, for the path "/"; `first` mounts what lies below another path."""
    page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page.add_middleware(CORSMiddleware, allow_origins=[])  # else Gradio allows every origin, with credentials
    first(page)
    blocks = _blocks(guide, site, country, limits)
    mounted: FastAPI = gr.mount_gradio_app(
        page,
        blocks,
        path="/",
        theme=THEME,
        css=css(),
        head=f"<script>{_script()}</script>",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        pwa=False,
    )
    return mounted


def _blocks(guide: Guide, site: str, country: str | None, limits: Limits) -> gr.Blocks:
    def answer(message: str, history: History, chosen: str, request: gr.Request) -> tuple[str, History, str]:
        return _turn(guide, message, history, chosen, limits.refusal(request.request) if request.request else None)

    def switch(history: History, chosen: str) -> tuple[str, str]:
        return urgent_html(chosen or country), _alert_of(history, chosen or country)

    with gr.Blocks(title=f"{site}: ask about back pain", fill_height=True, analytics_enabled=False) as blocks:
        gr.Markdown(f"# {site}\n\n{ABOUT}", elem_id="sw-about")
        # Not gr.HTML, which evaluates strings as code and would need a laxer policy. Both texts are our own safe HTML.
        urgent = gr.Markdown(urgent_html(country), sanitize_html=False, elem_id="sw-urgent")
        alert = gr.Markdown("", sanitize_html=False, elem_id="sw-alert")
        talk = gr.Chatbot(
            label="Conversation",
            buttons=["copy"],
            examples=[{"text": text} for text in STARTERS],
            layout="bubble",
            elem_id="sw-talk",
            height="58vh",
            min_height=260,
            allow_tags=True,
            autoscroll=False,
            group_consecutive_messages=False,
        )
        box = gr.Textbox(
            label="Your question about back pain",
            placeholder="Type your question. Please leave out names and contact details.",
            show_label=False,
            submit_btn="Send",
            max_length=LONGEST_MESSAGE,
            lines=1,
            max_lines=4,
            elem_id="sw-box",
        )
        chosen = gr.Dropdown(
            countries(),
            value=code_of(country) if code_of(country) != ANYWHERE else "",
            label="Emergency numbers for",
            filterable=False,
            elem_id="sw-country",
        )
        box.submit(answer, [box, talk, chosen], [box, talk, alert], concurrency_limit=16, show_progress="hidden", api_name="ask")
        for event in (talk.example_select, talk.option_select):
            event(_chosen, None, box, show_progress="hidden", api_visibility="private").then(
                answer,
                [box, talk, chosen],
                [box, talk, alert],
                concurrency_limit=16,
                show_progress="hidden",
                api_visibility="private",
            )
        chosen.change(switch, [talk, chosen], [urgent, alert], show_progress="hidden", api_visibility="private")
        talk.clear(lambda: "", None, alert, show_progress="hidden", api_visibility="private")
    return blocks


def _script() -> str:
    return resources.files("spinewise.web").joinpath("chat.js").read_text(encoding="utf-8")


def _chosen(choice: gr.SelectData) -> str:
    value = choice.value
    return str(
        value["text"] if isinstance(value, dict) and "text" in value else value["value"] if isinstance(value, dict) else value
    )


def _alert_of(history: History, country: str | None) -> str:
    """The alert region for the talk so far, with the numbers of `country`."""
    care = screen([Turn(text) for text in _said(history)], country)
    return alert_html(Reply("alert", care)) if care.level in {"emergency", "crisis"} else ""


def _turn(
    guide: Guide, message: str, history: History, country: str = "", refused: RequestError | None = None
) -> tuple[str, History, str]:
    said = [*_said(history), message]
    try:
        reply = guide.reply([Turn(text) for text in said], country, refused)
    except SpinewiseError as error:
        reply = Reply("no_answer", message=f"{error}. {error.hint}.".replace("..", "."))
    asked = {"role": "user", "content": literal(message)}
    shown: dict[str, Any] = {"role": "assistant", "content": reply_html(reply, message)}
    options = [{"value": text, "label": label} for text, label in next_questions(reply, message)]
    if options:
        shown["options"] = options
    return "", [*history, asked, shown], alert_html(reply)


def _said(history: Sequence[dict[str, Any]]) -> list[str]:
    """The reader's messages in a history, which Gradio gives as texts or as lists of parts."""
    said = []
    for entry in history:
        if entry.get("role") == "user":
            content = entry.get("content") or ""
            parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
            said.append(html.unescape("".join(parts)))
    return said
