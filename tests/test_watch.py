"""`refresh --watch` as a real process: each save is published, a bad article is reported and watching goes on, Ctrl-C stops it."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spinewise import watch as watching
from spinewise.errors import CorpusError, StoreError
from spinewise.settings import Settings

PROGRAM = """
import functools, sys
sys.path.insert(0, sys.argv.pop(1))
from fakes import FakeEncoder
import spinewise.refresh
spinewise.refresh.refresh = functools.partial(spinewise.refresh.refresh, encoder=FakeEncoder())
from spinewise.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Watcher:
    def __init__(self, settings: Settings) -> None:
        where = ["--corpus", str(settings.corpus), "--index", str(settings.index)]
        command = [sys.executable, "-u", "-c", PROGRAM, str(Path(__file__).parent), "refresh", "--watch", *where]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._lines: queue.Queue[str] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def wait_for(self, text: str) -> str:
        while True:
            line = self._lines.get(timeout=30)
            if text in line:
                return line


@pytest.fixture
def watcher(settings: Settings) -> Iterator[Watcher]:
    made = Watcher(settings)
    yield made
    made.close()


@pytest.mark.slow
def test_watch(settings: Settings, watcher: Watcher) -> None:
    watcher.wait_for("Ctrl-C stops")
    watcher.wait_for("up to date")
    file = settings.corpus / "humming.md"
    good = file.read_text()
    file.write_text(good.replace("five breaths", "six breaths"))
    watcher.wait_for("changed  humming")
    watcher.wait_for("published ")
    file.write_text("no front matter")
    assert "humming.md:1: no front matter" in watcher.wait_for("no front matter")
    watcher.wait_for("hint: mend these")
    file.write_text(good.replace("five breaths", "seven breaths"))
    watcher.wait_for("published ")
    watcher.process.send_signal(signal.SIGINT)
    watcher.wait_for("stopped")
    assert watcher.process.wait(30) == 0


def folder_with_one(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("0")
    return tmp_path


class EnoughError(Exception):
    pass


def test_saves_close_together_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = folder_with_one(tmp_path) / "a.md"
    looks = iter(range(100))
    jobs: list[str] = []

    def save_thrice(_: float) -> None:
        turn = next(looks)
        if turn in {1, 2, 3}:
            file.write_text("x" * (turn + 1))
        if turn == 20:
            raise EnoughError

    monkeypatch.setattr(watching.time, "sleep", save_thrice)
    with pytest.raises(EnoughError):
        watching.watch(tmp_path, lambda: jobs.append(file.read_text()), pytest.fail)
    assert jobs == ["0", "xxxx"]


@pytest.mark.parametrize(("error", "tries"), [(StoreError("locked"), 5), (CorpusError("bad"), 1)])
def test_a_busy_index_is_tried_again_and_reported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: StoreError, tries: int
) -> None:
    jobs: list[float] = []
    reported: list[str] = []
    clock = iter(range(0, 1000, 1))
    now = [0.0]

    def sleep(_: float) -> None:
        now[0] = float(next(clock))
        if now[0] > 21:
            raise EnoughError

    def job() -> None:
        jobs.append(now[0])
        raise error

    monkeypatch.setattr(watching.time, "sleep", sleep)
    monkeypatch.setattr(watching.time, "monotonic", lambda: now[0])
    with pytest.raises(EnoughError):
        watching.watch(folder_with_one(tmp_path), job, lambda found: reported.append(str(found)))
    assert len(jobs) == tries
    assert reported == [str(error)]


def test_a_folder_that_comes_and_goes(tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    assert watching._look(folder) == {}
    folder.mkdir()
    (folder / "golden.yaml").write_text("a")
    (folder / "notes.txt").write_text("a")
    os.utime(folder / "golden.yaml", ns=(5, 5))
    assert watching._look(folder) == {"golden.yaml": (5, 1)}
