"""Runs an exported encoder on ONNX Runtime, without torch. Exporting one is `index.export`'s work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from spinewise.errors import StoreError

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """An array of shape (len(texts), dimensions), each row of length 1."""
        ...


class OnnxEncoder:
    """An encoder folder made by `index.export`: `encoder.onnx`, `tokenizer.json`, `encoder.json`."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Load the encoder.

        Raises:
            StoreError: a file is missing or cannot be read.
        """
        self.folder = folder
        try:
            self.facts = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = _session(folder / "encoder.onnx", threads)
            self.dimensions = int(self.facts["dimensions"])
            self._tokenizer.enable_truncation(int(self.facts["max_tokens"]))
        except Exception as error:  # every loader has its own errors; all mean the same to the reader
            raise StoreError(f"encoder {folder} cannot be loaded: {error}", "spinewise refresh --rebuild") from error
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """An array of shape (len(texts), dimensions), each row of length 1; texts are cut at the model's window.

        One text at a time: int8 activations are scaled by batch, so a text's vector would depend on its neighbours
        (cosine down to 0.96), and with padding a batch of 32 was half as fast (14 against 30 passages a second).
        """
        encodings = self._tokenizer.encode_batch([_safe(text) for text in texts])
        vectors = np.empty((len(texts), self.dimensions), dtype=np.float32)
        for row, encoding in enumerate(encodings):
            vectors[row] = self._run(np.array([encoding.ids], dtype=np.int64))[0]
        return vectors

    def _run(self, ids: NDArray[np.int64]) -> Vectors:
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        vectors: Vectors = self._session.run(None, feeds)[0]
        return vectors


def _session(file: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # bounds memory: with the arena a batch of long texts keeps 0.7 GB
    return ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _safe(text: str) -> str:
    """`text` without lone surrogates, which the tokeniser cannot take."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def quantise(source: Path, target: Path) -> None:
    """Write `source` with int8 weights, per channel: per tensor costs fidelity 0.96 against 0.99 (measured)."""
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415  (needs onnx; at refresh only)

    quantize_dynamic(source, target, per_channel=True, weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True})
