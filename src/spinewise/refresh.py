"""The editor's path: brings the index up to date with the corpus, and publishes it whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from spinewise.answer import abstain
from spinewise.answer.compose import compose
from spinewise.answer.search import query_of, search, word_text
from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.encoder import Encoder, OnnxEncoder, Vectors
from spinewise.index.export import encoder_name, export_encoder
from spinewise.index.lock import hold
from spinewise.index.vectors import VectorIndex
from spinewise.index.words import WordIndex, terms
from spinewise.library import articles as library
from spinewise.library.passages import embedding_text, split
from spinewise.library.sentences import units as find_units
from spinewise.markup import plain
from spinewise.records import Article, Calibration, Manifest, Passage, RefreshReport, Turn, Unit
from spinewise.safety import screen
from spinewise.settings import Settings

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and its total."""

BLOCK = 256
"""Texts between two calls of the progress."""


def refresh(
    settings: Settings,
    *,
    rebuild: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
    encoder: Encoder | None = None,
) -> RefreshReport:
    """Bring `settings.index` up to date with `settings.corpus`; with `dry_run` only say what would change.

    Vectors of texts that did not change are reused unless `rebuild`. `encoder` replaces the configured model, for tests.

    Raises:
        CorpusError: articles are malformed or missing; nothing was published.
        StoreError: the model cannot be had, the disk refuses, or another refresh is at work; the live version is whole.
    """
    began = time.perf_counter()
    articles = library.load(settings.corpus)
    progress("reading", len(articles), len(articles))
    passages = tuple(passage for article in articles for passage in split(article))
    if not passages:
        raise StoreError(f"the articles in {settings.corpus} have no text to index", "write below the front matter")
    units = tuple(find_units(passage.text, passage.start) for passage in passages)
    with contextlib.nullcontext() if dry_run else hold(settings.index):
        name = "given" if encoder is not None else encoder_name(settings.model)
        digest = _digest(articles, passages, units, name)
        live, old = _live(settings.index, rebuild=rebuild)
        report = _compare(old, articles, passages)
        unchanged = live is not None and live.corpus_digest == digest and not rebuild
        if unchanged or dry_run:
            version = live.version if live is not None else ""
            return dataclasses.replace(report, version=version, took_s=round(time.perf_counter() - began, 3))
        known = _known_vectors(old) if old is not None and live is not None and live.encoder == name else {}
        if encoder is None:
            folder = store.encoder_folder(settings.index, name)
            if rebuild or not (folder / "encoder.json").is_file():
                progress("preparing the encoder", 0, 1)
                export_encoder(settings.model, folder, _probes(articles))
                progress("preparing the encoder", 1, 1)
            encoder = OnnxEncoder(folder, settings.threads)
        content, embedded = _embed(articles, passages, units, encoder, known, progress)
        manifest = _facts(settings, content, name, digest)
        progress("learning when to abstain", 0, 1)
        calibration = abstain.fit(store.assemble(content, manifest, encoder))
        progress("learning when to abstain", 1, 1)
        manifest = dataclasses.replace(manifest, calibration=calibration)
        content = dataclasses.replace(content, questions=_asked(store.assemble(content, manifest, encoder), progress))
        facts = dataclasses.asdict(manifest)
        del facts["schema"], facts["files"]
        store.write_version(settings.index, content, facts)
        store.load(settings.index, version=manifest.version, encoder=encoder)
        store.publish(settings.index, manifest.version)
    took = round(time.perf_counter() - began, 3)
    return dataclasses.replace(report, version=manifest.version, published=True, embedded=embedded, took_s=took)


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


def _live(folder: Path, *, rebuild: bool) -> tuple[Manifest | None, store.Content | None]:
    """The live version to compare with and take vectors from; none where it is missing, damaged or to be rebuilt."""
    try:
        version = store.current_version(folder)
        if version is None or rebuild:
            return None, None
        return store.read_version(folder, version)
    except StoreError:
        return None, None


def _compare(old: store.Content | None, articles: Sequence[Article], passages: Sequence[Passage]) -> RefreshReport:
    was = {article.slug: article for article in old.articles} if old else {}
    now = {article.slug: article for article in articles}
    before = {passage.id: passage.digest for passage in old.passages} if old else {}
    after = {passage.id: passage.digest for passage in passages}
    shared = before.keys() & after.keys()
    kept = sum(before[name] == after[name] for name in shared)
    return RefreshReport(
        version="",
        published=False,
        articles=len(articles),
        passages=len(passages),
        articles_added=tuple(sorted(now.keys() - was.keys())),
        articles_changed=tuple(sorted(slug for slug in now.keys() & was.keys() if now[slug] != was[slug])),
        articles_removed=tuple(sorted(was.keys() - now.keys())),
        passages_added=len(after.keys() - before.keys()),
        passages_changed=len(shared) - kept,
        passages_removed=len(before.keys() - after.keys()),
        passages_kept=kept,
    )


def _digest(articles: Sequence[Article], passages: Sequence[Passage], units: Sequence[Sequence[Unit]], name: str) -> str:
    everything = [[dataclasses.asdict(a) for a in articles], [p.digest for p in passages], [len(u) for u in units], name]
    text = json.dumps([everything, abstain.RECIPE], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _probes(articles: Sequence[Article]) -> list[str]:
    """Texts like those that the encoder will read: the corpus's own questions and titles."""
    return [text for article in articles for text in (article.title, *article.questions)][:400]


def _known_vectors(old: store.Content) -> dict[str, Vectors]:
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


def _unit_text(body: str, unit: Unit) -> str:
    return plain(body[unit.start : unit.end])


def _embed(
    articles: Sequence[Article],
    passages: tuple[Passage, ...],
    units: tuple[tuple[Unit, ...], ...],
    encoder: Encoder,
    known: dict[str, Vectors],
    progress: Progress,
) -> tuple[store.Content, int]:
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
        articles=tuple(articles),
        passages=passages,
        units=units,
        questions=tuple(questions),
        vectors=VectorIndex.build(np.vstack([dense, *question_rows])),
        unit_vectors=np.array([known[f"u{text}"] for text in unit_texts], dtype=np.float16).reshape(-1, dense.shape[1]),
        declined=encoder.encode(abstain.off_topic()).astype(np.float32),
        words=WordIndex.build(word_text(passage) for passage in passages),
    )
    return content, len(new)


def _encode(encoder: Encoder, texts: dict[str, str], progress: Progress) -> dict[str, Vectors]:
    made: dict[str, Vectors] = {}
    keys = sorted(texts, key=lambda key: len(texts[key]))
    for first in range(0, len(keys), BLOCK):
        block = keys[first : first + BLOCK]
        made |= zip(block, encoder.encode([texts[key] for key in block]), strict=True)
        progress("embedding", len(made), len(keys))
    return made


def _facts(settings: Settings, content: store.Content, name: str, digest: str) -> Manifest:
    now = datetime.now(UTC)
    return Manifest(
        schema=store.SCHEMA,
        version=f"{now:%Y%m%dT%H%M%S.%f}Z-{digest[:8]}",
        created=now.isoformat(timespec="seconds"),
        corpus_digest=digest,
        encoder=name,
        model=settings.model,
        articles=len(content.articles),
        passages=len(content.passages),
        questions=len(content.questions),
        calibration=Calibration((), 0.0, 0.0),
        files={},
    )
