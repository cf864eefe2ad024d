"""The vector search against three lines of numpy, and its files."""

from pathlib import Path

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinewise.errors import StoreError
from spinewise.index.vectors import VectorIndex


def unit_rows(seed: int, count: int, dimensions: int = 16) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 80))
def test_search_agrees_with_numpy(seed: int, count: int, k: int) -> None:
    rows = unit_rows(seed, count)
    asked = unit_rows(seed + 1, 1)[0]
    found, cosines = VectorIndex.build(rows).search(asked, k)

    every = rows @ asked
    best = np.argsort(-every)[:k]
    assert cosines == pytest.approx(every[best], abs=1e-3)
    assert every[found] == pytest.approx(cosines, abs=1e-3)
    assert len(set(found.tolist())) == len(found) == min(k, count)


def test_more_asked_for_than_there_is() -> None:
    found, cosines = VectorIndex.build(unit_rows(1, 3)).search(unit_rows(2, 1)[0], 1000)
    assert sorted(found.tolist()) == [0, 1, 2]
    assert len(cosines) == 3


def test_save_and_load(tmp_path: Path) -> None:
    made = VectorIndex.build(unit_rows(3, 7))
    made.save(tmp_path / "v")
    assert np.array_equal(VectorIndex.load(tmp_path / "v").vectors(slice(None)), unit_rows(3, 7).astype(np.float16))


def test_files_that_are_no_such_index(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not faiss")
    faiss.write_index(faiss.IndexHNSWFlat(4, 8), str(tmp_path / "hnsw"))
    for name in ("text", "hnsw", "missing"):
        with pytest.raises(StoreError) as raised:
            VectorIndex.load(tmp_path / name)
        assert "spinewise refresh" in raised.value.hint
