"""Listing versions, going back to one, and sweeping away what a killed refresh left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEncoder

from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.export import _put
from spinewise.index.lock import hold
from spinewise.index.versions import rollback, sweep, versions
from spinewise.refresh import refresh
from spinewise.settings import Settings


def three(settings: Settings) -> list[str]:
    """Two more versions, the second without humming; oldest first."""
    first = store.current_version(settings.index)
    second = refresh(settings, rebuild=True, encoder=FakeEncoder()).version
    (settings.corpus / "humming.md").unlink()
    return [str(first), second, refresh(settings, encoder=FakeEncoder()).version]


def live_slugs(settings: Settings) -> set[str]:
    return set(store.load(settings.index, encoder=FakeEncoder()).articles)


def test_versions_are_listed_newest_first_with_the_live_one_marked(settings: Settings) -> None:
    names = three(settings)
    found = versions(settings.index)
    assert [version.version for version in found] == names[::-1]
    assert [version.live for version in found] == [True, False, False]
    assert [version.articles for version in found] == [5, 6, 6]
    assert found[0].created.endswith("+00:00")
    (settings.index / "versions" / names[1] / "manifest.json").write_text("{")
    assert "damaged" in versions(settings.index)[1].damaged


def test_going_back_one_and_to_the_one_named(settings: Settings) -> None:
    names = three(settings)
    assert "humming" not in live_slugs(settings)
    assert rollback(settings.index, encoder=FakeEncoder()) == names[1]
    assert "humming" in live_slugs(settings)
    assert rollback(settings.index, encoder=FakeEncoder()) == names[0]
    with pytest.raises(StoreError, match="no version older than the live one"):
        rollback(settings.index, encoder=FakeEncoder())
    assert rollback(settings.index, names[2], encoder=FakeEncoder()) == names[2]
    assert "humming" not in live_slugs(settings)
    assert refresh(settings, encoder=FakeEncoder()).published is False


@pytest.mark.parametrize("file", [*sorted(store.FILES), "manifest.json"])
def test_a_damaged_version_is_not_gone_back_to(settings: Settings, file: str) -> None:
    names = three(settings)
    (settings.index / "versions" / names[1] / file).write_bytes(b"x")
    with pytest.raises(StoreError, match=f"{names[1]} is not published"):
        rollback(settings.index, encoder=FakeEncoder())
    assert store.current_version(settings.index) == names[2]
    assert rollback(settings.index, names[0], encoder=FakeEncoder()) == names[0]


@pytest.mark.parametrize("name", ["nonsense", "../../corpus", ".new-x", ""])
def test_a_version_that_is_not_there(settings: Settings, name: str) -> None:
    before = store.current_version(settings.index)
    with pytest.raises(StoreError, match="has no version"):
        rollback(settings.index, name, encoder=FakeEncoder())
    assert store.current_version(settings.index) == before


def test_a_folder_without_versions_is_not_made(tmp_path: Path) -> None:
    for work in (versions, rollback):
        with pytest.raises(StoreError, match="no index in"):
            work(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_what_a_killed_refresh_left_is_swept_away_and_versions_are_not(settings: Settings) -> None:
    names = three(settings)
    home = settings.index / "versions"
    for half in (
        home / ".new-x",
        home / ".gone-y",
        home / "20990101T000000.000000Z-half",
        settings.index / "encoders" / ".export-z",
    ):
        half.mkdir(parents=True)
        (half / "units.npy").write_bytes(b"half")
    (settings.index / ".CURRENT.new").write_text("half")
    assert refresh(settings, encoder=FakeEncoder()).published is False
    assert sorted(path.name for path in home.iterdir()) == names
    assert list((settings.index / "encoders").iterdir()) == []
    assert not (settings.index / ".CURRENT.new").exists()


def test_the_live_version_is_never_swept_away(settings: Settings) -> None:
    live = settings.index / "versions" / str(store.current_version(settings.index))
    (live / "manifest.json").unlink()
    sweep(settings.index)
    assert live.is_dir()


def test_the_second_of_two_refreshes_names_the_first(settings: Settings) -> None:
    """The first is a process of its own; killed, it frees the lock."""
    code = f"import sys, time\nfrom pathlib import Path\nfrom spinewise.index.lock import hold\nwith hold(Path({str(settings.index)!r})):\n print('held', flush=True)\n time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(StoreError, match=rf"another refresh is at work in .*: process {process.pid}, since 20\d\d-.*Z"):
            refresh(settings, rebuild=True, encoder=FakeEncoder())
        with pytest.raises(StoreError, match=f"process {process.pid}"):
            rollback(settings.index, encoder=FakeEncoder())
    finally:
        process.kill()
        process.communicate()
    assert refresh(settings, rebuild=True, encoder=FakeEncoder()).published
    assert not (settings.index / ".holder").exists()


def test_a_lock_can_be_taken_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path):
        raise ZeroDivisionError
    with hold(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".holder").read_text()


def test_an_encoder_in_use_is_replaced_file_by_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between any two steps leaves every file there."""
    names = ["encoder.json", "encoder.onnx", "tokenizer.json"]
    for folder in ("made", "used"):
        (tmp_path / folder).mkdir()
        for name in names:
            (tmp_path / folder / name).write_text(folder)
    replace = Path.replace
    steps = []

    def step(self: Path, target: Path) -> Path:
        done = replace(self, target)
        assert sorted(path.name for path in (tmp_path / "used").iterdir()) == names
        steps.append(self.name)
        return done

    monkeypatch.setattr(Path, "replace", step)
    _put(tmp_path / "made", tmp_path / "used")
    assert steps == ["encoder.onnx", "tokenizer.json", "encoder.json"]
    assert {file.read_text() for file in (tmp_path / "used").iterdir()} == {"made"}
