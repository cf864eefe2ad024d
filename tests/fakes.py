"""What the tests use in place of a model and of the corpus: a bag of hashed words, and six small made-up articles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from spinewise.index.encoder import Vectors
from spinewise.index.words import terms
from spinewise.languages import Languages

SPOKEN = Languages().pick("en")
"""English, as the pages are given it."""
DIMENSIONS = 512


class FakeEncoder:
    """Texts that share stemmed words are near. Keeps what it was given, so that tests can count it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(text):
                row[_column(term)] += 1
            if not row.any():
                row[0] = 1
        rows = np.sqrt(rows)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@cache
def _column(term: str) -> int:
    return int.from_bytes(hashlib.sha256(term.encode()).digest()[:4]) % DIMENSIONS


def write_corpus(folder: Path, files: Mapping[str, str]) -> Path:
    """A corpus folder with just these files: slug -> text of the file."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    for slug, text in files.items():
        (folder / f"{slug}.md").write_bytes(text.encode())
    return folder


def bare(title: str, body: str) -> str:
    """An article with the required fields only."""
    return f"---\ntitle: {title}\nsummary: About {title.lower()}.\nreviewed: 2026-05-01\n---\n{body}\n"


ARTICLES = {
    "pebble-walks": """---
title: Pebble walks for a stiff back
summary: Walking on round pebbles, how far, and how often.
reviewed: 2026-03-02
topics: [pebbles, walking]
questions:
  - How far should I walk on pebbles?
  - How many pebble walks a week are enough?
references:
  - title: The pebble trial
    publisher: Shingle Institute
    year: 2021
    url: https://pebbles.example/trial
---
Pebble walks loosen a stiff back.[^1] Most people walk on pebbles for twelve minutes.

## How many pebble walks a week

Three pebble walks a week are enough for most people.[^1] If your ankles swell after a pebble walk, walk on grass instead.

## What to bring

For a pebble walk, bring these:

- thick socks that reach over the ankle
- a stick of ash wood
- a friend who knows the shore

## When the tide is high

Do not walk on pebbles at high tide.[^1] See the [tide table](tidal-baths.md#before-you-go-in) first.
""",
    "tidal-baths": """---
title: Tidal baths
summary: Sitting in sea water, what it does for sore muscles, and for how long.
reviewed: 2026-04-11
topics: [baths, sea water]
questions:
  - How long should I sit in a tidal bath?
  - Is a tidal bath safe in winter?
references:
  - title: Warm pools and cold pools
    publisher: Harbour Board
    year: 2019
    url: https://harbour.example/pools
---
A tidal bath warms sore muscles.[^1]

## Before you go in

Stay in a tidal bath for twenty minutes at most.[^1] In winter, ten minutes are plenty. This holds for strong swimmers too.

## Who should keep out

Keep out of a tidal bath if you have an open wound.
""",
    "hammocks": """---
title: Hammocks and sleep
summary: Sleeping in a hammock with a sore spine.
reviewed: 2026-01-20
url: https://clinic.example/hammocks
topics: [hammocks, sleep]
questions:
  - Is a hammock good for sleep?
references:
  - title: Forty hammocks compared
    publisher: Rope Guild
    year: 2022
    url: https://rope.example/forty
---
A hammock suits people who sleep on their side.[^1]

## How tight the rope should be

Hang the hammock so that it sags by one foot. A tight rope bends the neck.[^1]
""",
    "copper-cushions": """---
title: Copper cushions
summary: Cushions with copper thread, and what is known of them.
reviewed: 2026-02-14
topics: [copper, cushions]
questions:
  - Do copper cushions do anything?
references:
  - title: Copper thread and comfort
    publisher: Loom Society
    year: 2018
    url: https://loom.example/copper
---
Copper cushions do nothing that a plain cushion does not do.[^1]

## What a copper cushion costs

A copper cushion costs about forty coins.
""",
    "humming": """---
title: Humming and tension
summary: Humming a low note to let tension go.
reviewed: 2026-05-30
topics: [humming]
questions:
  - Does humming ease tension?
  - How long should I hum?
references:
  - title: Low notes
    publisher: Choir Press
    year: 2020
    url: https://choir.example/low
---
Humming eases tension in the shoulders for about an hour.[^1]

## How to hum

Hum one low note for five breaths. Rest for one breath. Then hum again.
""",
    "ladder-chairs": """---
title: Ladder chairs at the desk
summary: Sitting on a ladder chair while working at a desk.
reviewed: 2026-06-18
topics: [chairs, desk]
questions:
  - How high should a ladder chair be?
references:
  - title: Rungs
    publisher: Joiners' Hall
    year: 2017
    url: https://joiners.example/rungs
---
A ladder chair makes you change your seat often.[^1]

## How high

Set a ladder chair so that your knees are lower than your hips. Stand up every half hour.
""",
}
