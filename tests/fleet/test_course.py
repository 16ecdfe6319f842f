"""Where a roll-out ends, whatever happens on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.config.tree import merge_patch
from edged.fleet.batches import batches
from edged.fleet.census import address_of, desired_topic
from edged.fleet.course import taken_back
from edged.fleet.patch import holds
from edged.fleet.rollout import Phase, Rollout, Target
from edged.fleet.standing import read_standing
from edged.wire.order import Desired
from tests.fleet.pretend import PREFIX, Broker, PretendDevice, Tool, health

CHANGE = {"decision": {"margin": 0.5}, "quality": {"min_light": None}}
FORMER = {"decision": {"frames": 4}, "quality": {"min_light": 30.0}}
HOLD_S, PATIENCE_S = 5.0, 60.0


def site(count: int, steps: str = "1,50%", **more: Any) -> tuple[Broker, list[PretendDevice], Tool]:
    """So many devices that follow FORMER, and a roll-out of CHANGE to all of them that has not begun."""
    broker = Broker()
    devices = [PretendDevice(f"d{number}", broker, group="doors") for number in range(count)]
    for device in devices:
        device.come()
        push(broker, device.name, 3, FORMER)
        device.look()
        broker.publish(device.topics.health, health("old").encoded())
    names = [device.name for device in devices]
    rollout = Rollout(
        id="r1",
        by="me",
        began=0.0,
        change=CHANGE,
        batches=tuple(tuple(Target(name, (name,)) for name in batch) for batch in batches(names, steps)),
        later=(),
        before={name: frozenset({"old"}) for name in names},
        hold_s=HOLD_S,
        patience_s=PATIENCE_S,
        **more,
    )
    return broker, devices, Tool(rollout, broker)


def push(broker: Broker, address: str, version: int, patch: dict[str, Any]) -> None:
    broker.publish(desired_topic(PREFIX, address), Desired(version=version, patch=patch).encoded())


def told(broker: Broker, address: str) -> dict[str, Any]:
    return dict(read_standing(broker.standing.get(desired_topic(PREFIX, address), b"")).patch)


def settle(tool: Tool, devices: list[PretendDevice], looks: int = 400) -> Rollout:
    """Lets everybody do their work until the roll-out is over."""
    for turn in range(looks):
        tool.hear(10_000)
        tool.step(1.0)
        if tool.rollout.is_over:
            return tool.rollout
        for device in devices[turn % 3 :: 3]:  # not all at once
            device.look()
    raise AssertionError(f"it does not end: {tool.rollout}")


def assert_honest(rollout: Rollout, broker: Broker, devices: list[PretendDevice]) -> None:
    """Everybody has the change, or nobody but those that are named."""
    for device in devices:
        own = device.pushed.get("device", {})
        if rollout.phase is Phase.APPLIED:
            assert holds(told(broker, device.name), CHANGE)
            assert own == merge_patch(FORMER, CHANGE)
        else:
            assert merge_patch({}, told(broker, device.name)) == FORMER
            assert device.name in rollout.open or own == FORMER
    if rollout.phase is Phase.ROLLED_BACK:
        assert rollout.why


class TestInOrder:
    def test_batch_after_batch_and_no_batch_before_the_one_before_it_was_well_for_a_while(self) -> None:
        broker, devices, tool = site(10)
        tool.step(0.0)
        assert [device.name for device in devices if holds(told(broker, device.name), CHANGE)] == ["d0"]
        devices[0].look()
        tool.hear(100)
        for _ in range(5):
            tool.step(1.0)
            assert tool.rollout.batch == 0
        tool.step(1.0)
        assert tool.rollout.batch == 1
        assert sum(holds(told(broker, device.name), CHANGE) for device in devices) == 5
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.APPLIED
        assert rollout.open == {}
        assert_honest(rollout, broker, devices)
        assert read_standing(broker.standing[desired_topic(PREFIX, "d7")]).version == 4

    @pytest.mark.parametrize("bad", ["rejected", "reverted"])
    def test_one_that_does_not_take_it_stops_it_and_all_go_back(self, bad: str) -> None:
        broker, devices, tool = site(10)
        devices[0].bad = bad
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert rollout.why == (f"d0: {bad}: decision.margin: does not work here",)
        assert set(rollout.told) == {"d0"}, "it went no further than the first batch"
        assert_honest(rollout, broker, devices)

    def test_one_that_fails_late_takes_all_back(self) -> None:
        broker, devices, tool = site(10)
        devices[9].bad = "reverted"
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert len(rollout.undone) == 10
        assert_honest(rollout, broker, devices)

    def test_one_that_does_not_answer_stops_it(self) -> None:
        _broker, devices, tool = site(4)
        devices[0].go()
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert rollout.why == ("d0: no answer, it is not online",)
        assert rollout.open == {"d0": "not online: it goes back when it comes"}
        devices[0].come()
        devices[0].look()
        assert devices[0].pushed["device"] == FORMER

    def test_a_new_condition_that_stays_stops_it_and_an_old_one_does_not(self) -> None:
        broker, devices, tool = site(4)
        broker.publish(devices[0].topics.health, health("old", "camera.front").encoded())
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert rollout.why == ("d0: has trouble that it did not have before (camera.front)",)
        assert_honest(rollout, broker, devices)

    def test_a_condition_that_goes_away_only_takes_time(self) -> None:
        broker, devices, tool = site(1)
        tool.step(0.0)
        devices[0].look()
        broker.publish(devices[0].topics.health, health("old", "camera.front").encoded())
        tool.hear(100)
        tool.step(1.0)
        broker.publish(devices[0].topics.health, health("old").encoded())
        tool.hear(100)
        tool.step(30.0)
        assert not tool.rollout.is_over, "the time to hold begins anew"
        tool.step(5.0)
        tool.step(0.0)
        assert tool.rollout.phase is Phase.APPLIED

    def test_those_that_are_away_are_told_at_the_end_and_not_waited_for(self) -> None:
        broker, devices, tool = site(3, "100%")
        devices[2].go()
        (batch,) = tool.rollout.batches
        tool.rollout = replace(tool.rollout, batches=(batch[:2],), later=batch[2:])
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.APPLIED
        devices[2].come()
        devices[2].look()
        assert_honest(rollout, broker, devices)

    def test_a_group_is_told_at_once(self) -> None:
        broker, devices, tool = site(3)
        names = tuple(device.name for device in devices)
        tool.rollout = replace(tool.rollout, batches=((Target(address_of("doors"), names),),))
        devices[1].bad = "rejected"
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert told(broker, "_group/doors") == {"decision": None, "quality": {"min_light": None}}
        assert [device.versions["group:doors"] for device in devices] == [2, 2, 2]

    def test_what_was_applied_can_be_taken_back(self) -> None:
        broker, devices, tool = site(4)
        assert settle(tool, devices).phase is Phase.APPLIED
        tool.rollout = taken_back(tool.rollout, "asked for")
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert rollout.open == {}
        assert_honest(rollout, broker, devices)


class TestWithOthers:
    def test_what_somebody_else_pushed_meanwhile_stays_when_ours_is_taken_back(self) -> None:
        broker, devices, tool = site(2)
        settle(tool, devices)
        theirs = told(broker, "d0")
        theirs["log"] = {"level": "debug"}
        push(broker, "d0", 5, theirs)
        tool.hear(100)
        tool.rollout = taken_back(tool.rollout, "asked for")
        settle(tool, devices)
        assert devices[0].pushed["device"] == {**FORMER, "log": {"level": "debug"}}
        assert devices[1].pushed["device"] == FORMER

    def test_whoever_changes_the_same_during_the_roll_out_stops_it_and_keeps_their_value(self) -> None:
        broker, devices, tool = site(4)
        tool.step(0.0)
        devices[0].look()
        tool.hear(100)
        tool.step(1.0)
        push(broker, "d0", 5, {**FORMER, "decision": {"margin": 0.1, "frames": 4}})
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.ROLLED_BACK
        assert rollout.why == ("d0: somebody else has changed the same since (version 5)",)
        devices[0].look()
        assert devices[0].pushed["device"]["decision"] == {"margin": 0.1, "frames": 4}

    def test_a_broker_that_forgets_is_told_again(self) -> None:
        broker, devices, tool = site(2)
        tool.step(0.0)
        devices[0].look()
        tool.hear(100)
        tool.step(1.0)
        broker.standing = {topic: said for topic, said in broker.standing.items() if not topic.endswith("desired")}
        tool.connect()
        rollout = settle(tool, devices)
        assert rollout.phase is Phase.APPLIED
        assert_honest(rollout, broker, devices[:1])


ACTS = st.one_of(
    st.tuples(st.just("look"), st.integers(0, 5)),
    st.tuples(st.just("hear"), st.integers(0, 6)),
    st.tuples(st.just("hear_twice"), st.integers(0, 6)),
    st.tuples(st.just("lose"), st.integers(1, 3)),
    st.tuples(st.just("step"), st.sampled_from([0.0, 1.0, 6.0, 70.0])),
    st.tuples(st.just("die"), st.integers(0, 3)),
    st.tuples(st.just("sleep"), st.integers(0, 5)),
    st.tuples(st.just("go"), st.integers(0, 5)),
    st.tuples(st.just("come"), st.integers(0, 5)),
    st.tuples(st.just("undo"), st.just(0)),
)


@settings(max_examples=150)
@given(
    acts=st.lists(ACTS, max_size=60),
    bad=st.lists(st.sampled_from(["", "", "", "", "rejected", "reverted"]), min_size=6, max_size=6),
    away=st.booleans(),
)
def test_whatever_happens_all_have_it_in_the_end_or_nobody_but_those_that_are_named(
    acts: list[tuple[str, Any]], bad: list[str], away: bool
) -> None:
    broker, devices, tool = site(6, "1,3")
    for device, kind in zip(devices, bad, strict=True):
        device.bad = kind
    deeds: dict[str, Callable[[Any], object]] = {
        "look": lambda number: devices[number].look(),
        "go": lambda number: devices[number].go(),
        "come": lambda number: devices[number].come(),
        "hear": tool.hear,
        "hear_twice": lambda many: tool.hear(many, twice=True),
        "lose": lambda many: tool.hear(many, lose=True),
        "step": tool.step,
        "die": lambda sends: tool.step(0.0, sends=sends),  # what it would do is written down, a part of it is sent
        "sleep": lambda _: tool.connect(),
        "undo": lambda _: tool.take_back(),
    }
    for act, much in acts:
        deeds[act](much)
    for device in devices if not away else ():
        device.come()
    tool.connect()  # what was lost stands there still
    rollout = settle(tool, devices)
    assert_honest(rollout, broker, devices)
    if rollout.phase is Phase.APPLIED:
        assert not any(bad)
