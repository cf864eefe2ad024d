"""Article files: what is taken, and how each kind of fault is named, with file and line."""

from datetime import date
from pathlib import Path

import pytest
from fakes import bare

from spinewise.errors import CorpusError
from spinewise.library.articles import load, read_all, read_article

FULL = """---
title: "Salt: a lamp"
summary: What a lamp of salt does.
reviewed: 2026-02-03
review_due: 2027-01-01
url: https://lamps.example/salt
topics: [salt, lamps]
questions:
  - Does a salt lamp help?
references:
  - {title: Lamps, publisher: Lamp Board, year: 2020, url: "https://lamps.example/1", checked: 2026-02-02}
  - {title: Salt, url: "https://lamps.example/2"}
---
It glows.[^1]
"""


def write(folder: Path, name: str, text: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_every_field(tmp_path: Path) -> None:
    article, problems = read_article(write(tmp_path, "salt.md", FULL))
    assert problems == []
    assert article is not None
    assert (article.slug, article.title, article.body) == ("salt", "Salt: a lamp", "It glows.[^1]\n")
    assert (article.reviewed, article.review_due) == (date(2026, 2, 3), date(2027, 1, 1))
    assert (article.url, article.topics) == ("https://lamps.example/salt", ("salt", "lamps"))
    assert article.questions == ("Does a salt lamp help?",)
    first, second = article.references
    assert (first.title, first.publisher, first.year, first.checked) == ("Lamps", "Lamp Board", 2020, date(2026, 2, 2))
    assert (second.title, second.publisher, second.year, second.checked) == ("Salt", "", None, None)


@pytest.mark.parametrize(
    ("reviewed", "due"), [("2026-05-01", date(2028, 5, 1)), ("2024-02-29", date(2026, 2, 28)), ("9999-03-01", date(9999, 3, 1))]
)
def test_review_is_due_two_years_later(tmp_path: Path, reviewed: str, due: date) -> None:
    text = bare("Salt", "It glows.").replace("2026-05-01", reviewed)
    article, problems = read_article(write(tmp_path, "salt.md", text))
    assert problems == []
    assert article is not None
    assert article.review_due == due


def test_required_fields_only(tmp_path: Path) -> None:
    article, problems = read_article(write(tmp_path, "salt.md", bare("Salt", "It glows.")))
    assert problems == []
    assert article is not None
    assert (article.url, article.topics, article.questions, article.references) == (None, (), (), ())


def test_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    plain, _ = read_article(write(tmp_path, "salt.md", FULL))
    windows, problems = read_article(write(tmp_path, "salt.md", b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode()))
    old_mac, _ = read_article(write(tmp_path, "salt.md", FULL.replace("\n", "\r").encode()))
    assert problems == []
    assert plain == windows == old_mac


HEAD = "title: Salt\nsummary: A lamp.\nreviewed: 2026-05-01\n"

FAULTS = {
    "no front matter": ("It glows.\n", 1, "no front matter"),
    "front matter not closed": (f"---\n{HEAD}It glows.\n", 1, "no front matter"),
    "empty file": ("", 1, "no front matter"),
    "empty front matter": ("---\n---\nIt glows.\n", 2, "field: value"),
    "a list": ("---\n- title\n---\nIt glows.\n", 2, "field: value"),
    "bad YAML": ("---\ntitle: Salt\nsummary: [a\n---\nIt glows.\n", 4, "not valid YAML"),
    "unquoted colon": ("---\ntitle: Salt: a lamp\n---\nIt glows.\n", 2, "not valid YAML"),
    "control character": ("---\ntitle: \x00\n---\nIt glows.\n", 2, "not valid YAML"),
    "python object": ("---\ntitle: !!python/object/apply:os.getcwd []\n---\nIt.\n", 2, "not valid YAML"),
    "no title": (f"---\n{HEAD}---\nIt.\n".replace("title: Salt\n", ""), 1, "'title' is missing"),
    "empty summary": (f"---\n{HEAD}---\nIt.\n".replace("A lamp.", "''"), 3, "'summary' is missing"),
    "no date": (f"---\n{HEAD}---\nIt.\n".replace("reviewed: 2026-05-01\n", ""), 1, "'reviewed' is missing"),
    "no such day": (f"---\n{HEAD}---\nIt.\n".replace("05-01", "02-30"), 4, "'2026-02-30'"),
    "day in words": (f"---\n{HEAD}---\nIt.\n".replace("2026-05-01", "last May"), 4, "'last May'"),
    "day with a tail": (f"---\n{HEAD}---\nIt.\n".replace("2026-05-01", "2026-05-011"), 4, "'2026-05-011'"),
    "bad review_due": (f"---\n{HEAD}review_due: soon\n---\nIt.\n", 5, "review_due is 'soon'"),
    "title a list": (f"---\n{HEAD}---\nIt.\n".replace("Salt", "[a, b]"), 2, "'title' should be text"),
    "topics a text": (f"---\n{HEAD}topics: salt\n---\nIt.\n", 5, "'topics' should be a list"),
    "question with a colon": (f"---\n{HEAD}questions:\n  - Salt: how much?\n---\nIt.\n", 5, "'questions' should be"),
    "url of a script": (f"---\n{HEAD}url: 'javascript:alert(1)'\n---\nIt.\n", 5, "does not begin with https"),
    "references a text": (f"---\n{HEAD}references: see below\n---\nIt.\n", 5, "'references' should be a list"),
    "reference without url": (f"---\n{HEAD}references: [{{title: A}}]\n---\nIt.\n", 5, "reference 1 needs"),
    "year in words": (f"---\n{HEAD}references: [{{title: A, url: /a, year: old}}]\n---\nIt.\n", 5, "'old', not a number"),
    "bad checked": (f"---\n{HEAD}references: [{{title: A, url: /a, checked: now}}]\n---\nIt.\n", 5, "checked is 'now'"),
    "no text": (f"---\n{HEAD}---\n \n\n", 1, "no text"),
    "not UTF-8": (f"---\n{HEAD}---\nIt gl".encode() + b"\xf6ws.\n", 6, "not UTF-8 text (byte 0xf6)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_with_their_line(tmp_path: Path, fault: str) -> None:
    text, line, words = FAULTS[fault]
    file = write(tmp_path, "salt.md", text)
    article, problems = read_article(file)
    assert article is None
    assert [(problem.file, problem.line) for problem in problems] == [(file, line)]
    assert words in problems[0].text
    with pytest.raises(CorpusError, match="1 problem") as raised:
        load(tmp_path)
    assert str(problems[0]) in str(raised.value)


@pytest.mark.parametrize("name", ["Salt.md", "salt lamp.md", "salt_lamp.md", "-salt.md", "salt--lamp.md", "sält.md"])
def test_bad_slugs(tmp_path: Path, name: str) -> None:
    article, problems = read_article(write(tmp_path, name, bare("Salt", "It glows.")))
    assert article is None
    assert "slug" in problems[0].text


def test_slugs_that_differ_by_case_alone(tmp_path: Path) -> None:
    for name in ("salt.md", "Salt.md"):
        write(tmp_path, name, bare("Salt", "It glows."))
    _, problems = read_all(tmp_path)
    assert any("duplicate slug 'salt'" in problem.text for problem in problems)


def test_one_fault_does_not_hide_another(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "nothing")
    write(tmp_path, "b.md", bare("Salt", "It glows."))
    write(tmp_path, "c.md", "---\ntitle: T\n---\nIt.\n")
    articles, problems = read_all(tmp_path)
    assert [article.slug for article in articles] == ["b"]
    assert [problem.file.name for problem in problems] == ["a.md", "c.md", "c.md"]


def test_a_folder_named_like_an_article(tmp_path: Path) -> None:
    (tmp_path / "salt.md").mkdir()
    _, problems = read_all(tmp_path)
    assert "cannot be read" in problems[0].text


def test_readme_is_no_article_and_no_articles_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "about this folder")
    with pytest.raises(CorpusError, match="no articles"):
        load(tmp_path)
    with pytest.raises(CorpusError, match="no corpus folder") as raised:
        load(tmp_path / "nowhere")
    assert "--corpus" in raised.value.hint
