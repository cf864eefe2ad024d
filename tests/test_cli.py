"""The command line: exit codes, data on stdout and talk on stderr, batches line by line."""

from __future__ import annotations

import functools
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fakes import ARTICLES, FakeEncoder, bare, write_corpus

from spinewise import __version__, cli
from spinewise.index import store
from spinewise.learning.asking import asked_by
from spinewise.learning.gaps import Unanswered
from spinewise.records import Reply
from spinewise.refresh import refresh
from spinewise.settings import Settings
from spinewise.web.accounts import accounts

NUMB = "since yesterday I can't feel when I wipe"
QUESTION = "Before you go in, how many minutes at most should you stay in?"
HEAVY = [
    "faiss",
    "torch",
    "sentence_transformers",
    "onnxruntime",
    "gradio",
    "langchain_text_splitters",
    "trafilatura",
    "docx",
    "pypdf",
    "httpx",
    "lxml",
]


@pytest.fixture
def run(built: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Runs a command on the made-up corpus with the fake encoder: exit code, stdout, stderr."""
    load, fake = store.load, {"encoder": FakeEncoder()}
    monkeypatch.setattr(store, "load", lambda folder, threads=2, **given: load(folder, threads, **given | fake))

    def command(name: str, *arguments: str, stdin: bytes = b"", corpus: Path | None = None, index: Path | None = None):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        where = ["--corpus", str(corpus or built.corpus), "--index", str(index or built.index)]
        code = cli.main([name, *where, *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return command


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def failed(result: tuple[int, str, str], *words: str) -> None:
    code, out, err = result
    assert (code, out) == (1, "")
    assert [line.split(":")[0] for line in err.splitlines() if line.startswith(("error:", "hint:"))] == ["error", "hint"]
    assert all(word in err for word in words)


def test_ask(run) -> None:
    code, out, err = run("ask", QUESTION)
    assert (code, err) == (0, "")
    assert "Stay in a tidal bath for twenty minutes at most. [1]" in out
    assert "[1] Tidal baths › Before you go in (reviewed 2026-04-11)" in out
    assert "/articles/tidal-baths#before-you-go-in:~:text=" in out


def test_ask_as_json_and_from_standard_input(run) -> None:
    code, out, err = run("ask", "--json", stdin=QUESTION.encode() + b"\n")
    (reply,) = lines(out)
    assert (code, err) == (0, "")
    assert list(reply) == [
        "schema", "kind", "care", "sentences", "sources", "suggestions", "checklist", "message", "searched_for", "carried", "language",
            "articles_language", "index_version",
        "took_ms",
    ]  # fmt: skip
    assert (reply["schema"], reply["kind"]) == (1, "answer")
    assert reply["care"] == {"level": "none", "flags": [], "card": None}
    (source, *_) = reply["sources"]
    assert list(source) == ["n", "article", "title", "section", "quote", "start", "end", "url", "reviewed", "overdue"]
    assert (source["section"], source["reviewed"]) == (["Before you go in"], "2026-04-11")
    body = ARTICLES["tidal-baths"].split("---\n", 2)[2]
    assert body[source["start"] : source["end"]] == source["quote"]


def test_an_emergency_without_index(run, tmp_path: Path) -> None:
    code, out, _ = run("ask", NUMB, index=tmp_path / "nowhere")
    assert code == 0
    assert "emergency department" in out


def test_a_question_without_index(run, tmp_path: Path) -> None:
    failed(run("ask", "how long?", index=tmp_path / "nowhere"), "no index", "spinewise refresh")
    failed(run("search", "how long?", index=tmp_path / "nowhere"), "no index", "spinewise refresh")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
def test_questions_that_cannot_be_taken(run, text: str) -> None:
    failed(run("ask", text))


def test_ask_batch(run, tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    rows = [
        {"id": "b", "turns": ["how long in a tidal bath?", "and in winter?"]},
        {"id": 7, "turns": ["hello"]},
        {"id": None, "turns": [NUMB, "hello"]},
        {"id": {"x": 1}, "turns": ["", "x" * 3000, "hello"]},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, err = run("ask", "--batch", str(file))
    got = lines(out)
    assert (code, err) == (0, "")
    assert [row["id"] for row in got] == ["b", 7, None, {"x": 1}]
    kinds = [[reply["kind"] for reply in row["replies"]] for row in got]
    assert kinds == [["answer", "answer"], ["smalltalk"], ["alert", "alert"], ["no_answer"] * 3]
    assert "tidal" in got[0]["replies"][1]["searched_for"]


BAD = {
    b"\xff\xfe broken": "not UTF-8",
    b"{not json": "not JSON",
    b'{"id": 2}': "no field 'turns'",
    b"[1, 2]": "no field 'turns'",
    b'{"id": 3, "turns": "a text"}': "not a list of texts",
    b'{"id": 4, "turns": []}': "not a list of texts",
    b'{"id": 5, "turns": [1]}': "not a list of texts",
    b'{"id": 6, "turns": null}': "not a list of texts",
    b"[" * 100_000: "nested too deeply",
}


def test_a_bad_line_costs_no_other(run, tmp_path: Path) -> None:
    good = b'{"id": 1, "turns": ["hello"]}'
    file = tmp_path / "in.jsonl"
    file.write_bytes(b"\n".join(line for bad in BAD for line in (bad, good)))
    code, out, err = run("ask", "--batch", str(file))
    got = lines(out)
    assert code == 1
    assert len(got) == 2 * len(BAD)
    assert all(row["id"] == 1 and len(row["replies"]) == 1 for row in got[1::2])
    for row, words in zip(got[::2], BAD.values(), strict=True):
        assert words in row["error"]
        assert row["hint"]
    assert [row["id"] for row in got[::2]] == [None, None, 2, None, 3, 4, 5, 6, None]
    assert f"error: {len(BAD)} line(s)" in err


def test_batch_from_standard_input(run) -> None:
    given = '\ufeff{"id": "ü", "turns": ["hi \\ud83d \u2028 there"]}\r\n{"id": 2, "turns": ["hi"]}'.encode()
    code, out, _ = run("ask", "--batch", "-", stdin=given)
    assert code == 0
    assert [json.loads(line)["id"] for line in out.strip("\n").split("\n")] == ["ü", 2]


def test_a_missing_batch_file(run, tmp_path: Path) -> None:
    failed(run("ask", "--batch", str(tmp_path / "none")), "none", "No such file")
    failed(run("search", "--batch", str(tmp_path)), "Is a directory")


def test_search(run) -> None:
    code, out, _ = run("search", "hammock rope", "-k", "2", "--json")
    (hits,) = [json.loads(out)]
    assert code == 0
    assert len(hits) == 2
    assert list(hits[0]) == ["article", "passage", "score", "section", "text"]
    assert (hits[0]["article"], hits[0]["section"]) == ("hammocks", ["How tight the rope should be"])
    assert run("search", "hammock rope")[1].count("(hammocks#") == 2


def test_search_batch(run) -> None:
    given = b'{"id": "q", "text": "hammock rope"}\n{"id": "r", "text": 5}\n{"id": "s", "text": ""}\n'
    code, out, _ = run("search", "--batch", "-", "-k", "3", stdin=given)
    first, second, third = lines(out)
    assert code == 1
    assert first["hits"][0]["article"] == "hammocks"
    assert len(first["hits"]) == 3
    assert [hit["score"] for hit in first["hits"]] == sorted((hit["score"] for hit in first["hits"]), reverse=True)
    assert "'text' is not a text" in second["error"]
    assert third["id"] == "s"


def test_check(run, tmp_path: Path) -> None:
    assert run("check")[0] == 0
    corpus = write_corpus(tmp_path / "c", {"salt": "nothing", "sand": bare("Sand", "It runs.")})
    code, out, err = run("check", corpus=corpus)
    assert code == 1
    assert out.splitlines()[0].startswith(f"{corpus / 'salt.md'}:1: no front matter")
    assert "2 articles" in err
    code, out, _ = run("check", "--json", corpus=corpus)
    assert code == 1
    assert json.loads(out)[0] == {
        "file": str(corpus / "salt.md"), "line": 1, "severity": "error",
        "problem": "no front matter; begin the file with --- , title, summary, reviewed and ---",
    }  # fmt: skip


def test_the_corpus_that_is_shipped_has_no_errors(run) -> None:
    code, out, _ = run("check", corpus=Path(__file__).parents[1] / "corpus")
    assert code == 0, [line for line in out.splitlines() if "warning" not in line]


def test_refresh_of_an_empty_or_missing_corpus(run, tmp_path: Path) -> None:
    failed(run("refresh", corpus=write_corpus(tmp_path / "empty", {})), "no articles in", "docs/writing.md")
    failed(run("refresh", corpus=tmp_path / "nowhere"), "no corpus folder", "--corpus")


def test_refresh_dry_run(run, tmp_path: Path) -> None:
    code, out, err = run("refresh", "--dry-run", "--json", index=tmp_path / "new")
    report = json.loads(out)
    assert (code, report["published"], report["articles"]) == (0, False, 6)
    assert "reading: 6 of 6" in err
    assert not (tmp_path / "new").exists()
    assert "dry run: nothing published" in run("refresh", "--dry-run", index=tmp_path / "new")[1]


def test_refresh_dry_run_shows_golden_answers_side_by_side(run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinewise.refresh.refresh", functools.partial(refresh, encoder=FakeEncoder()))
    monkeypatch.setenv("COLUMNS", "100")
    file = settings.corpus / "humming.md"
    file.write_text(file.read_text().replace("Hum one low note for five breaths", "Hum one low note for nine breaths"))
    (settings.corpus / "golden.yaml").write_text("questions: [{ask: 'How long should I hum one low note?', cites: humming}]")
    code, out, err = run("refresh", "--dry-run", corpus=settings.corpus, index=settings.index)
    assert code == 0, err
    assert "changed  humming" in out
    assert "golden answer changes: How long should I hum one low note?" in out
    assert any(
        "five breaths" in left and "nine breaths" in right for left, _, right in (row.partition("|") for row in out.split("\n"))
    )

    (settings.corpus / "golden.yaml").write_text("questions: [{ask: 'How long should I hum?', cites: hammocks, required: true}]")
    code, out, err = run("refresh", "--dry-run", "--json", corpus=settings.corpus, index=settings.index)
    assert (code, len(json.loads(out)["stops"])) == (1, 1)
    assert "error: it would not be published\n" in err
    assert "hint: " in err
    failed(run("refresh", corpus=settings.corpus, index=settings.index), "should cite hammocks, and cites humming")


def test_refresh_asks_before_it_removes_much(run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spinewise.refresh.refresh", functools.partial(refresh, encoder=FakeEncoder()))
    for slug in ("humming", "hammocks"):
        (settings.corpus / f"{slug}.md").unlink()
    failed(run("refresh", corpus=settings.corpus, index=settings.index), "2 of the 6 articles", "--allow-shrink")
    assert run("refresh", "--allow-shrink", corpus=settings.corpus, index=settings.index)[0] == 0


def test_versions_and_rollback(run, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = store.current_version(settings.index)
    (settings.corpus / "humming.md").unlink()
    second = refresh(settings, encoder=FakeEncoder()).version
    rows = json.loads(run("versions", "--json", index=settings.index)[1])
    assert [(row["version"], row["live"], row["articles"]) for row in rows] == [(second, True, 5), (first, False, 6)]
    assert f"live  {second}  20" in run("versions", index=settings.index)[1]
    assert run("rollback", index=settings.index) == (0, f"published {first}\n", "")
    assert run("rollback", second, index=settings.index)[0] == 0
    assert store.current_version(settings.index) == second
    failed(run("rollback", "nonsense", index=settings.index), "no version 'nonsense'", "spinewise versions")
    failed(run("versions", index=tmp_path / "nowhere"), "no index in", "spinewise refresh")


@pytest.mark.parametrize(
    "arguments",
    [[], ["nonsense"], ["ask", "--nonsense"], ["search", "x", "-k", "0"], ["search", "x", "-k", "many"], ["refresh", "surplus"]],
)
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)
    out, err = capsys.readouterr()
    assert (raised.value.code, out) == (2, "")
    assert "usage: spinewise" in err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for argument, words in (("--version", f"spinewise {__version__}"), ("--help", "refresh")):
        with pytest.raises(SystemExit) as raised:
            cli.main([argument])
        assert raised.value.code == 0
        assert words in capsys.readouterr().out


def test_a_setting_that_cannot_be_used(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINEWISE_PORT", "many")
    failed(run("ask", "hello"), "port is 'many'", "1 to 65535")


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_help_and_import_load_no_heavy_library() -> None:
    code = (
        "import sys, spinewise\n"
        "from spinewise.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    done = python(code)
    assert "usage: spinewise" in done.stdout
    loaded = {name.strip("'[]").split(".")[0] for name in done.stderr.strip().split(", ")}
    assert "spinewise" in loaded
    assert loaded.isdisjoint([*HEAVY, "numpy", "fastapi", "yaml"])


def test_asking_loads_neither_torch_nor_gradio(built: Settings) -> None:
    code = (
        "import sys\n"
        "from spinewise.cli import main\n"
        f"main(['ask', 'hello', '--index', {str(built.index)!r}])\n"
        "print(sorted(sys.modules), file=sys.stderr)"
    )
    done = python(code)
    assert done.stdout.startswith("Hello.")
    loaded = {name.strip("'[]").split(".")[0] for name in done.stderr.strip().split(", ")}
    assert loaded.isdisjoint(["torch", "sentence_transformers", "gradio", "langchain_text_splitters"])


def test_as_a_process(built: Settings, tmp_path: Path) -> None:
    def spinewise(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "spinewise", *arguments, "--index", str(tmp_path)]
        return subprocess.run(command, capture_output=True, check=False, timeout=60, env=os.environ | {"LC_ALL": "C"})

    done = spinewise("ask", "hello")
    assert (done.returncode, done.stderr) == (0, b"")
    done = spinewise("ask", "how long in a tidal bath?")
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.startswith(b"error: no index in ")
    assert b"\nhint: spinewise refresh" in done.stderr
    assert spinewise("ask", "--nonsense").returncode == 2


def test_the_script_leaves_with_the_status_and_all_output(built: Settings) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "spinewise", *words], capture_output=True, text=True, check=False)

    helped = run("--help")
    assert (helped.returncode, "refresh" in helped.stdout) == (0, True)
    assert run("no-such-command").returncode == 2
    failed = run("ask", "why", "--index", str(built.index / "nowhere"))
    assert (failed.returncode, failed.stderr.startswith("error:")) == (1, True)


def test_an_editors_entry(run) -> None:
    code, out, err = run("editors", "mina", "--role", "publisher", stdin=b"pebbles on the shore\n")
    assert code == 0
    assert accounts([out.strip()])["mina"].knows("pebbles on the shore")
    assert "SPINEWISE_EDITORS" in err
    code, out, err = run("editors", "mina", stdin=b"short\n")
    assert (code, out) == (1, "")
    assert "5 characters" in err


def test_keep_goes_with_a_dry_run_only(run, tmp_path: Path) -> None:
    code, _, err = run("refresh", "--keep", str(tmp_path / "kept"))
    assert code == 1
    assert "--dry-run" in err
    assert not (tmp_path / "kept").exists()


def test_gaps(run, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "OnnxEncoder", lambda *_: FakeEncoder())
    code, _, err = run("gaps")
    assert code == 1
    assert "docs/privacy.md" in err
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("SPINEWISE_LEARNING_KEY", key)
    assert run("gaps")[0] == 0
    index = store.load(settings.index, encoder=FakeEncoder())
    kept = Unanswered(settings.index, key, lambda: index)
    for n in range(3):
        with asked_by(str(n)):
            kept.replied("Can I juggle torches?", Reply("no_answer", searched_for="Can I juggle torches?"))
    kept.close()
    where = {"index": settings.index, "corpus": settings.corpus}
    code, out, _ = run("gaps", **where)
    assert "3 askers" in out
    assert "Can I juggle torches" in out
    code, out, err = run("gaps", "--stub", "1", "--golden", "1", "--json", **where)
    assert code == 0
    assert json.loads(out)[0]["askers"] == 3
    assert (settings.corpus / "can-i-juggle-torches.md").exists()
    assert "juggle" in (settings.corpus / "golden.yaml").read_text()
    assert run("gaps", "--stub", "2", **where)[0] == 1
