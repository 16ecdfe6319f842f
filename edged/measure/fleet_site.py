"""A broker and many simulated devices there, and the tool that rolls changes out to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, Final

from edged.config.document import MqttSettings
from edged.domain.errors import Unavailable
from edged.fleet.census import Census
from edged.fleet.shelf import Shelf
from edged.mqtt.lookout import Lookout
from edged.runtime.mosquitto import Mosquitto
from edged.wire.reported import Reported

GROUP: Final = "doors"
"""What all simulated devices belong to."""
_PREFIX: Final = "edged"
_START_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class FleetSite:
    """Attributes: broker: its port is the tool's; state: where the tool keeps its roll-outs."""

    broker: Mosquitto
    state: Path

    def command(self, *words: str) -> list[str]:
        """What stands behind `edged` on the command line of the tool with these words."""
        broker = [] if words[0] == "history" else ["--broker", f"127.0.0.1:{self.broker.port}"]
        return ["fleet", words[0], *broker, "--state", str(self.state), "--json", *words[1:]]

    def tool(self, *words: str) -> subprocess.Popen[str]:
        """The tool with these words, running; what it says for programs comes on its standard output."""
        command = [sys.executable, "-m", "edged", *self.command(*words)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment())

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        """`edged fleet` with these words, to its end: its exit code, and what it says for programs."""
        with self.tool(*words) as process:
            said, errors = process.communicate()
        if not said.strip():
            raise Unavailable(f"edged fleet {words[0]} said nothing: {errors.strip()[-500:]}")
        return process.returncode, json.loads(said)

    def values(self, path: str) -> dict[str, Any]:
        """By device, what it reports to be in force at a dotted path."""
        census = Census(_PREFIX)
        settings = MqttSettings(host="127.0.0.1", port=self.broker.port, prefix=_PREFIX)
        with closing(Lookout(settings, f"watcher-{token_hex(4)}", census)) as lookout:
            lookout.connect()
        return {name: _at(sight.reported, path) for name, sight in census.devices.items()}

    def rollouts(self) -> list[str]:
        """Ids of the tool's roll-outs, the newest first."""
        return Shelf(self.state / "rollouts").ids()


@contextmanager
def fleet_site(folder: Path, count: int, *, pinned: int = 0) -> Iterator[FleetSite]:
    """So many devices, all online, until the block ends.

    Args:
        folder: an empty one.
        pinned: how many of them have a file that sets something, see `edged.measure.fleet_device`.

    Raises:
        Unsupported: Mosquitto is not installed.
        Unavailable: it, or the devices, do not start.
    """
    store = folder / "broker"
    store.mkdir()
    with Mosquitto(store) as broker:
        words = [str(folder / "devices"), str(broker.port), str(count), GROUP, str(pinned)]
        command = [sys.executable, "-m", "edged.measure.fleet_devices", *words]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None  # noqa: S101  pipes were asked for
            assert process.stdout is not None  # noqa: S101
            try:
                _await_ready(process.stdout)
                yield FleetSite(broker, folder / "tool")
            finally:
                process.stdin.close()
                process.wait(_START_S)


def _at(reported: Reported | None, path: str) -> Any:
    value: Any = None if reported is None else reported.effective
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _await_ready(said: IO[str]) -> None:
    began = time.monotonic()
    if said.readline().strip() != "READY":
        raise Unavailable(f"the devices did not start within {time.monotonic() - began:.0f} s", "Their words are above")


def _environment() -> dict[str, str]:
    """Of the tool: nothing of whoever measures names another broker."""
    return {name: value for name, value in os.environ.items() if not name.startswith("EDGED_FLEET")}
