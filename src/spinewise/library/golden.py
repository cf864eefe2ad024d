"""Reads golden.yaml, the questions that every new version must answer as editors expect. Asks nothing (see `gate`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import yaml

from spinewise.errors import CorpusError
from spinewise.library.articles import Problem
from spinewise.records import Article, Golden, GoldenQuestion, Level

NAME = "golden.yaml"
MAY_FAIL = 0.1
"""Share of the questions that are not required, where the file does not set its own."""
FIELDS = ("ask", "cites", "not_cites", "care", "abstains", "required")


def load_golden(folder: Path) -> Golden | None:
    """The golden questions of a corpus; None where it has no golden.yaml.

    Raises:
        CorpusError: the file is malformed; the message lists every problem as `file:line: problem`.
    """
    golden, problems = read_golden(folder)
    if problems:
        listed = "\n".join(str(problem) for problem in problems)
        raise CorpusError(f"{len(problems)} problem(s) in {NAME}, so nothing is published\n{listed}", "mend these")
    return golden


def read_golden(folder: Path) -> tuple[Golden | None, list[Problem]]:
    """Read golden.yaml: its questions, and every problem that it has; neither where there is no such file."""
    file = folder / NAME
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return None, []
    except UnicodeDecodeError as error:
        return None, [Problem(file, error.object[: error.start].count(b"\n") + 1, "not UTF-8 text; save it as UTF-8")]
    except OSError as error:
        return None, [Problem(file, 1, f"cannot be read: {error.strerror}")]
    try:
        tree, data = yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        return None, [Problem(file, mark.line + 1 if mark else 1, f"not valid YAML: {why}")]
    return _build(file, tree, data)


def unknown_targets(golden: Golden, articles: tuple[Article, ...]) -> list[Problem]:
    """Warnings for golden questions that name an article that is not there: they can only fail."""
    slugs = {article.slug for article in articles}
    return [
        Problem(Path(golden.file), question.line, f"{target!r}: there is no such article", "warning")
        for question in golden.questions
        for target in (*question.cites, *question.not_cites)
        if target.partition("#")[0] not in slugs
    ]


def _build(file: Path, tree: Any, data: Any) -> tuple[Golden | None, list[Problem]]:
    if not isinstance(data, dict) or not isinstance(data.get("questions"), list) or not data["questions"]:
        return None, [Problem(file, 1, "there is no list of `questions:`")]
    lines = _lines(tree)
    surplus = [name for name in data if name not in {"may_fail", "questions"}]
    faults = [Problem(file, lines.get(str(name), 1), f"unknown field {name!r}; known: may_fail, questions") for name in surplus]
    may_fail = data.get("may_fail", MAY_FAIL)
    if isinstance(may_fail, bool) or not isinstance(may_fail, (int, float)) or not 0 <= may_fail <= 1:
        faults.append(Problem(file, lines.get("may_fail", 1), f"may_fail is {may_fail!r}, not a share from 0 to 1"))
    questions = []
    (nodes,) = (value.value for key, value in tree.value if key.value == "questions")
    for node, entry in zip(nodes, data["questions"], strict=True):
        try:
            questions.append(_question(entry, node.start_mark.line + 1))
        except _FieldError as error:
            lines = _lines(node) if isinstance(entry, dict) else {}
            faults.append(Problem(file, lines.get(error.field, node.start_mark.line + 1), str(error)))
    return (None, faults) if faults else (Golden(str(file), tuple(questions), float(may_fail)), [])


def _lines(node: Any) -> dict[str, int]:
    """The line on which each field of a mapping stands, counted from 1."""
    return {key.value: key.start_mark.line + 1 for key, _ in node.value}


class _FieldError(Exception):
    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def _question(entry: Any, line: int) -> GoldenQuestion:
    if not isinstance(entry, dict):
        raise _FieldError("", f"{entry!r} is not a question; write `- ask: ...` and what its answer must be")
    for name in entry:
        if name not in FIELDS:
            raise _FieldError(name, f"unknown field {name!r}; known: {', '.join(FIELDS)}")
    turns = _texts(entry, "ask")
    if not turns:
        raise _FieldError("ask", "there is no question; write `ask: ...`")
    care, abstains, required = entry.get("care"), entry.get("abstains"), entry.get("required", False)
    if care is not None and care not in get_args(Level):
        raise _FieldError("care", f"care is {care!r}; known: {', '.join(get_args(Level))}")
    for name, value in (("abstains", abstains), ("required", required)):
        if value is not None and not isinstance(value, bool):
            raise _FieldError(name, f"{name} is {value!r}, not true or false")
    cites, not_cites = _texts(entry, "cites"), _texts(entry, "not_cites")
    if not (cites or not_cites) and care is None and abstains is None:
        raise _FieldError("ask", f"{turns[-1]!r} expects nothing; write one of {', '.join(FIELDS[1:5])}")
    return GoldenQuestion(line, turns, cites, not_cites, care, abstains, bool(required))


def _texts(entry: dict[str, Any], name: str) -> tuple[str, ...]:
    value = entry.get(name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(item, str) and item.strip() for item in values):
        raise _FieldError(name, f"{name} is {value!r}, not a text or a list of texts")
    return tuple(item.strip() for item in values)
