"""What another device's valid login is good for on a broker: everything is tried, and what succeeds is counted."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.progress import Progress
from edged.measure.broker_attacks import ON_SESSIONS, ON_TOPICS
from edged.measure.broker_site import BrokerSite, logins_for
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.sample_broker import SCRIPT, Login, SampleBroker
from edged.mqtt.line import Protocol

PROTOCOLS: Final[tuple[Protocol, ...]] = ("5", "3.1.1")


@dataclass(frozen=True, slots=True)
class Attempts:
    """One way of doing harm, tried on every pair of devices.

    Attributes:
        what: was tried.
        protocol: of the devices.
        tried, succeeded: how often.
    """

    what: str
    protocol: Protocol
    tried: int
    succeeded: int


@dataclass(frozen=True, slots=True)
class Intrusion:
    """What was tried, and what came of it.

    Attributes:
        devices: how many.
        allowed: messages that everybody may say; arrived: those of them that arrived where they should. It shows that
            the broker refuses what it must, and not everything.
        delivered: attempts at saying and hearing; taken_over: attempts at sessions.
    """

    devices: int
    allowed: int
    arrived: int
    delivered: tuple[Attempts, ...]
    taken_over: tuple[Attempts, ...]


def measure_intrusion(devices: int, progress: Progress, script: Path = SCRIPT) -> Intrusion:
    """Sets up the broker that is shipped, for so many devices, and lets each try everything on each other one.

    Blocks for some seconds for each pair of devices.

    Raises:
        Unsupported: this is no checkout, or Mosquitto is not installed.
        Unavailable: the broker does not run, or does not let through what it must.
    """
    names = [f"door-{number}" for number in range(1, devices + 1)]
    with tempfile.TemporaryDirectory(prefix="edged-bench-") as folder:
        broker = SampleBroker(Path(folder), script)
        logins = logins_for(broker, names)
        with broker:
            return try_everything(broker, logins, progress)


def try_everything(
    broker: SampleBroker, logins: Mapping[str, Login], progress: Progress, protocols: Sequence[Protocol] = PROTOCOLS
) -> Intrusion:
    """The same on a broker that runs, with the logins of `logins_for`."""
    delivered: list[Attempts] = []
    taken_over: list[Attempts] = []
    allowed = arrived = devices = 0
    steps = len(protocols) * (len(ON_TOPICS) + len(ON_SESSIONS))
    for protocol in protocols:
        with BrokerSite(broker, logins, protocol) as site:
            devices = len(site.devices)
            said = site.say_all(retain=True)
            allowed, arrived = allowed + len(said), arrived + len(site.arrived(said))
            for attacks, found in ((ON_TOPICS, delivered), (ON_SESSIONS, taken_over)):
                for what, attack in attacks.items():
                    progress(f"{what}, MQTT {protocol}", len(delivered + taken_over) / steps)
                    found.append(Attempts(what, protocol, *attack(site)))
    return Intrusion(devices, allowed, arrived, tuple(delivered), tuple(taken_over))


def intrusion_report(found: Intrusion) -> Report:
    """As text, with what was aimed at."""
    rows = tuple(
        (one.what, one.protocol, f"{one.tried:,}", f"{one.succeeded:,}")
        for one in (*found.delivered, *found.taken_over)
    )
    goals = (
        _goal("another device's login on this device's topics: delivered", found.delivered),
        _goal("another device's login on this device's session: taken over", found.taken_over),
        Goal(
            "what is allowed arrives",
            "all",
            f"{found.arrived:,} of {found.allowed:,}",
            found.arrived == found.allowed,
        ),
    )
    text = f"""\
{found.devices} devices, each with a valid login, on the Mosquitto that `scripts/broker` sets up, with its access list;
every ordered pair of them, with MQTT 5 and 3.1.1, over TLS. What was said was looked for at an administrator who reads
`edged/#`, at Home Assistant, and at every device."""
    table = Table(("what was tried", "MQTT", "tried", "succeeded"), rows)
    return Report("The broker", (text, goals_table(goals), table))


def succeeded(attempts: tuple[Attempts, ...]) -> int:
    """How many of all did."""
    return sum(one.succeeded for one in attempts)


def _goal(what: str, attempts: tuple[Attempts, ...]) -> Goal:
    tried, done = sum(one.tried for one in attempts), succeeded(attempts)
    return Goal(what, "0", f"{done:,} of {tried:,}", done == 0)
