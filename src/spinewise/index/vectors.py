"""Exact nearest neighbours with FAISS: the only module that imports it. Knows rows, not passages."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from spinewise.errors import StoreError
from spinewise.index.encoder import Vectors

faiss.omp_set_num_threads(1)  # one question uses one thread, and a second pool beside the encoder's slows both


class VectorIndex:
    """Rows of unit vectors, searched by inner product, which is then the cosine."""

    def __init__(self, flat: faiss.IndexFlat) -> None:
        self._flat = flat
        self.rows: Vectors = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
        """A view of all rows, shape (rows, dimensions)."""

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """An index of `vectors`, shape (rows, dimensions), every row of length 1."""
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(flat)

    @classmethod
    def load(cls, file: Path) -> VectorIndex:
        """Read what `save` wrote.

        Raises:
            StoreError: the file is missing or not a flat FAISS index.
        """
        try:
            flat = faiss.read_index(str(file))
        except RuntimeError as error:
            raise StoreError(f"{file} is not a readable FAISS index", "spinewise refresh --rebuild") from error
        if not isinstance(flat, faiss.IndexFlat):
            raise StoreError(f"{file} is a {type(flat).__name__}, not a flat index", "spinewise refresh --rebuild")
        return cls(flat)

    def save(self, file: Path) -> None:
        faiss.write_index(self._flat, str(file))

    def search(self, vector: Vectors, k: int) -> tuple[NDArray[np.int64], Vectors]:
        """The nearest rows to `vector`, shape (dimensions,): row numbers and cosines, best first, at most `k`."""
        cosines, rows = self._flat.search(vector.reshape(1, -1), min(k, self._flat.ntotal))
        found = rows[0] >= 0  # FAISS fills with -1 when fewer exist
        return rows[0][found], cosines[0][found]
