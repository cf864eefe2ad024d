"""Prints the figures of speed: what a question costs beside the bare encoder, cold starts, memory. Run by `make bench`.

Timings on a shared machine are noisy: contestants alternate in one run, and the ratios are what counts.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from spinewise.answer.guide import Guide
from spinewise.index.live import LiveIndex
from spinewise.records import Turn
from spinewise.settings import load_settings

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
COLD_RUNS = 5
STARTS = 5


def main() -> int:
    settings = load_settings(os.environ)
    in_process(settings.index, settings.threads)
    cold_command()
    server()
    memory()
    return 0


def in_process(folder: Path, threads: int) -> None:
    """`Guide.reply` beside the bare encoder on the corpus's own questions, alternating."""
    index = LiveIndex(folder, threads).get()
    guide = Guide(lambda: index)
    questions = [question.text for question in index.questions][:: max(1, len(index.questions) // 200)]
    for question in questions[:10]:
        guide.reply([Turn(question)])
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(ROUNDS):
        for question in questions:
            for times, work in (
                (bare, lambda q=question: index.encoder.encode([q])),
                (ours, lambda q=question: guide.reply([Turn(q)])),
            ):
                began = time.perf_counter()
                work()
                times.append((time.perf_counter() - began) * 1000)
    print(f"{len(index.passages)} passages, {len(questions)} questions, {ROUNDS} rounds")
    for name, times in (("bare encoder", bare), ("whole reply", ours)):
        print(
            f"{name:<14} p50 {np.percentile(times, 50):6.2f} ms   p95 {np.percentile(times, 95):6.2f}   p99 {np.percentile(times, 99):6.2f}"
        )
    ratio = np.median(np.array(ours) / np.array(bare))
    print(f"whole reply divided by bare encoder, pair by pair, median: {ratio:.2f}   (aim: at most 2)")


def cold_command() -> None:
    """`spinewise ask` in a fresh process."""
    times = []
    for _ in range(COLD_RUNS):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "spinewise", "ask", "does acupuncture hurt?"], check=True, capture_output=True, cwd=ROOT
        )
        times.append(time.perf_counter() - began)
    print(f"spinewise ask from cold: median {np.median(times):.2f} s, least {min(times):.2f}   (aim: 0.7)")


def server() -> None:
    """Starts of the server, each beside a bare import of Gradio: first JSON answer, the page; then memory while serving."""
    starts = [_start() for _ in range(STARTS)]
    print(f"{STARTS} starts, median (least):")
    for name, times, aim in zip(
        ("first JSON answer", "the page", "a process that only imports Gradio"),
        zip(*starts, strict=True),
        ("1", "4", ""),
        strict=True,
    ):
        print(f"  {name}: {np.median(times):.2f} s ({min(times):.2f})" + (f"   (aim: {aim})" if aim else ""))


def _start() -> tuple[float, float, float]:
    """Seconds to the first JSON answer and to the page, and of importing Gradio in a process of its own."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import gradio"], check=True, capture_output=True, cwd=ROOT)
    gradio = time.perf_counter() - began
    began = time.perf_counter()
    with _serving() as (port, _):
        _wait(lambda: b'"kind":"answer"' in _post(port))
        answered = time.perf_counter() - began
        _wait(lambda: b"gradio" in _get(port, "/config"))
        return answered, time.perf_counter() - began, gradio


def memory() -> None:
    """Resident memory of a server after 200 answers, and whether torch is in it."""
    with _serving() as (port, process):
        _wait(lambda: b"gradio" in _get(port, "/config"))
        for _ in range(200):
            _post(port)
        status = Path(f"/proc/{process}/status")
        if status.exists():
            resident = int(re.findall(r"VmRSS:\s+(\d+)", status.read_text())[0]) / 1024
            libraries = Path(f"/proc/{process}/maps").read_text()
            print(f"resident after 200 answers: {resident:.0f} MB   (aim: 350); torch loaded: {'libtorch' in libraries}")


@contextlib.contextmanager
def _serving() -> Iterator[tuple[int, int]]:
    """A server of its own while the block lasts: its port and its process's number."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=os.environ | {"PORT": str(port)}, stderr=subprocess.DEVNULL
    )
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(ready: object, longest: float = 60) -> None:
    end = time.perf_counter() + longest
    while time.perf_counter() < end:
        try:
            if ready():  # type: ignore[operator]
                return
        except OSError:
            pass
        time.sleep(0.01)
    raise SystemExit("the server did not answer in time")


def _get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return bytes(answer.read())


def _post(port: int) -> bytes:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/ask", b'{"turns": ["does acupuncture hurt?"]}', {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bytes(answer.read())


if __name__ == "__main__":
    sys.exit(main())
