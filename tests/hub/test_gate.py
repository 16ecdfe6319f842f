"""The gate: whose token it is, and whether there is room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edged.api.access import Cost, Grant, Right
from edged.api.token import Token, mint
from edged.domain.errors import Unavailable
from edged.hub.gate import CACHED_S, HubGate
from edged.hub.settings import LimitSettings
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.tokens import SqliteTokens

_BY = Grant("command-line", "command line: tester", frozenset({Right.ADMIN}))
_LIMITS = LimitSettings(reading=600, looking=60, address_reading=1200, address_looking=120, strangers=30, burst_s=10)


class _Time:
    """Both clocks, turned by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class _Counted(SqliteTokens):
    """Counts how often the file is asked."""

    asked = 0

    def find(self, token_id: str) -> Token | None:
        self.asked += 1
        return super().find(token_id)


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
def tokens(tmp_path: Path, time: _Time) -> Iterator[_Counted]:
    database = HubDatabase.open(tmp_path / "hub.db", time, lambda: "id")
    yield _Counted(database)
    database.close()


@pytest.fixture
def gate(tokens: _Counted, time: _Time) -> HubGate:
    return HubGate(tokens, _LIMITS, clock=time, ticks=time)


def _grant(name: str = "kiosk") -> Grant:
    return Grant(name, name, frozenset({Right.READ}))


def _let_in(gate: HubGate, grant: Grant | None, address: str, cost: Cost = Cost.READING) -> int:
    """How many requests are let in at this moment."""
    return next(count for count in range(10_000) if gate.admit(grant, address, cost))


def test_a_token_is_its_holders_grant(gate: HubGate, tokens: _Counted) -> None:
    made, minted = tokens.create("kiosk", {Right.MATCH}, by=_BY, gallery="staff")
    assert gate.grant(minted.text) == made.grant()


def test_unknown_wrong_revoked_and_expired_tokens_are_all_the_same_nothing(
    gate: HubGate, tokens: _Counted, time: _Time
) -> None:
    revoked, gone = tokens.create("gone", {Right.READ}, by=_BY)
    tokens.revoke(revoked.id, by=_BY)
    _, short = tokens.create("short", {Right.READ}, by=_BY, expires=time.now + 1)
    time.now += 1
    _, good = tokens.create("good", {Right.READ}, by=_BY)
    wrong = good.text[:-2] + ("aa" if not good.text.endswith("aa") else "bb")
    for text in ("", "x", mint().text, wrong, gone.text, short.text):
        assert gate.grant(text) is None, text
    assert gate.grant(good.text) is not None


def test_the_file_is_asked_once_a_second_for_a_token_in_use(gate: HubGate, tokens: _Counted, time: _Time) -> None:
    _, minted = tokens.create("kiosk", {Right.READ}, by=_BY)
    for _ in range(100):
        assert gate.grant(minted.text)
    assert tokens.asked == 1
    time.now += CACHED_S
    assert gate.grant(minted.text)
    assert tokens.asked == 2


def test_a_revocation_elsewhere_is_in_force_after_a_second(gate: HubGate, tokens: _Counted, time: _Time) -> None:
    made, minted = tokens.create("kiosk", {Right.READ}, by=_BY)
    assert gate.grant(minted.text)
    SqliteTokens(tokens._database).revoke(made.id, by=_BY)
    assert gate.grant(minted.text), "nobody has told this process"
    time.now += CACHED_S
    assert gate.grant(minted.text) is None
    assert gate.grant(minted.text) is None


def test_a_revocation_in_this_process_is_in_force_at_once(gate: HubGate, tokens: _Counted) -> None:
    made, minted = tokens.create("kiosk", {Right.READ}, by=_BY)
    assert gate.grant(minted.text)
    tokens.revoke(made.id, by=_BY)
    assert gate.grant(minted.text) is None


