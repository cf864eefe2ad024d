"""Prints what a refresh costs after one article of 60 and of 1,000 has changed, beside a full rebuild. Real encoder, made-up articles."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from spinewise.refresh import refresh
from spinewise.settings import Settings, load_settings

WORDS = """back spine walk chair pillow nerve muscle stretch rest sleep heat cold lift bend desk week morning evening doctor tablet
knee hip shoulder exercise pool swim bicycle garden shoe mattress scan needle massage warm stiff sore gentle slow strong daily""".split()
ROUNDS = 3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[60, 1000], metavar="N", help="sizes (default: 60 1000)")
    given = parser.parse_args()
    print(f"{'articles':>8} {'passages':>8} {'full rebuild':>13} {'one changed':>12} {'nothing changed':>16} {'share':>7}")
    for count in given.articles:
        with tempfile.TemporaryDirectory() as home:
            row(replace(load_settings(os.environ), corpus=Path(home) / "corpus", index=Path(home) / "index"), count)
    return 0


def row(settings: Settings, count: int) -> None:
    chance = random.Random(count)
    settings.corpus.mkdir()
    for number in range(count):
        save(settings.corpus, number, chance)
    refresh(settings)  # exports the encoder, which is not what is measured
    (settings.index / "CURRENT").unlink()
    whole = refresh(settings)
    changed = []
    for number in range(ROUNDS):
        save(settings.corpus, number, chance)
        changed.append(refresh(settings).took_s)
    began = time.perf_counter()
    assert not refresh(settings).published
    nothing = time.perf_counter() - began
    once = sorted(changed)[ROUNDS // 2]
    print(
        f"{count:>8} {whole.passages:>8} {whole.took_s:>11.1f} s {once:>10.2f} s {nothing:>14.2f} s {once / whole.took_s:>7.1%}",
        flush=True,
    )


def save(corpus: Path, number: int, chance: random.Random) -> None:
    """An article of three sections, about 150 words."""
    sections = [f"## {sentence(chance, 4)}\n\n" + " ".join(f"{sentence(chance, 10)}." for _ in range(5)) for _ in range(3)]
    front = f"---\ntitle: {sentence(chance, 3)}\nsummary: About it.\nreviewed: 2026-05-01\nquestions:\n  - {sentence(chance, 6)}?\n---\n"
    (corpus / f"made-up-{number}.md").write_text(front + "\n\n".join(sections) + "\n", encoding="utf-8")


def sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)).capitalize()


if __name__ == "__main__":
    sys.exit(main())
