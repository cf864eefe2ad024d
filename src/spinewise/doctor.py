"""Looks at all that an operator would look at, and says of each thing how it is and what to do. Mends nothing.

Every check imports what it needs itself, so that a missing library is a line of the report and not the end of it.
"""

from __future__ import annotations

import errno
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from spinewise.errors import SpinewiseError, StoreError
from spinewise.settings import Settings

if TYPE_CHECKING:
    from spinewise.index.store import Index

MIB = 1024 * 1024
LEAST_DISK, FAIR_DISK = 100 * MIB, 1024 * MIB
"""Bytes free below which a refresh can fail, and below which it soon will: a version of 78 articles takes 11 MiB."""
SETUP = "make setup"
RULES = "spinewise check --safety"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing is. A `problem` keeps readers from good answers or from their card; a `warning` will, or may."""

    check: str
    state: Literal["ok", "warning", "problem"]
    text: str
    hint: str = ""
    """The next step; empty where all is well."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, as soon as it is there. Raises nothing: what a check raises is its finding."""
    for name, check in (
        ("python", _python),
        ("libraries", _libraries),
        ("safety rules", _rules),
        ("emergency cards", _cards),
        ("numbers", _numbers),
        ("languages", lambda: _languages(settings)),
        ("corpus", lambda: _corpus(settings)),
    ):
        yield _tried(name, check)
    yield from _index(settings)
    yield _tried("disk", lambda: _disk(settings.index))
    yield _tried("port", lambda: _port(settings))


