"""What becomes of orders over the configuration, with a device whose health the test decides."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.config.kept import PUSHED, Kept, changing, push, read_pushed, write_pushed
from edged.config.layers import Loaded, keep_good, load
from edged.config.plan import Plan, plan
from edged.config.pushed import DEVICE, PAGE
from edged.config.store import MAX_KEPT
from edged.control.authority import CONFIG, Authority
from edged.domain.errors import Problem, Unavailable
from edged.domain.frame import Moment
from edged.runtime.boot import read_document
from edged.runtime.errand import Errand
from edged.runtime.eye import EyeState
from edged.runtime.probation import Vitals
from edged.runtime.steward import Steward
from edged.wire.order import Desired
from edged.wire.reported import Reported
from tests.runtime.hand_clock import HandClock

PROBATION_S = 10


@dataclass
class Door:
    """A device as the steward sees it."""

    loaded: Loaded
    clock: HandClock
    cameras: dict[str, EyeState] = field(default_factory=dict)
    connected: bool | None = True
    conditions: dict[str, str] = field(default_factory=dict)
    comes_round: bool = True
    found: tuple[Problem, ...] = ()
    followed: list[Plan] = field(default_factory=list)
    proven: list[Plan] = field(default_factory=list)
    anew: int = 0

    def follow(self, loaded: Loaded) -> None:
        self.followed.append(plan(self.loaded.document, loaded.document))
        self.loaded = loaded

    def vitals(self) -> Vitals:
        rounds = {"judge": self.clock.now().mono if self.comes_round else 0.0}
        return Vitals(self.cameras, self.connected, rounds, self.conditions)

    def begin_anew(self) -> None:
        self.anew += 1

    def prove(self, _loaded: Loaded, asked: Plan) -> Errand[tuple[Problem, ...]]:
        self.proven.append(asked)
        errand = Errand(lambda: self.found)
        errand.do()
        return errand


class Site:
    """A device's state directory, its file, and the steward that runs there."""

    def __init__(self, folder: Path, text: str = "") -> None:
        self.file = folder / "edged.yaml"
        self.file.write_text(
            f"device: {{name: door, state: {folder}}}\ncontrol: {{probation_s: {PROBATION_S}}}\n"
            f"cameras: {{front: {{kind: v4l2}}}}\n{text}"
        )
        self.state = folder
        self.clock = HandClock()
        self.noted: list[tuple[Act, str, dict[str, Fact]]] = []
        self.start()

    def start(self) -> None:
        """As the daemon starts: on the disk is what there is."""
        boot = read_document(self.file, self.clock.now().utc)
        self.door = Door(boot.loaded, self.clock, {"front": EyeState.ONLINE})
        authority = Authority("door", lambda: self.door.loaded.document.control.groups, None)
        self.steward = Steward(
            self.state,
            self.door,
            lambda payload, to, now: authority.opened(payload, Desired, kind=CONFIG, to=to, now=now),
            clock=self.clock,
            wake=lambda: None,
            noting=self,
        )
        self.steward.begin()

    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        self.noted.append((act, by, dict(about)))

    def push(self, version: int, patch: dict[str, Any], source: str = DEVICE, **more: Any) -> Reported:
        order = json.dumps({"version": version, "patch": patch, **more}).encode()
        return self.send(order, source)

    def send(self, order: bytes, source: str = DEVICE, *, retained: bool = False) -> Reported:
        to = "door" if source == DEVICE else f"_group/{source.removeprefix('group:')}"
        self.steward.take(order, source, to, retained)
        self.steward.round()
        self.steward.round()
        return self.report

    def wait(self, seconds: float) -> Reported:
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            self.steward.round()
        return self.report

    @property
    def report(self) -> Reported:
        return Reported.model_validate_json(self.steward.report)

    @property
    def kept(self) -> Kept:
        return read_pushed(self.state)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def margin(value: float) -> dict[str, Any]:
    return {"decision": {"margin": value}}


