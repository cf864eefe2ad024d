"""golden.yaml: what is read, and that each mistake is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import bare, write_corpus

from spinewise.errors import CorpusError
from spinewise.library.check import check
from spinewise.library.golden import load_golden
from spinewise.records import GoldenQuestion

ROOT = Path(__file__).resolve().parents[2]


def write(folder: Path, text: str) -> Path:
    (folder / "golden.yaml").write_text(text, encoding="utf-8")
    return folder


def test_what_is_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "may_fail: 0.25\nquestions:\n  - ask: How long?\n    cites: [tea, milk#When it is cold]\n    not_cites: salt\n"
        "  - ask: [one, two]\n    care: none\n    abstains: false\n    required: true\n",
    )
    golden = load_golden(tmp_path)
    assert golden is not None
    assert (golden.may_fail, golden.questions) == (
        0.25,
        (
            GoldenQuestion(3, ("How long?",), cites=("tea", "milk#When it is cold"), not_cites=("salt",)),
            GoldenQuestion(6, ("one", "two"), care="none", abstains=False, required=True),
        ),
    )


def test_a_corpus_without_the_file(tmp_path: Path) -> None:
    assert load_golden(tmp_path) is None


BAD = {
    "": (1, "no list of `questions:`"),
    "- a\n": (1, "no list of `questions:`"),
    "questions: []\n": (1, "no list of `questions:`"),
    "questions:\n  - ask: [\n": (3, "not valid YAML"),
    "may_fail: many\nquestions:\n  - {ask: a, care: soon}\n": (1, "may_fail is 'many'"),
    "may_fail: 1.5\nquestions:\n  - {ask: a, care: soon}\n": (1, "may_fail is 1.5"),
    "questions:\n  - {ask: a, care: soon}\nmore: 1\n": (3, "unknown field 'more'"),
    "questions:\n  - just text\n": (2, "is not a question"),
    "questions:\n  - ask: a\n    cite: tea\n": (3, "unknown field 'cite'"),
    "questions:\n  - care: soon\n": (2, "there is no question"),
    "questions:\n  - ask: a\n": (2, "expects nothing"),
    "questions:\n  - ask: {a: b}\n    care: soon\n": (2, "not a text"),
    "questions:\n  - ask: a\n    cites: [1]\n": (3, "not a text"),
    "questions:\n  - ask: a\n    care: high\n": (3, "care is 'high'"),
    "questions:\n  - ask: a\n    abstains: maybe\n": (3, "abstains is 'maybe'"),
    "questions:\n  - ask: a\n    care: soon\n    required: 1\n": (4, "required is 1"),
}


@pytest.mark.parametrize("text", BAD)
def test_mistakes_are_named_with_file_and_line(tmp_path: Path, text: str) -> None:
    line, words = BAD[text]
    with pytest.raises(CorpusError) as raised:
        load_golden(write(tmp_path, text))
    assert f"{tmp_path / 'golden.yaml'}:{line}: " in str(raised.value)
    assert words in str(raised.value)
    assert raised.value.hint


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "golden.yaml").write_bytes(b"questions:\n  - \xff")
    with pytest.raises(CorpusError, match=r"golden\.yaml:2: not UTF-8"):
        load_golden(tmp_path)


def test_check_names_them_too(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "c", {"tea": bare("Tea", "It is hot.")})
    problems, count = check(write(corpus, "questions:\n  - ask: a\n    cites: coffee#Milk\n"))
    assert [str(problem) for problem in problems if problem.file.name == "golden.yaml"] == [
        f"{corpus / 'golden.yaml'}:2: warning: 'coffee#Milk': there is no such article"
    ]
    assert count == 1
    problems, _ = check(write(corpus, "questions: 1\n"))
    assert [problem.severity for problem in problems if problem.file.name == "golden.yaml"] == ["error"]


def test_the_file_that_is_shipped() -> None:
    golden = load_golden(ROOT / "corpus")
    assert golden is not None
    assert len(golden.questions) >= 40
    assert {question.care for question in golden.questions if question.required} >= {"emergency", "crisis", "urgent", "none"}
    assert any(question.abstains for question in golden.questions)
    assert any(len(question.turns) > 1 for question in golden.questions)
    problems, _ = check(ROOT / "corpus")
    assert [str(problem) for problem in problems if problem.file.name == "golden.yaml"] == []
