"""The editor's path: what is embedded, kept and published, and that a failure leaves the live version whole."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import ARTICLES, FakeEncoder, bare, write_corpus
from filelock import FileLock

from spinewise.answer.guide import Guide
from spinewise.errors import CorpusError, StoreError
from spinewise.index import store
from spinewise.records import Turn
from spinewise.refresh import refresh
from spinewise.settings import Settings


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file with its time of change and its bytes; the lock is no part of an index."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def live_articles(settings: Settings) -> dict[str, str]:
    index = store.load(settings.index, encoder=FakeEncoder())
    return {slug: article.body.strip() for slug, article in index.articles.items()}


def found(settings: Settings, text: str) -> set[str]:
    index = store.load(settings.index, encoder=FakeEncoder())
    return {hit.passage.article for hit in Guide(lambda: index).search(text, 50)}


def test_texts_that_change_places(tmp_path: Path) -> None:
    x, y, z = "The red kite flies.", "The green boat sails.", "The blue cart rolls."
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index")
    write_corpus(settings.corpus, {"a": bare("Same", x), "b": bare("Same", y)})
    refresh(settings, encoder=FakeEncoder())
    write_corpus(settings.corpus, {"a": bare("Same", y), "b": bare("Same", z)})
    report = refresh(settings, encoder=FakeEncoder())

    assert live_articles(settings) == {"a": y, "b": z}
    assert (report.articles_changed, report.passages_changed, report.passages_kept) == (("a", "b"), 2, 0)
    index = store.load(settings.index, encoder=FakeEncoder())
    hits = Guide(lambda: index).search("blue cart", 1)
    assert [hit.passage.id for hit in hits] == ["b#0"]
    for passage, row in zip(index.passages, index.vectors.vectors(slice(None)), strict=False):
        assert row == pytest.approx(FakeEncoder().encode([f"Same\n{passage.text}"])[0], abs=1e-6)


def test_a_refresh_gives_the_same_vectors_as_a_rebuild(settings: Settings) -> None:
    changed = ARTICLES | {"humming": bare("Humming", "Hum a high note instead.")}
    del changed["hammocks"]
    write_corpus(settings.corpus, changed)
    refresh(settings, encoder=FakeEncoder())
    step = store.load(settings.index, encoder=FakeEncoder())
    refresh(settings, rebuild=True, encoder=FakeEncoder())
    whole = store.load(settings.index, encoder=FakeEncoder())
    assert step.passages == whole.passages
    assert step.questions == whole.questions
    assert step.vectors.vectors(slice(None)) == pytest.approx(whole.vectors.vectors(slice(None)), abs=1e-6)
    assert step.unit_vectors.tobytes() == whole.unit_vectors.tobytes()
    assert step.manifest.calibration == whole.manifest.calibration


def test_nothing_changed_embeds_and_publishes_nothing(settings: Settings) -> None:
    before, encoder = tree(settings.index), FakeEncoder()
    report = refresh(settings, encoder=encoder)
    assert not report.published
    assert report.version == store.current_version(settings.index)
    assert encoder.seen == []
    assert tree(settings.index) == before


def test_only_what_changed_is_embedded(settings: Settings) -> None:
    file = settings.corpus / "humming.md"
    file.write_text(file.read_text().replace("Hum one low note for five breaths.", "Hum one deep note for six breaths."))
    encoder = FakeEncoder()
    report = refresh(settings, encoder=encoder)
    new = encoder.seen[: report.embedded]
    assert report.embedded == 2  # the passage and the sentence
    assert all("Hum one deep note for six breaths." in text for text in new)
    assert (report.articles_changed, report.passages_changed, report.passages_added) == (("humming",), 1, 0)
    assert "The pebble trial" not in " ".join(encoder.seen)


def test_a_changed_title_embeds_the_article_anew_and_no_other(settings: Settings) -> None:
    file = settings.corpus / "humming.md"
    file.write_text(file.read_text().replace("title: Humming and tension", "title: Droning and tension"))
    encoder = FakeEncoder()
    report = refresh(settings, encoder=encoder)
    assert report.embedded == 3  # two passages and the title itself
    assert all("Droning" in text for text in encoder.seen[: report.embedded])


def test_removed_articles_are_found_no_more(settings: Settings) -> None:
    assert "hammocks" in found(settings, "hammock rope")
    (settings.corpus / "hammocks.md").unlink()
    report = refresh(settings, encoder=FakeEncoder())
    assert report.articles_removed == ("hammocks",)
    assert report.embedded == 0
    assert "hammocks" not in found(settings, "hammock rope")


def test_rebuild_embeds_everything(settings: Settings) -> None:
    first = refresh(replace(settings, index=settings.index.parent / "new"), encoder=FakeEncoder())
    assert refresh(settings, rebuild=True, encoder=FakeEncoder()).embedded == first.embedded > 40


def test_dry_run_reports_and_writes_nothing(settings: Settings, tmp_path: Path) -> None:
    (settings.corpus / "hammocks.md").unlink()
    before, encoder = tree(settings.index), FakeEncoder()
    report = refresh(settings, dry_run=True, encoder=encoder)
    assert (report.articles_removed, report.published) == (("hammocks",), False)
    assert encoder.seen == []
    assert tree(settings.index) == before

    nowhere = replace(settings, index=tmp_path / "nowhere")
    assert len(refresh(nowhere, dry_run=True, encoder=FakeEncoder()).articles_added) == 5
    assert not nowhere.index.exists()


def read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a folder read-only, for root too, whom permissions do not stop."""
    real = os.open

    def refusing(path, flags, *rest, **more):
        if Path(os.fsdecode(path)).is_relative_to(folder) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise PermissionError(13, "Permission denied", path)
        return real(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refusing)
    folder.chmod(0o555)


