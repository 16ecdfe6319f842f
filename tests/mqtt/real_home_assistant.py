"""The real Home Assistant, set up as somebody would in a browser. It has a place of its own: it wants a newer Python.

EDGED_HASS is the command that starts it: `pip install homeassistant paho-mqtt==2.1.0 home-assistant-frontend` in a
virtual environment of the Python that it asks for (3.13 for 2026.2), then `bin/hass` there. It has to see the temporary
directories of the tests, and their loopback.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

COMMAND: Final = shlex.split(os.environ.get("EDGED_HASS", "")) or [shutil.which("hass") or ""]
START_S: Final = 180.0
PATIENCE_S: Final = 30.0
_CLIENT: Final = "http://127.0.0.1/"


@dataclass
class HomeAssistant:
    """One that runs, and a token of its owner."""

    port: int
    log: Path
    token: str = ""

    def ask(self, path: str, body: object = None, *, form: bool = False) -> Any:
        """The answer to a GET, or to a POST where there is a body."""
        return json.loads(self.raw(path, body, form=form) or b"null")

    def raw(self, path: str, body: object = None, *, form: bool = False) -> bytes:
        data, kind = None, "application/json"
        if form and isinstance(body, dict):
            data, kind = urllib.parse.urlencode(body).encode(), "application/x-www-form-urlencoded"
        elif body is not None:
            data = json.dumps(body).encode()
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, data, {"Content-Type": kind})
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310  loopback
            return bytes(answer.read())

    def states(self) -> dict[str, dict[str, Any]]:
        """By entity id."""
        return {item["entity_id"]: item for item in self.ask("/api/states")}

    def state(self, entity: str) -> str:
        return str(self.states().get(entity, {}).get("state"))

    def press(self, entity: str) -> None:
        self.ask("/api/services/button/press", {"entity_id": entity})

    def wait(self, truth: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
        deadline = time.monotonic() + seconds
        while not truth():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            time.sleep(0.2)

    def sign_up(self) -> None:
        """The first steps: an owner, and nothing sent anywhere."""
        owner = {"client_id": _CLIENT, "name": "Owner", "username": "owner", "password": "owner", "language": "en"}
        code = self.ask("/api/onboarding/users", owner)["auth_code"]
        grant = {"grant_type": "authorization_code", "code": code, "client_id": _CLIENT}
        self.token = self.ask("/auth/token", grant, form=True)["access_token"]
        self.ask("/api/onboarding/core_config", {})
        self.ask("/api/onboarding/analytics", {})
        self.ask("/api/onboarding/integration", {"client_id": _CLIENT, "redirect_uri": _CLIENT})

    def follow(self, broker: int) -> None:
        """Adds the MQTT integration."""
        flow = self.ask("/api/config/config_entries/flow", {"handler": "mqtt"})
        answer = self.ask(f"/api/config/config_entries/flow/{flow['flow_id']}", {"broker": "127.0.0.1", "port": broker})
        assert answer["type"] == "create_entry", answer


@contextmanager
def running(folder: Path, automation: dict[str, Any]) -> Iterator[HomeAssistant]:
    """Starts it with nothing but what the tests need, and this automation; ends it at the end."""
    port = _free_port()
    settings = {
        "homeassistant": {"time_zone": "UTC"},
        "http": {"server_host": "127.0.0.1", "server_port": port},
        "config": {},
        "frontend": {},
        "automation": [{"id": "1", **automation}],
    }
    (folder / "configuration.yaml").write_text(json.dumps(settings))
    log = folder / "output"
    with log.open("wb") as output:
        process = subprocess.Popen([*COMMAND, "--config", str(folder)], stdout=output, stderr=output)
        try:
            found = HomeAssistant(port, log)
            found.wait(lambda: process.poll() is None and _answers(found), START_S)
            found.sign_up()
            yield found
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(found: HomeAssistant) -> bool:
    try:
        found.ask("/api/onboarding")
    except (urllib.error.URLError, OSError):
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
