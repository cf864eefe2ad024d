"""The word index: BM25 over stemmed words. Knows rows and texts, not passages or questions."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import Stemmer
from numpy.typing import NDArray

from spinewise.errors import StoreError

K1, B = 1.5, 0.75
"""The usual BM25 constants (Robertson and Zaragoza 2009)."""

STOP_WORDS = frozenset(
    "a about am an and any are as at be been being but by can could did do does doing for from get gets getting go got had "
    "has have having he her here him his how i if in into is it its just like me my of on or our out really she should "
    "so some than that the their them then there these they this those to too up us was we were what when where which "
    "while who why will with would you your im ive id dont doesnt cant isnt s t ve ll re d m".split()
)

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_stemmer = Stemmer.Stemmer("english", 0)  # 0: no cache, so that no reader's word stays in memory


def terms(text: str) -> list[str]:
    """The stemmed words of `text` that carry meaning, in order."""
    words = (word.replace("'", "").replace("’", "") for word in _WORD.findall(text.casefold()))
    stems: list[str] = _stemmer.stemWords([word for word in words if word not in STOP_WORDS])
    return stems


class WordIndex:
    """BM25 weights of every (term, row), kept term by term."""

    def __init__(
        self,
        vocabulary: dict[str, int],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        weights: NDArray[np.float32],
        size: int,
    ) -> None:
        self.vocabulary = vocabulary
        self._starts, self._rows, self._weights = starts, rows, weights
        self.size = size
        counts = np.diff(starts)
        self._idf = np.log1p((size - counts + 0.5) / (counts + 0.5)).astype(np.float32)
        self._unknown = float(np.log1p((size + 0.5) / 0.5))

    @classmethod
    def build(cls, texts: Iterable[str]) -> WordIndex:
        """An index of `texts`; row n is the n-th."""
        counts = [Counter(terms(text)) for text in texts]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 0.0, 1e-9))
        vocabulary = {term: n for n, term in enumerate(sorted({term for count in counts for term in count}))}
        postings: list[list[tuple[int, int]]] = [[] for _ in vocabulary]
        for row, count in enumerate(counts):
            for term, times in count.items():
                postings[vocabulary[term]].append((row, times))
        starts = np.cumsum([0, *map(len, postings)]).astype(np.int64)
        rows = np.array([row for posting in postings for row, _ in posting], dtype=np.int32)
        times_in = np.array([times for posting in postings for _, times in posting], dtype=np.float32)
        found = np.diff(starts)
        idf = np.log1p((len(counts) - found + 0.5) / (found + 0.5)).astype(np.float32)
        weights = np.repeat(idf, found) * times_in * (K1 + 1) / (times_in + norm[rows] if len(rows) else 1)
        return cls(vocabulary, starts, rows, weights.astype(np.float32), len(counts))

    def save(self, file: Path) -> None:
        vocabulary = np.frombuffer("\n".join(self.vocabulary).encode(), dtype=np.uint8)
        np.savez(
            file, vocabulary=vocabulary, starts=self._starts, rows=self._rows, weights=self._weights, size=np.array(self.size)
        )

    @classmethod
    def load(cls, file: Path) -> WordIndex:
        """Read what `save` wrote.

        Raises:
            StoreError: the file is missing or damaged.
        """
        try:
            with file.open("rb") as handle, np.load(handle, allow_pickle=False) as data:
                text = data["vocabulary"].tobytes().decode()
                vocabulary = {term: n for n, term in enumerate(text.split("\n") if text else [])}
                return cls(vocabulary, data["starts"], data["rows"], data["weights"], int(data["size"]))
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            raise StoreError(f"{file} is not a readable word index: {error}", "spinewise refresh --rebuild") from error

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """The BM25 score of every row for the `query` terms, shape (rows,)."""
        total = np.zeros(self.size, dtype=np.float32)
        for term in dict.fromkeys(query):
            number = self.vocabulary.get(term)
            if number is not None:
                where = slice(self._starts[number], self._starts[number + 1])
                total[self._rows[where]] += self._weights[where]
        return total

    def idf(self, term: str) -> float:
        """How telling a term is: the BM25 inverse document frequency; highest for a term that no row has."""
        number = self.vocabulary.get(term)
        return self._unknown if number is None else float(self._idf[number])