def test_what_changes_is_noted_and_never_what_it_is(site: Site) -> None:
    order = {"decision": {"margin": 0.2}, "mqtt": {"username": "u", "password": "a secret"}}
    site.push(1, margin(0.2), by="anna")
    site.wait(PROBATION_S)
    site.push(2, order)
    site.wait(1)
    assert [(by, about["change"], about["paths"]) for act, by, about in site.noted if act is Act.CONFIG][:2] == [
        ("mqtt:anna", "taken_over", "decision.margin"),
        ("mqtt:anna", "kept", "decision.margin"),
    ]
    assert "a secret" not in str(site.noted)
    assert all(about["config"] for _, _, about in site.noted)


def test_a_change_that_is_taken_back_is_noted(site: Site) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2), by="anna")
    site.wait(PROBATION_S + 1)
    assert [about["change"] for _, _, about in site.noted] == ["taken_over", "taken_back"]


def test_a_live_change_is_applied_as_soon_as_the_threads_have_come_round(site: Site) -> None:
    site.door.comes_round = False
    assert site.push(1, margin(0.2), token="t1", by="anna").status == "applying"
    site.door.comes_round = True
    report = site.wait(0.2)
    assert (report.status, report.version, report.token, report.by) == ("applied", 1, "t1", "anna")
    assert report.effective["decision"]["margin"] == 0.2
    assert report.provenance["decision.margin"] == "pushed"
    assert report.versions == {"device": 1}
    assert [item.paths for item in site.door.followed] == [("decision.margin",)]
    assert site.door.anew == 0


def test_threads_that_do_not_come_round_bring_the_former_back(site: Site) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    report = site.wait(PROBATION_S + 0.2)
    assert report.status == "reverted"
    assert "judge" in report.problems[0].message
    assert site.door.loaded.document.decision.margin == 0.03
    assert report.versions == {}


def test_a_camera_that_stays_dark_brings_the_former_back_and_is_named(site: Site) -> None:
    site.door.cameras["gate"] = EyeState.OFFLINE
    site.door.conditions["camera.gate"] = "it cannot be reached"
    report = site.push(1, {"cameras": {"gate": {"kind": "v4l2"}}})
    assert report.status == "applying"
    report = site.wait(PROBATION_S + 0.2)
    assert report.status == "reverted"
    assert [(item.path, "cannot be reached" in item.message) for item in report.problems] == [("cameras.gate", True)]
    assert "gate" not in site.door.loaded.document.cameras
    assert site.kept.layers == {}


def test_a_camera_that_gives_pictures_for_a_while_has_proven_itself(site: Site) -> None:
    site.door.cameras["gate"] = EyeState.OPENING
    site.push(1, {"cameras": {"gate": {"kind": "v4l2"}}})
    assert site.wait(5).status == "applying"
    site.door.cameras["gate"] = EyeState.ONLINE
    assert site.wait(2).status == "applying"
    assert site.wait(2).status == "applied"


def test_a_camera_that_was_dark_before_is_no_reason_unless_it_is_touched(site: Site) -> None:
    site.door.cameras["front"] = EyeState.OFFLINE
    site.push(1, margin(0.2))
    assert site.wait(0.2).status == "applied"


def test_what_wants_a_restart_is_tried_on_the_side_and_refused_where_it_fails(site: Site) -> None:
    site.door.found = (Problem("mqtt", "nobody answers there"),)
    report = site.push(1, {"mqtt": {"host": "elsewhere"}})
    assert (report.status, report.problems[0].path) == ("rejected", "mqtt")
    assert [item.paths for item in site.door.proven] == [("mqtt.host",)]
    assert (site.door.anew, site.kept.trial) == (0, None)


def test_a_restart_is_on_probation_in_the_next_life(site: Site) -> None:
    assert site.push(1, {"mqtt": {"host": "elsewhere"}}).status == "applying"
    assert site.door.anew == 1
    site.start()
    assert site.door.loaded.document.mqtt.host == "elsewhere"
    assert site.report.status == "applying"
    assert site.wait(4).status == "applied"
    site.start()
    assert site.report.status == "applied"
    assert site.door.loaded.document.mqtt.host == "elsewhere"


def test_a_next_life_without_the_broker_goes_back(site: Site) -> None:
    site.push(1, {"mqtt": {"host": "elsewhere"}})
    site.start()
    site.door.connected = False
    report = site.wait(PROBATION_S + 0.2)
    assert (report.status, report.problems[0].path, site.door.anew) == ("reverted", "mqtt", 1)
    site.start()
    assert site.door.loaded.document.mqtt.host == "localhost"
    assert site.report.status == "reverted"
    assert site.report.versions == {}


