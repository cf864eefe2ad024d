"""Ranks the passages of a folder with each peer, in the peers' own environment; `quality.py` runs it and reads what it prints.

Reads texts.jsonl, vectors.npy (one row a passage), queries.jsonl and query_vectors.npy: every contestant gets the same model's
vectors, so that only what it does with them differs. Prints one JSON line a contestant: its name and, for each query, row numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

DEPTH = 50
Ranked = list[list[int]]


def main(folder: Path) -> None:
    texts = [json.loads(line) for line in (folder / "texts.jsonl").read_text(encoding="utf-8").splitlines()]
    queries = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    vectors, asked = np.load(folder / "vectors.npy"), np.load(folder / "query_vectors.npy")
    contestants: dict[str, Callable[[], Ranked]] = {
        "BM25 (bm25s)": lambda: bm25(texts, queries),
        "FAISS alone": lambda: faiss_alone(vectors, asked),
        "LangChain FAISS": lambda: langchain(texts, queries, vectors, asked, hybrid=False),
        "LangChain BM25 + FAISS": lambda: langchain(texts, queries, vectors, asked, hybrid=True),
        "Chroma": lambda: chroma(vectors, asked),
        "txtai hybrid": lambda: txtai(texts, queries, vectors, asked),
    }
    for name, rank in contestants.items():
        try:
            print(json.dumps({"name": name, "ranked": rank()}), flush=True)
        except Exception as error:  # noqa: BLE001  (a peer that fails is a line of the table)
            print(json.dumps({"name": name, "error": f"{type(error).__name__}: {error}"[:300]}), flush=True)


def bm25(texts: list[str], queries: list[str]) -> Ranked:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stemmer=stemmer, show_progress=False), show_progress=False)
    found, _ = index.retrieve(bm25s.tokenize(queries, stemmer=stemmer, show_progress=False), k=DEPTH, show_progress=False)
    return [[int(row) for row in rows] for rows in found]


def faiss_alone(vectors: np.ndarray, asked: np.ndarray) -> Ranked:
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return [[int(row) for row in rows] for rows in index.search(asked, DEPTH)[1]]


def langchain(texts: list[str], queries: list[str], vectors: np.ndarray, asked: np.ndarray, *, hybrid: bool) -> Ranked:
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_community.vectorstores import FAISS

    embeddings = given(queries, asked)
    places = [{"row": row} for row in range(len(texts))]
    store = FAISS.from_embeddings(list(zip(texts, vectors.tolist(), strict=True)), embeddings, metadatas=places)
    retriever = store.as_retriever(search_kwargs={"k": DEPTH})
    if hybrid:
        words = BM25Retriever.from_texts(texts, metadatas=places)
        words.k = DEPTH
        retriever = EnsembleRetriever(retrievers=[words, retriever], weights=[0.5, 0.5])
    return [[document.metadata["row"] for document in retriever.invoke(query)][:DEPTH] for query in queries]


def given(queries: list[str], asked: np.ndarray) -> object:
    from langchain_core.embeddings import Embeddings

    known: dict[str, list[float]] = dict(zip(queries, asked.tolist(), strict=True))

    class Given(Embeddings):  # type: ignore[misc]  # from the peers' own environment
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            raise NotImplementedError

        def embed_query(self, text: str) -> list[float]:
            return known[text]

    return Given()


def chroma(vectors: np.ndarray, asked: np.ndarray) -> Ranked:
    import chromadb

    client = chromadb.EphemeralClient(chromadb.Settings(anonymized_telemetry=False))
    store = client.create_collection("bench", metadata={"hnsw:space": "cosine"})
    for first in range(0, len(vectors), 2000):
        rows = range(first, min(first + 2000, len(vectors)))
        store.add(ids=[str(row) for row in rows], embeddings=vectors[first : first + 2000].tolist())
    return [
        [int(name) for name in store.query(query_embeddings=[vector.tolist()], n_results=DEPTH)["ids"][0]] for vector in asked
    ]


def txtai(texts: list[str], queries: list[str], vectors: np.ndarray, asked: np.ndarray) -> Ranked:
    from txtai import Embeddings

    known = dict(zip([*texts, *queries], [*vectors, *asked], strict=True))
    index = Embeddings(method="external", transform=lambda data: np.stack([known[text] for text in data]), hybrid=True)
    index.index([(row, text, None) for row, text in enumerate(texts)])
    return [[int(row) for row, _ in index.search(query, DEPTH)] for query in queries]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
