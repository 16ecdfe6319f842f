"""The doorman, round by round: real rules, real codes, and a line that counts what it is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import cv2
import numpy as np
import pytest

from edged.access.standing_record import struck_out
from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.config.document import Document
from edged.config.layers import Loaded
from edged.config.pushed import Pushed
from edged.credentials.credentials import Credentials
from edged.credentials.qr import qr_png
from edged.domain.curve import Curve
from edged.domain.door import Alarm, DoorSignal, Mode, Signal
from edged.domain.errors import Refused, Unavailable
from edged.domain.event import Outcome
from edged.domain.face import Box
from edged.domain.frame import Frame, Image, Moment
from edged.domain.passage import Factor, Verdict
from edged.domain.person import Person
from edged.domain.screen import Prompt, Stage
from edged.mqtt.outbox import News
from edged.recognition.recognizer import Look, Sighting
from edged.runtime.code_reader import HeldCode
from edged.runtime.conditions import Conditions
from edged.runtime.doorman import Doorman
from edged.runtime.judge import Seen
from edged.runtime.state_dir import StateDir, new_id
from edged.runtime.stop import Stop
from edged.vision.qr import QrReader, fitted
from edged.wire.door import AlarmRecord
from edged.wire.passage import Cause, PassageRecord
from tests.access.site import ANNA, BEN
from tests.liveness.solid import head, turned
from tests.runtime.hand_clock import HandClock

CURVE: Final = Curve(((1e-2, 0.30), (1e-3, 0.37), (1e-4, 0.42), (1e-5, 0.47)), 38.0, -12.5)
FACE: Final = np.array([[290, 200], [350, 200], [320, 240], [295, 275], [345, 275]], np.float32)
EMBEDDING: Final = np.eye(128, dtype=np.float32)[0]
DARK: Final = np.zeros((480, 640, 3), np.uint8)
PIN: Final = "482915"

_T = TypeVar("_T")


class CountingLine:
    """As much of `DoorLine` as a door needs; keeps its promises about what is stale or was there before."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.pulses: list[tuple[str, float]] = []
        self.held: set[str] = set()
        self.is_there = True
        self._tokens: set[str] = set()

    def pulse(self, door: str, seconds: float, *, token: str, made: float) -> None:
        if not self.is_there:
            raise Unavailable("there is no helper that holds the doors at the moment")
        if not 0 <= self._clock.now().mono - made <= 1.0:
            raise Refused("stale", "the decision is old")
        if token in self._tokens:
            raise Refused("repeated", "this order has been carried out already")
        self._tokens.add(token)
        self.pulses.append((door, seconds))

    def hold(self, door: str, on: bool) -> None:
        if on:
            self.held.add(door)
        else:
            self.held.discard(door)

    def reachable(self, door: str) -> bool:
        return self.is_there


class Notes:
    def __init__(self) -> None:
        self.kept: list[tuple[Act, str, Mapping[str, Fact]]] = []

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        self.kept.append((act, by, dict(about)))