@pytest.mark.parametrize("patch", [margin(0.2), {"mqtt": {"host": "elsewhere"}}])
def test_power_that_fails_on_probation_ends_at_what_held_before(site: Site, patch: dict[str, Any]) -> None:
    site.push(1, {"log": {"level": "debug"}})
    site.wait(0.2)
    site.door.comes_round = False
    site.push(2, patch)
    if site.door.anew:
        site.start()  # the start that the change asked for; this one is cut off
    site.start()
    assert site.door.loaded.document.log.level == "debug"
    assert site.door.loaded.document.decision.margin == 0.03
    assert site.door.loaded.document.mqtt.host == "localhost"
    assert (site.report.status, site.report.version, site.report.versions) == ("reverted", 2, {"device": 1})
    assert "cut off" in site.report.problems[0].message


def test_the_same_order_again_does_nothing_and_is_answered_the_same(site: Site) -> None:
    site.push(1, margin(0.2), token="t")
    first = site.wait(0.2)
    site.start()
    assert site.push(1, margin(0.2), token="t") == first
    assert site.door.followed == []


def test_an_order_that_was_reverted_is_not_tried_again(site: Site) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    site.wait(PROBATION_S + 0.2)
    site.start()
    assert site.push(1, margin(0.2)).status == "reverted"
    assert site.door.followed == []
    assert site.push(2, margin(0.2)).status == "applying"


@pytest.mark.parametrize(("version", "words"), [(4, "older"), (5, "another order had this version")])
def test_an_older_or_another_order_of_the_same_version_is_refused(site: Site, version: int, words: str) -> None:
    site.push(5, margin(0.2))
    site.wait(0.2)
    report = site.push(version, margin(0.3))
    assert (report.status, report.problems[0].path, report.problems[0].allowed) == ("rejected", "version", "above 5")
    assert words in report.problems[0].message
    assert report.versions == {"device": 5}
    assert site.push(6, margin(0.3)).status == "applying"


def test_an_order_that_comes_on_probation_waits_for_its_end(site: Site) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    assert site.push(2, margin(0.3)).version == 1
    site.door.comes_round = True
    site.wait(0.5)
    assert (site.report.version, site.report.status) == (2, "applied")


def test_every_problem_is_told_and_nothing_changes(site: Site) -> None:
    before = site.kept
    patch = {"decision": {"margin": 7, "frames": 0}, "cameras": {"front": {"kind": "rtsp"}}, "colour": "red"}
    report = site.push(1, patch)
    assert report.status == "rejected"
    assert {problem.path for problem in report.problems} >= {
        "decision.margin",
        "decision.frames",
        "cameras.front.kind",
        "colour",
    }
    assert site.kept.layers == before.layers
    assert site.door.followed == []


def test_no_secret_is_in_the_report(site: Site) -> None:
    site.push(1, {"mqtt": {"password": "hunter2"}, "decision": {"margin": 7}})
    assert b"hunter2" not in site.steward.report
    site.push(2, {"mqtt": {"password": "hunter2"}})
    site.start()
    assert site.door.loaded.document.mqtt.password is not None
    assert b"hunter2" not in site.steward.report


