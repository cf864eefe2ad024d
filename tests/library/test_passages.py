"""Sections, passages and units: exact slices of the body, whatever its text, and in step with the page's headings."""

from __future__ import annotations

import itertools
import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinewise.library.passages import LONGEST, split
from spinewise.library.sections import sections
from spinewise.library.sentences import units
from spinewise.records import Article
from spinewise.web.markdown import to_html

MARKDOWN = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "# One", "## Two", "## Two ##", "### Three *four*", "####### seven", "#no", "##", "    # code", "> # quoted",
                "- # in a list", "- item", "  - nested", "1. first", "* * *", "---", "```", "```python", "~~~~", "~~~",
                "| a | b |", "| - | - |", "Lead-in:", "Such as:[^1]", "A sentence. Another one, e.g. this! A third?[^2] It leans.",
                "", "", "[link](https://a.example)", "![i](x.png)", "<b>html</b>", "\u2028# not a heading", "\x0b## nor this",
                "text \x85# nor that", "Setext\n===", "[^1]: note", "word " * 400, "x" * 2000,
            ]
        ),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=40),
    ),
    max_size=25,
).map("\n".join)  # fmt: skip


def article(body: str) -> Article:
    return Article("made-up", "A title", "A summary", date(2026, 1, 1), date(2028, 1, 1), body)


@given(MARKDOWN)
def test_passages_are_slices_that_leave_nothing_out(body: str) -> None:
    passages = split(article(body))
    at = 0
    for passage in passages:
        assert body[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert len(passage.text) <= LONGEST
        assert passage.start >= at
        at = passage.end
    covered = "".join(passage.text for passage in passages)
    whole = "".join(body[section.start : section.end] for section in sections(body))
    assert covered.split() == whole.split() or "".join(covered.split()) == "".join(whole.split())


@given(MARKDOWN)
def test_units_are_slices_inside_their_passage(body: str) -> None:
    for passage in split(article(body)):
        found = units(passage.text, passage.start)
        for number, unit in enumerate(found):
            assert passage.start <= unit.start < unit.end <= passage.end
            text = body[unit.start : unit.end]
            assert text == text.strip()
            assert any(character.isalnum() for character in text)
            assert -1 <= unit.lead < number
        spans = [(unit.start, unit.end) for unit in found]
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))


@given(MARKDOWN)
def test_sections_have_the_anchors_of_the_page(body: str) -> None:
    page = re.findall(r'<h\d id="([^"]+)">', to_html(body))
    own = [section.anchor for section in sections(body) if section.anchor]
    assert own == [anchor for anchor in page if anchor in own]


def anchors_on_page(body: str) -> list[str]:
    return re.findall(r'<h\d id="([^"]+)">', to_html(body))


@pytest.mark.parametrize(
    "heading",
    [
        "Plain",
        "With *stars* and `code`",
        "[Link](https://a.example) here",
        "Ünïcode — dash",
        "日本語",
        "?!",
        "A & B < C",
        "Closed ##",
        "1. No list",
        "\\# escaped",
    ],
)
def test_an_odd_heading_has_the_same_anchor_on_both_sides(heading: str) -> None:
    body = f"Before.\n\n## {heading}\n\nText one.\n\n## {heading}\n\nText two.\n"
    own = [section.anchor for section in sections(body)]
    assert own[0] == ""
    assert own[1:] == anchors_on_page(body)
    assert own[1] != own[2]


def test_headings_that_are_none_do_not_cut() -> None:
    body = "```\n# code\n```\n\n- # in a list\n\n> # quoted\n\n    # indented\n\na\u2028# b\n\n## Real\n\nText.\n"
    assert [section.path for section in sections(body)] == [(), ("Real",)]
    assert anchors_on_page(body) == ["real"]


def test_a_fence_closes_only_with_its_own_kind() -> None:
    body = "````\n```\n# code\n```python\n# code\n````\n\n## Real\n\nText.\n"
    assert [section.path for section in sections(body)] == [(), ("Real",)]


def test_nested_headings_make_the_path() -> None:
    body = "Start.\n\n## A\n\nIn a.\n\n### B\n\nIn b.\n\n## C\n\nIn c.\n\n## Empty\n"
    assert [section.path for section in sections(body)] == [(), ("A",), ("A", "B"), ("C",)]


def quotes(text: str) -> list[str]:
    """Each unit as it would be shown: with its lead-in."""
    found = units(text)
    shown = []
    for unit in found:
        lead = text[found[unit.lead].start : found[unit.lead].end] + " | " if unit.lead >= 0 else ""
        shown.append(lead + text[unit.start : unit.end])
    return shown


LONG = "a long item that says a good deal about one single thing, " * 4


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n", "\n \n\t\n"])
def test_a_short_list_is_one_unit_with_its_lead_in(gap: str) -> None:
    text = f"First this. Do not run if:{gap}- it hurts\n- you fell"
    assert quotes(text) == ["First this.", f"Do not run if:{gap}- it hurts\n- you fell"]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
@pytest.mark.parametrize("colon", [":", ":[^1]", ":[^1][^2]"])
def test_items_of_a_long_list_keep_their_lead_in(gap: str, colon: str) -> None:
    shown = quotes(f"Do not run if{colon}{gap}- one {LONG}\n- two {LONG}\n- three")
    assert len(shown) == 4
    assert all(text.startswith("Do not run if: | ") for text in shown[1:])


def test_nested_items_stay_with_their_parent() -> None:
    shown = quotes(f"Ask first if:\n\n- you take {LONG}:\n  - warfarin\n  - heparin\n- you are {LONG}")
    assert len(shown) == 3
    assert "warfarin" in shown[1]
    assert shown[1].startswith("Ask first if: | you take")
    assert shown[2].startswith("Ask first if: | you are")


def test_a_sentence_that_leans_is_kept_with_the_one_before() -> None:
    assert quotes("Baths help. But not in winter. Rest is next.") == ["Baths help. But not in winter.", "Rest is next."]


def test_abbreviations_and_footnotes_end_no_unit() -> None:
    assert quotes("Ask Dr. Salt, e.g. Monday.[^1] Then go.") == ["Ask Dr. Salt, e.g. Monday.[^1] Then go."]
    assert quotes("Go.[^1][^2] Rest now.[^3]") == ["Go.", "Rest now."]


@pytest.mark.parametrize(
    "text", ["***", "---", "| a | b |\n| - | - |", "# x", "![p](q.png)", "```\ncode\n```", "[^1]: note", "  "]
)
def test_what_is_no_sentence_is_never_quoted(text: str) -> None:
    assert units(text) == ()
