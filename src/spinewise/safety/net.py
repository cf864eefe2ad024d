"""The second net: a small linear classifier over words and letters, asked only where the rules are silent.

It never raises a level and never cancels a rule: where a message lies near the wordings of people in danger, the reader is
shown one plain question with the list of warning signs. `bench/train_net.py` makes its weights from lines written for it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from array import array
from functools import cache
from itertools import pairwise
from pathlib import Path

BUCKETS = 1 << 16
"""Features are hashed into so many weights, one signed byte each."""

LONGEST = 4000
"""Characters looked at, so that the work is bounded."""

FILE = Path(__file__).with_name("net.bin")
_HEADER = 8
_WORD = re.compile(r"[a-z0-9]+")


def near_danger(text: str) -> bool:
    """Whether `text` lies near the wordings of people in danger; False where the weights are missing."""
    weights = _weights()
    if weights is None:
        return False
    found = features(text[:LONGEST])
    table, floor = weights
    return bool(found) and sum(map(table.__getitem__, found)) / len(found) ** 0.5 >= floor


def features(text: str) -> set[int]:
    """The hashed features of a text: words, pairs of words, and runs of three to five letters within words."""
    lowered = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    words = _WORD.findall(lowered)
    found = {_bucket(f"w {word}") for word in words}
    found |= {_bucket(f"p {one} {two}") for one, two in pairwise(words)}
    for word in set(words):
        padded = f" {word[:24]} "
        for length in (3, 4, 5):
            found |= {_bucket(padded[at : at + length]) for at in range(len(padded) - length + 1)}
    return found


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode()) % BUCKETS


@cache
def _weights() -> tuple[array[int], float] | None:
    try:
        data = FILE.read_bytes()
    except OSError:
        return None
    if len(data) != _HEADER + BUCKETS:
        return None
    floor = array("d", data[:_HEADER])[0]
    return array("b", data[_HEADER:]), floor
