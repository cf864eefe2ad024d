"""The deep check, on the made-up corpus: what it finds when articles compete, repeat or take sides."""

import dataclasses
from datetime import date

from spinewise.records import Article
from spinewise.review import review


def test_it_names_a_question_that_another_article_answers(index, tmp_path):
    stranger = Article(
        "stranger",
        "Stranger",
        "s",
        date(2026, 1, 1),
        date(2028, 1, 1),
        "text",
        questions=tuple(question for article in index.articles.values() for question in article.questions[:1]),
    )
    found = review(dataclasses.replace(index, articles=index.articles | {"stranger": stranger}), tmp_path)
    assert any(problem.file.stem == "stranger" and "first" in problem.text for problem in found)


def test_every_article_has_its_reading_ease(index, tmp_path):
    noted = {problem.file.stem for problem in review(index, tmp_path) if problem.text.startswith("reading ease")}
    assert noted == set(index.articles)
