"""Shared by all tests: a made-up corpus, its index under a fake encoder, a guide, and the web application without Gradio."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import ARTICLES, FakeEncoder, write_corpus
from fastapi.testclient import TestClient
from hypothesis import settings as hypothesis_settings

from spinewise.answer.guide import Guide
from spinewise.index import store
from spinewise.index.store import Index
from spinewise.refresh import refresh
from spinewise.settings import Settings
from spinewise.web.app import create_app

hypothesis_settings.register_profile("same-every-time", derandomize=True, deadline=None, database=None, max_examples=60)
hypothesis_settings.load_profile("same-every-time")


class StandingIndex:
    """As LiveIndex, with the fake encoder and one version for ever."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def get(self) -> Index:
        return self._index


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Corpus and index, built once; tests that write take `settings`, a copy of their own."""
    home = tmp_path_factory.mktemp("built")
    made = Settings(corpus=write_corpus(home / "corpus", ARTICLES), index=home / "index")
    refresh(made, encoder=FakeEncoder())
    return made


@pytest.fixture(scope="session")
def index(built: Settings) -> Index:
    return store.load(built.index, encoder=FakeEncoder())


@pytest.fixture(scope="session")
def guide(index: Index) -> Guide:
    return Guide(lambda: index)


@pytest.fixture(scope="session")
def client(built: Settings, index: Index) -> Iterator[TestClient]:
    app = create_app(built, StandingIndex(index), chat=False)  # type: ignore[arg-type]
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def settings(built: Settings, tmp_path: Path) -> Settings:
    """Corpus and built index of a test's own."""
    shutil.copytree(built.corpus, tmp_path / "corpus")
    shutil.copytree(built.index, tmp_path / "index")
    return Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
