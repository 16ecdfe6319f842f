"""`edged bench hub-events`: is an event lost where the hub acknowledges it, whatever is killed on its way?"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Final, Literal, TypeAlias

from edged.api.fleet import KeptRecord
from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.sync_hub import SyncHub
from edged.runtime.mosquitto import Mosquitto

Victim: TypeAlias = Literal["broker", "hub", "both"]

EVENTS: Final = 3000
"""So many are asked for at least in a run of twenty kills."""
_LONGEST_LIFE_S: Final = 0.6
_LONGEST_DEATH_S: Final = 0.3
_FLOW_S: Final = 60.0
_DRAIN_S: Final = 300.0
_LOOK_EVERY_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class HubEventKills:
    """What came of killing what lies between a device's outbox and the hub's disk.

    Attributes:
        victim: what was killed; kills: how often.
        accepted: events that were on the device's disk; stored: different ones on the hub's at the end.
        lost: accepted ones that are not on the hub's.
        twice: events that the hub has kept more than once.
        vanished: events that the broker had acknowledged, and of which that sending never came to the hub: the broker's
            word alone would have let them leave the device, and they would be gone.
        again: sendings of an event that had been sent before.
        late: events that came to the hub behind a later one of the same boot.
        drain_s: seconds from the last event accepted until the outbox was empty.
    """

    victim: Victim
    kills: int
    accepted: int
    stored: int
    lost: int
    twice: int
    vanished: int
    again: int
    late: int
    drain_s: float

    @property
    def is_good(self) -> bool:
        return self.lost == 0 and self.twice == 0


def kill_between(
    victim: Victim, models: ModelSettings, kills: int, progress: Progress = quiet, *, seed: int = 1
) -> HubEventKills:
    """Kills a broker, a hub or both again and again at random moments while a device's events flow to the hub.

    The broker is a real Mosquitto, the hub a real one on SQLite, the device a process with a real outbox; each time it
    is waited for until events have come through again. A kill of the broker takes some seconds, since the hub waits
    longer each time before it tries again.

    Args:
        models: whose folder the hub uses.

    Raises:
        Unsupported: Mosquitto is not installed.
        Unavailable: something did not start, or ended on its own, or no events come through.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    with (
        tempfile.TemporaryDirectory(prefix="edged-hub-events-") as name,
        SyncHub.founded(Path(name) / "hub", models) as hub,
        Mosquitto(_made(Path(name) / "mosquitto")) as broker,
    ):
        hub.announce(broker.port, events=True)
        hub.start()
        with _writer(Path(name), broker.port) as (process, orders):
            for number in range(kills):
                progress(f"killing: {victim}, {number + 1} of {kills}", number / (kills + 1))
                _wait_for_flow(hub, process)
                time.sleep(chance.uniform(0.0, _LONGEST_LIFE_S))
                _kill(victim, hub, broker, chance.uniform(0.0, _LONGEST_DEATH_S))
            _wait_for_flow(hub, process)
            progress("draining what is left", kills / (kills + 1))
            began = time.monotonic()
            orders.close()
            _wait(lambda: process.poll() is not None, _DRAIN_S, "the outbox was not drained")
            drain_s = time.monotonic() - began
        progress("done", 1.0)
        said = (Path(name) / "said").read_text().splitlines()
        return _count(victim, kills, said, hub.events(), drain_s)


def hub_events_report(results: Sequence[HubEventKills]) -> Report:
    """The results for people."""
    goals = tuple(
        Goal(
            f"{_NAMES[result.victim]} SIGKILL × {result.kills}, the hub acknowledging",
            f"≥ {EVENTS:,} events, 0 lost, none kept twice",
            f"{result.lost} of {result.accepted:,} lost, {result.twice} kept twice",
            reached=result.is_good and result.accepted >= EVENTS,
        )
        for result in results
    )
    columns = (
        "killed",
        "kills",
        "events",
        "lost",
        "kept twice",
        "lost after the broker's word",
        "sent again",
        "behind a later one",
        "drained in",
    )
    rows = tuple(
        (
            _NAMES[result.victim],
            str(result.kills),
            f"{result.accepted:,}",
            str(result.lost),
            str(result.twice),
            str(result.vanished),
            f"{result.again:,}",
            str(result.late),
            f"{result.drain_s:.1f} s",
        )
        for result in results
    )
    text = (
        "Events are those on the device's disk. Lost after the broker's word: the broker had acknowledged them, and "
        "what it had acknowledged never came to the hub's disk; they are there because the device sent them again. "
        "Where the hub is killed, some of these were lost in the hub, which had them from the broker and not on its "
        "disk yet."
    )
    return Report("Events at a hub", (goals_table(goals), Table(columns, rows), text))


_NAMES: Final[dict[Victim, str]] = {"broker": "broker", "hub": "hub", "both": "broker and hub"}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _kill(victim: Victim, hub: SyncHub, broker: Mosquitto, dead_s: float) -> None:
    if victim in {"broker", "both"}:
        broker.kill()
    if victim in {"hub", "both"}:
        hub.kill()
    time.sleep(dead_s)
    if victim in {"broker", "both"}:
        broker.start()
    if victim in {"hub", "both"}:
        hub.start()


def _wait_for_flow(hub: SyncHub, process: subprocess.Popen[bytes]) -> None:
    """Until the hub has stored something that it had not."""
    newest = hub.newest_event()

    def flows() -> bool:
        if process.poll() is not None:
            raise Unavailable(f"the device ended on its own with exit code {process.returncode}")
        return hub.newest_event() > newest

    _wait(flows, _FLOW_S, "no events come through")


def _wait(truth: Callable[[], bool], seconds: float, else_what: str) -> None:
    deadline = time.monotonic() + seconds
    while not truth():
        if time.monotonic() > deadline:
            raise Unavailable(f"{else_what} within {seconds:.0f} s", "Its own words are above.")
        time.sleep(_LOOK_EVERY_S)


@contextmanager
def _writer(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    command = [sys.executable, "-m", "edged.measure.steady_writer", str(folder / "events.db"), str(port)]
    with (
        (folder / "said").open("wb") as said,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said) as process,
    ):
        assert process.stdin is not None  # noqa: S101  a pipe was asked for
        try:
            yield process, process.stdin
        finally:
            process.kill()


def _count(
    victim: Victim, kills: int, said: Sequence[str], events: Sequence[KeptRecord], drain_s: float
) -> HubEventKills:
    words = [line.split() for line in said]
    accepted = [word[1] for word in words if word[0] == "accepted"]
    taken = {word[1]: word[2] for word in words if word[0] == "taken"}
    sendings = sum(int(word[1]) for word in words if word[0] == "sent")
    documents = [json.loads(event.document) for event in events]
    stored = {document["id"]: document["at"]["published"] for document in documents}
    return HubEventKills(
        victim=victim,
        kills=kills,
        accepted=len(accepted),
        stored=len(stored),
        lost=len(set(accepted) - stored.keys()),
        twice=len(events) - len(stored),
        vanished=sum(taken.get(own_id, came) < came for own_id, came in stored.items()),
        again=sendings - len(accepted),
        late=sum(later["seq"] < earlier["seq"] for earlier, later in pairwise(documents)),
        drain_s=drain_s,
    )
