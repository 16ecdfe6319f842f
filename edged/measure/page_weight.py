"""How much a page fetches, and how soon it can be used, on a machine that is slow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.browser import Browser
from edged.measure.guest_album import GUEST_PATH, guest_page
from edged.measure.page_site import Routes, booth_page, empty_page, served
from edged.measure.report import Goal, Report, Table, goals_table

FULL: Final = 15
QUICK: Final = 3
SLOWED: Final = 4
"""Times that the browser's processor is slowed down (CDP `Emulation.setCPUThrottlingRate`)."""
_MOST_KB: Final = 150
_MOST_MS: Final = 1000
_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.02
_LOOKING: Final = """\
(() => {
  const look = () => {
    let there = false;
    try { there = Boolean(%s); } catch { there = false; }
    if (there) requestAnimationFrame(() => setTimeout(() => { window.edgedUsable = performance.now(); }));
    else setTimeout(look, 4);
  };
  look();
})();
"""
"""Notes when the page can be used: once it is so, and painted."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A page to measure.

    Attributes:
        name: in words; path: its address, without the slash it begins with.
        usable: a JavaScript expression that is true once somebody can do what they came for.
        routes: what serves it.
        width, height: of the screen, in pixels.
        is_ours: False: it is there to compare with.
        photographs: what stands in the addresses of photographs, which are counted beside the page; empty: it has none.
    """

    name: str
    path: str
    usable: str
    routes: Routes
    width: int
    height: int
    is_ours: bool = True
    photographs: str = ""


@dataclass(frozen=True, slots=True)
class PageTrial:
    """What a page took, each time in a browser that had never seen it.

    Attributes:
        requests: that it asked for; transferred: bytes that came, heads of the answers included.
        usable_ms: from the beginning of the navigation, each time, with a slowed processor.
        photographs: bytes that came of them by then, in addition.
    """

    name: str
    is_ours: bool
    requests: int
    transferred: int
    usable_ms: tuple[float, ...]
    photographs: int = 0


_CHOICE: Final = "document.querySelectorAll('.choice').length === 2 && document.querySelector('.choice').offsetHeight"
_PHOTOGRAPH: Final = (
    "document.documentElement.dataset.ready === '' && document.querySelector('#photos img').naturalWidth"
)
PAGE_LIST: Final = (
    Weighed("a page with nothing on it", "nothing", "document.body", empty_page, 800, 480, is_ours=False),
    Weighed("/booth, 1080 × 1920", "booth", _CHOICE, booth_page, 1080, 1920),
    Weighed("/booth, 800 × 480", "booth", _CHOICE, booth_page, 800, 480),
    Weighed("/g/…, 390 × 844", GUEST_PATH, _PHOTOGRAPH, guest_page, 390, 844, photographs="/thumbnail"),
)


def measure_pages(times: int, progress: Progress, pages: Iterable[Weighed] = PAGE_LIST) -> tuple[PageTrial, ...]:
    """Loads each page so often, each time anew. Blocks for a second or two each time.

    Raises:
        Unsupported: Chromium is not installed.
        Unavailable: a page cannot be used within 30 seconds.
    """
    loads: dict[Weighed, list[tuple[int, int, int, float]]] = {page: [] for page in pages}
    with ExitStack() as things:
        profile = things.enter_context(TemporaryDirectory(prefix="edged-bench-", ignore_cleanup_errors=True))
        browser = Browser(Path(profile))
        things.callback(browser.close)
        urls = {page: things.enter_context(served(page.routes)) for page in loads}
        for number in range(times):
            for page, done in loads.items():
                progress(page.name, number / times)
                done.append(_loaded(browser, urls[page], page))
    progress("pages were loaded", 1.0)
    return tuple(_trial(page, done) for page, done in loads.items())


