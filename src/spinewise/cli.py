"""The command line: parses, calls, prints, and turns errors into exit codes. Data to stdout, talk to stderr."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from spinewise import __version__
from spinewise.columns import side_by_side
from spinewise.errors import RequestError, SettingsError, SpinewiseError
from spinewise.markup import plain
from spinewise.settings import Settings, load_settings

if TYPE_CHECKING:
    from spinewise.answer.guide import Guide
    from spinewise.records import RefreshReport, Reply


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 done, 1 the work failed, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed, _settings(parsed)))
    except SpinewiseError as error:
        _fail(error)
        return 1
    except ModuleNotFoundError as error:
        _fail(
            SpinewiseError(
                f"the package {error.name} is not installed", "this install can only serve: pip install 'spinewise[editing]'"
            )
        )
        return 1
    except KeyboardInterrupt:
        _say("stopped")
        return 1
    except BrokenPipeError:  # the reader of our output has gone, as in `spinewise ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--corpus", type=Path, metavar="DIR", help="the folder with the articles (default: corpus)")
    shared.add_argument("--index", type=Path, metavar="DIR", help="the folder with the index (default: index)")
    parser = argparse.ArgumentParser(
        prog="spinewise", description="A chat guide to back pain, in the words of reviewed articles."
    )
    parser.add_argument("--version", action="version", version=f"spinewise {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")

    def command(name: str, run: Callable[[argparse.Namespace, Settings], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=text, description=f"{text[0].upper()}{text[1:]}.")
        made.set_defaults(run=run)
        return made

    ask = command("ask", _ask, "answer one question, or a file of conversations")
    ask.add_argument("question", nargs="?", metavar="QUESTION", help="the question; read from standard input if missing")
    ask.add_argument("--batch", metavar="FILE", help='JSON Lines of {"id", "turns": [...]}, or - for standard input')
    ask.add_argument("--json", action="store_true", help="print the Reply as JSON")
    search = command("search", _search, "show the passages that rank highest")
    search.add_argument("query", nargs="?", metavar="QUERY", help="the words to search; read from standard input if missing")
    search.add_argument("--batch", metavar="FILE", help='JSON Lines of {"id", "text"}, or - for standard input')
    search.add_argument("-k", type=_positive, default=10, metavar="N", help="how many passages (default: 10)")
    search.add_argument("--json", action="store_true", help="print the passages as JSON")
    refresh = command("refresh", _refresh, "bring the index up to date with the articles")
    refresh.add_argument("--dry-run", action="store_true", help="only say what would change, and which golden answers")
    refresh.add_argument("--keep", type=Path, metavar="DIR", help="with --dry-run: leave the new version in DIR, to try it")
    refresh.add_argument("--rebuild", action="store_true", help="embed everything anew, also what did not change")
    refresh.add_argument("--allow-shrink", action="store_true", help="go on though more than a fifth of the articles have gone")
    refresh.add_argument("--watch", action="store_true", help="refresh on every save, until Ctrl-C")
    refresh.add_argument("--json", action="store_true", help="print the report as JSON")
    versions = command("versions", _versions, "list the versions of the index, the live one marked")
    versions.add_argument("--json", action="store_true", help="print the versions as JSON")
    rollback = command("rollback", _rollback, "publish the version before the live one, or the one named")
    rollback.add_argument("version", nargs="?", metavar="VERSION", help="a name that `spinewise versions` lists")
    check = command("check", _check, "list every problem of the articles as file:line: problem")
    check.add_argument("--json", action="store_true", help="print the problems as JSON")
    check.add_argument("--deep", action="store_true", help="also ask the articles' questions of the index")
    check.add_argument("--safety", action="store_true", help="check the rules of the safety screen instead")
    doctor = command("doctor", _doctor, "look at all that serving rests on, and say what to do")
    doctor.add_argument("--json", action="store_true", help="print the findings as JSON")
    bring = command("import", _import, "turn pages, feeds, Word and PDF files, and text into articles")
    bring.add_argument("source", nargs="+", metavar="SOURCE", help="a file, or the address of a page, sitemap or feed")
    bring.add_argument("--into", type=Path, metavar="DIR", help="the folder to write to (default: that of the articles)")
    bring.add_argument("--licence", default="", metavar="TEXT", help="the licence to note, where pages do not name it")
    bring.add_argument("--owner", default="", metavar="TEXT", help="the owner to note, where pages do not name it")
    bring.add_argument("--overwrite", action="store_true", help="also replace articles that were edited by hand")
    bring.add_argument("--allow-private", action="store_true", help="also fetch from addresses that are not public")
    bring.add_argument("--dry-run", action="store_true", help="only say what would be written")
    bring.add_argument("--json", action="store_true", help="print the report as JSON")
    embed = command("embed", _embed, "print the line of HTML that puts the guide on another site's pages")
    embed.add_argument(
        "address", nargs="?", metavar="ADDRESS", help="where readers reach this server, as https://guide.example.org"
    )
    _for_editors(command)
    command("serve", _serve, "start the web server, as app.py does")
    return parser


def _for_editors(command: Callable[..., argparse.ArgumentParser]) -> None:
    counted = command("counts", _counts, "print what readers were answered and said of it, as counts")
    counted.add_argument("--days", type=_positive, default=30, metavar="N", help="of the last N days (default: 30)")
    counted.add_argument("--json", action="store_true", help="print the counts as JSON; null is fewer than 5")
    unanswered = command("gaps", _gaps, "print what three readers or more asked in vain, where the site keeps such questions")
    unanswered.add_argument("--golden", type=_positive, metavar="N", help="add gap N to golden.yaml")
    unanswered.add_argument("--stub", type=_positive, metavar="N", help="begin an article for gap N")
    unanswered.add_argument("--json", action="store_true", help="print the gaps as JSON")
    editors = command("editors", _editors, "print the entry for SPINEWISE_EDITORS that lets NAME open the console")
    editors.add_argument("name", metavar="NAME", help="small letters and digits")
    editors.add_argument("--role", choices=["editor", "publisher"], default="editor", help="publishers may publish and roll back")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _settings(parsed: argparse.Namespace) -> Settings:
    given = {name: getattr(parsed, name) for name in ("corpus", "index") if getattr(parsed, name)}
    return dataclasses.replace(load_settings(os.environ), **given)


def _ask(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.records import Turn  # noqa: PLC0415  (each command loads only what it needs)
    from spinewise.wire import reply_json  # noqa: PLC0415

    guide = _guide(settings)
    if parsed.batch:
        return _batch(parsed.batch, "turns", lambda turns: {"replies": list(_replies(guide, turns))})
    reply = guide.reply([Turn(_text_or_stdin(parsed.question))])
    print(_dump(reply_json(reply)) if parsed.json else _readable(reply))
    return 0


def _replies(guide: Guide, turns: Any) -> Iterator[dict[str, Any]]:
    from spinewise.records import Reply, Turn  # noqa: PLC0415
    from spinewise.wire import reply_json  # noqa: PLC0415

    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise RequestError("'turns' is not a list of texts", 'write lines like {"id": 1, "turns": ["a question"]}')
    said = [Turn(text) for text in turns]
    for count in range(1, len(said) + 1):
        try:
            reply = guide.reply(said[:count])
        except RequestError as error:
            reply = Reply("no_answer", message=f"{error}; {error.hint}")
        yield reply_json(reply)


def _search(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.wire import hits_json  # noqa: PLC0415

    guide = _guide(settings)
    if parsed.batch:

        def hits(text: Any) -> dict[str, Any]:
            if not isinstance(text, str):
                raise RequestError("'text' is not a text", 'write lines like {"id": 1, "text": "a question"}')
            return {"hits": hits_json(guide.search(text, parsed.k))}

        return _batch(parsed.batch, "text", hits)
    found = guide.search(_text_or_stdin(parsed.query), parsed.k)
    if parsed.json:
        print(_dump(hits_json(found)))
    for hit in () if parsed.json else found:
        where = " › ".join((hit.passage.title, *hit.passage.section))
        print(f"{hit.score:.3f}  {where}  ({hit.passage.id})\n       {' '.join(hit.passage.text.split())[:200]}")
    return 0


def _guide(settings: Settings) -> Guide:
    from spinewise.answer.guide import Guide  # noqa: PLC0415
    from spinewise.index.live import LiveIndex  # noqa: PLC0415
    from spinewise.languages import Languages  # noqa: PLC0415

    live = LiveIndex(settings.index, settings.threads)
    live.warm()  # the index loads while the safety rules do
    return Guide(live.get, settings.country, Languages(settings.language, settings.languages))


def _batch(name: str, field: str, work: Callable[[Any], dict[str, Any]]) -> int:
    """One line out for each line in. A line that cannot be taken gets `error` and `hint`, and the exit status is 1."""
    failed = 0
    with _open(name) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            row: dict[str, Any] = {"id": None}
            try:
                given = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                row["id"] = given.get("id") if isinstance(given, dict) else None
                if not isinstance(given, dict) or field not in given:
                    raise RequestError(f"there is no field {field!r}", "see spinewise --help")
                row |= work(given[field])
            except UnicodeDecodeError as error:
                row |= {"error": f"line {number} is not UTF-8 (byte {error.start + 1})", "hint": "save the file as UTF-8"}
            except ValueError as error:
                row |= {"error": f"line {number} is not JSON: {error}", "hint": "write one JSON object a line"}
            except RecursionError:
                row |= {"error": f"line {number} is nested too deeply", "hint": "write one JSON object a line"}
            except RequestError as error:
                row |= {"error": f"line {number}: {error}", "hint": error.hint}
            failed += "error" in row
            print(_dump(row), flush=True)
    if failed:
        _say(f"error: {failed} line(s) could not be taken\nhint: see the field error of these lines")
    return 1 if failed else 0


def _open(name: str) -> IO[bytes]:
    if name == "-":
        return sys.stdin.buffer
    try:
        return Path(name).open("rb")
    except OSError as error:
        raise SpinewiseError(f"cannot read {name}: {error.strerror}", "check the name of the batch file") from error


def _refresh(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.progress import terminal_progress  # noqa: PLC0415
    from spinewise.refresh import refresh  # noqa: PLC0415
    from spinewise.watch import watch  # noqa: PLC0415
    from spinewise.wire import report_json  # noqa: PLC0415

    def once() -> int:
        with terminal_progress(sys.stderr) as progress:
            report = refresh(
                settings,
                rebuild=parsed.rebuild,
                dry_run=parsed.dry_run,
                allow_shrink=parsed.allow_shrink,
                keep=parsed.keep,
                progress=progress,
            )
        print(_dump(report_json(report)) if parsed.json else _report(report, dry_run=parsed.dry_run), flush=True)
        if report.stops:
            _fail(SpinewiseError("it would not be published\n" + "\n".join(report.stops), "mend these, then refresh"))
        return 1 if report.stops else 0

    if parsed.keep and not parsed.dry_run:
        raise SettingsError("--keep is given without --dry-run", f"spinewise refresh --dry-run --keep {parsed.keep}")
    if not parsed.watch:
        return once()
    _say(f"watching {settings.corpus}; Ctrl-C stops")
    with contextlib.suppress(KeyboardInterrupt):
        watch(settings.corpus, once, _fail)
    _say("stopped")
    return 0


def _report(report: RefreshReport, *, dry_run: bool) -> str:
    lines = [
        f"{word:8} {slug}"
        for word, slugs in (
            ("added", report.articles_added),
            ("changed", report.articles_changed),
            ("removed", report.articles_removed),
        )
        for slug in slugs
    ]
    for change in report.golden_changed:
        lines += [f"\ngolden answer changes: {change.question}", side_by_side(("old", change.old), ("new", change.new)), ""]
    lines.append(
        f"{report.articles} articles, {report.passages} passages: {report.passages_added} added, "
        f"{report.passages_changed} changed, {report.passages_removed} removed, {report.passages_kept} kept"
    )
    if report.published:
        lines.append(f"published {report.version}: {report.embedded} texts embedded, {report.took_s:.1f} s")
    else:
        lines.append("dry run: nothing published" if dry_run else f"up to date: {report.version}")
    return "\n".join(lines)


def _versions(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.index.versions import versions  # noqa: PLC0415

    found = versions(settings.index)
    if parsed.json:
        print(_dump([dataclasses.asdict(version) for version in found]))
    for version in () if parsed.json else found:
        facts = version.damaged or f"{version.created}  {version.articles} articles, {version.passages} passages"
        print(f"{'live' if version.live else '':4}  {version.version}  {facts}")
    return 0


def _rollback(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.index.versions import rollback  # noqa: PLC0415

    print(f"published {rollback(settings.index, parsed.version)}")
    return 0


def _check(parsed: argparse.Namespace, settings: Settings) -> int:
    if parsed.safety:
        from spinewise.safety.checking import check_rules  # noqa: PLC0415

        faults = check_rules()
        print(_dump(faults) if parsed.json else "\n".join(faults) or "the safety rules are sound")
        return 1 if faults else 0
    from spinewise.library.check import check  # noqa: PLC0415
    from spinewise.wire import problem_json  # noqa: PLC0415

    problems, count = check(settings.corpus)
    if parsed.deep:
        from spinewise.index.store import load  # noqa: PLC0415
        from spinewise.review import review  # noqa: PLC0415

        problems += review(load(settings.index, settings.threads), settings.corpus)
    if parsed.json:
        print(_dump([problem_json(problem) for problem in problems]))
    else:
        for problem in problems:
            print(problem)
        _say(f"{count} articles, {len(problems)} problem(s)")
    return 1 if any(problem.severity == "error" for problem in problems) else 0


def _doctor(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.doctor import examine  # noqa: PLC0415

    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not parsed.json:
            print(f"{finding.state:8} {finding.check}: {finding.text}{finding.hint and '; next: '}{finding.hint}", flush=True)
    if parsed.json:
        print(_dump([dataclasses.asdict(finding) for finding in findings]))
    return 1 if any(finding.state == "problem" for finding in findings) else 0


def _import(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.library.importing.fetching import Fetcher  # noqa: PLC0415
    from spinewise.library.importing.importing import Choices, import_sources  # noqa: PLC0415
    from spinewise.progress import terminal_progress  # noqa: PLC0415
    from spinewise.wire import import_json  # noqa: PLC0415

    choices = Choices(parsed.licence, parsed.owner, parsed.overwrite, parsed.dry_run)
    with Fetcher(allow_private=parsed.allow_private) as fetcher, terminal_progress(sys.stderr) as progress:
        report = import_sources(parsed.source, parsed.into or settings.corpus, fetcher, choices, progress)
    if parsed.json:
        print(_dump(import_json(report)))
    else:
        for done in report.articles:
            print(
                "\n".join(
                    (f"{done.status:9} {done.file}  {done.title} ({done.words} words)", *(f"    {note}" for note in done.notes))
                )
            )
        for text in report.repeated:
            print(f"dropped   on many pages: {' '.join(text.split())[:90]}")
        for source, other in report.twins:
            print(f"same page {source} as {other}")
    for _, error in report.failed:
        _say(f"error: {error}\nhint: {error.hint}")
    _say(f"{len(report.articles)} article(s), {len(report.failed)} failed" + "; dry run: nothing written" * parsed.dry_run)
    return 1 if report.failed else 0


def _embed(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.languages import Languages  # noqa: PLC0415
    from spinewise.web.widget import loader  # noqa: PLC0415

    address = parsed.address or f"http://{settings.host}:{settings.port}"
    if not re.fullmatch(r"https?://[^\s\"'<>?#]+", address):
        raise SettingsError(f"the address is {address!r}", "give one like https://guide.example.org")
    languages = Languages(settings.language, settings.languages)
    print(loader(settings.site, settings.country, languages).line(address))
    if not settings.sites:
        _say("no other site may show the guide yet: name them in SPINEWISE_SITES, as https://www.example.org")
    return 0


def _counts(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.learning.counts import FEWEST, counts  # noqa: PLC0415

    found = counts(settings.index, parsed.days)
    if parsed.json:
        print(_dump([dataclasses.asdict(count) for count in found]))
    for count in () if parsed.json else found:
        print(f"{f'fewer than {FEWEST}' if count.n is None else count.n:>12}  {count.what}: {count.which}")
    if not found:
        _say(f"nothing was counted in the last {parsed.days} days")
    return 0


def _gaps(parsed: argparse.Namespace, settings: Settings) -> int:
    from spinewise.editing import add_golden, add_stub  # noqa: PLC0415
    from spinewise.index.store import load  # noqa: PLC0415
    from spinewise.learning.gaps import gaps  # noqa: PLC0415

    found = gaps(settings.index, settings.learning_key, load(settings.index, settings.threads))
    for number, act in ((parsed.golden, add_golden), (parsed.stub, add_stub)):
        if number is not None and number > len(found):
            raise SettingsError(f"there is no gap {number}", f"there are {len(found)}: spinewise gaps lists them")
        if number is not None:
            _say(f"wrote {act(settings, found[number - 1])}")
    if parsed.json:
        print(_dump([dataclasses.asdict(gap) for gap in found]))
    for number, gap in enumerate(() if parsed.json else found, 1):
        print(f"{number}. {gap.askers} askers, last on {gap.last}; nearest: {gap.article}")
        print("\n".join(f"   {text}" for text in gap.questions[:5]))
    if not found:
        _say("nothing was asked in vain by three readers or more in the last 30 days")
    return 0


def _editors(parsed: argparse.Namespace, _: Settings) -> int:
    import getpass  # noqa: PLC0415  (each command loads only what it needs)

    from spinewise.web.accounts import account_line  # noqa: PLC0415

    if sys.stdin.isatty():
        password = getpass.getpass("password: ")
        if getpass.getpass("once more: ") != password:
            raise SettingsError("the two passwords differ", "try again")
    else:
        password = sys.stdin.readline().rstrip("\n")
    print(account_line(parsed.name, parsed.role, password))
    _say("put this into SPINEWISE_EDITORS, with a comma between two entries, and start the server again")
    return 0


def _serve(_: argparse.Namespace, settings: Settings) -> int:
    from spinewise.web.serve import serve  # noqa: PLC0415

    serve(settings)
    return 0


def _text_or_stdin(text: str | None) -> str:
    if text is not None:
        return text
    if sys.stdin.isatty():
        _say("type the question, then Ctrl-D")
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def _readable(reply: Reply) -> str:
    parts = [reply.care.card or "", reply.message or ""]
    parts += [f"{plain(sentence.text)} [{sentence.source}]" for sentence in reply.sentences]
    for source in reply.sources:
        where = " › ".join((source.title, *source.section))
        parts.append(f"[{source.n}] {where} (reviewed {source.reviewed})\n    {source.url}")
    if reply.suggestions:
        parts.append("You could also ask:\n" + "\n".join(f"  {text}" for text in reply.suggestions))
    return "\n\n".join(part for part in parts if part)


def _dump(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)


def _fail(error: SpinewiseError) -> None:
    _say(f"error: {error}")
    if error.hint:
        _say(f"hint: {error.hint}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
