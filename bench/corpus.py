"""Prints what the corpus holds, and statements drawn at random with their references. Run as `python bench/corpus.py [SEED]`."""

from __future__ import annotations

import os
import random
import re
import statistics
import sys

from spinewise.library.articles import load
from spinewise.library.passages import split
from spinewise.library.reading import reading
from spinewise.markup import plain
from spinewise.records import Article
from spinewise.settings import load_settings

DRAWN = 20
STATEMENT = re.compile(r"((?:\[[^\]\n]*\]\([^)\n]*\)|[^.!?\n]|[.!?](?=\w))+[.!?][\"'”’)*_]*)((?:\[\^\d+\])+)")
"""A sentence with marks behind it; the dots of links and numbers do not end it."""


def main() -> int:
    articles = load(load_settings(os.environ).corpus)
    statements = [(article, match) for article in articles for match in STATEMENT.finditer(article.body)]
    eases = [reading(article.body).ease for article in articles]
    grades = [reading(article.body).grade for article in articles]
    for name, value in (
        ("articles", len(articles)),
        ("words", sum(len(article.body.split()) for article in articles)),
        ("passages", sum(len(split(article)) for article in articles)),
        ("questions", sum(len(article.questions) for article in articles)),
        ("references", sum(len(article.references) for article in articles)),
        ("different addresses cited", len({entry.url for article in articles for entry in article.references})),
        ("statements with a reference", len(statements)),
        ("Flesch reading ease, median", f"{statistics.median(eases):.1f}"),
        ("Flesch reading ease, least", f"{min(eases):.1f}"),
        ("Flesch-Kincaid grade, median", f"{statistics.median(grades):.1f}"),
    ):
        print(f"{name:<32} {value}")
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 2026
    print(f"\n{DRAWN} statements drawn with seed {seed}")
    for article, match in random.Random(seed).sample(statements, min(DRAWN, len(statements))):
        print(f"* {article.slug}: {plain(match.group(1)).lstrip('-+ ')}\n    {sources(article, match.group(2))}")
    return 0


def sources(article: Article, marks: str) -> str:
    cited = [article.references[int(n) - 1] for n in re.findall(r"\d+", marks)]
    return "; ".join(f"{entry.title} ({entry.publisher}, {entry.year or 'no date given'}) {entry.url}" for entry in cited)


if __name__ == "__main__":
    sys.exit(main())
