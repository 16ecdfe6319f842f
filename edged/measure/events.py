"""`edged bench events`: does SIGKILL lose an accepted event, and how fast do events reach the broker?"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.event_writer import TOPICS, Writer
from edged.measure.listener import Listener
from edged.measure.report import Goal, Report, goals_table
from edged.measure.sample_event import sample_event
from edged.runtime.mosquitto import Mosquitto
from edged.wire.event import EventMessage, parse_event

_LONGEST_LIFE_S: Final = 0.6
"""How long after its first accepted event a writer lives at most."""
_START_S: Final = 30.0
_DRAIN_S: Final = 120.0
_BATCH: Final = 20


@dataclass(frozen=True, slots=True)
class KillResult:
    """What came of killing the writer again and again.

    Attributes:
        kills: how often it was killed.
        accepted: events whose commit had returned.
        delivered: different events that arrived at a subscriber.
        lost: accepted ones that did not arrive.
        duplicates: arrivals of an event that had arrived before; readers drop them by id.
        out_of_order: first arrivals behind a later event of the same boot.
        intact: SQLite's integrity_check finds nothing.
    """

    kills: int
    accepted: int
    delivered: int
    lost: int
    duplicates: int
    out_of_order: int
    intact: bool


@dataclass(frozen=True, slots=True)
class SpeedResult:
    """How fast it is, on an idle machine with a broker beside it.

    Attributes:
        events: how many were measured.
        latency_p50_ms, latency_p95_ms: from the call of `append` to the broker's acknowledgement, one by one.
        per_second: events a second when they come in batches of 20.
    """

    events: int
    latency_p50_ms: float
    latency_p95_ms: float
    per_second: float


def kill_repeatedly(kills: int, progress: Progress, *, seed: int = 1) -> KillResult:
    """Kills a process that accepts and publishes events, `kills` times at random moments, and counts what arrives.

    Each writer is a process of its own on the same outbox; the broker is a real Mosquitto that nobody kills. About a
    second a kill.

    Raises:
        Unsupported: Mosquitto is not installed.
        Unavailable: a writer or the broker ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Mosquitto(folder) as broker, closing(Listener(broker.port, TOPICS.event)) as listener:
            listener.connect()
            for number in range(kills):
                progress(f"killing the writer, {number + 1} of {kills}", number / (kills + 1))
                _live_and_die(folder, broker.port, f"boot-{number:04d}", chance.uniform(0, _LONGEST_LIFE_S), listener)
            progress("draining what is left", kills / (kills + 1))
            _drain(folder, broker.port, listener)
        progress("done", 1.0)
        accepted = (folder / "accepted").read_text().split()
        arrived = [parse_event(message.payload) for message in listener.received]
        return _count(kills, accepted, arrived, intact=_is_intact(folder / "events.db"))


def measure_speed(events: int, progress: Progress) -> SpeedResult:
    """Times `events` events one by one, and as many again in batches.

    Raises:
        Unsupported, Unavailable: as `kill_repeatedly`.
    """
    with tempfile.TemporaryDirectory() as name, Mosquitto(Path(name)) as broker:
        with closing(Writer.start(Path(name) / "events.db", broker.port, "speed")) as writer:
            progress("events one by one", 0.0)
            latencies = [_time_one(writer, number) for number in range(events)]
            progress("events in batches", 0.5)
            began = time.perf_counter()
            for first in range(events, 2 * events, _BATCH):
                writer.outbox.append([sample_event(number) for number in range(first, first + _BATCH)])
                writer.turn(0.0)
            writer.drain()
            seconds = time.perf_counter() - began
        progress("done", 1.0)
    p50, p95 = np.percentile(latencies, (50, 95))
    return SpeedResult(events, float(p50) * 1000, float(p95) * 1000, events / seconds)


def events_report(killed: KillResult, speed: SpeedResult) -> Report:
    """The result for people."""
    goals = (
        Goal(
            f"events lost by {killed.kills} times SIGKILL",
            "0",
            f"{killed.lost} of {killed.accepted:,}",
            reached=killed.lost == 0,
        ),
        Goal("database", "intact", "intact" if killed.intact else "damaged", reached=killed.intact),
    )
    text = (
        f"Accepted are events whose commit had returned. {killed.delivered:,} different ones arrived, "
        f"{killed.duplicates:,} of them more than once (readers drop these by id), "
        f"{killed.out_of_order:,} out of order.\n\n"
        f"From accepting an event to the broker's acknowledgement, one by one, {speed.events:,} of them: "
        f"p50 {speed.latency_p50_ms:.1f} ms, p95 {speed.latency_p95_ms:.1f} ms; "
        f"in batches of 20: {speed.per_second:,.0f} events a second."
    )
    return Report("Events", (goals_table(goals), text))


def _live_and_die(folder: Path, port: int, boot: str, life_s: float, listener: Listener) -> None:
    """Starts a writer, lets it live so long after its first event, and kills it."""
    accepted = folder / "accepted"
    accepted.touch()
    before = accepted.stat().st_size
    with accepted.open("ab") as output, subprocess.Popen(_command("flow", folder, port, boot), stdout=output) as writer:
        try:
            deadline = time.monotonic() + _START_S
            while accepted.stat().st_size == before:
                if writer.poll() is not None or time.monotonic() > deadline:
                    raise Unavailable(f"the writer accepts nothing (exit code {writer.poll()})")
                listener.collect(0.01)
            listener.collect(life_s)
            if writer.poll() is not None:
                raise Unavailable(f"the writer ended on its own with exit code {writer.returncode}")
        finally:
            writer.kill()


def _drain(folder: Path, port: int, listener: Listener) -> None:
    with subprocess.Popen(_command("drain", folder, port, "drain")) as writer:
        try:
            deadline = time.monotonic() + _DRAIN_S
            while writer.poll() is None and time.monotonic() < deadline:
                listener.collect(0.1)
        finally:
            writer.kill()
    if writer.returncode != 0:
        raise Unavailable(f"the outbox was not drained (exit code {writer.returncode})")
    heard = -1
    while heard < len(listener.received):
        heard = len(listener.received)
        listener.collect(1.0)


def _command(mode: str, folder: Path, port: int, boot: str) -> Sequence[str]:
    return (sys.executable, "-m", "edged.measure.event_writer", mode, str(folder / "events.db"), str(port), boot)


def _count(kills: int, accepted: Sequence[str], arrived: Sequence[EventMessage], *, intact: bool) -> KillResult:
    first: dict[str, tuple[str, int]] = {}
    for event in arrived:
        first.setdefault(event.id, (event.boot, event.seq))
    return KillResult(
        kills=kills,
        accepted=len(accepted),
        delivered=len(first),
        lost=len(set(accepted) - first.keys()),
        duplicates=len(arrived) - len(first),
        out_of_order=sum(later < earlier for earlier, later in pairwise(first.values())),
        intact=intact,
    )


def _is_intact(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()
    return bool(verdict == ("ok",))


def _time_one(writer: Writer, number: int) -> float:
    began = time.perf_counter()
    writer.outbox.append([sample_event(number)])
    writer.turn(1.0)
    while writer.publisher.under_way:
        writer.turn(1.0)
    return time.perf_counter() - began