class Gate:
    """A doorman, and what is around it."""

    def __init__(self, folder: Path, **doors: dict[str, Any]) -> None:
        self.folder = folder
        self.clock = HandClock(time.time())
        self.line = CountingLine(self.clock)
        self.notes = Notes()
        self.told: list[News] = []
        self.dies_telling = False
        self.people = {ANNA.id: ANNA, BEN.id: BEN}
        self.departed: set[str] = set()
        self.sees = True
        self.closely: frozenset[str] = frozenset()
        self.changes = 0
        self.conditions = Conditions(self.clock)
        self.fault: Unavailable | None = None
        self.frames = 0
        self.loaded = self.document_with(doors)
        self.doorman = self.made()

    def made(self) -> Doorman:
        return Doorman(
            lambda: self.loaded,
            self.line,
            open_credentials=self._open,
            departed=lambda: self.departed,
            codes=CodesAtOnce(),
            boot="boot",
            curve=CURVE,
            person=self.people.get,
            sees=lambda _camera: self.sees,
            tell=self._tell,
            audit=self.notes,
            took=lambda _camera, _seconds: None,
            closely=self._watch,
            changed=self._count,
            new_id=new_id,
            clock=self.clock,
            conditions=self.conditions,
        )

    def document_with(self, doors: Mapping[str, Mapping[str, Any]], **camera: Any) -> Loaded:
        tree = {
            "device": {"name": "gate", "state": str(self.folder)},
            "cameras": {name: {"kind": "demo", "photo": "/photo.jpg", **camera} for name in ("porch", "yard")},
            "access": {
                "schedules": {"always": {day: ["00:00-24:00"] for day in DAYS}},
                "doors": {name: {"camera": "porch", **door} for name, door in doors.items()},
            },
        }
        return Loaded(Document.model_validate(tree), {}, "c1", None, {}, Pushed())

    @contextmanager
    def credentials(self) -> Iterator[Credentials]:
        state = StateDir.of(self.loaded.document)
        with closing(state.open_credentials(self.loaded.document)) as credentials:
            yield credentials

    def round(self, seconds: float = 0.1, times: int = 1) -> None:
        for _ in range(times):
            self.clock.advance(seconds)
            self.doorman.run_once(0.0)

    def see(
        self, *faces: Sighting, image: Image = DARK, times: int = 1, camera: str = "porch", after: float = 0.1
    ) -> None:
        for _ in range(times):
            self.clock.advance(after)
            self.frames += 1
            frame = Frame(camera, self.frames, self.clock.now(), image)
            self.clock.advance(0.02)
            self.doorman.heed(Seen(frame, Look((), faces)))
            self.doorman.run_once(0.0)

    def ask(self, work: Callable[[], _T]) -> _T:
        """As another thread does, while the doorman goes round."""
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(work)
            while not asked.done():
                self.doorman.run_once(0.005)
            return asked.result()

    def type(self, code: str, factor: Factor = Factor.PIN, door: str = "main") -> None:
        self.ask(lambda: self.doorman.present(door, factor, code))

    def hear(self, signal: Signal, door: str = "main") -> None:
        self.doorman.heard(DoorSignal(door, signal, self.clock.now()))
        self.round()

    @property
    def passages(self) -> list[PassageRecord]:
        return [item for item in self.told if isinstance(item, PassageRecord)]

    @property
    def records(self) -> list[AlarmRecord]:
        return [item for item in self.told if isinstance(item, AlarmRecord)]

    @property
    def alarms(self) -> list[tuple[Alarm, bool]]:
        return [(record.alarm, record.on) for record in self.records]

    @property
    def shows(self) -> tuple[Stage, str]:
        screen = self.doorman.screen("main")
        return screen.stage, screen.reason

    def _tell(self, news: tuple[News, ...]) -> None:
        if self.dies_telling:
            raise KeyboardInterrupt
        self.told.extend(news)

    def _open(self) -> Credentials:
        if self.fault is not None:
            raise self.fault
        return StateDir.of(self.loaded.document).open_credentials(self.loaded.document)

    def _watch(self, cameras: frozenset[str]) -> None:
        self.closely = cameras

    def _count(self) -> None:
        self.changes += 1


DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def sighting(person: Person | None = ANNA, **changes: Any) -> Sighting:
    outcome = Outcome.UNKNOWN if person is None else Outcome.KNOWN
    plain = Sighting(1, Box(250, 140, 390, 330), FACE, outcome, person, 0.7, 0.2, 0.45, 0.99, "v1", EMBEDDING, None)
    return replace(plain, **changes)


class CodesAtOnce:
    """Reads within this process, so that a round is a round."""

    def __init__(self) -> None:
        self._reader = QrReader()

    def read(self, image: Image, at: Moment, _now: Moment) -> HeldCode | None:
        text = self._reader.read(fitted(image))
        return HeldCode(text, at) if text else None

    def close(self) -> None:
        pass


def held_up(code: str) -> Image:
    """A frame in which somebody holds up the code of a pass."""
    code_image = cv2.imdecode(np.frombuffer(qr_png(code), np.uint8), cv2.IMREAD_COLOR)
    assert code_image is not None
    image = np.full((720, 960, 3), 90, np.uint8)
    image[100 : 100 + code_image.shape[0], 300 : 300 + code_image.shape[1]] = code_image
    # Nobody holds it straight; OpenCV's reader stumbles over one code in a hundred that is, and over none that is not.
    tilt = cv2.getRotationMatrix2D((480, 360), 4.0, 0.9)
    return cv2.warpAffine(image, tilt, (960, 720), borderValue=(90, 90, 90)).astype(np.uint8)


