"""One door in use: who stands there, what is decided, the relay, the alarms, the screen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from edged.access.attempt_alarms import AttemptAlarms
from edged.access.attempts import Attempt
from edged.access.decide import decide, used_pass
from edged.access.door_mode import mode_of
from edged.access.doorstep import Doorstep
from edged.access.words import Reason
from edged.audit.act import Act
from edged.audit.chain import DEVICE
from edged.audit.entry import Fact
from edged.audit.noting import Noting
from edged.config.layers import Loaded
from edged.domain.door import Alarm, DoorAlarm, DoorSignal, DoorState, Mode, Signal
from edged.domain.errors import EdgedError, Refused
from edged.domain.event import Outcome
from edged.domain.frame import Moment
from edged.domain.passage import Decision, Factor, Knock, Pass, Verdict, Way
from edged.domain.person import Person
from edged.domain.screen import Prompt, Screen, Stage
from edged.doors.watch import DoorWatch
from edged.liveness.challenge import ChallengeSettings
from edged.mqtt.outbox import News
from edged.runtime.gatebook import Gatebook
from edged.wire.door import alarm_of
from edged.wire.passage import Cause, opening_of, passage_of

log = logging.getLogger(__name__)

_STANDS_OPEN: Final = (Mode.HELD_OPEN, Mode.EMERGENCY)


class Line(Protocol):
    """The part of `DoorLine` that a door needs."""

    def pulse(self, door: str, seconds: float, *, token: str, made: float) -> None: ...
    def hold(self, door: str, on: bool) -> None: ...
    def reachable(self, door: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Counter:
    """What a door hands its news to, and asks for.

    Attributes:
        person: whoever has this id of ours, as enrolled now.
        tell: keeps passages and alarms for good.
        audit: takes notes.
        took: told how long it was from what was seen to the relay, seconds, and at which camera.
        new_id: makes a UUIDv7.
    """

    line: Line
    book: Gatebook
    person: Callable[[str], Person | None]
    tell: Callable[[tuple[News, ...]], None]
    audit: Noting
    took: Callable[[str, float], None]
    new_id: Callable[[Moment], str]
    now: Callable[[], Moment]


class Doorway:
    """Belongs to the doorman's thread.

    Attributes:
        name: of the door.
        screen: what is shown there now.
        state: how it is now.
    """

    def __init__(self, name: str, doorstep: Doorstep, loaded: Loaded, counter: Counter) -> None:
        self.name = name
        self.doorstep = doorstep
        self._loaded = loaded
        self._counter = counter
        on = counter.book.standing.alarms.get(name, ())
        self._watch = DoorWatch(name, doorstep.settings.open_too_long_s, counter.new_id, on)
        self._attempts = AttemptAlarms(name, counter.new_id, on)
        self._is_held = False
        now = counter.now()
        self.screen = Screen(Stage.REST, door=name)
        self.state = self._state(Mode.NORMAL, now)

    def configure(self, loaded: Loaded, challenge: ChallengeSettings) -> None:
        """Another document is in force, in which the door still is.

        Args:
            challenge: how a head turn is judged at its camera.
        """
        document = loaded.document
        settings = document.access.doors[self.name]
        self._loaded = loaded
        self.doorstep.configure(settings, challenge, document.quality.min_eye_distance)
        self._watch.configure(settings.open_too_long_s)

    def close(self) -> None:
        """The door is there no more: what was begun there ends."""
        self._counter.line.hold(self.name, on=False)
        for alarm in self.state.alarms:
            self.quiet(alarm)

    def answer(self, knock: Knock | None) -> None:
        """Decides, and opens where it may."""
        if knock is None:
            return
        counter, now = self._counter, self._counter.now()
        if knock.person is not None:
            knock = _as_enrolled(knock, counter.person(knock.person.id))
        book = counter.book
        access = self._loaded.document.access
        decision = decide(knock, access, book.standing, now, id=counter.new_id(now), config=self._loaded.digest)
        is_open = decision.verdict is Verdict.GRANTED and self._opens_for(decision)
        if is_open or decision.verdict is not Verdict.GRANTED:
            book.standing = book.standing.after_passage(decision, access)
        for _ in knock.wrong:
            book.standing = book.standing.after_attempt(self.name, Attempt.CODE, now)
        is_news = self.doorstep.heed(decision, now, is_open=is_open)
        if is_news:
            self._keep(decision, opened=is_open)
        book.save(now)

    def show(self, factor: Factor, code: str, at: Moment) -> None:
        """A code was typed, or shown, at this moment.

        Raises:
            Refused: `too_many`, `not_taken`.
        """
        counter, now, doorstep = self._counter, self._counter.now(), self.doorstep
        wait_s = counter.book.standing.attempts.wait_s(self.name, now.mono)
        if wait_s > 0:
            doorstep.say(Reason.TOO_MANY_CODES, now)
            raise Refused("too_many", "too many wrong codes were tried here", f"Wait {wait_s:.0f} s.")
        if factor not in doorstep.takes_codes:
            raise Refused("not_taken", f"the door {self.name} waits for no {factor.value} now")
        person, ticket = doorstep.person, None
        if person is None or not counter.book.fits(person.id, factor, code):
            found = counter.book.whose(factor, code)
            ticket = found if isinstance(found, Pass) else None
            person = counter.person(found) if isinstance(found, str) and person is None else None
        self.answer(doorstep.show(factor, person, ticket, at))

    def open(self, cause: Cause, by: str, *, made: float) -> None:
        """Opens without judging anybody.

        Args:
            made: monotonic seconds, when it was asked for.

        Raises:
            Refused, Unavailable: it did not open.
        """
        counter, now, settings = self._counter, self._counter.now(), self.doorstep.settings
        book, access = counter.book, self._loaded.document.access
        if cause is Cause.OPERATOR and mode_of(self.name, access, book.standing, now) is Mode.LOCKED:
            raise Refused("locked", f"the door {self.name} is locked", "Give it back to its schedule first.")
        token = counter.new_id(now)
        counter.line.pulse(self.name, settings.pulse_s, token=token, made=made)
        book.standing = book.standing.after_opening(self.name, now)
        way = Way(settings.way) if cause is Cause.OPERATOR else Way.OUT
        record = opening_of(token, self.name, way, cause, by=by, at=now.utc, config=self._loaded.digest)
        counter.tell((record,))
        counter.audit.note(Act.OPENING, by=by or cause.value, about={"door": self.name, "passage": token}, at=now)

    def hear(self, signal: DoorSignal) -> None:
        """The door said something."""
        book = self._counter.book
        book.standing = book.standing.after_signal(signal)
        self._tell(self._watch.see(signal))
        if signal.signal is Signal.EXIT_PRESSED:
            try:
                self.open(Cause.EXIT_BUTTON, "", made=signal.at.mono)
            except EdgedError as error:
                log.warning("the door %s was not opened by its exit button: %s", self.name, error.what)

    def quiet(self, alarm: Alarm) -> None:
        """Somebody has seen to an alarm."""
        now = self._counter.now()
        self._tell(self._watch.quiet(alarm, now))
        self._tell(self._attempts.quiet(alarm, self._counter.book.standing.attempts, now))

    def step(self, now: Moment, *, sees: bool) -> bool:
        """Lets time pass: doors that stand open by schedule, alarms, waiting that is over.

        Args:
            sees: the camera gives pictures, or there is none.

        Returns:
            whether the door's state has changed.
        """
        standing, access = self._counter.book.standing, self._loaded.document.access
        mode = mode_of(self.name, access, standing, now)
        if (mode in _STANDS_OPEN) != self._is_held:
            self._is_held = not self._is_held
            self._counter.line.hold(self.name, self._is_held)
            self._counter.audit.note(Act.MODE, by=DEVICE, about={"door": self.name, "mode": mode}, at=now)
        self._tell(self._watch.tick(now))
        self._tell(self._attempts.follow(standing.attempts, self.doorstep.settings.alarm_after, now))
        for decision in self.doorstep.given_up:
            self._keep(decision, opened=False)
        self.doorstep.given_up.clear()
        self._show(mode, now, sees=sees)
        state = self._state(mode, now)
        if replace(state, since=self.state.since) == self.state:
            return False
        self.state = state
        return True

    def _opens_for(self, decision: Decision) -> bool:
        """Has the relay let somebody through; false where it did not come to that."""
        ticket = used_pass(decision)
        if ticket is not None and not self._counter.book.use(ticket):
            return False
        at = decision.knock.at
        try:
            self._counter.line.pulse(self.name, self.doorstep.settings.pulse_s, token=decision.id, made=at.mono)
        except EdgedError as error:
            log.warning("the door %s was to open and did not: %s", self.name, error)
            return False
        self._counter.took(decision.knock.camera, self._counter.now().mono - at.mono)
        return True

    def _keep(self, decision: Decision, *, opened: bool) -> None:
        record = passage_of(decision, opened=opened)
        self._counter.tell((record,))
        knock = decision.knock
        self._counter.audit.note(
            Act.DECISION,
            by=DEVICE,
            about={
                "door": knock.door,
                "passage": decision.id,
                "knock": knock.id,
                "verdict": decision.verdict.value,
                "opened": opened,
                "rule": decision.decided_by.value,
                "why": decision.why,
                "person": knock.person.id if knock.person else None,
                "pass": knock.ticket.id if knock.ticket else None,
                "similarity": record.similarity,
                "config": decision.config,
            },
            at=decision.at,
        )

    def _tell(self, alarms: Sequence[DoorAlarm]) -> None:
        book = self._counter.book
        for alarm in alarms:
            self._counter.tell((alarm_of(alarm, self._counter.new_id(alarm.at)),))
            about: dict[str, Fact] = {"door": self.name, "alarm": alarm.alarm, "on": alarm.on, "detail": alarm.detail}
            self._counter.audit.note(Act.ALARM, by=DEVICE, about=about, at=alarm.at)
            # After it was told: what is remembered as told and was not would never be told any more.
            book.standing = book.standing.after_alarm(alarm)
            book.save(alarm.at)

    def _state(self, mode: Mode, now: Moment) -> DoorState:
        watch = self._watch
        alarms = (*watch.alarms, *self._attempts.alarms)
        reachable = self._counter.line.reachable(self.name)
        return DoorState(self.name, mode, watch.contact, watch.unlocked, reachable, alarms, now)

    def _show(self, mode: Mode, now: Moment, *, sees: bool) -> None:
        screen = self.doorstep.showing(now)
        if not self._counter.line.reachable(self.name):
            screen = Screen(Stage.AWAY, Prompt.RELAY_AWAY)
        elif mode in _STANDS_OPEN:
            screen = Screen(Stage.OPEN)
        elif mode is Mode.LOCKED:
            screen = Screen(Stage.CLOSED)
        elif not sees and not screen.accepts:
            screen = Screen(Stage.AWAY, Prompt.CAMERA_AWAY, accepts=self.doorstep.takes_codes)
        elif not screen.accepts:
            screen = replace(screen, accepts=self.doorstep.takes_codes)
        name = screen.name if self._loaded.document.kiosk.show_names else ""
        number = self.screen.number
        screen = replace(screen, door=self.name, name=name, progress=round(screen.progress, 2), number=number)
        if screen != self.screen:
            self.screen = replace(screen, number=number + 1)


def _as_enrolled(knock: Knock, person: Person | None) -> Knock:
    """The knock with the person as enrolled at this moment: groups and validity may have changed, or they are gone."""
    if person is not None:
        return replace(knock, person=person)
    outcome = Outcome.UNKNOWN if knock.outcome is Outcome.KNOWN else knock.outcome
    return replace(knock, person=None, outcome=outcome, factors=frozenset())