def test_a_device_whose_owner_forbids_it_is_not_configured_from_afar(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.file.write_text(site.file.read_text().replace("control: {", "control: {configure: false, "))
    site.start()
    report = site.push(1, margin(0.2))
    assert (report.status, report.problems[0].path) == ("rejected", "control.configure")


def test_an_order_that_came_before_the_clock_was_set_is_followed_when_it_is(tmp_path: Path) -> None:
    """A board without a battery begins in the past, and reads what stands on the broker once."""
    site = Site(tmp_path)
    report = site.push(1, margin(0.2), expires="2026-12-01T00:00:00Z", token="t")
    assert (report.status, report.problems[0].got, report.token) == ("rejected", "clock_unknown", "t")
    site.clock.set(1_796_000_000.0)
    assert site.wait(0.3).status == "applied"


def test_groups_are_followed_below_the_devices_own_word(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.push(1, {"control": {"groups": ["doors"]}, **margin(0.2)})
    site.wait(0.2)
    report = site.push(9, {"decision": {"margin": 0.1, "frames": 5}}, "group:doors")
    report = site.wait(0.2)
    assert (report.source, report.status, report.overruled) == ("group:doors", "applied", ("decision.margin",))
    assert report.versions == {"device": 1, "group:doors": 9}
    assert site.door.loaded.document.decision.frames == 5
    assert report.provenance["decision.frames"] == "group:doors"


def test_a_group_of_others_has_nothing_to_say(site: Site) -> None:
    report = site.push(1, margin(0.2), "group:doors")
    assert (report.status, report.problems[0].got) == ("rejected", "other_target")


def test_the_devices_own_page_goes_the_same_way(site: Site) -> None:
    errand = site.steward.ask(margin(0.2), "the page")
    site.steward.round()
    assert errand.result(0).status == "applying"
    report = site.wait(0.2)
    assert (report.source, report.status, report.provenance["decision.margin"]) == ("page", "applied", "page")


def test_a_full_disk_refuses_and_changes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_state: Path, _kept: Kept) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr("edged.runtime.remembered.write_pushed", full)
    report = site.push(1, margin(0.2))
    assert (report.status, report.problems[0].message) == ("rejected", "the disk is full")
    assert site.door.followed == []
    monkeypatch.undo()
    assert site.push(1, margin(0.2)).status == "applying"


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_state: Path, _kept: Kept) -> None:
        raise Unavailable("the disk is full")

    monkeypatch.setattr("edged.runtime.remembered.write_pushed", full)
    monkeypatch.setattr("edged.runtime.boot.write_pushed", full)


def test_the_newest_order_is_the_one_that_came_last_also_where_the_clock_is_set_back(site: Site) -> None:
    site.push(1, {"control": {"groups": ["doors"]}})
    site.wait(0.2)
    site.clock.set(site.clock.now().utc - 3600)
    site.push(1, margin(0.2), "group:doors")
    report = site.wait(0.2)
    assert (report.source, report.status) == ("group:doors", "applied")
    site.start()
    assert (site.report.source, site.report.status) == ("group:doors", "applied")


def test_an_order_that_failed_beside_a_full_disk_is_answered_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.door.found = (Problem("mqtt", "nobody answers"),)
    site.steward.take(json.dumps({"version": 1, "patch": {"mqtt": {"host": "elsewhere"}}}).encode(), DEVICE, "door")
    site.steward.round()
    full_disk(monkeypatch)
    assert site.wait(1).status == "rejected"


def test_an_order_that_comes_while_nothing_can_be_read_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_state: Path) -> Kept:
        raise Unavailable("the disk is broken")

    with monkeypatch.context() as patch:
        patch.setattr("edged.runtime.remembered.read_pushed", broken)
        assert site.push(1, margin(0.2)).version is None
    assert (site.wait(0.5).version, site.report.status) == (1, "applied")


@pytest.mark.parametrize("becomes_well", [True, False])
def test_what_a_command_forgets_on_probation_stays_forgotten(site: Site, *, becomes_well: bool) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    with changing(site.state):
        write_pushed(site.state, site.kept.without([DEVICE]))
    site.door.comes_round = becomes_well
    site.wait(PROBATION_S + 1)
    assert (site.kept.layers, site.kept.followed, site.kept.trial) == ({}, {}, None)


def test_what_a_command_forgets_of_others_leaves_the_change_on_probation(tmp_path: Path) -> None:
    site = Site(tmp_path, "")
    site.push(1, {"control": {"groups": ["doors"]}})
    site.wait(0.2)
    site.push(1, {"log": {"level": "debug"}}, "group:doors")
    site.wait(0.2)
    site.door.comes_round = False
    site.push(2, margin(0.2))
    with changing(site.state):
        write_pushed(site.state, site.kept.without(["group:doors"]))
    report = site.wait(PROBATION_S + 1)
    assert (report.source, report.status) == (DEVICE, "reverted")
    assert site.kept.layers == {DEVICE: {"control": {"groups": ["doors"]}}}
    assert site.kept.followed == {DEVICE: 1}


