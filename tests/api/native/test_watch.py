"""How all devices stand, for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edged.api.access import Right
from edged.wire.fleet import FleetList, FleetPushes
from tests.api.caller import Caller
from tests.api.token_gate import ADMIN, TokenGate
from tests.api.whole_centre import whole_centre
from tests.fleet.made_up import EVIL, MadeUpWatch


class Asked:
    """A centre that looks at devices; `gate` knows who may ask."""

    def __init__(self, client: Caller, gate: TokenGate, watch: MadeUpWatch) -> None:
        self._client = client
        self.gate = gate
        self.watch = watch

    def get(self, address: str, token: str = ADMIN, **headers: str) -> httpx.Response:
        return self._client.get(address, headers={"authorization": f"Bearer {token}", **headers})


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    watch = MadeUpWatch()
    with whole_centre(tmp_path, watch) as whole:
        yield Asked(Caller(whole.app), whole.gate, watch)


def test_it_lists_every_device(asked: Asked) -> None:
    answer = asked.get("/edged/v1/fleet")
    fleet = FleetList.model_validate_json(answer.content)
    drifts = {device.name: device.drift.value for device in fleet.devices}
    assert drifts["entrance"] == "in_step"
    assert drifts["loading-dock"] == "pending"
    assert drifts["office-1"] == "reverted"
    assert [(group.name, group.version, group.members) for group in fleet.groups] == [("doors", 2, 7), ("yard", 0, 1)]
    assert answer.headers["cache-control"] == "no-store"


def test_it_gives_lines_to_whoever_wants_text(asked: Asked) -> None:
    assert asked.watch.list is not None
    first = asked.watch.list.devices[0].model_copy(update={"edged": EVIL + "\nowned\tx"})
    asked.watch.list = asked.watch.list.model_copy(update={"devices": (first, *asked.watch.list.devices[1:])})
    answer = asked.get("/edged/v1/fleet", accept="text/plain")
    lines = answer.text.splitlines()
    assert answer.headers["content-type"].startswith("text/plain")
    assert lines[0].split("\t")[:3] == ["device", "available", "state"]
    assert len(lines) == 1 + 8, "nothing that a device says makes another line"
    assert {len(line.split("\t")) for line in lines} == {13}
    assert "\x1b" not in answer.text


def test_it_says_who_pushed_what(asked: Asked) -> None:
    found = FleetPushes.model_validate_json(asked.get("/edged/v1/fleet/pushes?limit=2").content)
    assert [push.address for push in found.pushes] == ["_group/doors", "office-3"]


@pytest.mark.parametrize("address", ["/edged/v1/fleet", "/edged/v1/fleet/pushes"])
def test_only_whoever_may_read_everything_is_told(asked: Asked, address: str) -> None:
    assert asked.get(address, asked.gate.add("reader", Right.READ)).status_code == 200
    assert asked.get(address, asked.gate.add("narrow", Right.READ, gallery="staff")).status_code == 403
    assert asked.get(address, asked.gate.add("matcher", Right.MATCH)).status_code == 403
    assert asked.get(address, "nobody").status_code == 401


def test_a_hub_that_does_not_look_says_so(tmp_path: Path) -> None:
    with whole_centre(tmp_path) as whole:
        answer = Caller(whole.app).get("/edged/v1/fleet", headers={"authorization": f"Bearer {ADMIN}"})
    assert answer.status_code == 404
    assert "watch.enabled" in answer.json()["error"]["remedy"]


def test_before_anything_was_seen_it_asks_to_come_again(asked: Asked) -> None:
    asked.watch.list = None
    assert asked.get("/edged/v1/fleet").status_code == 503
