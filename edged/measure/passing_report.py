"""All of the door that is measured, and the section of the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.config.document import Document
from edged.domain.progress import Progress
from edged.measure.door_speed import DoorQueue, DoorSpeed, measure_door_queue, measure_door_speed
from edged.measure.door_strangers import AtTheDoor, DoorStrangers, try_strangers
from edged.measure.door_week import DoorWeek, live_a_week
from edged.measure.liveness_stand_in import MILLIONS
from edged.measure.proportion import Proportion
from edged.measure.report import Goal, Report, Table, goals_table
from edged.vision.sight import open_sight

_P50_MS: Final = 400.0
_P95_MS: Final = 800.0
_A_MINUTE: Final = 40.0
_HOW: Final = """\
From a face to the relay: a real `edged run` on two cores, a camera of 640 × 480 at 15 frames a second that is a
program and notes when it hands out the first frame with the face, a relay on a real Mosquitto; the time ends when its
message is there. Passive: no model is shipped, so one is put in its place that takes everybody for living and
multiplies {millions} million times for each face, as much as the dearest of the small networks there are. The queue:
people with two photographs come one after another; one photograph is enrolled, the other is shown, moved a little
from frame to frame. Strangers: the daemon's recogniser with the door preset (FPIR 1e-4), doorman and rules on a clock
moved by hand, five frames a photograph. The week: the daemon's doorman, access.db and outbox on a clock moved by
hand, faces made up; then everything is told to a real Mosquitto and read by a subscriber."""


@dataclass(frozen=True, slots=True)
class DoorAmount:
    """How much is measured; None: all there is."""

    appearances: int
    queue: int
    enrolled: int
    photographs: int | None
    passages: int


FULL: Final = DoorAmount(appearances=200, queue=120, enrolled=1000, photographs=None, passages=50_000)
QUICK: Final = DoorAmount(appearances=5, queue=6, enrolled=20, photographs=20, passages=200)


@dataclass(frozen=True, slots=True)
class DoorFound:
    """What was measured, see there."""

    speed: tuple[DoorSpeed, ...]
    queue: DoorQueue
    strangers: DoorStrangers
    week: DoorWeek

    @property
    def is_good(self) -> bool:
        """Nobody was let in who should not be, and nothing was lost."""
        return not (self.queue.wrongly or self.strangers.strangers.granted or self.strangers.members.wrongly) and (
            self.week.is_good
        )


def measure_door(
    document: Document,
    photo: Path,
    faces: Path,
    strangers: Path | None,
    aliases: Path | None,
    amount: DoorAmount,
    progress: Progress,
) -> DoorFound:
    """Everything, in temporary folders; raises what the parts raise.

    Args:
        document: names the models.
        photo: a portrait to show to a camera; faces, strangers, aliases: see `try_strangers`.
    """

    def step(begin: float, end: float) -> Progress:
        return lambda doing, share: progress(doing, begin + share * (end - begin))

    speed = (
        measure_door_speed(document.models, photo, amount.appearances, step(0.0, 0.2), passive=False),
        measure_door_speed(document.models, photo, amount.appearances, step(0.2, 0.4), passive=True),
    )
    queue = measure_door_queue(document.models, faces, amount.queue, step(0.4, 0.45))
    met = try_strangers(
        document.models, faces, strangers, aliases, amount.enrolled, amount.photographs, step(0.45, 0.75)
    )
    week = live_a_week(open_sight(document.models), amount.passages, step(0.75, 1.0))
    return DoorFound(speed, queue, met, week)


def passing_report(found: DoorFound) -> Report:
    """The section of the page."""
    queue, met, week = found.queue, found.strangers, found.week
    goals = (
        *(goal for speed in found.speed for goal in _speed_goals(speed)),
        Goal(
            "people let through in a queue",
            f"≥ {_A_MINUTE:.0f} a minute",
            f"{queue.a_minute:.0f}",
            queue.a_minute >= _A_MINUTE,
        ),
        Goal("wrong names in the queue", "0", str(queue.wrongly), not queue.wrongly),
        Goal(
            f"openings for strangers, {met.enrolled:,} enrolled",
            "0",
            f"{met.strangers.granted} of {met.strangers.seen:,} photographs with a face",
            not met.strangers.granted,
        ),
        Goal(
            "a week without broker: decided",
            "all",
            f"{week.decided:,} of {week.passages:,}, {week.opened:,} openings of {week.expected_openings:,}",
            week.decided == week.passages and week.opened == week.expected_openings,
        ),
        Goal(
            "the same: told afterwards, in order",
            "all",
            f"{week.heard:,} of {week.kept:,}, {week.out_of_order} out of order, {week.dropped} dropped",
            week.heard == week.kept and not week.out_of_order and not week.dropped,
        ),
    )
    rows = tuple(_row(what, visitors) for what, visitors in (("strangers", met.strangers), ("members", met.members)))
    refused = Proportion(max(0, met.members.seen - met.members.granted), met.members.seen)
    return Report(
        "The door",
        (
            _HOW.format(millions=MILLIONS),
            goals_table(goals),
            Table(("who", "people", "photographs", "with a face", "let through", "as somebody else", "refused"), rows),
            _words(found, refused),
        ),
    )


def _speed_goals(speed: DoorSpeed) -> tuple[Goal, Goal]:
    spread = speed.to_relay
    return (
        Goal(
            f"face to relay, liveness {speed.liveness}, p50",
            f"≤ {_P50_MS:.0f} ms",
            f"{spread.p50:.0f} ms",
            spread.p50 <= _P50_MS,
        ),
        Goal("the same, p95", f"≤ {_P95_MS:.0f} ms", f"{spread.p95:.0f} ms", spread.p95 <= _P95_MS),
    )


def _row(what: str, visitors: AtTheDoor) -> tuple[str, ...]:
    words = ", ".join(f"{word} {count:,}" for word, count in visitors.refused.items())
    figures = (visitors.people, visitors.photographs, visitors.seen, visitors.granted, visitors.wrongly)
    return (what, *(f"{figure:,}" for figure in figures), words)


def _words(found: DoorFound, refused: Proportion) -> str:
    queue, met, week = found.queue, found.strangers, found.week
    came = sum(speed.appearances for speed in found.speed)
    opened = sum(speed.opened for speed in found.speed)
    return (
        f"Members refused wrongly: {refused.text()} of single photographs, with one photograph enrolled each; whoever "
        f"stands there a moment longer is looked at again. {met.not_fit} people were left out because their photograph "
        f"was not fit to enrol. In the queue {queue.opened} of {queue.people} were let through, each shown for "
        f"{queue.shown_s:.1f} s with the pause after; {opened} of {came} appearances opened the "
        f"door. In the week a decision took {week.deciding_ms:.1f} ms of processor time, median, the outbox's commit "
        f"included; telling {week.kept:,} took {week.telling_s:.0f} s."
    )
