"""What supervisors are answered: whether a process lives, and whether it is ready, without a secret in either."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse

from edged.api.port import Fitness
from edged.wire.device import LifeState

METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""The media type of what Prometheus reads."""
_HEADERS: Final = {"cache-control": "no-store"}


def lively(fitness: Fitness) -> JSONResponse:
    """200 while every thread comes round; 503 names those that do not: only a restart helps then."""
    if not fitness.stuck:
        return JSONResponse({"ok": True}, headers=_HEADERS)
    what = f"no progress: {', '.join(fitness.stuck)}"
    return _unfit(what, "Restart edged; its log says what these threads were doing", {"stuck": list(fitness.stuck)})


def ready(fitness: Fitness) -> JSONResponse:
    """200 while it recognises people, degraded or not; 503 says what is missing for that."""
    if fitness.life is not LifeState.READY:
        return missing({"life": f"edged is {fitness.life}", **fitness.missing})
    return (
        missing(fitness.missing)
        if fitness.missing
        else JSONResponse({"ok": True, "state": fitness.life}, 200, _HEADERS)
    )


def missing(parts: Mapping[str, str]) -> JSONResponse:
    """503 with what is not there, by name, each in words."""
    listed = [{"name": name, "what": what} for name, what in parts.items()]
    return _unfit("; ".join(parts.values()), "", {"missing": listed})


def _unfit(what: str, remedy: str, more: Mapping[str, object]) -> JSONResponse:
    document = {"error": {"what": what, "remedy": remedy}, **more}
    return JSONResponse(document, HTTPStatus.SERVICE_UNAVAILABLE, _HEADERS)
