"""The contract's JSON: replies, hits, refresh reports and problems as plain dictionaries. Adds and hides nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from spinewise.records import Care, Hit, RefreshReport, Reply

if TYPE_CHECKING:
    from spinewise.library.articles import Problem
    from spinewise.library.importing.importing import ImportReport

SCHEMA = 1


def reply_json(reply: Reply) -> dict[str, Any]:
    """A Reply as the contract has it; `message` holds our own fixed words where there are no sentences."""
    return {
        "schema": SCHEMA,
        "kind": reply.kind,
        "care": care_json(reply.care),
        "sentences": [dataclasses.asdict(sentence) for sentence in reply.sentences],
        "sources": [
            dataclasses.asdict(source) | {"section": list(source.section), "reviewed": source.reviewed.isoformat()}
            for source in reply.sources
        ],
        "suggestions": list(reply.suggestions),
        "checklist": reply.checklist,
        "message": reply.message,
        "searched_for": reply.searched_for,
        "carried": reply.carried,
        "language": reply.language,
        "articles_language": reply.articles_language,
        "index_version": reply.index_version,
        "took_ms": reply.took_ms,
    }


def care_json(care: Care) -> dict[str, Any]:
    return {"level": care.level, "flags": [dataclasses.asdict(flag) for flag in care.flags], "card": care.card}


def hits_json(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    return [
        {
            "article": hit.passage.article,
            "passage": hit.passage.id,
            "score": round(hit.score, 6),
            "section": list(hit.passage.section),
            "text": hit.passage.text,
        }
        for hit in hits
    ]


def report_json(report: RefreshReport) -> dict[str, Any]:
    return dataclasses.asdict(report)


def problem_json(problem: Problem) -> dict[str, Any]:
    return {"file": str(problem.file), "line": problem.line, "severity": problem.severity, "problem": problem.text}


def import_json(report: ImportReport) -> dict[str, Any]:
    """What an import did; `file` as it was given with `--into`."""
    return {
        "articles": [dataclasses.asdict(done) | {"file": str(done.file), "slug": done.file.stem} for done in report.articles],
        "repeated": list(report.repeated),
        "same": [{"source": source, "as": other} for source, other in report.twins],
        "failed": [{"source": source, "error": str(error), "hint": error.hint} for source, error in report.failed],
    }
