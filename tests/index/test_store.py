"""Versions on disk: what is damaged, foreign or missing is refused with the command that mends it, and nothing is unpickled."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import ARTICLES, FakeEncoder

from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.live import LiveIndex
from spinewise.refresh import refresh
from spinewise.settings import Settings

FILES = [*sorted(store.FILES), "manifest.json"]


def home(settings: Settings) -> Path:
    version = store.current_version(settings.index)
    assert version is not None
    return settings.index / "versions" / version


def refused(settings: Settings) -> StoreError:
    with pytest.raises(StoreError) as raised:
        store.load(settings.index, encoder=FakeEncoder())
    assert raised.value.hint.startswith("spinewise refresh")
    return raised.value


def test_what_is_loaded_is_what_was_built(settings: Settings) -> None:
    index = store.load(settings.index, encoder=FakeEncoder())
    assert sorted(index.articles) == sorted(ARTICLES)
    for passage, units in zip(index.passages, index.units, strict=True):
        body = index.articles[passage.article].body
        assert body[passage.start : passage.end] == passage.text
        assert all(passage.start <= unit.start < unit.end <= passage.end for unit in units)
    assert len(index.vectors) == len(index.passages) + len(index.questions)
    assert np.linalg.norm(index.vectors.vectors(slice(None)), axis=1) == pytest.approx(1, abs=1e-3)
    assert [index.row_of[passage.id] for passage in index.passages] == list(range(len(index.passages)))
    assert "pebbl" in index.topics
    assert index.manifest.created.endswith("+00:00")


def test_every_file_of_a_version_is_known_and_has_its_digest(settings: Settings) -> None:
    assert sorted(file.name for file in home(settings).iterdir()) == sorted(FILES)
    manifest = json.loads((home(settings) / "manifest.json").read_text())
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((home(settings) / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("place", ["first", "middle", "last", "cut", "longer", "empty", "gone"])
def test_damage_is_found(settings: Settings, name: str, place: str) -> None:
    file = home(settings) / name
    data = bytearray(file.read_bytes())
    at = {"first": 0, "middle": len(data) // 2, "last": len(data) - 1}.get(place)
    if at is not None:
        data[at] ^= 0xFF
    if place == "gone":
        file.unlink()
    else:
        file.write_bytes({"cut": data[: len(data) // 3], "longer": data + b"\x00", "empty": b""}.get(place, data))
    refused(settings)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_version_is_rebuilt_and_its_vectors_are_not_reused(settings: Settings, name: str) -> None:
    file = home(settings) / name
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    encoder = FakeEncoder()
    assert refresh(settings, encoder=encoder).published
    index = store.load(settings.index, encoder=FakeEncoder())
    assert {passage.title for passage in index.passages} <= set(encoder.seen)


def rewrite(settings: Settings, change: Callable[[dict], object]) -> None:
    file = home(settings) / "manifest.json"
    row = json.loads(file.read_text())
    change(row)
    file.write_text(json.dumps(row))


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.update(schema=99),
        lambda row: row.update(schema="1"),
        lambda row: row.pop("schema"),
        lambda row: row.pop("calibration"),
        lambda row: row.update(calibration=[]),
        lambda row: row["calibration"].update(weights=["x"]),
        lambda row: row.update(files=[]),
        lambda row: row.update(files={}),
        lambda row: row.update(version="another"),
        lambda row: row.update(more=1),
        lambda row: row["files"].pop("words.npz"),
        lambda row: row["files"].update({"../../CURRENT": "0"}),
    ],
)
def test_foreign_manifests(settings: Settings, change: Callable[[dict], object]) -> None:
    rewrite(settings, change)
    refused(settings)


def test_a_foreign_schema_is_named(settings: Settings) -> None:
    rewrite(settings, lambda row: row.update(schema=99))
    assert "schema 99" in str(refused(settings))


@pytest.mark.parametrize("text", [b"", b"  \n", b"2026", b"\xff\xfe", b"../../..", b"a\0b", b"x" * 5000])
def test_a_damaged_current(settings: Settings, text: bytes) -> None:
    (settings.index / "CURRENT").write_bytes(text)
    refused(settings)


def test_no_index_at_all(settings: Settings, tmp_path: Path) -> None:
    assert "no index" in str(refused(replace(settings, index=tmp_path / "nowhere")))


def test_a_missing_encoder(settings: Settings) -> None:
    with pytest.raises(StoreError, match="encoder") as raised:
        store.load(settings.index)
    assert raised.value.hint == "spinewise refresh --rebuild"


class Bomb:
    def __reduce__(self) -> tuple:
        return (exec, ("import builtins; builtins.exploded = True",))


@pytest.mark.parametrize("how", ["pickle", "object array"])
@pytest.mark.parametrize("name", ["units.npy", "declined.npy", "words.npz"])
def test_nothing_is_unpickled(settings: Settings, name: str, how: str) -> None:
    import builtins

    file = home(settings) / name
    if how == "pickle":
        file.write_bytes(pickle.dumps(Bomb()))
    elif name.endswith("npz"):
        np.savez(file, vocabulary=np.array([Bomb()], dtype=object))
    else:
        np.save(file, np.array([Bomb()], dtype=object), allow_pickle=True)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    rewrite(settings, lambda row: row["files"].update({name: digest}))  # so that only the reader itself can refuse it
    refused(settings)
    assert not hasattr(builtins, "exploded")


def test_a_running_reader_picks_up_what_is_published_and_outlives_damage(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spinewise.index.live.LOOK_EVERY", 0.0)
    load = store.load
    monkeypatch.setattr(
        store, "load", lambda folder, threads=2, **given: load(folder, threads, **{"encoder": FakeEncoder()} | given)
    )
    live = LiveIndex(settings.index)
    first = live.get()
    assert live.get() is first

    (settings.corpus / "humming.md").unlink()
    refresh(settings, encoder=FakeEncoder())
    second = live.get()
    assert "humming" in first.articles
    assert "humming" not in second.articles

    (settings.index / "CURRENT").write_text("nowhere")
    assert live.get() is second


def test_a_reader_without_any_version_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no index"):
        LiveIndex(tmp_path).get()
