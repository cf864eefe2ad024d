"""The editor's lint: what it finds, where, and how grave it takes it to be."""

from pathlib import Path

import pytest
from fakes import ARTICLES, bare, write_corpus

from spinewise.errors import CorpusError
from spinewise.library.check import check

PADDING = "\n\n" + "The shore is calm today. " * 30


def test_the_made_up_corpus_has_no_errors(tmp_path: Path) -> None:
    problems, count = check(write_corpus(tmp_path, ARTICLES))
    assert count == len(ARTICLES)
    assert [problem for problem in problems if problem.severity == "error"] == []


@pytest.mark.parametrize(
    ("body", "line", "severity", "words"),
    [
        ("Fine.\n\nSalt glows.[^1]", 8, "error", "[^1] cites a reference that is not listed"),
        ("See [that](nowhere.md).", 6, "error", "no such article"),
        ("Fine.\n\nSee [that](salt.md#gone).", 8, "error", "no heading with that anchor"),
        ("Salt cures pain.", 6, "warning", "'cures' promises"),
        ("The prognosis is good.", 6, "warning", "readers know 'outlook'"),
        ("So " + "very " * 40 + "long.", 6, "warning", "a sentence of 42 words"),
    ],
)
def test_findings_name_line_and_severity(tmp_path: Path, body: str, line: int, severity: str, words: str) -> None:
    problems, _ = check(write_corpus(tmp_path, {"salt": bare("Salt", body + PADDING)}))
    found = [problem for problem in problems if words in problem.text]
    assert [(problem.file.name, problem.line, problem.severity) for problem in found] == [("salt.md", line, severity)]


def test_a_bad_article_is_counted_and_listed(tmp_path: Path) -> None:
    problems, count = check(write_corpus(tmp_path, {"salt": "nothing", "sand": bare("Sand", "It runs." + PADDING)}))
    assert count == 2
    assert [(problem.file.name, problem.severity) for problem in problems] == [("salt.md", "error")]


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError):
        check(tmp_path / "nowhere")
