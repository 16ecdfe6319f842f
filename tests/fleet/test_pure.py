"""What stands, who drifts, what a change would do, and what is written down of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.commands.fleet_table import device_text, fleet_table
from edged.config.document import Document
from edged.config.field import Cost
from edged.config.layers import load
from edged.config.secret import MASK, shown
from edged.config.tree import merge_patch
from edged.domain.errors import ConfigInvalid, Corrupt, Refused, Unavailable
from edged.fleet.batches import batches
from edged.fleet.census import Census, Sight, address_of
from edged.fleet.forecast import Forecast, forecast
from edged.fleet.history import History
from edged.fleet.masking import masked
from edged.fleet.muster import device_of, muster, next_version
from edged.fleet.patch import difference, holds, joined, restored
from edged.fleet.shelf import Shelf
from edged.fleet.standing import NOTHING, PlainPen, read_standing
from edged.fleet.verdict import Mark, verdict
from edged.wire.device import Index, IndexModel
from edged.wire.fleet import Drift
from edged.wire.order import Desired
from edged.wire.payload import Payload, instant
from edged.wire.reported import ReportStatus
from edged.wire.topics import Topics
from tests.fleet.made_up import made_up_census
from tests.fleet.pretend import PREFIX, ROLLOUT, UTC, health, reported

LEAVES = st.one_of(st.none(), st.integers(0, 2), st.sampled_from(["a", "b"]))
PATCHES = st.dictionaries(
    st.sampled_from("abc"), st.one_of(LEAVES, st.dictionaries(st.sampled_from("xyz"), LEAVES, max_size=3)), max_size=3
)


def is_section(tree: dict[str, Any], key: str) -> bool:
    return isinstance(tree.get(key), dict)


def are_of_one_schema(*trees: dict[str, Any]) -> bool:
    """Whether each key is a section in all of them, or in none."""
    keys = {key for tree in trees for key in tree}
    return all(len({is_section(tree, key) for tree in trees if tree.get(key) is not None}) <= 1 for key in keys)


class TestPatch:
    @given(first=PATCHES, second=PATCHES, target=PATCHES)
    def test_joined_does_what_both_do_one_after_the_other(
        self, first: dict[str, Any], second: dict[str, Any], target: dict[str, Any]
    ) -> None:
        target = merge_patch({}, target)
        if are_of_one_schema(first, second, target) and not any(
            key in first and first[key] is None and is_section(second, key) for key in first
        ):
            assert merge_patch(target, joined(first, second)) == merge_patch(merge_patch(target, first), second)

    @given(former=PATCHES, change=PATCHES)
    def test_what_is_taken_back_is_as_it_was(self, former: dict[str, Any], change: dict[str, Any]) -> None:
        if not are_of_one_schema(former, change):
            return
        standing = joined(former, change)
        assert holds(standing, change)
        back = restored(standing, change, former)
        had, has = merge_patch({}, standing), merge_patch({}, former)
        assert pruned(merge_patch(had, back)) == pruned(merge_patch(had, has) if had == has else has)
        assert restored(back, change, former) == back

    def test_somebody_elses_values_stay(self) -> None:
        standing = {"decision": {"margin": 0.5, "frames": 7}, "cameras": {"back": {"kind": "demo"}}, "log": 1}
        change = {"decision": {"margin": 0.5}, "cameras": {"back": {"kind": "demo"}}, "log": 2}
        assert restored(standing, change, {}) == {
            "decision": {"margin": None, "frames": 7},
            "cameras": None,
            "log": 1,
        }

    def test_the_difference_is_what_is_to_be_read(self) -> None:
        before = {"decision": {"margin": 0.1, "frames": 3}, "log": {"level": "info"}}
        after = {"decision": {"margin": 0.2, "frames": 3}, "quality": {"max_yaw": None}}
        assert difference(before, after) == {"decision": {"margin": 0.2}, "log": None, "quality": {"max_yaw": None}}


def pruned(tree: dict[str, Any]) -> dict[str, Any]:
    """Without sections that hold nothing."""
    return {key: value for key, value in tree.items() if value != {}}


class TestBatches:
    @pytest.mark.parametrize(
        ("count", "steps", "sizes"),
        [
            (200, "1,10%,50%,100%", [1, 19, 80, 100]),
            (3, "1,10%,50%,100%", [1, 1, 1]),
            (1, "1,10%,50%,100%", [1]),
            (10, "2,4", [2, 2, 6]),
            (10, "100%", [10]),
            (10, "50%,10%", [5, 5]),
            (5, "1000", [5]),
        ],
    )
    def test_together_they_are_all(self, count: int, steps: str, sizes: list[int]) -> None:
        names = [f"d{number}" for number in range(count)]
        found = batches(names, steps)
        assert [len(batch) for batch in found] == sizes
        assert [name for batch in found for name in batch] == names

    @pytest.mark.parametrize("steps", ["", "0", "101%", "-1", "1;2", "a%", "1.5", ",".join(["1"] * 60)])
    def test_what_is_no_list_of_steps_is_refused(self, steps: str) -> None:
        with pytest.raises(Refused, match="no list of steps"):
            batches(["a"], steps)


class TestCensus:
    def test_it_knows_what_each_device_follows(self) -> None:
        found = {device.name: device for device in muster(made_up_census(), instant(UTC)).devices}
        assert {name: device.drift for name, device in found.items()} == {
            "cellar": Drift.IN_STEP,
            "entrance": Drift.IN_STEP,
            "gate": Drift.IN_STEP,
            "loading-dock": Drift.PENDING,
            "office-1": Drift.REVERTED,
            "office-2": Drift.REJECTED,
            "office-3": Drift.APPLYING,
            "yard": Drift.IN_STEP,
        }
        dock = found["loading-dock"]
        assert [(order.source, order.desired, order.followed) for order in dock.orders] == [
            ("device", 5, 4),
            ("group:doors", 2, 2),
        ]
        assert (dock.pending, dock.groups, dock.index and dock.index.age_s) == (1, ("doors",), 172_800.0)
        assert found["office-1"].problems[0].message == "the camera gives no pictures"

    def test_a_broker_that_forgot_an_order_shows(self) -> None:
        census = made_up_census()
        census.heed(Topics(PREFIX, "entrance").desired, b"")
        assert device_of(census, "entrance").drift is Drift.AHEAD

    def test_a_device_that_never_reports_shows(self) -> None:
        census = Census(PREFIX)
        census.heed(Topics(PREFIX, "old").available, b"online")
        census.heed(Topics(PREFIX, "old").desired, Desired(version=1, patch={}).encoded())
        assert device_of(census, "old").drift is Drift.SILENT

    @pytest.mark.parametrize(
        ("topic", "payload"),
        [
            ("edged/door/health", b"{}"),
            ("edged/door/health", b"[" * 100_000),
            ("edged/door/available", b"perhaps"),
            ("edged/door/available", b"\xff"),
            ("edged/door/config/reported", b'{"v": 2}'),
            ("edged/door/config/desired", b'{"version": 1, "version": 2, "patch": {}}'),
            ("edged/door/config/desired", b'{"signed": "\\ud800", "key": "' + b"a" * 16 + b'", "signature": "00"}'),
            ("edged/_group/doors/config/desired", b"null"),
            ("edged/door/info", b" " * 300_000),
            ("edged/door/other", b"1"),
            ("edged/_hub/revision", b"{}"),
            ("edged/_group/a b/config/desired", b"{}"),
            ("edged//available", b"online"),
            ("other/door/available", b"online"),
        ],
    )
    def test_what_is_none_of_ours_is_passed_over(self, topic: str, payload: bytes) -> None:
        census = Census(PREFIX)
        assert census.heed(topic, payload) == ""
        assert census.devices == {}
        assert census.orders == {}

    def test_a_device_whose_topics_are_cleared_is_gone(self) -> None:
        census = Census(PREFIX)
        topics = Topics(PREFIX, "door")
        census.heed(topics.available, b"online")
        census.heed(topics.available, b"")
        assert census.devices == {}

    def test_a_new_version_is_above_all_that_is_known_of(self) -> None:
        census = made_up_census()
        assert next_version(census, "entrance", census.standing("entrance"), ["entrance"]) == 5
        assert next_version(census, "office-2", NOTHING, ["office-2"]) == 6, "it has answered 5, and rejected it"
        assert next_version(census, address_of("doors"), NOTHING, ["entrance", "gate"]) == 3


class TestVerdict:
    @pytest.mark.parametrize(
        ("source", "version", "status", "mark"),
        [
            ("device", 4, ReportStatus.APPLIED, Mark.SILENT),
            ("device", 5, ReportStatus.APPLYING, Mark.TRYING),
            ("device", 5, ReportStatus.APPLIED, Mark.APPLIED),
            ("device", 6, ReportStatus.APPLIED, Mark.APPLIED),
            ("device", 5, ReportStatus.REJECTED, Mark.FAILED),
            ("device", 5, ReportStatus.REVERTED, Mark.FAILED),
            ("device", None, ReportStatus.REJECTED, Mark.SILENT),
            ("group:doors", 9, ReportStatus.REJECTED, Mark.SILENT),
        ],
    )
    def test_it_is_about_this_order(self, source: str, version: int | None, status: ReportStatus, mark: Mark) -> None:
        said = reported(source, version, status, {"device": 4}, problem="it hangs")
        found = verdict(Sight("door", reported=said), "door", 5)
        assert found.mark is mark
        if status in {ReportStatus.REJECTED, ReportStatus.REVERTED} and source == "device":
            assert "it hangs" in found.words

    def test_what_another_source_said_since_does_not_hide_it(self) -> None:
        said = reported("group:doors", 9, ReportStatus.REJECTED, {"device": 5})
        assert verdict(Sight("door", reported=said), "door", 5).mark is Mark.APPLIED


class TestForecast:
    def ask(self, folder: Path, change: dict[str, Any], address: str = "door", text: str = "") -> Forecast:
        """What would become of a device with this file."""
        path = folder / "edged.yaml"
        path.write_text(text)
        loaded = load(path)
        said = reported("", None, ReportStatus.NONE, {}).model_copy(
            update={
                "effective": json.loads(json.dumps(shown(loaded.document.model_dump()))),
                "provenance": dict(loaded.provenance),
            }
        )
        return forecast(Sight("door", reported=said), address, change)

    FILE = (
        "decision: {frames: 4}\nmqtt: {username: door, password: hunter2}\n"
        "cameras: {front: {kind: rtsp, url: 'rtsp://u:p@cam/1'}}\n"
    )

    def test_it_says_what_would_change_and_what_that_costs(self, tmp_path: Path) -> None:
        change = {
            "decision": {"margin": 0.05},
            "mqtt": {"keepalive_s": 25},
            "cameras": {"front": {"fps": 5}, "back": {"kind": "v4l2"}},
            "log": {"level": "info"},
        }
        found = self.ask(tmp_path, change, text=self.FILE)
        assert found.problems == ()
        assert [(item.path, item.before, item.after, item.cost) for item in found.changes] == [
            ("decision.margin", 0.03, 0.05, Cost.LIVE),
            ("mqtt.keepalive_s", 20, 25, Cost.RESTART),
            ("cameras.front.fps", 15.0, 5, Cost.LIVE),
            ("cameras.back.kind", None, "v4l2", Cost.CAMERA),
        ]
        assert found.costliest is Cost.RESTART

    def test_all_that_is_wrong_is_named_before_anything_is_sent(self, tmp_path: Path) -> None:
        change = {
            "decision": {"margin": 7, "frames": 9, "margn": 1},
            "models": {"edgetpu": "/lib/evil.so"},
            "cameras": {"side": {"fps": 5}},
        }
        found = self.ask(tmp_path, change, text=self.FILE)
        assert sorted(problem.path for problem in found.problems) == [
            "cameras.side.kind",
            "decision.frames",
            "decision.margin",
            "decision.margn",
            "models.edgetpu",
        ]

    def test_secrets_that_are_not_known_here_are_no_problem_and_are_not_shown(self, tmp_path: Path) -> None:
        change = {"cameras": {"back": {"kind": "rtsp", "url": "rtsp://u:new@cam/1"}}}
        found = self.ask(tmp_path, change, text=self.FILE)
        assert found.problems == ()
        assert [(item.path, item.after) for item in found.changes] == [
            ("cameras.back.kind", "rtsp"),
            ("cameras.back.url", MASK),
        ]

    def test_a_group_is_overruled_and_cannot_be_left_by_its_own_word(self, tmp_path: Path) -> None:
        said = reported("", None, ReportStatus.NONE, {}).model_copy(
            update={
                "effective": json.loads(json.dumps(shown(Document().model_dump()))),
                "provenance": {"decision.margin": "pushed"},
            }
        )
        change = {"decision": {"margin": 0.5}, "control": {"groups": ["x"]}}
        found = forecast(Sight("door", reported=said), address_of("doors"), change)
        assert [problem.path for problem in found.problems] == ["control.groups"]
        assert found.changes[0].overruled_by == "pushed"

    def test_a_null_over_what_the_file_sets_changes_nothing(self, tmp_path: Path) -> None:
        found = self.ask(tmp_path, {"decision": {"frames": None}}, text=self.FILE)
        assert found.problems == ()
        assert found.changes[0].overruled_by == "file"

    def test_of_a_device_that_never_reported_the_schema_is_asked(self) -> None:
        found = forecast(Sight("door"), "door", {"decision": {"margin": "much"}})
        assert found.is_guess
        assert [problem.path for problem in found.problems] == ["decision.margin"]


class TestLiars:
    """What one device says cannot make the list of all of them unreadable, nor use up what others need."""

    EVIL = Topics(PREFIX, "evil")

    def heard(self, topic: str, said: Payload, **hostile: Any) -> Census:
        census = made_up_census()
        census.heed(topic, json.dumps({**json.loads(said.encoded()), **hostile}).encode())
        return census

    def line(self, census: Census) -> int:
        """Letters of the longest line."""
        fleet = muster(census, instant(UTC))
        assert len(fleet.encoded()) < 200_000
        texts = [fleet_table(fleet), *(device_text(device, fleet.at) for device in fleet.devices)]
        return max(len(line) for text in texts for line in text.split("\n"))

    @pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
    def test_a_time_that_nobody_can_write_is_not_taken_in(self, at: str) -> None:
        census = self.heard(self.EVIL.health, health(), at=at)
        assert (census.passed_over, "evil" in census.devices) == (1, False)

    def test_figures_beyond_measure_are_cut(self) -> None:
        camera = {"fps": 1e308, "frame_age_s": None, "dropped": 0, "looked": 0, "still": 0}
        said = {"temperature_c": -1e308, "cameras": {"a" * 9000: camera}, "queues": {"events": 10**300}}
        assert self.line(self.heard(self.EVIL.health, health(), **said)) < 250
        index = Index(
            version=10**300,
            digest="x" * 9000,
            persons=10**300,
            templates=1,
            model=IndexModel(name="", digest="", dimension=1),
            stale_s=1e308,
        )
        assert self.line(self.heard(self.EVIL.index, index)) < 250

    def test_words_beyond_measure_are_cut(self) -> None:
        condition = {"name": "n" * 60, "what": "w" * 60, "remedy": "\x1b[2J" * 9, "since": "2026-01-01T00:00:00Z"}
        self.line(self.heard(self.EVIL.health, health(), conditions=[condition] * 900))
        long = {name: words * 1000 for name, words in condition.items() if name != "since"}
        census = self.heard(self.EVIL.health, health(), conditions=[{**condition, **long}])
        assert self.line(census) < 250
        said = reported("device", 4, ReportStatus.REJECTED, {}, problem="p" * 90_000, overruled=("o",) * 9000)
        census = self.heard(self.EVIL.reported, said)
        census.heed(self.EVIL.desired, Desired(version=4, patch={}).encoded())
        assert self.line(census) < 250
        assert len(verdict(census.sight("evil"), "evil", 4).words) < 400

    def test_a_device_is_in_so_many_groups_at_most(self) -> None:
        control = {"groups": [f"group-{number}" for number in range(9000)]}
        said = reported("device", 4, ReportStatus.APPLIED, {}, control=control)
        fleet = muster(self.heard(self.EVIL.reported, said), instant(UTC))
        assert len(fleet.groups) == 16 + 2
        assert {group.name: group.members for group in fleet.groups}["doors"] == 7

    @pytest.mark.parametrize("version", [2**53 - 1, 2**70])
    def test_nobody_uses_up_the_versions_of_a_group(self, version: int) -> None:
        said = reported("group:doors", version, ReportStatus.APPLIED, {"group:doors": version})
        census = self.heard(self.EVIL.reported, said)
        doors = address_of("doors")
        assert next_version(census, doors, census.standing(doors), ["entrance", "evil"]) == 3


def test_no_secret_is_shown_whatever_the_patch_looks_like() -> None:
    patch = {
        "mqtt": {"password": "S3CRET", "pasword": "S3CRET", "host": "broker", "password_file": "/etc/pw"},
        "cameras": {"front": {"kind": "rtsp", "url": "rtsp://u:S3CRET@cam/1"}, "back": {"url": "http://S3CRET/"}},
        "nothing": {"of": ["S3CRET"]},
        "control": {"groups": [["S3CRET"]]},
        "decision": "S3CRET",
        "central": {"url": "https://u:S3CRET@hub/"},
        "log": None,
    }
    text = json.dumps(masked(patch))
    assert "S3CRET" not in text
    assert '"host": "broker"' in text
    assert '"log": null' in text


class TestHistory:
    def test_the_newest_come_first_and_damage_is_passed_over(self, tmp_path: Path) -> None:
        history = History(tmp_path / "new" / "history.jsonl")
        assert history.newest(5) == []
        for number in range(3):
            history.add({"number": number})
        path = tmp_path / "new" / "history.jsonl"
        with path.open("ab") as file:
            file.write(b'{"half": ')
        history.add({"number": 3})
        assert [entry["number"] for entry in history.newest(3)] == [3, 2, 1]
        assert path.stat().st_mode & 0o777 == 0o600

    def test_a_file_that_grows_loses_its_older_half(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("edged.fleet.history._MOST_BYTES", 2000)
        history = History(tmp_path / "history.jsonl")
        for number in range(500):
            history.add({"number": number})
        found = [entry["number"] for entry in history.newest(1000)]
        assert found == list(range(499, 499 - len(found), -1))
        assert (tmp_path / "history.jsonl").stat().st_size < 2500


class TestShelf:
    def test_what_is_kept_comes_back_but_for_its_time_limits(self, tmp_path: Path) -> None:
        shelf = Shelf(tmp_path / "rollouts")
        shelf.keep(ROLLOUT)
        found = shelf.take(ROLLOUT.id)
        assert found == ROLLOUT
        assert (found.entered, found.well) == (None, None)
        assert shelf.ids() == [ROLLOUT.id]
        (path,) = (tmp_path / "rollouts").glob("*.json")
        assert path.stat().st_mode & 0o777 == 0o600, "a change may hold a secret"

    def test_only_one_moves_it(self, tmp_path: Path) -> None:
        shelf = Shelf(tmp_path)
        with shelf.held("a"):
            with pytest.raises(Unavailable, match="another process"), shelf.held("a"):
                pass
            with shelf.held("b"):
                pass
        with shelf.held("a"):
            pass

    @pytest.mark.parametrize("name", ["nothing", "../../etc/passwd", "", "a/b"])
    def test_what_is_not_there_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(Refused, match="there is no roll-out"):
            Shelf(tmp_path).take(name)

    def test_a_damaged_file_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text('{"id": 1')
        with pytest.raises(Corrupt):
            Shelf(tmp_path).take("a")


class TestStanding:
    def test_nothing_is_the_beginning(self) -> None:
        assert read_standing(b"") == NOTHING

    def test_a_plain_pen_does_not_write_over_what_is_signed(self) -> None:
        signed = json.dumps({"to": "door", "order": "config", "version": 3, "patch": {"log": {"level": "debug"}}})
        payload = json.dumps({"v": 1, "signed": signed, "key": "ab" * 8, "signature": "cd" * 64}).encode()
        standing = read_standing(payload)
        assert (standing.version, standing.patch, standing.key) == (3, {"log": {"level": "debug"}}, "ab" * 8)
        with pytest.raises(Refused, match="--key"):
            PlainPen().trusts(standing, "door")

    def test_what_is_larger_than_devices_read_is_refused(self) -> None:
        with pytest.raises(Refused, match="give something back"):
            PlainPen().written(Desired(to="door", version=1, patch={"a": "x" * 300_000}))

    @pytest.mark.parametrize(
        "payload", [b"{", b"[]", b'{"version": 0, "patch": {}}', b'{"version": true, "patch": {}}']
    )
    def test_what_is_no_order_is_told(self, payload: bytes) -> None:
        with pytest.raises(ConfigInvalid):
            read_standing(payload)
