"""What the server counts, as Prometheus text. Holds numbers only: never a reader's words, never an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spinewise.answer.guide import Guide
from spinewise.errors import RequestError, SpinewiseError
from spinewise.index.live import LiveIndex
from spinewise.index.store import Index
from spinewise.languages import Language, Languages
from spinewise.records import LEVELS, Reply, Turn
from spinewise.web.readiness import Readiness

SECONDS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Upper ends of the latency buckets: most answers take two to ten milliseconds."""

REASONS = {
    400: "malformed",
    401: "token",
    403: "forbidden",
    404: "unknown_page",
    405: "method",
    409: "refresh_at_work",
    413: "too_large",
    422: "malformed",
    429: "too_often",
    500: "error",
    503: "not_ready",
}
"""Why a request was refused, by its HTTP status; any other is `other`."""


Learner = Callable[[str, Reply], None]
"""Told the last message and the reply to it; never raises."""


class Metrics:
    """The counters of one application, in a registry of their own."""

    def __init__(self, live: LiveIndex, readiness: Readiness) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "spinewise_reply_seconds", "Time to make a reply, cards included", buckets=SECONDS, registry=self.registry
        )
        self._replies = Counter("spinewise_replies", "Replies by kind", ["kind"], registry=self.registry)
        self._cards = Counter("spinewise_cards", "Cards shown, by level", ["level"], registry=self.registry)
        self._refused = Counter("spinewise_requests_refused", "Requests refused", ["reason"], registry=self.registry)
        self._refreshes = Counter("spinewise_refreshes", "Refreshes over HTTP", ["outcome"], registry=self.registry)
        for family, names in (
            (self._replies, ("answer", "no_answer", "alert", "smalltalk")),
            (self._cards, LEVELS[1:]),
            (self._refused, sorted({*REASONS.values(), "other"})),
            (self._refreshes, ("published", "unchanged", "failed")),
        ):
            for name in names:
                family.labels(name)  # there from the start, at 0, so that a first event can raise an alarm
        self.registry.register(_IndexFacts(live, readiness))
        ProcessCollector(registry=self.registry)

    def replied(self, reply: Reply) -> None:
        self._seconds.observe(reply.took_ms / 1000)
        self._replies.labels(reply.kind).inc()
        if reply.care.card is not None:
            self._cards.labels(reply.care.level).inc()

    def refused(self, status: int) -> None:
        self._refused.labels(REASONS.get(status, "other")).inc()

    def refreshed(self, outcome: str) -> None:
        """Count a refresh: `published`, `unchanged` or `failed`."""
        self._refreshes.labels(outcome).inc()


class CountingGuide(Guide):
    """A guide that counts each reply, whichever page asked for it."""

    def __init__(
        self,
        index_of: Callable[[], Index],
        country: str | None,
        languages: Languages,
        metrics: Metrics,
        learners: Sequence[Learner],
    ) -> None:
        super().__init__(index_of, country, languages)
        self._metrics, self._learners = metrics, learners

    def reply(
        self,
        turns: Sequence[Turn],
        country: str | None = None,
        refused: RequestError | None = None,
        language: Language | None = None,
    ) -> Reply:
        """As `Guide.reply`."""
        reply = super().reply(turns, country, refused, language)
        self._metrics.replied(reply)
        for learn in self._learners:
            learn(turns[-1].text, reply)
        return reply


class CountRefusals:
    """ASGI middleware outside all others: counts what goes out with an error's status."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self._metrics.refused(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception:
            self._metrics.refused(500)
            raise


class _IndexFacts(Collector):
    """Facts of the index, read when they are asked for."""

    def __init__(self, live: LiveIndex, readiness: Readiness) -> None:
        self._live, self._readiness = live, readiness

    def describe(self) -> list[Metric]:
        return []  # else registering would load the index

    def collect(self) -> Iterator[Metric]:
        ready = True
        try:
            self._readiness.version()
        except SpinewiseError:
            ready = False
        yield GaugeMetricFamily("spinewise_ready", "1 where /readyz says ready", int(ready))
        try:
            manifest = self._live.get().manifest
        except SpinewiseError:
            manifest = None
        if manifest is not None:
            facts = {"version": manifest.version, "encoder": manifest.encoder}
            yield InfoMetricFamily("spinewise_index", "The index that answers", facts)
            age = (datetime.now(UTC) - datetime.fromisoformat(manifest.created)).total_seconds()
            yield GaugeMetricFamily("spinewise_index_age_seconds", "Seconds since the index was built", age)
            yield GaugeMetricFamily("spinewise_index_articles", "Articles in the index", manifest.articles)
        yield CounterMetricFamily("spinewise_index_load_failures", "Loads of an index that failed", self._live.failures)


def router(metrics: Metrics) -> APIRouter:
    """`GET /metrics`."""
    api = APIRouter()

    @api.get("/metrics", include_in_schema=False)
    def text() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return api