def test_a_read_only_folder(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.corpus / "hammocks.md").unlink()
    read_only(settings.index, monkeypatch)
    assert refresh(settings, dry_run=True, encoder=FakeEncoder()).articles_removed == ("hammocks",)
    with pytest.raises(StoreError, match="cannot write in") as raised:
        refresh(settings, encoder=FakeEncoder())
    assert "--index" in raised.value.hint
    settings.index.chmod(0o755)


FILES = [*sorted(store.FILES), "manifest.json", ".CURRENT.new"]


@pytest.mark.parametrize("full", FILES)
def test_a_full_disk_leaves_the_live_version_whole(settings: Settings, full: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(settings.index)
    (settings.corpus / "hammocks.md").unlink()

    def refuse(file) -> None:
        if Path(getattr(file, "name", file)).name == full:
            raise OSError(28, "No space left on device", str(file))

    def before_writing(owner, name: str) -> None:
        real = getattr(owner, name)

        def write(*given, **more):
            refuse(next(value for value in given if isinstance(value, Path)))
            return real(*given, **more)

        monkeypatch.setattr(owner, name, write)

    before_writing(store, "_write_text")
    before_writing(store.np, "save")
    before_writing(store.np, "savez")
    before_writing(store.VectorIndex, "save")
    with pytest.raises(StoreError, match="No space left on device") as raised:
        refresh(settings, encoder=FakeEncoder())
    assert raised.value.hint
    after = tree(settings.index)
    assert {name: after[name] for name in before} == before
    monkeypatch.undo()
    assert "hammocks" in found(settings, "hammock rope")
    refresh(settings, encoder=FakeEncoder())
    assert "hammocks" not in found(settings, "hammock rope")


def test_a_full_disk_leaves_no_half_version_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.corpus / "hammocks.md").unlink()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.np, "save", refuse)
    with pytest.raises(StoreError):
        refresh(settings, encoder=FakeEncoder())
    assert len(list((settings.index / "versions").iterdir())) == 1