def test_whoever_may_pass_is_let_through_once_and_it_is_kept(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.round()
    gate.see(sighting(), times=3)
    assert gate.line.pulses == [("main", 4.0)]
    [passage] = gate.passages
    assert (passage.verdict, passage.cause, passage.person and passage.person.id) == (
        Verdict.GRANTED,
        Cause.PERSON,
        ANNA.id,
    )
    assert passage.opened
    [(act, _, about)] = gate.notes.kept
    assert (act, about["passage"], about["person"]) == (Act.DECISION, passage.id, ANNA.id)
    assert about["opened"] is True
    assert gate.shows == (Stage.GRANTED, "")


def test_what_was_seen_more_than_a_second_ago_opens_nothing(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"code_alone": ["pin"]})
    gate.round()
    frame = Frame("porch", 1, gate.clock.now(), DARK)
    gate.clock.advance(1.1)
    gate.doorman.heed(Seen(frame, Look((), (sighting(),))))
    gate.round(0.0)
    assert gate.line.pulses == []
    assert [passage.why for passage in gate.passages] == ["stale"]
    with gate.credentials() as credentials:
        credentials.set_code(BEN.id, Factor.PIN, PIN)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: gate.doorman.present("main", Factor.PIN, PIN))
        while not gate.doorman._errands.waits():
            time.sleep(0.001)
        gate.round(1.2)
        asked.result()
    assert gate.line.pulses == []
    assert gate.passages[-1].why == "stale", "a code counts from when it was typed"


def test_a_person_who_was_deleted_or_whose_groups_changed_is_judged_as_they_are_now(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"groups": ["staff"], "second_factor": ["pin"]})
    with gate.credentials() as credentials:
        credentials.set_code(ANNA.id, Factor.PIN, PIN)
    gate.round()
    gate.see(sighting())
    gate.people[ANNA.id] = replace(ANNA, groups=())
    gate.type(PIN)
    assert gate.passages[-1].why == "not_permitted"
    gate.people[ANNA.id] = ANNA
    gate.round(0.5, times=20)
    gate.see(sighting(track=2, visit="v2"))
    del gate.people[ANNA.id]
    gate.type(PIN)
    assert gate.passages[-1].person is None
    assert gate.line.pulses == []


def test_codes_that_fit_open_and_too_many_wrong_ones_close_the_keys(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"code_alone": ["pin"], "alarm_after": 3})
    with gate.credentials() as credentials:
        credentials.set_code(BEN.id, Factor.PIN, PIN)
    gate.round()
    gate.type(PIN)
    assert len(gate.line.pulses) == 1
    with pytest.raises(Refused, match="waits for no card"):
        gate.type("1", Factor.CARD)
    with pytest.raises(Refused, match="no door"):
        gate.type(PIN, door="nowhere")
    for number in range(5):
        gate.type(f"11{number}7")
        gate.round()
    with pytest.raises(Refused, match="too many"):
        gate.type(PIN)
    gate.round()
    assert gate.shows == (Stage.REFUSED, "too_many_codes")
    assert len(gate.line.pulses) == 1
    assert gate.alarms == [(Alarm.CODES, True)]
    gate.round(31.0)
    gate.type(PIN)
    assert len(gate.line.pulses) == 2
    gate.ask(lambda: gate.doorman.quiet("main", Alarm.CODES, by="guard"))
    gate.round(700.0)
    assert gate.alarms == [(Alarm.CODES, True), (Alarm.CODES, False)]
    assert (Act.ALARM, "guard") in [(act, by) for act, by, _ in gate.notes.kept]


def test_a_pass_that_is_held_up_to_the_camera_counts_once_for_each_showing(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"visitors": True})
    with gate.credentials() as credentials:
        now = gate.clock.now().utc
        _, code = credentials.issue("Parcel", valid_from=now - 60, valid_until=now + 3600, uses=2)
    gate.round()
    picture = held_up(code)
    gate.see(image=picture, times=12)
    assert len(gate.line.pulses) == 1
    assert gate.passages[-1].ticket is not None
    gate.round(5.0)
    gate.see(image=picture, times=4)
    gate.round(5.0)
    gate.see(image=picture, times=4)
    assert len(gate.line.pulses) == 2
    assert gate.passages[-1].why == "pass_used_up"