def _tried(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except SpinewiseError as error:
        return Finding(name, "problem", str(error), error.hint)
    except ImportError as error:
        return Finding(name, "problem", f"a library is missing: {error}", SETUP)
    except Exception as error:  # noqa: BLE001  (a doctor reports what it meets)
        return Finding(name, "problem", f"{type(error).__name__}: {error}", "report this")


def _python() -> Finding:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415

    have, needed = platform.python_version(), metadata.metadata("spinewise")["Requires-Python"]
    if have not in SpecifierSet(needed, prereleases=True):
        return Finding("python", "problem", f"Python {have}, needed is {needed}", "make PYTHON=python3.12 setup")
    return Finding("python", "ok", f"Python {have}")


def _libraries() -> Finding:
    from packaging.requirements import Requirement  # noqa: PLC0415

    needed = [Requirement(text) for text in metadata.requires("spinewise") or ()]
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = []
    for one in needed:
        try:
            have = metadata.version(one.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{one.name} is missing")
            continue
        if not one.specifier.contains(have, prereleases=True):
            wrong.append(f"{one.name} is {have}, needed is {one.specifier}")
    if wrong:
        return Finding("libraries", "problem", "; ".join(wrong), SETUP)
    return Finding("libraries", "ok", f"{len(needed)} as needed")


def _rules() -> Finding:
    from spinewise.safety.compiled import ruleset  # noqa: PLC0415

    return Finding("safety rules", "ok", f"{len(ruleset().rules)} rules read")


def _cards() -> Finding:
    from spinewise.answer.selfcheck import missing_cards  # noqa: PLC0415

    if missing := missing_cards():
        return Finding("emergency cards", "problem", f"no card for {', '.join(missing)}", RULES)
    return Finding("emergency cards", "ok", "every rule brings its card")


def _numbers() -> Finding:
    from spinewise.safety.cards import numbers, numbers_review_due  # noqa: PLC0415

    due = numbers_review_due()
    if due < date.today():  # noqa: DTZ011  (the day here, as the file means it)
        step = "call or look up every number in safety/numbers.yaml, then set its dates"
        return Finding("numbers", "problem", f"the emergency numbers were to be checked by {due}", step)
    return Finding("numbers", "ok", f"numbers of {len(numbers()) - 1} countries, to be checked by {due}")


def _languages(settings: Settings) -> Finding:
    from spinewise.languages import Languages  # noqa: PLC0415

    found = Languages(settings.language, settings.languages).all()
    unsigned = ", ".join(language.code for language in found if language.cards and not language.reviewed_by)
    signed = f"no clinician has signed the cards in {unsigned}" if unsigned else "every translated card is signed"
    return Finding("languages", "ok", f"{', '.join(language.code for language in found)}; {signed}")


def _corpus(settings: Settings) -> Finding:
    from spinewise.library.check import check  # noqa: PLC0415

    problems, count = check(settings.corpus)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = sum(problem.severity == "warning" for problem in problems)
    text = f"{count} articles, {errors} error(s), {warnings} warning(s)"
    if errors or warnings:
        return Finding("corpus", "problem" if errors else "warning", text, "spinewise check")
    return Finding("corpus", "ok", text)


def _index(settings: Settings) -> Iterator[Finding]:
    """The index, each check resting on the one before."""
    stage = "index"
    try:
        from spinewise.index import store  # noqa: PLC0415

        version = store.current_version(settings.index)
        if version is None:
            raise StoreError(f"no index in {settings.index}", "spinewise refresh")
        yield Finding(stage, "ok", version)
        stage = "schema"
        manifest = store.read_manifest(settings.index, version)
        yield Finding(stage, "ok", f"schema {manifest.schema}")
        stage = "digests"
        store.read_version(settings.index, version)
        yield Finding(stage, "ok", f"{len(manifest.files)} files as they were written")
        stage = "encoder"
        index = store.load(settings.index, settings.threads)
    except SpinewiseError as error:
        yield Finding(stage, "problem", str(error), error.hint)
        return
    except ImportError as error:
        yield Finding(stage, "problem", f"a library is missing: {error}", SETUP)
        return
    yield _tried("age", lambda: _age(settings, index))
    yield from _asked(index)


def _age(settings: Settings, index: Index) -> Finding:
    from spinewise.refresh import pending  # noqa: PLC0415

    age = datetime.now(UTC) - datetime.fromisoformat(index.manifest.created)
    change = pending(settings)
    changed = len(change.articles_added) + len(change.articles_changed) + len(change.articles_removed)
    text = f"built {age.days} days ago" if age.days else f"built {age.seconds // 3600} hours ago"
    if changed:
        return Finding("age", "warning", f"{text}; {changed} article(s) have changed since", "spinewise refresh")
    return Finding("age", "ok", f"{text}; no article has changed since")


def _asked(index: Index) -> Iterator[Finding]:
    from spinewise.answer.selfcheck import FEWEST_ANSWERED, LOWEST_AGREEMENT, trial  # noqa: PLC0415

    rebuild = "spinewise refresh --rebuild"
    try:
        came = trial(index)
    except Exception as error:  # noqa: BLE001  (whatever a damaged encoder raises)
        yield Finding("encoder", "problem", f"{type(error).__name__}: {error}", rebuild)
        return
    text = f"{index.manifest.encoder}, cosine {came.agreement:.4f} with the kept vectors"
    agrees = came.agreement >= LOWEST_AGREEMENT
    yield Finding("encoder", "ok" if agrees else "problem", text, "" if agrees else rebuild)
    text = f"{came.answered} of {came.asked} known questions answered"
    if came.answered < came.asked * FEWEST_ANSWERED:
        yield Finding("questions", "problem", text, rebuild)
    elif came.answered < came.asked:
        yield Finding("questions", "warning", text, "spinewise check --deep")
    else:
        yield Finding("questions", "ok", text)


def _disk(folder: Path) -> Finding:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    text = f"{free // MIB} MiB free"
    if free < FAIR_DISK:
        return Finding("disk", "problem" if free < LEAST_DISK else "warning", text, f"free some space where {there} is")
    return Finding("disk", "ok", text)


def _port(settings: Settings) -> Finding:
    from spinewise.web.serve import listen  # noqa: PLC0415

    where = f"{settings.host}:{settings.port}"
    try:
        listen(settings.host, settings.port).close()
    except SpinewiseError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno == errno.EADDRINUSE:
            return Finding("port", "warning", f"{where} is taken", "all is well if Spinewise itself has it; else set PORT")
        raise
    return Finding("port", "ok", f"{where} is free")
