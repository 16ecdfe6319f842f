"""The thread that keeps the doors: what cameras saw and what doors said come in, orders to relays go out."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final, TypeVar

from edged.access.doorstep import Doorstep
from edged.access.standing import Standing
from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.audit.noting import Noting
from edged.config.layers import Loaded
from edged.control.doors import Opening
from edged.credentials.credentials import Credentials
from edged.domain.curve import Curve
from edged.domain.door import Alarm, DoorSignal, DoorState, Mode, Signal
from edged.domain.errors import EdgedError, Refused
from edged.domain.frame import Frame, Moment
from edged.domain.passage import FRESH_S, Factor
from edged.domain.person import Person
from edged.domain.screen import Screen, Stage
from edged.liveness.challenge import ChallengeSettings
from edged.mqtt.outbox import News
from edged.runtime.clock import Clock
from edged.runtime.code_reader import Codes
from edged.runtime.conditions import Conditions
from edged.runtime.doorway import Counter, Doorway, Line
from edged.runtime.errand import Errand, Errands
from edged.runtime.gatebook import Gatebook
from edged.runtime.judge import Seen
from edged.runtime.stop import Stop
from edged.wire.passage import Cause

_T = TypeVar("_T")

_ROUND_S: Final = 0.1
_IDLE_S: Final = 0.25
"""Without a door there is nothing to do but to see whether one was pushed; a stop waits no longer for it than this."""
_BOOK_S: Final = 1.0
_AGAIN_ROUNDS: Final = 20
"""After so many rounds what could not be opened is tried again."""
_ANSWER_S: Final = 3.0
_MOST_SEEN: Final = 16
"""Looks that wait; a head turn is judged frame by frame, so that a few may wait, and above the oldest are dropped."""
_MOST_SIGNALS: Final = 256
_CODE_EVERY_S: Final = 0.3
"""A code is looked for so often: it takes as long as a look at a frame."""
_SAME_CODE_S: Final = 4.0
"""A code that is held up goes on being seen; it counts once, and once more when somebody else's is waited for."""