def test_a_second_factor_that_is_held_up_already_counts_once_the_face_is_known(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"visitors": True, "second_factor": ["qr"]})
    with gate.credentials() as credentials:
        now = gate.clock.now().utc
        over, over_code = credentials.issue("Old", valid_from=now - 60, valid_until=now + 1)
        good, good_code = credentials.issue("New", valid_from=now - 60, valid_until=now + 3600)
    gate.clock.advance(2)
    gate.round()
    gate.see(sighting(None, outcome=None), image=held_up(over_code), times=4)
    gate.see(sighting(), image=held_up(over_code), times=8)
    assert gate.line.pulses == [], f"a pass that is over is nobody's second factor: {over.id}"
    gate.see(sighting(), image=held_up(good_code), times=8)
    assert len(gate.line.pulses) == 1
    assert gate.passages[-1].ticket is not None
    assert gate.passages[-1].ticket.id == good.id


def test_an_operator_opens_unless_the_door_is_locked(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.round()
    assert gate.ask(lambda: gate.doorman.open("", by="guard")).door == "main"
    [passage] = gate.passages
    assert (passage.cause, passage.by) == (Cause.OPERATOR, "guard")
    assert "main" in gate.doorman.standing().let_through
    gate.ask(lambda: gate.doorman.set_mode("main", Mode.LOCKED, by="guard"))
    with pytest.raises(Refused, match="locked"):
        gate.ask(lambda: gate.doorman.open("main", by="guard"))
    gate.see(sighting())
    assert gate.passages[-1].why == "locked"
    gate.round()
    assert gate.shows == (Stage.CLOSED, "")
    gate.hear(Signal.EXIT_PRESSED)
    assert gate.passages[-1].cause is Cause.EXIT_BUTTON, "whoever is inside gets out all the same"
    assert len(gate.line.pulses) == 2


def test_a_mode_that_was_set_stays_over_a_restart_and_holding_open_does_not(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={}, back={})
    gate.round()
    gate.ask(lambda: gate.doorman.set_mode("main", Mode.LOCKED, by="guard"))
    gate.ask(lambda: gate.doorman.set_mode("back", Mode.HELD_OPEN, by="guard"))
    assert gate.line.held == {"back"}
    assert gate.doorman.states()["back"].mode is Mode.HELD_OPEN
    gate.line.held.clear()
    gate.doorman = gate.made()
    with pytest.raises(Refused, match="locked"):
        gate.ask(lambda: gate.doorman.open("main", by="guard"))
    assert gate.doorman.states()["back"].mode is Mode.NORMAL
    assert gate.line.held == set()


def test_a_door_is_held_open_at_its_hours_and_shut_again_when_they_are_taken_away(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"hold_open": "always"})
    gate.round()
    assert gate.line.held == {"main"}
    assert gate.shows == (Stage.OPEN, "")
    gate.loaded = gate.document_with({"main": {}})
    gate.round()
    assert gate.line.held == set()


def test_an_area_is_emptied_by_hand_and_by_another_process(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"area": "lab", "anti_passback": {"mode": "hard"}, "again_s": 1})
    gate.round()
    gate.see(sighting())
    assert gate.doorman.standing().inside["lab"].keys() == {ANNA.id}
    gate.see(sighting(), times=12)
    assert gate.passages[-1].why == "already_inside"
    gate.ask(lambda: gate.doorman.reset_area("lab", by="guard"))
    gate.see(sighting(), times=12)
    assert len(gate.line.pulses) == 2
    with gate.credentials() as credentials:
        credentials.ask_reset("lab", "shell")
    gate.round(1.1)
    assert not gate.doorman.standing().inside.get("lab")
    assert [by for act, by, _ in gate.notes.kept if act is Act.AREA] == ["guard", "shell"]


