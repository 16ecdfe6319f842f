"""Pages in a real Chromium, as tests look at them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from edged.measure.browser import Browser
from tests.api.signed_in import Key

_PATIENCE_S: Final = 15.0


class Chromium(Browser):
    """One browser process for all tests; each has pages of its own."""

    @contextmanager
    def page(
        self, url: str, *, width: int = 1280, height: int = 800, dark: bool = False, key: Key | None = None
    ) -> Iterator[Page]:
        """A page of its own, loaded from `url`, as large as said, in a browser that has this key's cookie only."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.ask(f"{domain}.enable")
        page.resize(width, height)
        page.paint(dark=dark)
        if key:
            name, _, value = key.cookie.partition("=")
            page.ask("Network.setCookie", name=name, value=value, url=url, httpOnly=True, sameSite="Strict")
        page.ask("Page.navigate", url=url)
        try:
            yield page
        finally:
            self.ask("Target.disposeBrowserContext", browserContextId=context)


class Page:
    """One page in a browser."""

    def __init__(self, browser: Chromium, session: str) -> None:
        self._browser = browser
        self._session = session

    def ask(self, method: str, /, **parameters: Any) -> dict[str, Any]:
        return self._browser.ask(method, self._session, **parameters)

    def resize(self, width: int, height: int) -> None:
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def paint(self, *, dark: bool) -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme, still])

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, awaited."""
        answer = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def text(self, selector: str) -> str:
        """What can be read in an element; nothing where there is none, or it is hidden."""
        script = f"(e => e?.checkVisibility() ? e.innerText : '')(document.querySelector({json.dumps(selector)}))"
        return str(self.run(script))

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Lets time pass until something is true of the page."""
        until = time.monotonic() + _PATIENCE_S
        while not done():
            assert time.monotonic() < until, f"{what}: did not come; the page reads: {self.text('body')}"
            time.sleep(0.05)

    def wait_for_text(self, selector: str, words: str) -> None:
        self.wait(lambda: words in self.text(selector), f"{words!r} in {selector}")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Presses and releases a key."""
        modifiers = 8 if shift else 0
        code = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40}.get(
            key
        ) or ord(key.upper())
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        common = {"key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **common)

    def complaints(self) -> list[str]:
        """Everything that went wrong so far: exceptions, console errors, refused requests, policy violations."""
        self._browser.listen()
        found = []
        for event in self._browser.heard:
            if event.get("sessionId") != self._session:
                continue
            method, parameters = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                found.append(json.dumps(parameters["exceptionDetails"]))
            if method == "Log.entryAdded" and parameters["entry"]["level"] in {"error", "warning"}:
                found.append(parameters["entry"]["text"])
            if method == "Runtime.consoleAPICalled" and parameters["type"] in {"error", "warning", "assert"}:
                found.append(json.dumps(parameters["args"]))
        return found

    def requests(self) -> list[str]:
        """Every address that was asked for."""
        self._browser.listen()
        return [
            event["params"]["request"]["url"]
            for event in self._browser.heard
            if event.get("sessionId") == self._session and event["method"] == "Network.requestWillBeSent"
        ]

    def photograph(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of what is visible, or of the whole page."""
        answer = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(answer["data"]))
