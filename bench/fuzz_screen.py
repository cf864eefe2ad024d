"""Throws random and adversarial strings at the screen; prints the slowest and every crash. `python bench/fuzz_screen.py --count 1000000`."""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from spinewise.records import Turn
from spinewise.safety import screen
from spinewise.safety.compiled import ruleset

LINES = Path(__file__).resolve().parents[1] / "tests" / "safety" / "lines"
SLOW = 0.05
"""Seconds over which a string is reported."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    slow: list[tuple[float, str]] = []
    crashed: list[str] = []
    worst = total = 0.0
    letters = 0
    for text in strings(random.Random(given.seed), given.count):
        began = time.perf_counter()
        try:
            screen([Turn(text)])
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what this looks for)
            crashed.append(f"{type(error).__name__} on {text!r}")
        took = time.perf_counter() - began
        worst, total, letters = max(worst, took), total + took, letters + len(text)
        if took > SLOW:
            slow.append((took, text))
    again = [(best_of_three(text), text) for _, text in slow]  # a busy machine makes anything slow once
    slow = [(took, text) for took, text in again if took > SLOW]
    print(
        f"{given.count} strings, {letters} letters, {1e6 * total / max(letters, 1):.2f} ms for 1,000 letters, slowest {1000 * worst:.1f} ms"
    )
    print(f"over {1000 * SLOW:.0f} ms three times out of three: {len(slow)}; crashes: {len(crashed)}")
    for took, text in slow[:5]:
        print(f"  {1000 * took:.0f} ms, {len(text)} letters: {text[:200]!r}")
    for line in crashed[:5]:
        print(f"  {line[:300]}")
    return 1 if slow or crashed else 0


def best_of_three(text: str) -> float:
    times = []
    for _ in range(3):
        began = time.perf_counter()
        screen([Turn(text)])
        times.append(time.perf_counter() - began)
    return min(times)


def strings(dice: random.Random, count: int) -> Iterator[str]:
    """Words of the rules in any order, lines cut and joined, one word repeated, any Unicode; 1 to 500 letters."""
    words = sorted(word for word in ruleset().reader.vocabulary if word.isalpha())
    lines = [
        " ".join(json.loads(line)["turns"]) for file in sorted(LINES.glob("*.jsonl")) for line in file.read_text().splitlines()
    ]
    marks = [" ", " ", " ", ", ", ". ", "? ", "\n", " and ", " or ", " not ", " my ", ""]
    for _ in range(count):
        kind = dice.randrange(6)
        if kind == 0:
            text = "".join(dice.choice(words) + dice.choice(marks) for _ in range(dice.randrange(1, 40)))
        elif kind == 1:
            one, other = dice.choice(lines), dice.choice(lines)
            text = one[: dice.randrange(len(one) + 1)] + other[dice.randrange(len(other)) :]
        elif kind == 2:
            text = (" ".join(dice.choices(words, k=dice.randrange(1, 4))) + dice.choice(marks)) * dice.randrange(1, 60)
        elif kind == 3:
            text = "".join(
                chr(dice.choice((dice.randrange(32, 127), dice.randrange(0x20, 0x2FFF), dice.randrange(0x1F300, 0x1FAFF))))
                for _ in range(dice.randrange(1, 80))
            )
        elif kind == 4:
            line = list(dice.choice(lines))
            for _ in range(dice.randrange(1, 12)):
                line[dice.randrange(len(line))] = dice.choice("abcdefghijklmnopqrstuvwxyz '?.,\n")
            text = "".join(line)
        else:
            text = dice.choice(words) * dice.randrange(1, 30)
        yield text[:500]


if __name__ == "__main__":
    sys.exit(main())
