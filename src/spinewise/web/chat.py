"""The chat page, one of the two modules that import Gradio. Shows replies; finds and decides nothing."""

from __future__ import annotations

import html
import json
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
from spinewise.languages import Language, Languages
from spinewise.learning.asking import asked_by
from spinewise.records import Reply, Turn
from spinewise.safety import screen
from spinewise.safety.cards import ANYWHERE, code_of
from spinewise.web.feedback import Taker, answer_id, said_by, verdicts
from spinewise.web.limits import Limits
from spinewise.web.pages import css
from spinewise.web.render import (
    about_html,
    alert_html,
    countries,
    fault_words,
    literal,
    next_questions,
    reply_html,
    urgent_html,
)

THEME = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"], primary_hue="teal")

History = list[dict[str, Any]]


def build(
    guide: Guide,
    site: str,
    country: str | None,
    limits: Limits,
    languages: Languages,
    starters: Sequence[str],
    taker: Taker,
    first: Callable[[FastAPI], None] = lambda _: None,
) -> FastAPI:
    """The chat as an application of its own, for the path "/"; `first` mounts what lies below another path."""
    page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page.add_middleware(CORSMiddleware, allow_origins=[])  # else Gradio allows every origin, with credentials
    first(page)
    blocks = _blocks(guide, site, country, limits, languages, starters, taker)
    mounted: FastAPI = gr.mount_gradio_app(
        page,
        blocks,
        path="/",
        theme=THEME,
        css=css(),
        head=f"<script>{_script(site, languages)}</script>",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        pwa=False,
    )
    return mounted


def _blocks(
    guide: Guide,
    site: str,
    country: str | None,
    limits: Limits,
    languages: Languages,
    starters: Sequence[str],
    taker: Taker,
) -> gr.Blocks:
    language = languages.pick()

    def answer(message: str, history: History, chosen: str, spoken: str, request: gr.Request) -> tuple[str, History, str]:
        refused = limits.refusal(request.request) if request.request else None
        with asked_by(request.client.host if request.client else ""):
            return _turn(guide, message, history, chosen, refused, languages.pick(spoken))

    def switch(history: History, chosen: str, spoken: str) -> tuple[str, str]:
        now = languages.pick(spoken)
        return urgent_html(chosen or country, now), _alert_of(history, chosen or country, now)

    def speak(history: History, chosen: str, spoken: str) -> tuple[Any, ...]:
        now = languages.pick(spoken)
        shown = [gr.update(**words) for words in _words(site, guide, now).values()]
        return (*shown, *switch(history, chosen, spoken))

    def asked_for(request: gr.Request) -> str:
        return languages.pick(request.query_params.get("lang", "")).code

    def judged(history: History, choice: gr.LikeData, request: gr.Request) -> None:
        at = choice.index[0] if isinstance(choice.index, (list, tuple)) else choice.index
        answer = (history[at].get("metadata") or {}).get("id") if 0 <= at < len(history) else None
        refused = limits.refusal(request.request) if request.request else None
        if answer and refused is None:
            taker.take(str(answer), said_by(str(choice.liked), languages))

    words = _words(site, guide, language)
    with gr.Blocks(title=language.say("title", site=site), fill_height=True, analytics_enabled=False) as blocks:
        about = gr.Markdown(**words["about"], elem_id="sw-about")
        # Not gr.HTML, which evaluates strings as code and would need a laxer policy. Both texts are our own safe HTML.
        urgent = gr.Markdown(urgent_html(country, language), sanitize_html=False, elem_id="sw-urgent")
        alert = gr.Markdown("", sanitize_html=False, elem_id="sw-alert")
        talk = gr.Chatbot(
            **words["talk"],
            buttons=["copy"],
            feedback_options=verdicts(language),
            examples=[{"text": text} for text in starters],
            layout="bubble",
            elem_id="sw-talk",
            height="58vh",
            min_height=260,
            allow_tags=True,
            autoscroll=False,
            group_consecutive_messages=False,
        )
        box = gr.Textbox(**words["box"], show_label=False, max_length=LONGEST_MESSAGE, lines=1, max_lines=4, elem_id="sw-box")
        with gr.Row():
            chosen = gr.Dropdown(
                **words["chosen"],
                value=code_of(country) if code_of(country) != ANYWHERE else "",
                filterable=False,
                elem_id="sw-country",
            )
            spoken = gr.Dropdown(
                [(each.name, each.code) for each in languages.all()],
                **words["spoken"],
                value=language.code,
                filterable=False,
                elem_id="sw-lang",
            )
        told = [box, talk, chosen, spoken]
        box.submit(answer, told, [box, talk, alert], concurrency_limit=16, show_progress="hidden", api_name="ask")
        for event in (talk.example_select, talk.option_select):
            event(_chosen, None, box, show_progress="hidden", api_visibility="private").then(
                answer, told, [box, talk, alert], concurrency_limit=16, show_progress="hidden", api_visibility="private"
            )
        chosen.change(switch, told[1:], [urgent, alert], show_progress="hidden", api_visibility="private")
        spoken.change(
            speak,
            told[1:],
            [about, talk, box, chosen, spoken, urgent, alert],
            show_progress="hidden",
            api_visibility="private",
        )
        talk.like(judged, talk, None, show_progress="hidden", api_visibility="private")
        talk.clear(lambda: "", None, alert, show_progress="hidden", api_visibility="private")
        blocks.load(asked_for, None, spoken, show_progress="hidden", api_visibility="private")
    return blocks


