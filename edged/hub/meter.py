"""What the hub counts of its own work, and how Prometheus reads it. Nothing in it tells of anybody."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edged.hub.shared_figures import FOLDER

_T = TypeVar("_T")

_REQUEST_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SEARCH_S: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)


class Meter:
    """Counts requests and searches. Any thread; where `shared_figures` says so, for all processes together."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "edged_hub_requests",
            "Requests that were answered, by dialect and HTTP status; `gone`: the client did not wait.",
            ("dialect", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "edged_hub_request_seconds",
            "From the head of a request until its answer begins.",
            ("dialect",),
            buckets=_REQUEST_S,
            registry=self._registry,
        )
        self._search = Histogram(
            "edged_hub_search_seconds",
            "Time that the store takes to find who resembles a face, among people or in the photographs of an event.",
            ("among",),
            buckets=_SEARCH_S,
            registry=self._registry,
        )
        self._shared = os.environ.get(FOLDER, "")
        if not self._shared:
            ProcessCollector("edged_hub", registry=self._registry)

    def counted(self, dialect: str, app: ASGIApp) -> ASGIApp:
        """The application, with its requests counted under this name."""

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            begun, status = time.perf_counter(), "gone"

            async def noted(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = str(message["status"])
                    self._seconds.labels(dialect).observe(time.perf_counter() - begun)
                await send(message)

            try:
                await app(scope, receive, noted)
            finally:
                self._requests.labels(dialect, status).inc()

        return answer

    def timed(self, among: str, whole: _T, method: str) -> _T:
        """An object that does what `whole` does, with the time told that one of its methods, a search, takes."""
        return cast("_T", _Timed(whole, method, self._search.labels(among).observe))

    def exposition(self, *more: Collector) -> bytes:
        """Everything in the text format 0.0.4, and what others have to add. Blocks as they do."""
        registry = self._registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, self._shared)  # type: ignore[no-untyped-call]
        return b"".join(generate_latest(collector) for collector in (registry, *more))


class _Timed:
    """See `Meter.timed`."""

    def __init__(self, whole: object, method: str, told: Callable[[float], None]) -> None:
        self._whole = whole
        self._method = method
        self._told = told

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._whole, name)
        if name != self._method:
            return found

        def search(*args: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            try:
                return found(*args, **named)
            finally:
                self._told(time.perf_counter() - begun)

        return search
