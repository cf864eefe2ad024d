"""The frozen types that pass between rooms. Holds no behaviour beyond small derived values; imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Level = Literal["none", "soon", "urgent", "crisis", "emergency"]
LEVELS: tuple[Level, ...] = ("none", "soon", "urgent", "crisis", "emergency")
"""Care levels from the least to the most pressing. `crisis` stands above `urgent`, since its card is shown alone."""

Kind = Literal["answer", "no_answer", "alert", "smalltalk"]

Progress = Callable[[str, int, int], None]
"""Told the stage of a long job, how much of it is done, and its total."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of an article's reference list; `[^n]` in the body cites the n-th."""

    title: str
    publisher: str
    year: int | None
    url: str
    checked: date | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One file of the corpus. `body` is the Markdown after the front matter, and every offset counts in its characters."""

    slug: str
    title: str
    summary: str
    reviewed: date
    review_due: date
    body: str
    url: str | None = None
    topics: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    wordings: tuple[str, ...] = ()
    """Other ways in which readers ask what it answers: searched, never shown."""


@dataclass(frozen=True, slots=True)
class Section:
    """The text under one heading: `body[start:end]`, the heading line not included."""

    path: tuple[str, ...]
    """Headings from the outermost to this one; empty before the first heading."""
    anchor: str
    """The id of the heading on the article's page; empty before the first heading."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """An exact slice of one section: `body[start:end] == text`."""

    id: str
    """`<slug>#<n>`: the n-th passage of the article, counted from 0."""
    article: str
    title: str
    section: tuple[str, ...]
    anchor: str
    start: int
    end: int
    text: str
    digest: str
    """SHA-256 of all that the encoder is given, so equal digests mean equal vectors."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What an answer may quote: `body[start:end]`, shown on its own, or after the unit numbered `lead` if not -1."""

    start: int
    end: int
    lead: int = -1
    """Number, within the passage, of the lead-in without which a list item is not shown."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with the score that ranked it: one object, never parallel lists."""

    passage: Passage
    score: float
    """Fused score, higher is better; comparable only within one search."""
    dense: float = 0.0
    """Cosine between the question and the passage, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The abstention decision, fitted at refresh: answer where the logistic of `weights · features` reaches `floor`."""

    weights: tuple[float, ...]
    """One per feature of `answer.abstain.features`, the constant last."""
    floor: float
    doubt: float
    """From here to `floor` the nearest pages are named, and nothing is answered."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version of the index is: written last, checked first."""

    schema: int
    version: str
    created: str
    """ISO 8601, UTC."""
    corpus_digest: str
    encoder: str
    """Name of the folder under `encoders/`."""
    model: str
    articles: int
    passages: int
    questions: int
    calibration: Calibration
    files: dict[str, str]
    """File name -> SHA-256."""


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question with what its answer must be; each expectation that is None or empty asks for nothing."""

    line: int
    """Where it stands in golden.yaml, counted from 1."""
    turns: tuple[str, ...]
    """The conversation; the reply to the last turn is judged."""
    cites: tuple[str, ...] = ()
    """Articles (`slug`) or headings (`slug#Heading`): the answer must cite one of them."""
    not_cites: tuple[str, ...] = ()
    """The same, none of which may be cited."""
    care: Level | None = None
    abstains: bool | None = None
    required: bool = False
    """Whether nothing is published while it fails."""


@dataclass(frozen=True, slots=True)
class Golden:
    """The golden questions of a corpus."""

    file: str
    questions: tuple[GoldenQuestion, ...]
    may_fail: float
    """Share of the questions that are not required, 0 to 1, up to which failures do not stop a refresh."""


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """A golden question whose answer a refresh would change, with both answers as text."""

    question: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """What a refresh did, or with `--dry-run` would do."""

    version: str
    published: bool
    articles: int
    passages: int
    articles_added: tuple[str, ...] = ()
    articles_changed: tuple[str, ...] = ()
    articles_removed: tuple[str, ...] = ()
    passages_added: int = 0
    passages_changed: int = 0
    passages_removed: int = 0
    passages_kept: int = 0
    embedded: int = 0
    """Texts given to the encoder in this run."""
    took_s: float = 0.0
    stops: tuple[str, ...] = ()
    """In a dry run, why it would not be published; empty where it would."""
    golden_changed: tuple[AnswerChange, ...] = ()
    """In a dry run, the golden questions that would be answered otherwise."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the reader, as typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning sign that the reader's own words matched."""

    id: str
    condition: str
    matched: str
    turn: int
    """Index of the message it stands in, counted from 0."""


@dataclass(frozen=True, slots=True)
class Care:
    """What the safety screen found: the level, the flags behind it, and the fixed card to show as Markdown."""

    level: Level = "none"
    flags: tuple[Flag, ...] = ()
    card: str | None = None
    asks: bool = False
    """Whether the card is the second net's question, to be answered with yes or no."""


@dataclass(frozen=True, slots=True)
class CardWords:
    """The words of the safety cards in one language. What is missing here is shown in English."""

    cards: Mapping[str, str]
    """Markdown with placeholders, by the card's name."""
    checklist: Mapping[str, str]
    """The title and headings of the list of warning signs, by level."""
    signs: Mapping[str, str]
    """The English words of each sign -> this language's."""
    numbers: Mapping[str, Mapping[str, str]]
    """By country: its name, and whom to call."""
    joined_by: str
    """What stands between two signs in one sentence."""
    yes: frozenset[str]
    """First words of a message that says yes, in small letters."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article, word for word, with the number of its source."""

    text: str
    source: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where sentences come from: `article_body[start:end] == quote`."""

    n: int
    article: str
    title: str
    section: tuple[str, ...]
    quote: str
    start: int
    end: int
    url: str
    reviewed: date
    overdue: bool = False
    """Whether its next review was due before today."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to the last turn of a conversation, as the contract's JSON has it."""

    kind: Kind
    care: Care = field(default_factory=Care)
    sentences: tuple[Sentence, ...] = ()
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    checklist: bool = False
    """Whether the list of warning signs is offered beside the reply."""
    message: str | None = None
    """Our own fixed words, where there are no sentences: small talk, or what Spinewise does cover."""
    searched_for: str = ""
    carried: str = ""
    """The words of `searched_for` that come from earlier turns."""
    language: str = "en"
    """The code of the language of `message` and the card."""
    articles_language: str = "en"
    """The code of the language of the articles, and so of the sentences, sources and suggestions."""
    index_version: str = ""
    took_ms: float = 0.0
