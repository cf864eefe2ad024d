"""Kills refreshes at random moments and counts live versions that were lost or damaged: there must be none.

Every round changes made-up articles, starts a refresh in a process of its own, kills that with SIGKILL, and checks that the live
version is whole and is either the one before or the new one; then the next refresh must recover and leave nothing half-written.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the processes are forked, which FAISS's own threads would not survive

import argparse
import contextlib
import hashlib
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from spinewise.errors import StoreError
from spinewise.index import store
from spinewise.index.encoder import Vectors
from spinewise.refresh import refresh
from spinewise.settings import Settings

ARTICLES = 30
DIMENSIONS = 64


class TinyEncoder:
    """Texts that share words are near."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.full((len(texts), DIMENSIONS), 0.01, dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                row[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--times", type=int, default=1000, metavar="N", help="how many refreshes to kill (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments (default: 1)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(corpus=Path(home) / "corpus", index=Path(home) / "index")
        settings.corpus.mkdir()
        for number in range(ARTICLES):
            save(settings.corpus, number, 0)
        refresh(settings, encoder=TinyEncoder())
        counts = Counter[str]()
        chance = random.Random(given.seed)
        for turn in range(1, given.times + 1):
            one_round(settings, turn, chance, counts)
    bad = counts["lost"] + counts["damaged"] + counts["not recovered"]
    print(f"{given.times} refreshes: " + ", ".join(f"{counts[name]} {name}" for name in NAMES))
    return 1 if bad else 0


NAMES = (
    "killed before the switch",
    "killed after it",
    "left half-written files",
    "ended by themselves",
    "lost",
    "damaged",
    "not recovered",
)


def save(corpus: Path, number: int, turn: int) -> None:
    text = f"Lamp {number} glows in colour {turn}.\n\n## Care of lamp {number}\n\nDust lamp {number} every {turn + 2} days."
    front = f"---\ntitle: Lamp {number}\nsummary: About it.\nreviewed: 2026-05-01\n---\n"
    (corpus / f"lamp-{number}.md").write_text(f"{front}{text}\n", encoding="utf-8")


def one_round(settings: Settings, turn: int, chance: random.Random, counts: Counter[str]) -> None:
    before = alive(settings, counts)
    for number in chance.sample(range(ARTICLES), 3):
        save(settings.corpus, number, turn)
    wanted = {file.stem: file.read_text(encoding="utf-8").split("---\n", 2)[2] for file in settings.corpus.glob("*.md")}
    rebuild = chance.random() < 0.2
    began = time.perf_counter()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            refresh(settings, rebuild=rebuild, encoder=TinyEncoder())
        os._exit(0)
    # half of the moments fall anywhere, half in the last part, where files are written and switched
    usual = LASTED[-1]
    moment = usual * (chance.uniform(0, 1.05) if chance.random() < 0.5 else chance.uniform(0.6, 1.05))
    time.sleep(max(0.0, moment - (time.perf_counter() - began)))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    after = alive(settings, counts)
    if not os.WIFSIGNALED(status):
        counts["ended by themselves"] += 1
    elif after == wanted:
        counts["killed after it"] += 1
    elif after == before:
        counts["killed before the switch"] += 1
    else:
        counts["damaged"] += 1
    counts["left half-written files"] += bool(leftovers(settings.index))
    began = time.perf_counter()
    refresh(settings, rebuild=after == wanted, encoder=TinyEncoder())
    LASTED.append(time.perf_counter() - began)
    counts["not recovered"] += alive(settings, counts) != wanted or bool(leftovers(settings.index))


LASTED = [0.3]
"""Seconds that each undisturbed refresh took; the next is killed within about the last."""


def alive(settings: Settings, counts: Counter[str]) -> dict[str, str]:
    """The bodies of the live version's articles, every file checked against its digest; none where it is lost or damaged."""
    try:
        index = store.load(settings.index, encoder=TinyEncoder())
    except StoreError as error:
        counts["lost" if store.current_version(settings.index) is None else "damaged"] += 1
        print(f"error: {error}", file=sys.stderr)
        return {}
    return {slug: article.body for slug, article in index.articles.items()}


def leftovers(folder: Path) -> list[Path]:
    homes = [folder / "versions" / name for name in store.version_names(folder)]
    half = [home for home in homes if not (home / "manifest.json").exists()]
    return [*folder.glob("versions/.*"), *folder.glob("encoders/.*"), *folder.glob(".CURRENT.new"), *half]


if __name__ == "__main__":
    sys.exit(main())
