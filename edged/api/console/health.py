"""What the health page and the camera doctor ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import Final, Protocol

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.api.refusal import refusal
from edged.vision.camera_advice import EDGES, Advice, FaceFigures, Measure
from edged.wire.camera import CameraStatus
from edged.wire.payload import instant

_NO_STORE: Final = {"cache-control": "no-store"}


class Span(StrEnum):
    """How far back one looks."""

    HOURS = "2h"
    DAY = "24h"


@dataclass(frozen=True, slots=True)
class Series:
    """Figures over time.

    Attributes:
        ends: UTC seconds since the epoch: when the last step ends; step_s: how long each is.
        values: by name, one a step, the oldest first; None is a gap.
    """

    ends: float
    step_s: float
    values: Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Checkup:
    """How one camera does.

    Attributes:
        width, height: of its picture; 0 while there is none.
        fps: None while it is away.
        bounds: what the configuration asks of a face, by measure: least and greatest; None where there is no bound.
    """

    name: str
    status: CameraStatus
    width: int
    height: int
    fps: float | None
    figures: FaceFigures
    bounds: Mapping[Measure, tuple[float | None, float | None]]
    advice: tuple[Advice, ...]


class HealthDesk(Protocol):
    """The daemon behind these pages. Any thread; returns quickly."""

    def series(self, span: Span) -> Series:
        """How it has been."""

    def checkups(self) -> Sequence[Checkup]:
        """How each camera does, in the order of the configuration."""


def health_routes(desk: HealthDesk) -> list[Route]:
    """Where these pages ask; whoever is signed in may."""
    return [
        Route("/api/v1/console/health/series", partial(_series, desk)),
        Route("/api/v1/console/cameras", partial(_cameras, desk)),
    ]


async def _series(desk: HealthDesk, request: Request) -> Response:
    try:
        span = Span(request.query_params.get("span", Span.HOURS))
    except ValueError:
        return refusal(HTTPStatus.BAD_REQUEST, "the span is 2h or 24h", "Leave it out for two hours")
    series = await to_thread.run_sync(desk.series, span)
    values = {name: [None if one is None else round(one, 2) for one in them] for name, them in series.values.items()}
    document = {"ends": instant(series.ends).isoformat(), "step_s": series.step_s, "series": values}
    return JSONResponse(document, headers=_NO_STORE)


async def _cameras(desk: HealthDesk, _request: Request) -> Response:
    checkups = await to_thread.run_sync(desk.checkups)
    edges = {measure.value: list(them) for measure, them in EDGES.items()}
    return JSONResponse({"edges": edges, "cameras": [_document(one) for one in checkups]}, headers=_NO_STORE)


def _document(one: Checkup) -> dict[str, object]:
    figures = one.figures
    return {
        "name": one.name,
        "state": one.status.state.value,
        "reason": one.status.reason,
        "width": one.width,
        "height": one.height,
        "fps": one.fps,
        "faces": figures.count,
        "measures": {
            measure.value: {
                "counts": list(histogram.counts),
                "median": None if histogram.middle is None else round(histogram.middle, 2),
                "bounds": list(one.bounds.get(measure, (None, None))),
            }
            for measure, histogram in figures.histograms.items()
        },
        "flaws": {flaw.value: count for flaw, count in figures.flaws.items()},
        "advice": [
            {"about": each.about, "tone": each.tone.value, "what": each.what, "do": each.do} for each in one.advice
        ],
    }