def test_a_use_is_noted_to_the_hour(gate: HubGate, tokens: _Counted, time: _Time) -> None:
    made, minted = tokens.create("kiosk", {Right.READ}, by=_BY)
    time.now = 1_800_000_000.0 + 1234
    gate.grant(minted.text)
    kept = tokens.find(made.id)
    assert kept is not None
    assert kept.used == 1_800_000_000.0
    time.now += 3600
    gate.grant(minted.text)
    later = tokens.find(made.id)
    assert later is not None
    assert later.used == 1_800_003_600.0


def test_a_use_that_cannot_be_noted_locks_nobody_out(
    gate: HubGate, tokens: _Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, minted = tokens.create("kiosk", {Right.READ}, by=_BY)

    def full(_token: str, _hour: float) -> None:
        raise Unavailable("no space left")

    monkeypatch.setattr(tokens, "note_use", full)
    assert gate.grant(minted.text)


def test_looking_is_rarer_than_reading_and_each_has_its_own_measure(gate: HubGate) -> None:
    assert _let_in(gate, _grant(), "10.0.0.1", Cost.LOOKING) == 10
    assert _let_in(gate, _grant(), "10.0.0.1", Cost.READING) == 100


def test_whoever_is_refused_learns_when_to_come_again_and_is_let_in_then(gate: HubGate, time: _Time) -> None:
    _let_in(gate, _grant(), "10.0.0.1", Cost.LOOKING)
    wait_s = gate.admit(_grant(), "10.0.0.1", Cost.LOOKING)
    assert wait_s == 1
    time.now += wait_s
    assert gate.admit(_grant(), "10.0.0.1", Cost.LOOKING) == 0
    assert gate.admit(_grant(), "10.0.0.1", Cost.LOOKING) == 1


def test_one_token_at_many_addresses_is_still_one_token(gate: HubGate) -> None:
    let_in = sum(gate.admit(_grant(), f"10.0.{at}.1", Cost.LOOKING) == 0 for at in range(100))
    assert let_in == 10


def test_many_tokens_at_one_address_are_bounded_by_the_address(gate: HubGate) -> None:
    let_in = sum(gate.admit(_grant(f"t{at}"), "10.0.0.1", Cost.LOOKING) == 0 for at in range(100))
    assert let_in == 20


def test_wrong_tokens_are_throttled_without_hindering_the_right_ones_beside_them(gate: HubGate) -> None:
    assert _let_in(gate, None, "10.0.0.1") == 5
    assert gate.admit(None, "10.0.0.1", Cost.READING) >= 1
    assert gate.admit(None, "10.0.0.2", Cost.READING) == 0
    assert gate.admit(_grant(), "10.0.0.1", Cost.READING) == 0


def test_a_network_of_ipv6_is_one_address_and_a_mapped_ipv4_is_itself(gate: HubGate) -> None:
    assert sum(gate.admit(None, f"2001:db8:1:2::{at:x}", Cost.READING) == 0 for at in range(1, 50)) == 5
    assert gate.admit(None, "2001:db8:1:3::1", Cost.READING) == 0
    _let_in(gate, None, "10.0.0.9")
    assert gate.admit(None, "::ffff:10.0.0.9", Cost.READING) >= 1


def test_a_crowd_of_addresses_costs_no_memory(gate: HubGate) -> None:
    for at in range(40_000):
        gate.admit(None, f"10.{at >> 16}.{at >> 8 & 255}.{at & 255}", Cost.READING)
    assert len(gate._strangers) <= 16_384
    _let_in(gate, None, "10.0.156.63")
    assert gate.admit(None, "10.0.156.63", Cost.READING) >= 1, "the newest is remembered"


def test_a_crowd_of_tokens_costs_no_memory(gate: HubGate, tokens: _Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edged.hub.gate._MOST_CACHED", 3)
    texts = [tokens.create(f"t{at}", {Right.READ}, by=_BY)[1].text for at in range(6)]
    for text in texts:
        assert gate.grant(text)
    assert len(gate._grants) == 3