def test_pictures_in_place_of_faces_raise_an_alarm_that_is_over_at_last(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"again_s": 1, "liveness": "passive", "alarm_after": 3})
    gate.round()
    picture = sighting(None, outcome=Outcome.SPOOF, liveness=0.1)
    gate.see(picture, times=60)
    gate.round()
    assert gate.alarms == [(Alarm.SPOOF, True)]
    assert Alarm.SPOOF in gate.doorman.states()["main"].alarms
    assert len(gate.passages) == 1, "it is the same visit, however long it lasts"
    gate.round(601.0)
    assert gate.alarms == [(Alarm.SPOOF, True), (Alarm.SPOOF, False)]


def test_an_alarm_is_the_same_one_over_a_restart_and_ends_with_its_cause(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"alarm_after": 3, "code_alone": ["pin"]})
    gate.round()
    gate.hear(Signal.SHUT)
    gate.hear(Signal.OPENED)
    gate.hear(Signal.TAMPERED)
    for _ in range(3):
        gate.type("000000")
    gate.round()
    begun = [(record.alarm, record.raised) for record in gate.records if record.on]
    assert {alarm for alarm, _ in begun} == {Alarm.FORCED, Alarm.TAMPER, Alarm.CODES}

    gate.doorman = gate.made()
    gate.round()
    assert set(gate.doorman.states()["main"].alarms) == {Alarm.FORCED, Alarm.TAMPER, Alarm.CODES}
    gate.hear(Signal.OPENED)
    assert len(gate.records) == 3, "they have been told"
    gate.hear(Signal.SHUT)
    gate.hear(Signal.RESTORED)
    gate.round(601.0)
    assert sorted((record.alarm, record.raised) for record in gate.records if not record.on) == sorted(begun)
    gate.doorman = gate.made()
    gate.round()
    assert gate.doorman.states()["main"].alarms == ()


def test_an_alarm_that_was_cut_off_before_it_was_told_is_told_after_the_restart(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.round()
    gate.dies_telling = True
    with pytest.raises(KeyboardInterrupt):
        gate.hear(Signal.TAMPERED)
    gate.dies_telling = False
    gate.doorman = gate.made()
    gate.round()
    gate.hear(Signal.TAMPERED)  # its helper says again how the door is
    assert gate.alarms == [(Alarm.TAMPER, True)]


def test_states_are_told_when_they_change_and_not_otherwise(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.round(times=3)
    before = gate.changes
    gate.round(times=10)
    assert gate.changes == before
    gate.hear(Signal.OPENED)
    assert gate.changes == before + 1
    gate.line.is_there = False
    gate.round()
    assert gate.changes == before + 2
    assert not gate.doorman.states()["main"].reachable
    assert (gate.shows[0], gate.doorman.screen("main").prompt) == (Stage.AWAY, Prompt.RELAY_AWAY)


def test_a_door_that_did_not_open_says_so_and_counts_nobody_in(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"area": "lab"})
    gate.round()
    gate.line.is_there = False
    gate.see(sighting())
    assert not gate.doorman.standing().inside.get("lab")
    [passage] = gate.passages
    assert (passage.verdict, passage.opened) == (Verdict.GRANTED, False)
    assert [about["opened"] for act, _, about in gate.notes.kept if act is Act.DECISION] == [False]
    gate.line.is_there = True
    gate.round()
    assert gate.shows == (Stage.REFUSED, "call_guard")


def test_a_camera_that_gives_no_pictures_is_shown(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.round()
    assert gate.shows[0] is Stage.REST
    gate.sees = False
    gate.round()
    screen = gate.doorman.screen("main")
    assert (screen.stage, screen.prompt) == (Stage.AWAY, Prompt.CAMERA_AWAY)


def test_faces_of_other_cameras_are_no_matter_and_a_door_may_change_its_camera(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"second_factor": ["pin"]})
    with gate.credentials() as credentials:
        credentials.set_code(ANNA.id, Factor.PIN, PIN)
    gate.round()
    gate.see(sighting(), camera="yard")
    assert gate.shows == (Stage.REST, "")
    gate.see(sighting())
    assert gate.shows == (Stage.ASK_FACTOR, "")
    gate.loaded = gate.document_with({"main": {"camera": "yard", "second_factor": ["pin"]}})
    with pytest.raises(Refused, match="waits for no pin"):
        gate.type(PIN)
    gate.see(sighting(), camera="yard")
    assert gate.shows == (Stage.ASK_FACTOR, "")
    assert gate.line.pulses == []


def test_a_head_that_turns_as_the_screen_says_opens_the_door(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"liveness": "challenge"})
    gate.round()
    angle, wanted = 0.0, {Prompt.TURN_LEFT: 33.0, Prompt.TURN_RIGHT: -33.0}
    for _ in range(200):
        aim = wanted.get(gate.doorman.screen("main").prompt, 0.0)
        angle += max(-4.0, min(4.0, aim - angle))
        one = head(turned(angle), (0.0, 0.0, 60.0))
        gate.see(sighting(landmarks=one.landmarks, box=one.box), after=0.05)
        if gate.line.pulses:
            break
    assert gate.line.pulses == [("main", 4.0)]
    [passage] = gate.passages
    assert passage.liveness is not None
    assert passage.liveness.passed
    assert gate.closely == frozenset()