class Doorman:
    """Keeps all doors of the configuration: `edged.control.doors.Doors` among others.

    Whatever is asked of it is done on its own thread, so that nothing at a door happens twice at once; whoever asks
    waits for some milliseconds, and for `_ANSWER_S` at most. `screen` and `states` read what is there.

    Args:
        loaded: the document in force, asked at every round.
        line: to the relays.
        open_credentials: opens the codes and passes; called on the doorman's thread.
        departed: who was deleted, our ids; called on the doorman's thread, now and then.
        codes: reads QR codes in frames; closed when the doorman ends.
        boot: names this start of the machine.
        curve: of the embedder, for head turns.
        person: whoever has this id of ours, as enrolled now.
        sees: whether a camera gives pictures.
        tell: keeps passages and alarms; audit: takes notes.
        took: see `Counter`.
        closely: told which cameras' faces are to be embedded in every frame.
        changed: called when a door's state has changed.
        new_id: makes a UUIDv7 of a moment.
    """

    def __init__(
        self,
        loaded: Callable[[], Loaded],
        line: Line,
        *,
        open_credentials: Callable[[], Credentials],
        departed: Callable[[], Collection[str]],
        codes: Codes,
        boot: str,
        curve: Curve,
        person: Callable[[str], Person | None],
        sees: Callable[[str], bool],
        tell: Callable[[tuple[News, ...]], None],
        audit: Noting,
        took: Callable[[str, float], None],
        closely: Callable[[frozenset[str]], None],
        changed: Callable[[], None],
        new_id: Callable[[Moment], str],
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self._loaded = loaded
        self._line = line
        self._open_credentials = open_credentials
        self._departed = departed
        self._boot = boot
        self._curve = curve
        self._person = person
        self._sees = sees
        self._tell = tell
        self._audit = audit
        self._took = took
        self._closely = closely
        self._changed = changed
        self._new_id = new_id
        self._clock = clock
        self._conditions = conditions
        self._came = threading.Condition()
        self._seen: deque[Seen] = deque(maxlen=_MOST_SEEN)
        self._signals: deque[DoorSignal] = deque(maxlen=_MOST_SIGNALS)
        self._errands = Errands()
        self._book: Gatebook | None = None
        self._booked = float("-inf")
        self._in_force: Loaded | None = None
        self._doors: Mapping[str, Doorway] = MappingProxyType({})
        self._reader = codes
        self._codes: dict[str, tuple[str, str, float]] = {}
        self._code_looked = float("-inf")
        self._cameras: frozenset[str] = frozenset()
        self._watched: frozenset[str] = frozenset()
        self.alive = clock.now()
        """When this thread last came round."""

    def heed(self, seen: Seen) -> None:
        """A frame was judged. The judge's thread; returns at once."""
        if seen.frame.camera not in self._cameras:
            return  # nobody's: it shall not push out the frames of a door
        with self._came:
            self._seen.append(seen)
            self._came.notify()

    def heard(self, signal: DoorSignal) -> None:
        """A door said something. The line's thread; returns at once."""
        with self._came:
            self._signals.append(signal)
            self._came.notify()

    def screen(self, door: str) -> Screen:
        """What the screen at a door shows now. Any thread; never blocks."""
        doorway = self._doors.get(door)
        return Screen(Stage.CLOSED, door=door) if doorway is None else doorway.screen

    def states(self) -> Mapping[str, DoorState]:
        """How the doors are now. Any thread; never blocks."""
        return {name: doorway.state for name, doorway in self._doors.items()}

    def open(self, door: str, *, by: str) -> Opening:
        """See `Doors.open`."""
        made = self._clock.now().mono

        def work() -> Opening:
            doorway = self._door(door)
            doorway.open(Cause.OPERATOR, by, made=made)
            return Opening(doorway.name, doorway.doorstep.settings.pulse_s)

        return self._ask(work).result(_ANSWER_S)

    def present(self, door: str, factor: Factor, code: str) -> None:
        """A code was typed or scanned at a door; what comes of it is shown there.

        Raises:
            Refused: `no_door`, `too_many`, `not_taken`.
            Unavailable: nobody came round to it.
        """
        at = self._clock.now()
        self._ask(lambda: self._door(door).show(factor, code, at)).result(_ANSWER_S)

    def set_mode(self, door: str, mode: Mode, *, by: str) -> None:
        """Sets how a door stands; `normal`: as its schedule says. Raises as `open`."""

        def work() -> None:
            doorway, now, book = self._door(door), self._clock.now(), self._opened_book()
            book.standing = book.standing.with_mode(doorway.name, mode, by=by, at=now)
            book.save(now)
            self._audit.note(Act.MODE, by=by, about={"door": doorway.name, "mode": mode.value}, at=now)
            self._step(now)

        self._ask(work).result(_ANSWER_S)

    def reset_area(self, area: str, *, by: str) -> None:
        """Everybody counts as being outside of an area."""

        def work() -> None:
            now, book = self._clock.now(), self._opened_book()
            book.standing = book.standing.reset(area)
            book.save(now)
            self._audit.note(Act.AREA, by=by, about={"area": area}, at=now)

        self._ask(work).result(_ANSWER_S)

    def quiet(self, door: str, alarm: Alarm, *, by: str) -> None:
        """Somebody has seen to an alarm. Raises as `open`."""

        def work() -> None:
            doorway = self._door(door)
            doorway.quiet(alarm)
            about: dict[str, Fact] = {"door": doorway.name, "alarm": alarm, "on": False}
            self._audit.note(Act.ALARM, by=by, about=about, at=self._clock.now())

        self._ask(work).result(_ANSWER_S)

    def standing(self) -> Standing:
        """How things stand at the doors now. Any thread; never blocks."""
        book = self._book
        return Standing() if book is None else book.standing

    def run(self, stop: Stop) -> None:
        """Keeps the doors until `stop`. Blocks."""
        while not stop.is_set():
            try:
                self.run_once(_ROUND_S if self._doors else _IDLE_S)
            except EdgedError as error:  # access.db cannot be opened: nobody can be judged, and nobody gets in
                self._conditions.begin("access", error)
                for _ in range(_AGAIN_ROUNDS):
                    self._let_out()
                    if stop.wait(_ROUND_S):
                        break
        self._errands.close()
        self._reader.close()
        if self._book is not None:
            self._book.close(self._clock.now())

    def run_once(self, seconds: float) -> None:
        """Waits so long for something to do, and does all there is."""
        with self._came:
            if not self._seen and not self._signals and not self._errands.waits():
                self._came.wait(seconds)
        self.alive = self._clock.now()
        self._follow_document()
        with self._came:
            seen, signals = tuple(self._seen), tuple(self._signals)
            self._seen.clear()
            self._signals.clear()
        for signal in signals:
            if signal.door in self._doors:
                self._doors[signal.door].hear(signal)
        for item in seen:
            self._look(item)
        while self._errands.waits():
            self._errands.do_one()
        self._step(self._clock.now())

    def _let_out(self) -> None:
        """Follows the exit buttons whatever else does not work: nobody is kept in. What was said stays to be heard."""
        doors, now = self._loaded().document.access.doors, self._clock.now().mono
        for said in tuple(self._signals):
            if said.signal is Signal.EXIT_PRESSED and said.door in doors and now - said.at.mono <= FRESH_S:
                token = f"exit-{said.at.mono:.3f}"  # the line follows it once, however often it is said
                with suppress(EdgedError):
                    self._line.pulse(said.door, doors[said.door].pulse_s, token=token, made=said.at.mono)

    def _look(self, seen: Seen) -> None:
        frame, looked = seen.frame, False
        size = (frame.image.shape[1], frame.image.shape[0])
        for doorway in self._doors.values():
            if doorway.doorstep.settings.camera == frame.camera:
                looked = True
                doorway.answer(doorway.doorstep.look(seen.look.sightings, size, frame.at))
        if looked:
            self._watch_closely()
            self._read_code(frame)

    def _watch_closely(self) -> None:
        """Says at once at which cameras a head turn is judged."""
        doors = self._doors.values()
        wanted = frozenset(door.doorstep.settings.camera for door in doors if door.doorstep.wants_every_frame)
        if wanted != self._watched:
            self._watched = wanted
            self._closely(wanted)

    def _read_code(self, frame: Frame) -> None:
        """A code that is held up to the camera counts at the doors that take one."""
        taking = [
            door
            for door in self._doors.values()
            if door.doorstep.settings.camera == frame.camera and Factor.QR in door.doorstep.takes_codes
        ]
        now = self._clock.now()
        if not taking or now.mono - self._code_looked < _CODE_EVERY_S:
            return
        self._code_looked = now.mono
        held = self._reader.read(frame.image, frame.at, now)
        if held is None:
            return
        for door in taking:
            person = door.doorstep.person
            last, for_whom, until = self._codes.get(door.name, ("", "", 0.0))
            whose = for_whom if person is None else person.id
            self._codes[door.name] = held.text, whose, now.mono + _SAME_CODE_S
            if held.text != last or whose != for_whom or now.mono >= until:
                self._show(door, held.text, held.at)

    def _show(self, door: Doorway, code: str, at: Moment) -> None:
        try:
            door.show(Factor.QR, code, at)
        except Refused:
            return  # the screen says so

    def _step(self, now: Moment) -> None:
        if not self._doors:
            self._watch_closely()
            return
        book = self._opened_book()
        if now.mono - self._booked >= _BOOK_S:
            self._booked = now.mono
            for area, by in book.follow(now):
                self._audit.note(Act.AREA, by=by, about={"area": area}, at=now)
        is_news = False
        for doorway in self._doors.values():
            camera = doorway.doorstep.settings.camera
            doorway.answer(doorway.doorstep.lapse(now))
            is_news |= doorway.step(now, sees=not camera or self._sees(camera))
        self._watch_closely()
        if is_news:
            self._changed()

    def _follow_document(self) -> None:
        """Takes over the document in force: doors come, change and go."""
        loaded = self._loaded()
        if loaded is self._in_force:
            return
        doors: dict[str, Doorway] = {}
        for name, settings in loaded.document.access.doors.items():
            camera = loaded.document.cameras.get(settings.camera)
            challenge = ChallengeSettings.of(self._curve, mirrored=camera is not None and camera.mirror)
            doors[name] = self._doors.get(name) or self._made(name, loaded, challenge)
            doors[name].configure(loaded, challenge)
        for name in self._doors.keys() - doors.keys():
            self._doors[name].close()
            self._codes.pop(name, None)
        self._doors = MappingProxyType(doors)
        self._cameras = frozenset(door.doorstep.settings.camera for door in doors.values())
        self._in_force = loaded

    def _made(self, name: str, loaded: Loaded, challenge: ChallengeSettings) -> Doorway:
        doorstep = Doorstep(
            name,
            loaded.document.access.doors[name],
            challenge,
            min_eyes_px=loaded.document.quality.min_eye_distance,
            new_id=self._new_id,
            entropy=os.urandom,
        )
        counter = Counter(
            line=self._line,
            book=self._opened_book(),
            person=self._person,
            tell=self._tell,
            audit=self._audit,
            took=self._took,
            new_id=self._new_id,
            now=self._clock.now,
        )
        return Doorway(name, doorstep, loaded, counter)

    def _opened_book(self) -> Gatebook:
        if self._book is None:
            self._book = Gatebook(
                self._open_credentials(), self._boot, self._clock.now(), self._conditions, self._departed
            )
        return self._book

    def _door(self, name: str) -> Doorway:
        if not name and len(self._doors) == 1:
            return next(iter(self._doors.values()))
        if name in self._doors:
            return self._doors[name]
        if not name and self._doors:
            raise Refused("which_door", f"there are several doors: {', '.join(self._doors)}", "Name one of them.")
        raise Refused("no_door", f"there is no door {name}" if name else "this device has no door")

    def _ask(self, work: Callable[[], _T]) -> Errand[_T]:
        errand = self._errands.add(work)
        with self._came:
            self._came.notify()
        return errand