def _words(site: str, guide: Guide, language: Language) -> dict[str, dict[str, Any]]:
    """What each part of the page says in `language`, in the order in which `speak` gives them."""
    rtl = language.direction == "rtl"
    return {
        "about": {"value": f"# {site}\n\n{about_html(language, guide.articles_language())}", "rtl": rtl},
        "talk": {"label": language.say("conversation"), "rtl": rtl},
        "box": {
            "label": language.say("question"),
            "placeholder": f"{language.say('question')}. {language.say('leave_out')}",
            "submit_btn": language.say("send"),
            "rtl": rtl,
        },
        "chosen": {"label": language.say("numbers_for"), "choices": countries(language)},
        "spoken": {"label": language.say("language")},
    }


def _script(site: str, languages: Languages) -> str:
    titles = {language.tag: language.say("title", site=site) for language in languages.all()}
    text = resources.files("spinewise.web").joinpath("chat.js").read_text(encoding="utf-8")
    return text.replace("{{titles}}", json.dumps(titles).replace("<", "\\u003c"))


def _chosen(choice: gr.SelectData) -> str:
    value = choice.value
    return str(
        value["text"] if isinstance(value, dict) and "text" in value else value["value"] if isinstance(value, dict) else value
    )


def _alert_of(history: History, country: str | None, language: Language) -> str:
    """The alert region for the talk so far, with the numbers of `country`."""
    care = screen([Turn(text) for text in _said(history)], country, wording=language.cards)
    return alert_html(Reply("alert", care), language) if care.level in {"emergency", "crisis"} else ""


def _turn(
    guide: Guide, message: str, history: History, country: str, refused: RequestError | None, language: Language
) -> tuple[str, History, str]:
    said = [*_said(history), message]
    try:
        reply = guide.reply([Turn(text) for text in said], country, refused, language)
    except SpinewiseError as error:
        reply = Reply("no_answer", message=fault_words(error, language), language=language.code)
    asked = {"role": "user", "content": literal(message)}
    shown: dict[str, Any] = {"role": "assistant", "content": reply_html(reply, language, message)}
    if reply.kind == "answer":
        shown["metadata"] = {"id": answer_id(reply)}
    options = [{"value": text, "label": label} for text, label in next_questions(reply, message, language)]
    if options:
        shown["options"] = options
    return "", [*history, asked, shown], alert_html(reply, language)


def _said(history: Sequence[dict[str, Any]]) -> list[str]:
    """The reader's messages in a history, which Gradio gives as texts or as lists of parts."""
    said = []
    for entry in history:
        if entry.get("role") == "user":
            content = entry.get("content") or ""
            parts = [content] if isinstance(content, str) else [part.get("text", "") for part in content]
            said.append(html.unescape("".join(parts)))
    return said
