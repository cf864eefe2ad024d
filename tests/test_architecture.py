"""The rules of the house: who imports whom, what is public, and that README names only what exists."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

import spinewise
from spinewise.cli import _parser

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "spinewise"
TOP, MIDDLE, WORDS, LOW, SETTINGS, BOTTOM = 5, 4, 3, 2, 1, 0
LAYER = {
    "cli": TOP, "web": TOP, "refresh": TOP, "review": TOP, "doctor": TOP, "wire": TOP, "progress": TOP, "columns": TOP,
    "candidate": TOP, "editing": TOP, "gate": TOP, "watch": TOP, "__main__": TOP,
    "answer": MIDDLE, "library": MIDDLE, "learning": TOP,
    "languages": WORDS,
    "index": LOW, "safety": LOW,
    "records": BOTTOM, "errors": BOTTOM, "settings": SETTINGS, "markup": BOTTOM,
}  # fmt: skip
HOMES: dict[str, str | set[str]] = {
    "faiss": "index.vectors",
    "onnxruntime": "index.encoder",
    "sentence_transformers": "index.export",
    "torch": "index.export",
    "gradio": {"web.chat", "web.console"},  # the readers' page and the editors', each its own
    "langchain_text_splitters": "library.passages",
    "trafilatura": "library.importing.pages",
    "docx": "library.importing.documents",
    "pypdf": "library.importing.documents",
    "httpx": "library.importing.fetching",
    "defusedxml": "library.importing.feeds",
    "cryptography": "learning.gaps",
}


def modules() -> dict[str, ast.Module]:
    """Every module below the package's own `__init__`: dotted name -> its tree."""
    found = {}
    for file in SOURCE.rglob("*.py"):
        name = ".".join(file.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        if name != "__init__":
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


def imports(tree: ast.Module) -> set[str]:
    """Full names of what a module imports, also inside functions: `from a import b` gives `a.b`. Types alone do not count."""
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def own(names: set[str], known: dict[str, ast.Module]) -> set[str]:
    """Our modules among `names`: the module itself, or the one that the name stands in."""
    mine = {name.removeprefix("spinewise.") for name in names if name.startswith("spinewise.")}
    return {name if name in known else name.rpartition(".")[0] for name in mine} & known.keys()


def test_there_is_something_to_check() -> None:
    assert {"cli", "answer.guide", "index.store", "web.chat", "safety.screening"} <= modules().keys()
    assert {name.split(".")[0] for name in modules()} == LAYER.keys()


def test_imports_run_one_way() -> None:
    known = modules()
    for name, tree in known.items():
        room = name.split(".")[0]
        for target in own(imports(tree), known):
            other = target.split(".")[0]
            assert room == other or LAYER[other] < LAYER[room] or LAYER[room] == TOP, f"{name} imports {target}"
            assert other != "cli" or room == "__main__", f"{name} imports {target}"


def test_safety_and_the_bottom_stand_alone() -> None:
    known = modules()
    for name, tree in known.items():
        room = name.split(".")[0]
        targets = {target.split(".")[0] for target in own(imports(tree), known)}
        if room == "safety":
            assert targets <= {"safety", "records", "errors"}, name
        if room == "languages":
            assert targets <= {"languages", "safety", "records", "errors"}, name
        if name in {"records", "errors", "markup"}:
            assert not targets, name
        if room == "library":
            assert targets <= {"library", "records", "errors", "settings", "markup"}, name


def test_no_cycles() -> None:
    known = modules()
    edges = {name: own(imports(tree), known) - {name} for name, tree in known.items()}
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " -> ".join((*path, name))
        if name not in done:
            for target in edges[name]:
                walk(target, (*path, name))
            done.add(name)

    for name in edges:
        walk(name, ())


@pytest.mark.parametrize("library", HOMES)
def test_each_heavy_library_has_one_home(library: str) -> None:
    using = {name for name, tree in modules().items() if library in {found.split(".")[0] for found in imports(tree)}}
    home = HOMES[library]
    assert using == ({home} if isinstance(home, str) else home)


def test_public_names_are_sorted_and_there() -> None:
    assert spinewise.__all__ == sorted(spinewise.__all__, key=lambda name: (name.startswith("_"), name))
    for name in spinewise.__all__:
        assert getattr(spinewise, name) is not None
    for room in ("safety",):
        module = importlib.import_module(f"spinewise.{room}")
        assert module.__all__ == sorted(module.__all__)
        assert all(hasattr(module, name) for name in module.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        spinewise.nonsense  # noqa: B018


def test_every_file_says_first_what_it_does() -> None:
    for name, tree in modules().items():
        assert (ast.get_docstring(tree) or "").split("\n")[0].endswith((".", ":")), name


README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = set(re.findall(r"(?:^|[`/ ])spinewise (\w+)", README, re.MULTILINE)) - {"is", "and"}
TARGETS = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))


def test_readme_names_commands_that_exist() -> None:
    (subparsers,) = (action for action in _parser()._actions if hasattr(action, "choices") and action.choices)
    commands = {
        "gaps",
        "ask",
        "search",
        "refresh",
        "versions",
        "rollback",
        "check",
        "counts",
        "doctor",
        "editors",
        "embed",
        "import",
        "serve",
    }
    assert commands == set(subparsers.choices)
    assert set(subparsers.choices) >= COMMANDS >= {"ask", "refresh"}
    for row in re.findall(r"^\| `spinewise (\w+)(.*)$", README, re.MULTILINE):
        options = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row[1]))
        assert options <= set(subparsers.choices[row[0]]._option_string_actions), row[0]


def test_readme_names_make_targets_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    there = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert there >= TARGETS >= {"chat", "test"}
    assert {"setup", "chat", "test", "lint", "evaluate", "bench"} <= there


def test_readme_names_files_that_exist() -> None:
    links = set(re.findall(r"\]\((?!https?:|#)([^)#\s]+)", README))
    named = set(re.findall(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|md|toml|yaml|css|js|lock)|[\w/.-]+/)`", README)) - {"spinewise.toml"}
    assert links
    assert named
    rooms = [ROOT, SOURCE, *(SOURCE / room for room in ("library", "index", "safety", "languages", "answer", "web"))]
    missing = {
        name
        for name in links | named
        if not any((room / name.lstrip("/")).exists() for room in rooms) and not name.startswith("/")
    }
    assert missing == set()


def test_readme_names_settings_that_exist() -> None:
    named = set(re.findall(r"SPINEWISE_([A-Z_]+)", README)) - {"EVAL"}
    assert named == {name.upper() for name in spinewise.Settings.__dataclass_fields__}


def test_readme_names_routes_that_exist(client) -> None:
    for path in set(re.findall(r"`(?:GET )?(/[\w/]*)(?:\?[^`]*)?`", README)) - {"/", "/editors"}:
        assert client.get(path, params={"q": "rope"}).status_code == 200, path