def test_a_door_that_is_taken_away_lets_go_and_its_alarms_are_over(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"liveness": "challenge"}, back={})
    gate.round()
    gate.ask(lambda: gate.doorman.set_mode("back", Mode.HELD_OPEN, by="guard"))
    gate.hear(Signal.TAMPERED, "back")
    near = (FACE - 320) * np.float32(1.5) + np.float32(320)
    gate.see(sighting(landmarks=near))
    assert gate.closely == {"porch"}
    gate.loaded = gate.document_with({})
    gate.round()
    assert gate.line.held == set()
    assert gate.alarms == [(Alarm.TAMPER, True), (Alarm.TAMPER, False)]
    assert gate.closely == frozenset()
    assert gate.doorman.states() == {}
    with pytest.raises(Refused, match="no door"):
        gate.ask(lambda: gate.doorman.open("main", by="guard"))


def test_codes_that_cannot_be_opened_at_first_keep_the_doors_shut_and_no_longer(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.fault = Unavailable("the disk is full")
    with pytest.raises(Unavailable):
        gate.round()
    gate.doorman.heard(DoorSignal("main", Signal.TAMPERED, gate.clock.now()))
    with pytest.raises(Unavailable):
        gate.round()
    gate.fault = None
    gate.round()
    assert gate.alarms == [(Alarm.TAMPER, True)], "what was said meanwhile is not lost"
    gate.see(sighting())
    assert len(gate.line.pulses) == 1


def test_nobody_is_kept_in_because_codes_cannot_be_opened(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={})
    gate.fault = Unavailable("the disk is full")
    stop = Stop()
    with ThreadPoolExecutor(1) as pool:
        keeping = pool.submit(lambda: gate.doorman.run(stop))
        gate.doorman.heard(DoorSignal("main", Signal.EXIT_PRESSED, gate.clock.now()))
        deadline = time.monotonic() + 10
        while not gate.line.pulses and time.monotonic() < deadline:
            time.sleep(0.01)
        stop.set()
        keeping.result()
    assert gate.line.pulses == [("main", 4.0)]


def test_a_clock_that_is_set_opens_nothing_and_shows_no_code_as_long_gone(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"second_factor": ["pin"]})
    with gate.credentials() as credentials:
        credentials.set_code(ANNA.id, Factor.PIN, PIN)
    gate.round()
    gate.see(sighting())
    gate.clock.set(gate.clock.now().utc - 86_400)
    gate.see(sighting())
    until = gate.doorman.screen("main").until
    assert until is not None
    assert 0 < until - gate.clock.now().utc <= 15.1
    gate.type(PIN)
    assert len(gate.line.pulses) == 1


def test_who_was_deleted_counts_as_inside_no_more(tmp_path: Path) -> None:
    gate = Gate(tmp_path, main={"area": "lab"})
    gate.round()
    gate.see(sighting())
    gate.departed.add(ANNA.id)
    with gate.credentials() as credentials:
        credentials.forget(ANNA.id, lambda kept: struck_out(kept, {ANNA.id}))
    gate.round(1.1)
    assert not gate.doorman.standing().inside.get("lab")
