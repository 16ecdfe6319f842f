"""A real Chromium without a window, driven over the pipe of its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from tests.api.signed_in import Key

_FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
_PATIENCE_S: Final = 15.0


class Chromium:
    """One browser process. Commands go to it and answers come back as JSON, each ended by a zero byte."""

    def __init__(self, profile: Path) -> None:
        program = shutil.which("chromium")
        if program is None:
            pytest.fail("the pages are tested in a real browser: sudo apt-get install chromium")
        its_input, self._to = os.pipe()
        self._from, its_output = os.pipe()
        log = os.open(profile / "log", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC)
        self.pid = os.posix_spawn(
            program,
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            # The pipe's ends must be descriptors 3 and 4 in the browser; duplicates far above are in nobody's way.
            file_actions=[
                (os.POSIX_SPAWN_DUP2, its_input, 63),
                (os.POSIX_SPAWN_DUP2, its_output, 64),
                (os.POSIX_SPAWN_DUP2, 63, 3),
                (os.POSIX_SPAWN_DUP2, 64, 4),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
                (os.POSIX_SPAWN_CLOSE, 63),
                (os.POSIX_SPAWN_CLOSE, 64),
            ],
            setpgroup=0,
        )
        for descriptor in (its_input, its_output, log):
            os.close(descriptor)
        os.set_blocking(self._from, False)
        self._rest = b""
        self._count = 0
        self.heard: list[dict[str, Any]] = []
        """Events of the protocol, in the order they came."""

    def ask(self, method: str, session: str = "", /, **parameters: Any) -> dict[str, Any]:
        """Sends a command and waits for its answer."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            for answer in self._incoming():
                if answer.get("id") == self._count:
                    assert "error" not in answer, (method, answer["error"])
                    return dict(answer["result"])
                self.heard.append(answer)
        raise AssertionError(f"Chromium did not answer {method}")

    def listen(self) -> None:
        """Takes in what came meanwhile."""
        self.heard.extend(self._incoming())

    def close(self) -> None:
        """Ends it and all its children."""
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._to)
        os.close(self._from)

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

    def _incoming(self) -> list[dict[str, Any]]:
        try:
            self._rest += os.read(self._from, 1 << 20)
        except BlockingIOError:
            time.sleep(0.005)
        *whole, self._rest = self._rest.split(b"\0")
        return [json.loads(message) for message in whole]


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
