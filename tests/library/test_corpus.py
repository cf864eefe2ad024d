"""The shipped articles: valid, in our own words, linked from the hub, each with its help section."""

import os
import re
from pathlib import Path

import pytest

from spinewise.library.articles import load
from spinewise.library.check import check
from spinewise.library.reading import reading

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "corpus"
SEED = Path(os.environ.get("SPINEWISE_SEED", ROOT.parent / "shared" / "seed" / "acupuncture-article.txt"))
ARTICLES = load(CORPUS)


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower().replace("’", "'"))


def test_check_finds_no_error():
    problems, count = check(CORPUS)
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    assert count == len(ARTICLES) >= 60


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: article.slug)
def test_article(article):
    assert 600 <= len(article.body.split()) <= 1400
    assert 8 <= len(article.questions) <= 15
    assert len(article.references) >= 3
    assert all(entry.checked and entry.url.startswith("http") for entry in article.references)
    assert reading(article.body).ease >= 60
    assert re.search(r"^## .*(?:get|urgent|emergency).*help|^## .*help", article.body, re.MULTILINE | re.IGNORECASE)


def test_the_published_schema_is_the_one_that_check_uses():
    packaged = ROOT / "src" / "spinewise" / "library" / "article.schema.json"
    assert (CORPUS / "article.schema.json").read_text(encoding="utf-8") == packaged.read_text(encoding="utf-8")


def test_check_holds_front_matter_against_the_schema(tmp_path):
    (tmp_path / "a.md").write_text("---\ntitle: 5\nsummary: s\nreviewed: 2026-11-23\n---\nText.\n", encoding="utf-8")
    problems, _ = check(tmp_path)
    assert any("title: 5 is not of type" in str(problem) and problem.line == 2 for problem in problems)


def test_the_hub_links_to_every_article():
    hub = next(article for article in ARTICLES if article.slug == "back-pain-overview")
    linked = set(re.findall(r"\]\(([a-z0-9-]+)\.md", hub.body))
    assert {article.slug for article in ARTICLES} - {hub.slug} <= linked


def test_no_run_of_eight_words_is_the_seed_articles():
    if not SEED.is_file():
        pytest.skip(f"NOT CHECKED: no seed article at {SEED}")
    seed = words(SEED.read_text(encoding="utf-8"))
    runs = {tuple(seed[at : at + 8]) for at in range(len(seed) - 7)}
    for article in ARTICLES:
        own = words(f"{article.title} {article.summary} {' '.join(article.questions)} {article.body}")
        shared = [own[at : at + 8] for at in range(len(own) - 7) if tuple(own[at : at + 8]) in runs]
        assert shared == [], article.slug
