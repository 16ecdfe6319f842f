"""The addresses of doors, passes, configuration and audit: who may ask them, and what they take."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from edged.accounts.account import Account, Role
from edged.api.console.doors import may_set
from edged.api.server import Server
from edged.domain.door import Alarm, Mode
from edged.domain.errors import Refused
from tests.api.asking import Answer, ask
from tests.api.pretend_device import PretendDevice, serving
from tests.api.pretend_rooms import Rooms

CONSOLE = "/api/v1/console/"
NOW = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_800_000_000))
LATER = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_800_009_000))
READS = {
    Role.GUARD: ("doors", "doors/hours", "doors/passages", "passes"),
    Role.INSTALLER: ("config", "config/schema", "config/report", "audit"),
    Role.ADMINISTRATOR: ("audit/export",),
}
WRITES: dict[Role, tuple[tuple[str, Any], ...]] = {
    Role.GUARD: (
        ("doors/open", {"door": "front"}),
        ("doors/mode", {"door": "front", "mode": "locked"}),
        ("doors/quiet", {"door": "store", "alarm": "held_too_long"}),
        ("doors/try", {"door": "front", "person": "4711"}),
    ),
    Role.INSTALLER: (
        ("doors/mode", {"door": "store", "mode": "held_open"}),
        ("doors/reset", {"area": "building"}),
        ("passes/issue", {"name": "Acme", "valid_from": NOW, "valid_until": LATER}),
        ("passes/revoke", {"id": "p1"}),
        ("config/forecast", {"patch": {"decision": {"margin": 0.1}}}),
        ("config/propose", {"patch": {"decision": {"margin": 0.1}}}),
        ("audit/verify", {}),
    ),
}


def post(server: Server, path: str, document: Any, **headers: str) -> Answer:
    named = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", **headers}
    return ask(server, CONSOLE + path, "POST", json.dumps(document).encode(), **named)


@contextmanager
def rooms_for(role: Role = Role.ADMINISTRATOR) -> Iterator[tuple[Server, Rooms]]:
    rooms = Rooms()
    with serving(PretendDevice("front"), rooms=rooms.routes, role=role) as server:
        yield server, rooms


@pytest.mark.parametrize("role", list(Role))
def test_each_address_is_for_those_who_may(role: Role) -> None:
    with rooms_for(role) as (server, _rooms):
        for needed, paths in READS.items():
            for path in paths:
                expected = 200 if role.may(needed) else 403
                assert ask(server, CONSOLE + path).status == expected, (role, path)
        for needed, writes in WRITES.items():
            for path, document in writes:
                expected = 200 if role.may(needed) else 403
                answer = post(server, path, document)
                assert answer.status == expected, (role, path, answer.body)


def test_nobody_is_served_who_is_not_signed_in_or_does_not_send_the_word() -> None:
    with rooms_for() as (server, rooms):
        for paths in READS.values():
            for path in paths:
                assert ask(server, CONSOLE + path, Cookie="").status == 401, path
        for writes in WRITES.values():
            for path, document in writes:
                assert post(server, path, document, Cookie="").status == 401, path
                assert post(server, path, document, edged_token="guessed").status == 403, path
                assert post(server, path, document, Content_Type="text/plain").status == 415, path
                assert post(server, path, document, Sec_Fetch_Site="cross-site").status == 403, path
        done = [rooms.doors.done, rooms.passes.done, rooms.audit.done, rooms.steward.asked]
        assert not any(done)


def test_who_asked_is_said_to_whoever_does_it() -> None:
    with rooms_for() as (server, rooms):
        for writes in WRITES.values():
            for path, document in writes:
                assert post(server, path, document).status == 200, path
        assert ("open", "front", "tester") in rooms.doors.done
        assert ("quiet", "store", Alarm.HELD_TOO_LONG, "tester") in rooms.doors.done
        assert ("issue", "Acme", "tester") in rooms.passes.done
        assert rooms.audit.done == [("verify", "tester")]
        assert rooms.steward.asked == [({"decision": {"margin": 0.1}}, "account:tester")]


@pytest.mark.parametrize(
    ("role", "now", "wanted", "may"),
    [
        (Role.GUARD, Mode.NORMAL, Mode.LOCKED, True),
        (Role.GUARD, Mode.LOCKED, Mode.NORMAL, True),
        (Role.GUARD, Mode.NORMAL, Mode.EMERGENCY, True),
        (Role.GUARD, Mode.EMERGENCY, Mode.NORMAL, False),
        (Role.GUARD, Mode.EMERGENCY, Mode.LOCKED, False),
        (Role.GUARD, Mode.NORMAL, Mode.HELD_OPEN, False),
        (Role.GUARD, Mode.HELD_OPEN, Mode.NORMAL, False),
        (Role.GUARD, Mode.HELD_OPEN, Mode.LOCKED, True),
        (Role.INSTALLER, Mode.EMERGENCY, Mode.NORMAL, True),
        (Role.INSTALLER, Mode.NORMAL, Mode.HELD_OPEN, True),
    ],
)
def test_a_guard_locks_and_unlocks_and_does_not_end_an_emergency(
    role: Role, now: Mode, wanted: Mode, may: bool
) -> None:
    assert may_set(Account("olga", role), now, wanted) is may


def test_a_guard_does_not_end_an_emergency_over_http() -> None:
    with rooms_for(Role.GUARD) as (server, rooms):
        assert post(server, "doors/mode", {"door": "front", "mode": "emergency"}).status == 200
        assert post(server, "doors/mode", {"door": "front", "mode": "normal"}).status == 403
        assert rooms.doors.modes["front"] is Mode.EMERGENCY


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("doors/open", {"door": ""}),
        ("doors/open", {"door": "x" * 33}),
        ("doors/open", {"door": "front", "really": True}),
        ("doors/mode", {"door": "front", "mode": "ajar"}),
        ("doors/try", {"door": "front", "at": "tomorrow"}),
        ("doors/try", {"door": "front", "person": "y" * 300}),
        ("passes/issue", {"name": "z" * 121, "valid_from": NOW, "valid_until": LATER}),
        ("passes/issue", {"valid_from": NOW, "valid_until": LATER, "uses": 0}),
        ("config/propose", {"patch": []}),
        ("config/propose", {}),
        ("audit/verify", {"please": 1}),
    ],
)
def test_what_does_not_fit_is_refused_in_words(path: str, document: Any) -> None:
    with rooms_for() as (server, _rooms):
        answer = post(server, path, document)
        assert answer.status == 400
        assert answer.document["error"]["what"]


def test_what_is_too_long_is_refused_and_a_configuration_may_be_longer() -> None:
    with rooms_for() as (server, _rooms):
        assert "longer than 16 KB" in post(server, "doors/open", {"door": "x" * 20_000}).document["error"]["what"]
        assert post(server, "config/forecast", {"patch": {"log": {"x" * 20_000: 1}}}).status == 200
        assert (
            "longer than 256 KB"
            in post(server, "config/forecast", {"patch": {"x": "y" * 300_000}}).document["error"]["what"]
        )


def test_a_key_twice_and_what_is_no_number_are_no_json() -> None:
    with rooms_for() as (server, _rooms):
        for body in (b'{"door": "front", "door": "store"}', b'{"door": NaN}', b"\xff", b"[" * 100):
            headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
            answer = ask(server, CONSOLE + "doors/open", "POST", body, **headers)
            assert answer.status == 400, body


def test_why_a_door_stays_shut_is_said() -> None:
    with rooms_for() as (server, rooms):
        rooms.doors.refusal = Refused("locked", "the door front is locked", "Set it back to normal first")
        answer = post(server, "doors/open", {"door": "front"})
        assert answer.status == 400
        assert answer.document["error"] == {"what": "the door front is locked", "remedy": "Set it back to normal first"}


def test_pages_of_passages_and_of_the_audit_follow_each_other() -> None:
    with rooms_for() as (server, _rooms):
        first = ask(server, CONSOLE + "audit?limit=100").document
        assert [entry["number"] for entry in first["entries"]] == list(range(250, 150, -1))
        assert first["more"]
        last = ask(server, CONSOLE + "audit?limit=100&before=51").document
        assert [entry["number"] for entry in last["entries"]] == list(range(50, 0, -1))
        assert not last["more"]
        passages = ask(server, CONSOLE + "doors/passages?limit=1&door=front&before=4").document
        assert [passage["number"] for passage in passages["passages"]] == [3]
        for query in ("limit=0", "limit=501", "before=-1", "since=yesterday", "limit=1&limit=2", "what=1"):
            assert ask(server, CONSOLE + f"audit?{query}").status == 400, query


def test_an_export_is_a_file_that_nothing_on_the_way_keeps() -> None:
    with rooms_for() as (server, rooms):
        answer = ask(server, CONSOLE + "audit/export?form=csv")
        assert answer.headers["content-disposition"] == 'attachment; filename="edged-audit.csv"'
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.body.splitlines()) == 251
        assert rooms.audit.done == [("export", "csv", "tester")]
        assert ask(server, CONSOLE + "audit/export?form=xml").status == 400
