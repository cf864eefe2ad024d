"""The editor's lint: names what is wrong in articles, with file and line. Reads the folder; needs no index and no model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path

from jsonschema import Draft202012Validator

from spinewise.library.articles import FRONT_MATTER, Problem, article_files, front_matter, line_of_field, read_all
from spinewise.library.golden import read_golden, unknown_targets
from spinewise.library.reading import reading
from spinewise.library.sections import sections
from spinewise.records import Article

LONGEST_SENTENCE = 30
"""Words. GOV.UK and NHS style ask for 20 to 25; past 30 few readers follow."""
LONGEST_PARAGRAPH = 150
"""Words; more is a grey wall on a phone."""
LEAST_EASE = 55
"""Flesch reading ease. Chatbots on back pain reach 51 (Annals of the Rheumatic Diseases 2024); plain English begins at 60."""
FEWEST_WORDS, MOST_WORDS = 100, 2000

_CITED = re.compile(r"\[\^([^\]\s]+)\]")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_PROMISE = re.compile(
    r"\b(?:cures?|miracle|guaranteed?|100% (?:safe|effective)|always works?|never fails|completely safe|no side effects)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:no|not|nothing|never|without|cannot|isn't|doesn't|don't|beware|claims?|rarely)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])(?:\[\^[^\]]+\])*\s+")
_JARGON = {
    "prognosis": "outlook",
    "etiology": "cause",
    "aetiology": "cause",
    "ambulate": "walk",
    "lumbar": "lower back",
    "thoracic": "middle or upper back",
    "micturition": "peeing",
    "urinate": "pee",
    "defecate": "poo",
    "contraindicated": "should not be used",
    "analgesic": "painkiller",
    "analgesics": "painkillers",
    "idiopathic": "with no known cause",
    "bilateral": "on both sides",
    "unilateral": "on one side",
    "comorbidity": "other illness",
    "prophylactic": "preventive",
    "radiculopathy": "trapped nerve",
    "paraesthesia": "pins and needles",
    "utilise": "use",
}
"""Trade words with the plain ones to use. A trade word is fine where its sentence explains it, so these are warnings."""


def check(folder: Path) -> tuple[list[Problem], int]:
    """Every problem of the corpus, golden.yaml included, sorted by file and line, and the number of article files read.

    Problems of severity "error" stand in the way of a refresh or break an article; "warning" ones are for the editor.

    Raises:
        CorpusError: the folder is missing.
    """
    articles, problems = read_all(folder)
    anchors = {article.slug: {section.anchor for section in sections(article.body)} for article in articles}
    for file in article_files(folder):
        problems += _by_schema(file, {problem.file for problem in problems})
    for new in sorted(folder.glob("*.new.md")):
        problems.append(Problem(new, 1, "new text of an imported page; take over what you need, then delete the file", "warning"))
    for article in articles:
        file = folder / f"{article.slug}.md"
        body_line = _first_body_line(file)
        for offset, severity, text in _faults(article, anchors):
            line = body_line + article.body.count("\n", 0, offset) if offset >= 0 else 1
            problems.append(Problem(file, line, text, severity))
    count = len(
        {problem.file for problem in problems if not problem.file.name.endswith(".new.md")}
        | {folder / f"{article.slug}.md" for article in articles}
    )
    golden, faults = read_golden(folder)
    problems += [*faults, *(unknown_targets(golden, articles) if golden else ())]
    return sorted(problems, key=lambda problem: (str(problem.file), problem.line, problem.text)), count


@cache
def _validator() -> Draft202012Validator:
    schema = resources.files("spinewise.library").joinpath("article.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))


def _by_schema(file: Path, known: set[Path]) -> Iterator[Problem]:
    """What the published schema finds in a front matter that `read_all` took."""
    if file in known:
        return
    meta, raw = front_matter(file)
    for fault in _validator().iter_errors(meta):
        path = [str(part) for part in fault.absolute_path]
        line = line_of_field(raw, path[0] if path else "")
        yield Problem(file, line, f"{'.'.join(path) or 'front matter'}: {fault.message}", "warning")


def _first_body_line(file: Path) -> int:
    text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    match = FRONT_MATTER.match(text)
    return text.count("\n", 0, match.end()) + 1 if match else 1


Fault = tuple[int, str, str]
"""Offset in the body (-1: the front matter), severity, text."""


def _faults(article: Article, anchors: dict[str, set[str]]) -> Iterator[Fault]:
    yield from _citations(article)
    yield from _links(article, anchors)
    if article.review_due < date.today():  # noqa: DTZ011  (the editor's own day)
        yield -1, "warning", f"the review was due on {article.review_due}; review it and set `reviewed`"
    count = len(article.body.split())
    if not FEWEST_WORDS <= count <= MOST_WORDS:
        yield -1, "warning", f"{count} words; articles of 600 to 1,400 words are found and read best"
    ease = reading(article.body).ease
    if ease < LEAST_EASE:
        yield -1, "warning", f"reading ease {ease:.0f}; under {LEAST_EASE} is too hard: shorter sentences, shorter words"
    yield from _words(article)


def _citations(article: Article) -> Iterator[Fault]:
    listed = {str(n) for n in range(1, len(article.references) + 1)}
    cited: set[str] = set()
    for match in _CITED.finditer(article.body):
        cited.add(match.group(1))
        if match.group(1) not in listed:
            yield match.start(), "error", f"{match.group()} cites a reference that is not listed; there are {len(listed)}"
    for n in sorted(listed - cited, key=int):
        yield -1, "warning", f"reference {n} is listed but nowhere cited; cite it as [^{n}] or remove it"


def _links(article: Article, anchors: dict[str, set[str]]) -> Iterator[Fault]:
    for match in _LINK.finditer(article.body):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        slug = target.removesuffix(".md") if target else article.slug
        if slug not in anchors:
            yield match.start(), "error", f"link to {match.group(1)!r}, but there is no such article"
        elif anchor and anchor not in anchors[slug]:
            yield match.start(), "error", f"link to {match.group(1)!r}, but {slug} has no heading with that anchor"


def _words(article: Article) -> Iterator[Fault]:
    offset = 0
    for paragraph in article.body.split("\n"):
        count = len(paragraph.split())
        if count > LONGEST_PARAGRAPH and "|" not in paragraph:
            yield offset, "warning", f"a paragraph of {count} words; break it up: {' '.join(paragraph.split()[:6])} …"
        for sentence in _SENTENCE_END.split(paragraph):
            at = article.body.find(sentence, offset)
            words = sentence.split()
            if len(words) > LONGEST_SENTENCE and "|" not in sentence:
                yield at, "warning", f"a sentence of {len(words)} words; cut it in two: {' '.join(words[:6])} …"
            yield from _jargon(sentence, at)
            promise = _PROMISE.search(sentence)
            if promise and not _DENIED.search(sentence):
                yield at, "warning", f"{promise.group()!r} promises; say what was found, in how many, and how sure that is"
        offset += len(paragraph) + 1


def _jargon(sentence: str, at: int) -> Iterator[Fault]:
    lowered: Sequence[str] = re.findall(r"[a-z]+", sentence.casefold())
    for word in dict.fromkeys(lowered):
        if word in _JARGON and _JARGON[word].split()[0] not in lowered:
            yield at, "warning", f"{word!r}: readers know {_JARGON[word]!r}"