def test_what_a_command_forgets_while_a_change_is_tried_stays_forgotten(site: Site) -> None:
    site.push(1, margin(0.2))
    site.wait(0.2)
    site.steward.take(json.dumps({"version": 2, "patch": {"mqtt": {"host": "b"}}}).encode(), DEVICE, "door")
    site.steward.round()
    with changing(site.state):
        write_pushed(site.state, site.kept.without([DEVICE]))
    site.wait(1)
    assert site.kept.layers == {DEVICE: {"mqtt": {"host": "b"}}}


def test_what_failed_beside_a_full_disk_is_never_called_applied(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    full_disk(monkeypatch)
    assert site.wait(PROBATION_S + 1).status == "reverted"
    site.door.comes_round = True
    assert site.wait(PROBATION_S).status == "reverted"
    assert site.door.loaded.document.decision.margin != 0.2
    monkeypatch.undo()
    site.wait(0.2)
    assert (site.kept.layers, site.kept.trial, site.kept.newest.status) == ({}, None, "reverted")


def test_a_start_after_a_cut_goes_back_also_where_the_disk_is_full(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    full_disk(monkeypatch)
    site.start()
    assert site.door.loaded.pushed.layers == {}
    assert site.wait(1).status == "reverted"
    assert len([line for line in caplog.messages if "cannot be kept" in line]) == 1
    monkeypatch.undo()
    site.wait(0.2)
    assert (site.kept.layers, site.kept.trial, site.door.anew) == ({}, None, 0)
    assert site.push(2, margin(0.3)).status == "applying"


def test_a_start_that_cannot_be_noted_is_not_made_with_the_change(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.push(1, {"mqtt": {"host": "elsewhere"}})
    full_disk(monkeypatch)
    site.start()
    assert site.door.loaded.document.mqtt.host != "elsewhere"
    assert site.report.status == "reverted"
    assert not site.steward.holds_events


def test_a_new_life_that_fails_beside_a_full_disk_begins_anew_with_the_former(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.push(1, {"mqtt": {"host": "elsewhere"}})
    site.start()
    site.door.connected = False
    full_disk(monkeypatch)
    site.wait(PROBATION_S + 1)
    assert site.door.anew >= 1
    site.start()
    assert site.door.loaded.document.mqtt.host != "elsewhere"


def test_a_broker_that_has_proven_itself_is_given_events_also_where_the_disk_is_full(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.push(1, {"mqtt": {"host": "elsewhere"}})
    site.start()
    assert site.steward.holds_events
    full_disk(monkeypatch)
    site.wait(PROBATION_S)
    assert not site.steward.holds_events


@pytest.mark.parametrize("lives", [1, 2])
def test_a_file_that_breaks_before_the_new_start_ends_at_what_held_before(
    site: Site, monkeypatch: pytest.MonkeyPatch, lives: int
) -> None:
    keep_good(site.door.loaded)
    monkeypatch.setenv("STATE_DIRECTORY", str(site.state))
    site.push(1, {"mqtt": {"host": "elsewhere"}})
    if lives == 2:
        site.start()
    site.file.write_text("nonsense: 1\n")
    site.start()
    assert site.wait(PROBATION_S).status == "reverted"
    assert (site.kept.layers, site.kept.trial) == ({}, None)


def test_a_damaged_memory_is_begun_anew_and_the_last_good_document_holds(site: Site) -> None:
    (site.state / PUSHED).write_bytes(b'{"layers": {"device": {"log"')
    assert site.push(1, margin(0.2)).status == "applying"
    assert site.wait(0.2).status == "applied"
    assert site.kept.layers == {"device": margin(0.2)}


HOPELESS = {
    "nothing": b"",
    "an empty mapping": b"{}",
    "a list": b"[]",
    "null": b"null",
    "no text": b"\xff\xfe",
    "no patch": b'{"version": 3}',
    "no version": b'{"patch": {}}',
    "endless nesting": b"[" * 100_000,
    "a key twice": b'{"version": 3, "patch": {"log": {"level": "debug", "level": "info"}}}',
    "a key that nobody knows": b'{"version": 3, "patch": {}, "more": 1}',
    "a version beyond numbers": b'{"version": 1e99, "patch": {}}',
    "a version that is none": b'{"version": true, "patch": {}}',
    "a deep patch": b'{"version": 3, "patch": {"a": ' + b'{"a": ' * 40 + b"1" + b"}" * 42,
    "more than may come": b'{"version": 3, "patch": {}}' + b" " * (256 * 1024),
    "an older version": b'{"version": 1, "patch": {}}',
}


def test_each_hopeless_order_is_refused_with_a_reason_and_leaves_no_trace(site: Site) -> None:
    standing = {"log": {"level": "debug"}}
    site.push(2, standing)
    site.wait(0.2)
    before = (site.state / PUSHED).read_bytes()
    for what, order in HOPELESS.items():
        assert site.push(2, standing).status == "applied", f"what holds is told again, before {what}"
        report = site.send(order)
        assert (report.status, bool(report.problems)) == ("rejected", True), what
        assert (site.state / PUSHED).read_bytes() == before, what


@pytest.fixture
def garbage() -> Iterator[bytes]:
    chance = random.Random(6)
    whole = json.dumps({"version": 3, "patch": {"decision": {"margin": 0.2}}, "token": "t"}).encode()

    def all_of_it() -> Iterator[bytes]:
        yield from HOPELESS.values()
        for _ in range(60):
            place = chance.randrange(len(whole))
            yield whole[:place] + bytes([chance.choice(b'"{}[]\x00\xff:,')]) + whole[place + 1 :]

    return all_of_it()


def test_whatever_is_sent_is_answered_and_what_holds_stays(site: Site, garbage: Iterator[bytes]) -> None:
    site.push(2, {"log": {"level": "debug"}})
    site.wait(0.2)
    before = (site.state / PUSHED).read_bytes()
    for order in garbage:
        report = site.send(order)
        if report.status == "rejected":
            assert report.problems, order
        if site.kept.layers == {"device": {"log": {"level": "debug"}}} and report.version is None:
            assert (site.state / PUSHED).read_bytes() == before, order
    assert site.door.loaded.document == load(site.file).document


def test_a_broker_that_has_failed_is_given_no_events_on_the_way_back_either(site: Site) -> None:
    site.push(1, {"mqtt": {"host": "elsewhere"}})
    site.start()
    site.door.cameras["front"] = EyeState.OFFLINE
    assert site.wait(PROBATION_S + 1).status == "reverted"
    assert site.door.anew == 1
    assert site.steward.holds_events
    site.start()
    assert not site.steward.holds_events


def test_what_stands_on_the_topics_does_not_hide_what_became_of_the_newest_order(site: Site) -> None:
    site.push(1, {"control": {"groups": ["doors"]}})
    site.wait(0.2)
    group, own = ({"version": 1, "patch": margin(0.3)}, {"version": 2, "patch": margin(7)})
    site.send(json.dumps(group).encode(), "group:doors")
    site.wait(0.2)
    site.send(json.dumps(own).encode())
    before = site.report
    assert (before.source, before.status) == (DEVICE, "rejected")
    for _ in range(2):  # with every connection, in any order
        site.send(json.dumps(own).encode(), retained=True)
        assert site.send(json.dumps(group).encode(), "group:doors", retained=True) == before
    assert site.send(json.dumps(group).encode(), "group:doors").status == "applied"


def test_an_order_that_was_followed_and_has_expired_since_is_passed_over_where_it_still_stands(site: Site) -> None:
    order = json.dumps({"version": 1, "patch": margin(0.2), "expires": "2026-01-01T00:10:00Z"}).encode()
    site.clock.set(1_767_225_600.0)  # the least that is believed
    site.send(order)
    assert site.wait(0.2).status == "applied"
    site.clock.advance(86_400)
    assert site.send(order, retained=True).status == "applied"
    assert site.send(order).status == "rejected"


def test_an_order_that_ends_the_process_while_it_is_tried_is_not_tried_again(site: Site) -> None:
    order = json.dumps({"version": 1, "patch": {"models": {"detect_long_side": 3840}}}).encode()
    site.steward.take(order, DEVICE, "door")
    site.steward.round()
    assert (site.report.status, len(site.door.proven)) == ("applying", 1)
    site.start()  # as after a kill: the memory was not enough, or a library fell over
    assert (site.report.status, site.report.version) == ("rejected", 1)
    assert "ended while" in site.report.problems[0].message
    for retained in (True, False):
        assert site.send(order, retained=retained).status == "rejected"
    assert site.door.proven == []
    assert site.push(2, margin(0.2)).status == "applying"


def test_an_order_that_the_disk_had_no_room_for_after_its_proof_can_be_given_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = json.dumps({"version": 1, "patch": {"mqtt": {"host": "elsewhere"}}}).encode()
    site.steward.take(order, DEVICE, "door")
    site.steward.round()
    with monkeypatch.context() as patch:
        full_disk(patch)
        assert site.wait(0.2).status == "rejected"
    assert site.door.anew == 0
    site.send(order, retained=True)
    assert (site.report.status, site.door.anew) == ("applying", 1)


def test_what_fails_by_chance_beside_a_change_that_does_not_touch_it_is_no_reason(site: Site) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    site.door.comes_round = True
    site.door.cameras["front"], site.door.connected = EyeState.OFFLINE, False
    assert site.wait(PROBATION_S + 1).status == "applied"


@pytest.mark.parametrize("becomes_well", [True, False])
def test_a_group_that_is_left_and_joined_again_is_followed_again(site: Site, *, becomes_well: bool) -> None:
    group = json.dumps({"version": 1, "patch": margin(0.3)}).encode()
    site.push(1, {"control": {"groups": ["doors"]}})
    site.wait(0.2)
    site.send(group, "group:doors")
    assert site.wait(0.2).versions == {DEVICE: 1, "group:doors": 1}

    site.door.comes_round = becomes_well
    site.push(2, {"control": {"groups": None}})
    left = site.wait(PROBATION_S + 1)
    site.door.comes_round = True
    assert left.versions == ({DEVICE: 2} if becomes_well else {DEVICE: 1, "group:doors": 1})
    site.push(3, {"control": {"groups": ["doors"]}})
    site.wait(0.2)
    older = json.dumps({"version": 1, "patch": margin(0.4)}).encode()
    assert site.send(older, "group:doors").status == "rejected", "what was followed before cannot be replayed"
    site.send(group, "group:doors", retained=True)
    report = site.wait(0.2)
    assert report.effective["decision"]["margin"] == 0.3
    assert report.versions == {DEVICE: 3, "group:doors": 1}


@pytest.mark.parametrize("has_worked", [True, False])
def test_a_memory_that_is_damaged_at_a_start_makes_way_for_what_worked(site: Site, *, has_worked: bool) -> None:
    site.push(1, margin(0.2))
    site.wait(0.2)
    if has_worked:
        keep_good(site.door.loaded)
    (site.state / PUSHED).write_bytes(b"\0" * 100)
    site.file.write_text(site.file.read_text() + "log: {level: debug}\n")
    site.start()
    document = site.door.loaded.document
    assert (document.log.level, document.decision.margin == 0.2) == ("debug", has_worked)
    assert (site.state / f"{PUSHED}.damaged").read_bytes() == b"\0" * 100
    assert site.push(1, margin(0.3)).status == "applying"


def test_what_is_remembered_stays_within_its_bounds_however_many_groups_come_and_go(site: Site) -> None:
    wrong = {f"{number:02}{'🙂' * 62}": 1 for number in range(99)}
    for number in range(60):
        site.push(number + 1, {"control": {"groups": [f"g{number}"]}})
        site.wait(0.2)
        assert site.push(1, wrong, f"group:g{number}").status == "rejected"
        assert (site.state / PUSHED).stat().st_size < MAX_KEPT
    assert site.kept.verdicts[DEVICE].version == 60
    site.start()
    assert site.door.loaded.document.control.groups == ("g59",)


@pytest.mark.parametrize(("becomes_well", "status"), [(True, "applied"), (False, "reverted")])
def test_what_a_command_pushes_on_probation_stays_and_the_probation_goes_on(
    site: Site, *, becomes_well: bool, status: str
) -> None:
    site.door.comes_round = False
    site.push(1, margin(0.2))
    push(site.state, PAGE, {"models": {"detect_long_side": 320}})
    site.door.comes_round = becomes_well
    assert site.wait(PROBATION_S + 1).status == status
    assert site.kept.layers[PAGE] == {"models": {"detect_long_side": 320}}
    assert (DEVICE in site.kept.layers) == becomes_well
