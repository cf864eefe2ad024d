"""Builds the next version of the index in memory, from articles and the vectors that are known already. Publishes nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from spinewise.answer import abstain
from spinewise.answer.compose import compose
from spinewise.answer.search import query_of, search, word_text
from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.encoder import Encoder, Vectors
from spinewise.index.vectors import VectorIndex
from spinewise.index.words import WordIndex, terms
from spinewise.library import articles as library
from spinewise.library.passages import embedding_text, split
from spinewise.library.sentences import units as find_units
from spinewise.markup import plain
from spinewise.records import Article, Calibration, Manifest, Passage, Progress, Turn, Unit
from spinewise.safety import screen

BLOCK = 256
"""Texts between two calls of the progress."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a version is made of: the articles, cut."""

    articles: tuple[Article, ...]
    passages: tuple[Passage, ...]
    units: tuple[tuple[Unit, ...], ...]
    """The units of each passage."""

    def digest(self, encoder: str) -> str:
        """Equal for equal articles, cut by the same rules, under the encoder of that name."""
        everything = [
            [dataclasses.asdict(a) for a in self.articles],
            [p.digest for p in self.passages],
            [len(u) for u in self.units],
            encoder,
        ]
        text = json.dumps([everything, abstain.RECIPE], default=str, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A version in memory, ready to be asked and to be written."""

    content: store.Content
    index: store.Index
    embedded: int
    """Texts given to the encoder."""


def read(folder: Path) -> Material:
    """Read and cut the articles of `folder`.

    Raises:
        CorpusError: articles are malformed or missing.
        StoreError: there is no text in any of them.
    """
    articles = library.load(folder)
    passages = tuple(passage for article in articles for passage in split(article))
    if not passages:
        raise StoreError(f"the articles in {folder} have no text to index", "write below the front matter")
    return Material(articles, passages, tuple(tuple(find_units(passage.text, passage.start)) for passage in passages))


def build(
    material: Material, encoder: Encoder, known: dict[str, Vectors], name: str, model: str, progress: Progress
) -> Candidate:
    """Embed what is not in `known`, learn when to abstain, and ask the articles' own questions.

    `name` is the encoder's folder and `model` what it was exported from; both stand in the manifest.
    """
    content, embedded = _embed(material, encoder, known, progress)
    manifest = _facts(content, name, model, material.digest(name))
    progress("learning when to abstain", 0, 1)
    calibration = abstain.fit(store.assemble(content, manifest, encoder))
    progress("learning when to abstain", 1, 1)
    manifest = dataclasses.replace(manifest, calibration=calibration)
    content = dataclasses.replace(content, questions=_asked(store.assemble(content, manifest, encoder), progress))
    return Candidate(content, store.assemble(content, manifest, encoder), embedded)


def known_vectors(old: store.Content) -> dict[str, Vectors]:
    """Vectors of a version by what they stand for: passage digest, question text, unit text."""
    known: dict[str, Vectors] = {}
    rows = old.vectors.vectors(slice(None))
    for row, passage in enumerate(old.passages):
        known[f"p{passage.digest}"] = rows[row]
    for row, question in enumerate(old.questions, len(old.passages)):
        known[f"t{question.text}"] = rows[row]
    bodies = {article.slug: article.body for article in old.articles}
    flat = ((p, unit) for p, found in zip(old.passages, old.units, strict=True) for unit in found)
    for row, (passage, unit) in enumerate(flat):
        known[f"u{_unit_text(bodies[passage.article], unit)}"] = old.unit_vectors[row].astype(np.float32)
    return known


def _asked(index: store.Index, progress: Progress) -> tuple[store.Question, ...]:
    """The questions, each of the front matter's asked once: only those that are answered may be suggested to readers."""
    found = list(index.questions)
    first = len(index.passages)
    for number, question in enumerate(found):
        if question.kind == "question":
            query = query_of(index, question.text, index.vectors.vectors([first + number])[0], terms(question.text))
            hits = search(index, query)
            own = index.passages[question.passage].article in list(dict.fromkeys(hit.passage.article for hit in hits))[:3]
            calm = screen([Turn(question.text)]).level == "none"  # a suggestion must not end in an alarm
            answered = calm and own and abstain.decide(index, query, hits) == "answer" and bool(compose(index, query, hits)[0])
            found[number] = dataclasses.replace(question, answered=answered)
        if (number + 1) % BLOCK == 0 or number + 1 == len(found):
            progress("asking the articles' questions", number + 1, len(found))
    return tuple(found)


def _embed(material: Material, encoder: Encoder, known: dict[str, Vectors], progress: Progress) -> tuple[store.Content, int]:
    articles, passages, units = material.articles, material.passages, material.units
    bodies = {article.slug: article.body for article in articles}
    wanted: dict[str, str] = {}  # key -> text
    passage_keys = [f"p{passage.digest}" for passage in passages]
    for key, passage in zip(passage_keys, passages, strict=True):
        wanted[key] = embedding_text(passage.title, passage.section, passage.text)
    asked = [
        (article.slug, text, kind)
        for article in articles
        for kind, texts in (("title", (article.title,)), ("question", article.questions), ("wording", article.wordings))
        for text in texts
    ]
    wanted |= {f"t{text}": text for _, text, _ in asked}
    unit_texts = [_unit_text(bodies[p.article], unit) for p, found in zip(passages, units, strict=True) for unit in found]
    wanted |= {f"u{text}": text for text in unit_texts}
    new = {key: text for key, text in wanted.items() if key not in known}
    known = known | _encode(encoder, new, progress)

    rows_of: dict[str, list[int]] = {}
    for row, passage in enumerate(passages):
        rows_of.setdefault(passage.article, []).append(row)
    dense = np.stack([known[key] for key in passage_keys]).astype(np.float32)
    questions = []
    for slug, text, kind in asked:
        if slug in rows_of:
            nearest = int(np.argmax(dense[rows_of[slug]] @ known[f"t{text}"]))
            questions.append(store.Question(text, rows_of[slug][nearest], kind))
    question_rows = [known[f"t{question.text}"] for question in questions]
    content = store.Content(
        articles=articles,
        passages=passages,
        units=units,
        questions=tuple(questions),
        vectors=VectorIndex.build(np.vstack([dense, *question_rows])),
        unit_vectors=np.array([known[f"u{text}"] for text in unit_texts], dtype=np.float16).reshape(-1, dense.shape[1]),
        declined=encoder.encode(abstain.off_topic()).astype(np.float32),
        words=WordIndex.build(word_text(passage) for passage in passages),
    )
    return content, len(new)


def _unit_text(body: str, unit: Unit) -> str:
    return plain(body[unit.start : unit.end])


def _encode(encoder: Encoder, texts: dict[str, str], progress: Progress) -> dict[str, Vectors]:
    made: dict[str, Vectors] = {}
    keys = sorted(texts, key=lambda key: len(texts[key]))
    for first in range(0, len(keys), BLOCK):
        block = keys[first : first + BLOCK]
        made |= zip(block, encoder.encode([texts[key] for key in block]), strict=True)
        progress("embedding", len(made), len(keys))
    return made


def _facts(content: store.Content, name: str, model: str, digest: str) -> Manifest:
    now = datetime.now(UTC)
    return Manifest(
        schema=store.SCHEMA,
        version=f"{now:%Y%m%dT%H%M%S.%f}Z-{digest[:8]}",
        created=now.isoformat(timespec="seconds"),
        corpus_digest=digest,
        encoder=name,
        model=model,
        articles=len(content.articles),
        passages=len(content.passages),
        questions=len(content.questions),
        calibration=Calibration((), 0.0, 0.0),
        files={},
    )