def test_a_refused_version_is_not_published(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is read back before the switch."""
    live = store.current_version(settings.index)
    (settings.corpus / "hammocks.md").unlink()
    write = store.write_version

    def and_damage(folder, content, facts):
        manifest = write(folder, content, facts)
        (folder / "versions" / manifest.version / "units.npy").write_bytes(b"")
        return manifest

    monkeypatch.setattr(store, "write_version", and_damage)
    with pytest.raises(StoreError, match="damaged"):
        refresh(settings, encoder=FakeEncoder())
    assert store.current_version(settings.index) == live


def test_a_bad_article_publishes_nothing(settings: Settings) -> None:
    before = tree(settings.index)
    (settings.corpus / "bad.md").write_text("no front matter")
    with pytest.raises(CorpusError, match=r"bad\.md:1: no front matter"):
        refresh(settings, encoder=FakeEncoder())
    assert tree(settings.index) == before


def test_an_empty_corpus_publishes_nothing(settings: Settings) -> None:
    before = tree(settings.index)
    write_corpus(settings.corpus, {})
    with pytest.raises(CorpusError, match="no articles"):
        refresh(settings, encoder=FakeEncoder())
    assert tree(settings.index) == before


def test_articles_of_headings_alone(tmp_path: Path) -> None:
    settings = Settings(corpus=write_corpus(tmp_path / "c", {"a": bare("A", "## Only\n\n## Headings")}), index=tmp_path / "i")
    with pytest.raises(StoreError, match="no text to index"):
        refresh(settings, encoder=FakeEncoder())


def test_a_second_refresh_at_the_same_time(settings: Settings) -> None:
    with FileLock(settings.index / ".lock"), pytest.raises(StoreError, match="another refresh is at work") as raised:
        refresh(settings, rebuild=True, encoder=FakeEncoder())
    assert "wait" in raised.value.hint
    assert refresh(settings, rebuild=True, encoder=FakeEncoder()).published


def test_old_versions_stay_for_rollback_but_not_for_ever(settings: Settings) -> None:
    versions = [refresh(settings, rebuild=True, encoder=FakeEncoder()).version for _ in range(store.KEPT + 2)]
    kept = sorted(path.name for path in (settings.index / "versions").iterdir())
    assert kept == versions[-store.KEPT :]
    (settings.index / "CURRENT").write_text(kept[0])
    assert store.load(settings.index, encoder=FakeEncoder()).manifest.version == kept[0]


def test_progress_reaches_its_totals(settings: Settings) -> None:
    told: dict[str, tuple[int, int]] = {}
    refresh(
        settings, rebuild=True, encoder=FakeEncoder(), progress=lambda stage, done, total: told.update({stage: (done, total)})
    )
    assert {"reading", "embedding"} <= told.keys()
    assert all(done == total for done, total in told.values())


@pytest.mark.parametrize(
    "body",
    [
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "```\ncode\n```",
        "***\n\n## A\n\n***",
        "日本語のテキスト。",
        "x" * 5000,
        "\ufeff\u200b.",
    ],
)
def test_articles_with_nothing_to_quote_are_indexed_all_the_same(tmp_path: Path, body: str) -> None:
    settings = Settings(corpus=write_corpus(tmp_path / "c", {"odd": bare("Odd", body)}), index=tmp_path / "i")
    assert refresh(settings, encoder=FakeEncoder()).published
    index = store.load(settings.index, encoder=FakeEncoder())
    reply = Guide(lambda: index).reply([Turn("tell me about odd things")])
    assert reply.kind in {"answer", "no_answer"}


def test_half_a_character_in_the_front_matter(tmp_path: Path) -> None:
    text = bare("Odd", "It is odd.").replace("title: Odd", r'title: "odd \uD83D"')
    settings = Settings(corpus=write_corpus(tmp_path / "c", {"odd": text}), index=tmp_path / "i")
    with pytest.raises(CorpusError, match=r"odd\.md:2"):
        refresh(settings, encoder=FakeEncoder())


def test_a_thousand_small_articles(tmp_path: Path) -> None:
    files = {f"n{n}": bare(f"Lamp {n}", f"Lamp number {n} glows.\n\n## Colour\n\nIts colour is shade{n}.") for n in range(1000)}
    settings = Settings(corpus=write_corpus(tmp_path / "corpus", files), index=tmp_path / "index")
    first = refresh(settings, encoder=FakeEncoder())
    assert (first.articles, first.passages) == (1000, 2000)
    (settings.corpus / "n7.md").write_text(bare("Lamp 7", "Lamp number 7 broke."))
    second = refresh(settings, encoder=FakeEncoder())
    assert (second.articles_changed, second.embedded, second.passages_removed) == (("n7",), 2, 1)
    index = store.load(settings.index, encoder=FakeEncoder())
    assert Guide(lambda: index).search("shade789", 1)[0].passage.article == "n789"
