"""What is said about faults around relays."""

from __future__ import annotations

from edged.measure.door_faults import DoorFaults, Fault
from edged.measure.door_report import door_report


def test_one_unwanted_opening_is_a_goal_missed() -> None:
    kill = Fault("kill", times=100, unwanted=0, longest_s=0.1234)
    replay = Fault("replay", times=100, unwanted=0, longest_s=None)
    good = DoorFaults((kill, replay), (20_480, 40_960))
    assert good.is_good
    assert "0.123 s" in door_report(good).text()
    assert "missed" not in door_report(good).text()
    bad = DoorFaults((kill, Fault("replay", times=100, unwanted=1, longest_s=None)), (1, 1))
    assert not bad.is_good
    assert "missed" in door_report(bad).text()
