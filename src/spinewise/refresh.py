"""The editor's path: brings the index up to date with the corpus, and publishes it whole or not at all."""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from spinewise import gate
from spinewise.candidate import Candidate, Material, build, known_vectors, read
from spinewise.errors import CorpusError, GateError, StoreError
from spinewise.index import store
from spinewise.index.encoder import Encoder, OnnxEncoder
from spinewise.index.export import encoder_name, export_encoder
from spinewise.index.lock import hold
from spinewise.index.versions import sweep
from spinewise.library.golden import load_golden
from spinewise.records import Golden, Manifest, Progress, RefreshReport
from spinewise.settings import Settings

MOST_REMOVED = 0.2
"""Share of the live version's articles; where more have gone, an editor is asked first: a folder may not have been mounted."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Choices:
    rebuild: bool
    dry_run: bool
    allow_shrink: bool
    keep: Path | None


def refresh(
    settings: Settings,
    *,
    rebuild: bool = False,
    dry_run: bool = False,
    allow_shrink: bool = False,
    keep: Path | None = None,
    progress: Progress = lambda *_: None,
    encoder: Encoder | None = None,
) -> RefreshReport:
    """Bring `settings.index` up to date with `settings.corpus`; with `dry_run` only say what would change.

    Vectors of texts that did not change are reused unless `rebuild`. `encoder` replaces the configured model, for tests.
    A dry run builds the candidate in memory where there are golden questions to ask of it; it writes nothing and needs no lock,
    and what would stop the refresh stands in the report's `stops` instead of being raised. With `keep` the candidate is left in
    that folder, an index of its own, to be tried before it is published.

    Raises:
        CorpusError: articles or golden questions are malformed or missing, or more than a fifth of the articles have gone and
            `allow_shrink` is not given; nothing was published.
        GateError: the candidate falls short of the golden questions or the safety sentences; nothing was published.
        StoreError: the model cannot be had, the disk refuses, or another refresh is at work; the live version is whole.
    """
    began = time.perf_counter()
    material = read(settings.corpus)
    golden = load_golden(settings.corpus)
    progress("reading", len(material.articles), len(material.articles))
    with contextlib.nullcontext() if dry_run else hold(settings.index):
        if not dry_run:
            sweep(settings.index)
        choices = _Choices(rebuild, dry_run, allow_shrink, keep)
        report = _run(settings, material, golden, encoder, progress, choices)
    return dataclasses.replace(report, took_s=round(time.perf_counter() - began, 3))


def pending(settings: Settings) -> RefreshReport:
    """What a refresh would find changed in the articles. Builds nothing and asks nothing.

    Raises:
        CorpusError, StoreError: the articles are malformed, missing or without text.
    """
    return _compare(_live(settings.index)[1], read(settings.corpus))


def _run(
    settings: Settings,
    material: Material,
    golden: Golden | None,
    encoder: Encoder | None,
    progress: Progress,
    choices: _Choices,
) -> RefreshReport:
    rebuild, dry_run, keep = choices.rebuild, choices.dry_run, choices.keep
    name = "given" if encoder is not None else encoder_name(settings.model)
    live, old = _live(settings.index)
    report = dataclasses.replace(_compare(old, material), version=live.version if live else "")
    shrinks = None if choices.allow_shrink or old is None else _shrinks(report, len(old.articles))
    if shrinks and not dry_run:
        raise CorpusError(shrinks, "check the folder; if they are meant to go, refresh with --allow-shrink")
    if dry_run:
        report = dataclasses.replace(report, stops=(shrinks,) if shrinks else ())
    unchanged = live is not None and live.corpus_digest == material.digest(name) and not rebuild
    if golden is None and keep is None if dry_run else unchanged:
        return report
    reuse = old is not None and live is not None and live.encoder == name and not rebuild
    with _encoder(settings, name, material, encoder, progress, rebuild=rebuild, dry_run=dry_run) as using:
        candidate = build(material, using, known_vectors(old) if reuse and old else {}, name, settings.model, progress)
        if dry_run:
            if keep is not None:
                _keep(keep, candidate, using)
            before = _index_of(settings, live, old, using, name)
            return _would_change(report, golden, candidate, before, progress)
        found = gate.faults(golden, gate.ask(golden, candidate.index, progress), candidate.index.articles, progress)
        if found:
            listed = "\n".join(found)
            raise GateError(
                f"the new version falls short, so it is not published\n{listed}",
                "mend the articles, or golden.yaml where it asks for the wrong thing",
            )
        version = _publish(settings.index, candidate, using)
    return dataclasses.replace(report, version=version, published=True, embedded=candidate.embedded)


def _would_change(
    report: RefreshReport, golden: Golden | None, candidate: Candidate, before: store.Index | None, progress: Progress
) -> RefreshReport:
    new = gate.ask(golden, candidate.index, progress)
    changed = gate.changes(golden, gate.ask(golden, before, progress), new) if golden and before is not None else ()
    stops = (*report.stops, *gate.faults(golden, new, candidate.index.articles, progress))
    return dataclasses.replace(report, stops=stops, golden_changed=changed, embedded=candidate.embedded)


def _publish(folder: Path, candidate: Candidate, encoder: Encoder) -> str:
    """Write the candidate aside, read it back as a check, and switch to it."""
    facts = dataclasses.asdict(candidate.index.manifest)
    del facts["schema"], facts["files"]
    version = store.write_version(folder, candidate.content, facts).version
    try:
        store.load(folder, version=version, encoder=encoder)
        store.publish(folder, version)
    except StoreError:
        with contextlib.suppress(StoreError):
            if store.current_version(folder) != version:
                store.discard(folder / "versions" / version)
        raise
    return version


def _keep(folder: Path, candidate: Candidate, encoder: Encoder) -> None:
    """Leave the candidate in `folder` as an index of its own, in place of one that was left there before."""
    with hold(folder):
        sweep(folder)
        mine = store.encoder_folder(folder, candidate.index.manifest.encoder)
        if isinstance(encoder, OnnxEncoder) and not mine.is_dir():
            shutil.copytree(encoder.folder, mine)
        _publish(folder, candidate, encoder)
        for other in store.version_names(folder):
            if other != store.current_version(folder):
                store.discard(folder / "versions" / other)


@contextlib.contextmanager
def _encoder(
    settings: Settings,
    name: str,
    material: Material,
    given: Encoder | None,
    progress: Progress,
    *,
    rebuild: bool,
    dry_run: bool,
) -> Iterator[Encoder]:
    """The encoder, exported first where it is missing or to be rebuilt; a dry run exports to a folder that goes away again."""
    if given is not None:
        yield given
        return
    folder = store.encoder_folder(settings.index, name)
    with contextlib.ExitStack() as stack:
        missing = not (folder / "encoder.json").is_file()
        if dry_run and missing:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / name
        if missing or (rebuild and not dry_run):
            progress("preparing the encoder", 0, 1)
            export_encoder(settings.model, folder, _probes(material))
            progress("preparing the encoder", 1, 1)
        yield OnnxEncoder(folder, settings.threads)


def _probes(material: Material) -> list[str]:
    """Texts like those that the encoder will read: the corpus's own questions and titles."""
    return [text for article in material.articles for text in (article.title, *article.questions)][:400]


def _live(folder: Path) -> tuple[Manifest | None, store.Content | None]:
    """The live version to compare with and take vectors from; none where it is missing or damaged."""
    try:
        version = store.current_version(folder)
        return store.read_version(folder, version) if version is not None else (None, None)
    except StoreError:
        return None, None


def _index_of(
    settings: Settings, live: Manifest | None, old: store.Content | None, encoder: Encoder, name: str
) -> store.Index | None:
    """The live version as an index to ask; none where there is none, or its own encoder has gone."""
    if live is None or old is None:
        return None
    try:
        own = encoder if live.encoder == name else OnnxEncoder(store.encoder_folder(settings.index, live.encoder))
    except StoreError:
        return None
    return store.assemble(old, live, own)


def _shrinks(report: RefreshReport, before: int) -> str | None:
    gone = report.articles_removed
    if len(gone) <= MOST_REMOVED * before:
        return None
    named = ", ".join(gone[:5]) + (" and others" if len(gone) > 5 else "")
    return f"{len(gone)} of the {before} articles of the live version have gone ({named}), so nothing is published"


def _compare(old: store.Content | None, material: Material) -> RefreshReport:
    articles, passages = material.articles, material.passages
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
