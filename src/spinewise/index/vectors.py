"""Exact nearest neighbours with FAISS: the only module that imports it. Knows rows, not passages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from spinewise.errors import StoreError
from spinewise.index.encoder import Vectors

faiss.omp_set_num_threads(1)  # one question uses one thread, and a second pool beside the encoder's slows both


class VectorIndex:
    """Rows of unit vectors, searched by inner product, which is then the cosine.

    Each number is kept in 16 bits: half the bytes to read, so a scan after the encoder took 0.43 ms instead of 0.63 for
    5,533 rows, and the ten nearest were the same ten (measured).
    """

    def __init__(self, scan: faiss.IndexScalarQuantizer) -> None:
        self._scan = scan
        codes = faiss.rev_swig_ptr(scan.codes.data(), scan.ntotal * scan.code_size)
        self._rows: NDArray[np.float16] = codes.view(np.float16).reshape(scan.ntotal, scan.d)

    def __len__(self) -> int:
        return int(self._scan.ntotal)

    @classmethod
    def build(cls, vectors: Vectors) -> VectorIndex:
        """An index of `vectors`, shape (rows, dimensions), every row of length 1."""
        scan = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        scan.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(scan)

    @classmethod
    def load(cls, file: Path) -> VectorIndex:
        """Read what `save` wrote.

        Raises:
            StoreError: the file is missing or not such an index.
        """
        try:
            scan = faiss.read_index(str(file))
        except RuntimeError as error:
            raise StoreError(f"{file} is not a readable FAISS index", "spinewise refresh --rebuild") from error
        if not isinstance(scan, faiss.IndexScalarQuantizer) or scan.sq.qtype != faiss.ScalarQuantizer.QT_fp16:
            raise StoreError(f"{file} is a {type(scan).__name__}, not a scan of 16-bit rows", "spinewise refresh --rebuild")
        return cls(scan)

    def save(self, file: Path) -> None:
        faiss.write_index(self._scan, str(file))

    def vectors(self, rows: NDArray[np.int64] | Sequence[int] | slice) -> Vectors:
        """The rows with these numbers, shape (rows, dimensions)."""
        return self._rows[rows].astype(np.float32)

    def search(self, vector: Vectors, k: int) -> tuple[NDArray[np.int64], Vectors]:
        """The nearest rows to `vector`, shape (dimensions,): row numbers and cosines, best first, at most `k`."""
        cosines, rows = self._scan.search(vector.reshape(1, -1), min(k, self._scan.ntotal))
        found = rows[0] >= 0  # FAISS fills with -1 when fewer exist
        return rows[0][found], cosines[0][found]
