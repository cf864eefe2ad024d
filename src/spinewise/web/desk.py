"""What an editor sees and does at the console, as HTML and as actions, each noted in the audit log. Knows nothing of Gradio."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from spinewise import editing
from spinewise.answer.guide import Guide
from spinewise.errors import CorpusError, RequestError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.index.store import current_version
from spinewise.index.versions import rollback, versions
from spinewise.languages import Languages
from spinewise.learning.counts import FEWEST, counts
from spinewise.learning.gaps import Gap, gaps
from spinewise.library.articles import parse_article
from spinewise.library.importing.fetching import Fetcher
from spinewise.library.importing.importing import Choices, import_sources
from spinewise.library.passages import split
from spinewise.records import Turn
from spinewise.settings import Settings
from spinewise.web.accounts import Account
from spinewise.web.audit import Audit
from spinewise.web.markdown import to_html
from spinewise.web.refreshing import LastRefresh, Refresher
from spinewise.web.render import reply_html

CANDIDATE = "candidate"
"""Folder in the index folder that holds the version of the last preview, an index of its own."""
RANKED = 5
LATER = {"overdue", "warnings"}
"""States that can wait until after the next publication."""


class Desk:
    """The console behind its page; safe to call from many threads.

    Each action raises SpinewiseError where it cannot be done, RequestError with status 403 where the role does not allow it.
    """

    def __init__(self, settings: Settings, live: LiveIndex, refresher: Refresher, audit: Audit) -> None:
        self._settings, self._live, self._refresher, self._audit = settings, live, refresher, audit
        self._guide = Guide(live.get, settings.country)  # not the one that counts readers' questions
        self._preview = Refresher(settings, lambda _: None)
        self._seen: tuple[tuple[object, ...], tuple[editing.ArticleState, ...]] = ((), ())
        self._candidate = LiveIndex(settings.index / CANDIDATE, settings.threads)

    def articles(self) -> str:
        """All articles in a table, those that need an editor first."""
        rows = sorted(self._states(), key=lambda row: (not set(row.states) - LATER, not row.states, row.slug))
        return table(
            ("Article", "File", "State", "Problems", "Reviewed", "Next review"),
            [
                (row.title or "?", row.slug, ", ".join(row.states), len(row.problems) or "", row.reviewed, row.review_due)
                for row in rows
            ],
        )

    def slugs(self) -> list[str]:
        return [row.slug for row in self._states() if "removed" not in row.states]

    def open(self, slug: str) -> editing.Opened:
        return editing.open_article(self._settings, slug)

    def problems(self, slug: str) -> str:
        """What `spinewise check` says of the article as saved."""
        found = next((row.problems for row in self._states() if row.slug == slug), ())
        items = "".join(f"<li>{html.escape(text)}</li>" for text in found)
        return f"<ul>{items}</ul>" if found else "<p>No problems found.</p>"

    def passages(self, slug: str, text: str) -> str:
        """The passages of an article's text, saved or not, each as readers see it."""
        article, problems = parse_article(self._settings.corpus / f"{slug}.md", text)
        if article is None:
            return "".join(f"<p>line {problem.line}: {html.escape(problem.text)}</p>" for problem in problems)
        shown = []
        for passage in split(article):
            where = " › ".join((article.title, *passage.section))
            shown.append(f"<section><h3>{html.escape(where)}</h3>{to_html(passage.text)}</section><hr>")
        return "".join(shown)

    def save(self, who: Account, slug: str, text: str, digest: str | None) -> str:
        """Write the article and return its new digest."""
        self._audit.note(who.name, "saves an article", article=slug, new=digest is None)
        return editing.save_article(self._settings, slug, text, digest)

    def upload(self, who: Account, file: Path, *, replace: bool) -> str:
        """Take in an article's file as it is, or import a page or document; says what came of it."""
        self._audit.note(who.name, "uploads a file", file=file.name, replace=replace)
        if file.suffix == ".md" and file.read_bytes()[:4].lstrip(b"\xef\xbb\xbf").startswith(b"---"):
            return self._take(file, replace=replace)
        with Fetcher() as fetcher:
            report = import_sources([str(file)], self._settings.corpus, fetcher, Choices(overwrite=replace))
        for _, error in report.failed:
            raise error
        (done,) = report.articles
        return "\n".join((f"{done.status}: {done.file.name}, {done.words} words", *done.notes))

    def _take(self, file: Path, *, replace: bool) -> str:
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{file.name} is not UTF-8 text", "save it as UTF-8 and upload it again") from error
        there = (self._settings.corpus / file.name).exists()
        if there and not replace:
            raise CorpusError(f"there is already a {file.name}", "tick “replace”; the text before it is kept")
        digest = editing.open_article(self._settings, file.stem).digest if there else None
        editing.save_article(self._settings, file.stem, text, digest)
        return f"{'replaced' if there else 'added'}: {file.name}"

    def preview(self, who: Account) -> None:
        """Begin building the next version aside, to be looked at and tried."""
        self._audit.note(who.name, "previews")
        self._preview.start("--dry-run", "--keep", str(self._settings.index / CANDIDATE))

    def publish(self, who: Account, *, shrink: bool) -> None:
        """Begin a refresh, which publishes the articles as they now stand."""
        _may(who, "publish")
        self._audit.note(who.name, "publishes", live=current_version(self._settings.index), shrink=shrink)
        self._refresher.start(*(["--allow-shrink"] if shrink else []))

    def previewed(self) -> str:
        return _job(self._preview.last(), "the preview")

    def published(self) -> str:
        return _job(self._refresher.last(), "publishing")

    def busy(self) -> bool:
        return "running" in (self._preview.last().state, self._refresher.last().state)

    def close(self) -> None:
        """End a preview under way."""
        self._preview.stop()

    def versions(self) -> str:
        return table(
            ("", "Version", "Built", "Articles", "Passages", "Damage"),
            [("live" if v.live else "", v.version, v.created, v.articles, v.passages, v.damaged) for v in self._versions()],
        )

    def older(self) -> list[str]:
        """Versions that can be gone back to."""
        return [v.version for v in self._versions() if not v.live and not v.damaged]

    def roll_back(self, who: Account, version: str) -> str:
        _may(who, "roll back")
        self._audit.note(who.name, "rolls back", to=version, live=current_version(self._settings.index))
        return rollback(self._settings.index, version)

    def ask_both(self, question: str) -> tuple[str, str]:
        """The live version's reply to a question and the candidate's, each with what it ranked highest."""
        try:
            tried = _tried(Guide(self._candidate.get, self._settings.country), question)
        except SpinewiseError:
            tried = "<p>There is no preview yet: press “Preview” on the page before this one.</p>"
        return _tried(self._guide, question), tried

    def golden(self) -> editing.Opened:
        return editing.open_golden(self._settings)

    def save_golden(self, who: Account, text: str, digest: str) -> str:
        self._audit.note(who.name, "saves golden questions")
        return editing.save_golden(self._settings, text, digest)

    def counts(self) -> str:
        """What readers were answered and said of it in the last thirty days, worries about safety first."""
        rows = [(c.what, c.which, f"fewer than {FEWEST}" if c.n is None else c.n) for c in counts(self._settings.index)]
        return table(("What", "Which", "How often, in 30 days"), rows) if rows else "<p>Nothing has been counted yet.</p>"

    def gaps(self) -> tuple[Gap, ...]:
        """What readers asked in vain, for sites that keep it."""
        return gaps(self._settings.index, self._settings.learning_key, self._live.get())

    def fill(self, who: Account, gap: Gap, *, golden: bool) -> str:
        """Make a golden question or the beginning of an article of a gap; returns the file's name."""
        self._audit.note(who.name, "makes a golden question of a gap" if golden else "begins an article for a gap")
        return (editing.add_golden if golden else editing.add_stub)(self._settings, gap).name

    def log(self) -> str:
        rows = self._audit.last()
        facts = [", ".join(f"{name}: {row[name]}" for name in row if name not in {"at", "who", "did"}) for row in rows]
        return table(
            ("When (UTC)", "Who", "Did", ""), [(r["at"], r["who"], r["did"], f) for r, f in zip(rows, facts, strict=True)]
        )

    def _states(self) -> tuple[editing.ArticleState, ...]:
        stamp = editing.stamp(self._settings)
        if self._seen[0] != stamp:
            self._seen = (stamp, editing.states(self._settings))
        return self._seen[1]

    def _versions(self) -> tuple:  # type: ignore[type-arg]
        return versions(self._settings.index)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table as HTML; every cell is escaped, None is empty."""
    head = "".join(f"<th scope=col>{html.escape(text)}</th>" for text in headings)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape('' if cell is None else str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f'<div class="sw-wide"><table class="sw-board"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _may(who: Account, what: str) -> None:
    if who.role != "publisher":
        raise RequestError(f"{who.name} may not {what}", "ask a publisher", 403)


def _tried(guide: Guide, question: str) -> str:
    reply = guide.reply([Turn(question)])
    ranked = guide.search(question, RANKED)
    rows = [
        (n, hit.passage.id, " › ".join(hit.passage.section), f"{hit.score:.3f}", f"{hit.dense:.3f}")
        for n, hit in enumerate(ranked, 1)
    ]
    said = f"<p>{html.escape(reply.message)}</p>" if reply.message else ""
    card = to_html(reply.care.card) if reply.care.card else ""
    return (
        f"<p><strong>{reply.kind}</strong>, care level {reply.care.level}, version {html.escape(reply.index_version or '-')}</p>"
        f"{card}{said}{reply_html(reply, Languages().pick(), question)}"
        f"{table(('', 'Passage', 'Heading', 'Score', 'Closeness'), rows)}"
    )


def _job(last: LastRefresh, name: str) -> str:
    """What is known of a long job, as HTML."""
    if last.state == "never":
        return f"<p>Nothing yet: {name} has not been asked for since the server started.</p>"
    took = f", {last.took_s:.0f} s" if last.took_s is not None else ""
    parts = [f"<p><strong>{name.capitalize()}: {last.state}</strong> (began {last.began}{took})</p>"]
    if last.progress:
        parts.append(f"<p>{html.escape(last.progress)}</p>")
    if last.error:
        parts.append(f"<pre>{html.escape(last.error)}</pre><p>Next: {html.escape(last.hint or '')}</p>")
    if last.report:
        parts.append(_report(last.report))
    return "".join(parts)


def _report(report: dict) -> str:  # type: ignore[type-arg]
    slugs = [(word, ", ".join(report.get(f"articles_{word}", ()))) for word in ("added", "changed", "removed")]
    counts = ", ".join(f"{report.get(f'passages_{word}', 0)} {word}" for word in ("added", "changed", "removed", "kept"))
    rows = [(f"Articles {word}", named) for word, named in slugs if named]
    parts = [table(("", ""), [*rows, ("Passages", counts)])]
    parts += [f"<p><strong>It would be stopped:</strong> {html.escape(text)}</p>" for text in report.get("stops", ())]
    for change in report.get("golden_changed", ()):
        parts.append(f"<h3>Golden answer changes: {html.escape(change['question'])}</h3>")
        parts.append(table(("Now", "After"), [(change["old"], change["new"])]))
    if report.get("published"):
        parts.append(f"<p>Published as {html.escape(report['version'])}.</p>")
    return "".join(parts)