def page_report(trials: tuple[PageTrial, ...]) -> Report:
    """In words and tables."""
    goals = []
    for trial in (trial for trial in trials if trial.is_ours):
        kilobytes, usual = trial.transferred / 1000, median(trial.usable_ms)
        goals += [
            Goal(f"{trial.name}: transferred", f"≤ {_MOST_KB} kB", f"{kilobytes:.0f} kB", kilobytes <= _MOST_KB),
            Goal(f"{trial.name}: usable, p50", f"≤ {_MOST_MS} ms", f"{usual:.0f} ms", usual <= _MOST_MS),
        ]
    how = (
        f"Each page {len(trials[0].usable_ms)} times, one after the other, each time in a browser that has nothing of "
        f"it, over the loopback, with the browser's processor slowed down {SLOWED} times. Usable: what one comes for "
        "can be touched, from the beginning of the navigation until it is painted. Transferred: heads and bodies of "
        "all answers until then, as they come over the line; photographs are counted beside it. The page with nothing "
        "on it is what browser and machine take by themselves. Chromium draws without a graphics processor here."
    )
    rows = tuple(
        (
            trial.name,
            str(trial.requests),
            f"{trial.transferred / 1000:.1f}",
            f"{trial.photographs / 1000:.1f}" if trial.photographs else "",
            f"{median(trial.usable_ms):.0f}",
            f"{max(trial.usable_ms):.0f}",
        )
        for trial in trials
    )
    columns = ("page", "requests", "kB", "photographs, kB", "usable p50, ms", "slowest")
    return Report("Pages for guests", (goals_table(tuple(goals)), how, Table(columns, rows)))


def _trial(page: Weighed, loads: Sequence[tuple[int, int, int, float]]) -> PageTrial:
    requests, transferred, photographs, _usable_ms = max(loads)
    return PageTrial(page.name, page.is_ours, requests, transferred, tuple(load[3] for load in loads), photographs)


def _loaded(browser: Browser, url: str, page: Weighed) -> tuple[int, int, int, float]:
    """Loads it once: requests, bytes, bytes of photographs, and milliseconds until it can be used."""
    context = browser.ask("Target.createBrowserContext")["browserContextId"]
    try:
        target = browser.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            browser.ask(f"{domain}.enable", session)
        browser.ask(
            "Emulation.setDeviceMetricsOverride",
            session,
            width=page.width,
            height=page.height,
            deviceScaleFactor=1,
            mobile=False,
        )
        browser.ask("Emulation.setCPUThrottlingRate", session, rate=SLOWED)
        browser.ask("Page.addScriptToEvaluateOnNewDocument", session, source=_LOOKING % page.usable)
        browser.heard.clear()
        browser.ask("Page.navigate", session, url=url + page.path)
        usable = _usable(browser, session, page.name)
        browser.listen()
        events = [event for event in browser.heard if event.get("sessionId") == session]
        return *_fetched(events, page.photographs), usable
    finally:
        browser.ask("Target.disposeBrowserContext", browserContextId=context)


def _usable(browser: Browser, session: str, name: str) -> float:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        answer = browser.ask("Runtime.evaluate", session, expression="window.edgedUsable ?? 0", returnByValue=True)
        if value := answer["result"].get("value"):
            return float(value)
        time.sleep(_PAUSE_S)
    raise Unavailable(f"{name} cannot be used within {_PATIENCE_S:.0f} s", json.dumps(browser.heard[-3:])[:500])


def _fetched(events: Iterable[dict[str, Any]], photographs: str) -> tuple[int, int, int]:
    """How many requests, and bytes that came for them; an answer that has not ended counts as far as it came.

    Returns:
        Requests and their bytes, without photographs, and bytes of photographs.
    """
    came: dict[str, int] = {}
    pictures: set[str] = set()
    for event in events:
        parameters = event["params"]
        request = parameters.get("requestId")
        match event["method"]:
            case "Network.requestWillBeSent":
                came.setdefault(request, 0)
                if photographs and photographs in parameters["request"]["url"]:
                    pictures.add(request)
            case "Network.responseReceived":
                came[request] = came.get(request, 0) + round(parameters["response"]["encodedDataLength"])
            case "Network.dataReceived":
                came[request] = came.get(request, 0) + parameters["encodedDataLength"]
            case "Network.loadingFinished":
                came[request] = max(came.get(request, 0), round(parameters["encodedDataLength"]))
    of_pictures = sum(came[request] for request in pictures)
    return len(came) - len(pictures), sum(came.values()) - of_pictures, of_pictures
