"""Lists the versions on disk, goes back to one of them, and sweeps away half-written ones. Builds nothing."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.encoder import Encoder
from spinewise.index.lock import hold


@dataclass(frozen=True, slots=True)
class Version:
    """A version on disk, as its manifest tells it."""

    version: str
    live: bool
    created: str = ""
    """ISO 8601, UTC; empty where the manifest cannot be read."""
    articles: int = 0
    passages: int = 0
    damaged: str = ""
    """What is wrong with its manifest; empty where nothing is. The other files are checked when it is gone back to."""


def versions(folder: Path) -> tuple[Version, ...]:
    """The versions of an index folder, newest first.

    Raises:
        StoreError: there is none.
    """
    names = store.version_names(folder)
    if not names:
        raise StoreError(f"no index in {folder}", "spinewise refresh")
    live = store.current_version(folder)
    return tuple(_version(folder, name, live=name == live) for name in names)


def _version(folder: Path, name: str, *, live: bool) -> Version:
    try:
        manifest = store.read_manifest(folder, name)
    except StoreError as error:
        return Version(name, live, damaged=str(error))
    return Version(name, live, manifest.created, manifest.articles, manifest.passages)


def rollback(folder: Path, version: str | None = None, encoder: Encoder | None = None) -> str:
    """Publish `version`, or the newest one older than the live one, and return its name. It is loaded whole first, as a check.

    `encoder` stands in for the version's own, for tests.

    Raises:
        StoreError: there is no such version, it is damaged, or a refresh is at work; the live version stays.
    """
    if not store.version_names(folder):
        raise StoreError(f"no index in {folder}", "spinewise refresh")
    with hold(folder):
        names, live = store.version_names(folder), store.current_version(folder)
        if version is None:
            version = next((name for name in names if live is None or name < live), None)
            if version is None:
                raise StoreError(f"{folder} has no version older than the live one, {live}", "spinewise versions lists them")
        elif version not in names:
            raise StoreError(f"{folder} has no version {version!r}", "spinewise versions lists them")
        try:
            store.load(folder, version=version, encoder=encoder)
        except StoreError as error:
            raise StoreError(
                f"{version} is not published: {error}", "name another version; spinewise versions lists them"
            ) from error
        store.publish(folder, version)
    return version


def sweep(folder: Path) -> None:
    """Remove what a killed refresh left behind: half-written or half-deleted versions and exports. Hold the lock."""
    left = [folder / ".CURRENT.new", *folder.glob("versions/.*"), *folder.glob("encoders/.*")]
    with contextlib.suppress(StoreError):
        live = store.current_version(folder)
        homes = (folder / "versions" / name for name in store.version_names(folder) if name != live)
        left += [home for home in homes if not (home / "manifest.json").exists()]
    for path in left:
        with contextlib.suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
