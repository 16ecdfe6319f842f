"""What a page fetches, and when it can be used, as a browser tells."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.assets import Asset
from edged.api.streams import Streams
from edged.measure.page_weight import PAGE_LIST, PageTrial, Weighed, measure_pages, page_report

WAIT_S = 0.7
CONTENT = b"x" * 40_000
NEEDS_CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")


def slow_page(_assets: Mapping[str, Asset], _streams: Streams) -> Sequence[Route]:
    async def page(_request: Request) -> Response:
        body = "<!doctype html><link rel=icon href=data:,><body><script src=late.js></script>"
        return Response(body, media_type="text/html")

    def late(_request: Request) -> Response:
        time.sleep(WAIT_S)
        return Response(b"window.late = true; //" + CONTENT, media_type="text/javascript")

    return [Route("/page", page), Route("/late.js", late)]


@NEEDS_CHROMIUM
def test_it_counts_what_comes_and_waits_until_the_page_can_be_used() -> None:
    (trial,) = measure_pages(2, lambda *_: None, [Weighed("slow", "page", "window.late", slow_page, 400, 300)])
    assert trial.requests == 2
    assert 40_000 < trial.transferred < 42_000
    assert len(trial.usable_ms) == 2
    assert min(trial.usable_ms) >= 1000 * WAIT_S


@NEEDS_CHROMIUM
def test_the_pages_themselves_come_to_where_they_can_be_used() -> None:
    trials = measure_pages(1, lambda *_: None)
    assert [trial.name for trial in trials] == [page.name for page in PAGE_LIST]
    assert all(trial.transferred < 150_000 for trial in trials), "the budget of a first page"


def test_the_report_says_what_was_reached_and_what_was_missed() -> None:
    trials = (
        PageTrial("nothing", False, 1, 200, (2000.0,)),
        PageTrial("light", True, 10, 149_000, (300.0, 999.0, 4000.0)),
        PageTrial("heavy", True, 10, 151_000, (300.0, 1001.0, 1002.0)),
    )
    lines = [line.split("  ") for line in page_report(trials).text().splitlines()]
    verdicts = [words[-1].strip() for words in lines if words[-1].strip() in {"reached", "missed"}]
    assert verdicts == ["reached", "reached", "missed", "missed"]
