"""Requests one after another: who is heard, what is done once, and what is answered."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.config.control import COMMANDS, Command
from edged.control.authority import Authority
from edged.control.journal import Journal
from edged.control.signer import Signer
from edged.control.signing import sealed
from edged.domain.errors import Busy, Corrupt, Refused, Unavailable, Unsupported
from edged.domain.frame import Moment
from edged.mqtt.hearer import Word
from edged.mqtt.inbox import Heard
from edged.runtime import clerk as clerk_module
from edged.runtime.clerk import Clerk
from edged.runtime.clock import SystemClock
from edged.runtime.comeback import Comeback, boot_of_machine
from edged.runtime.deed import Call, Deeds
from edged.runtime.replies import MAX_ANSWER_BYTES, Replies
from edged.runtime.stop import Stop
from edged.runtime.summons import Summons
from edged.wire.commands.asked import Nothing
from edged.wire.commands.machine import ModelsListed, Restarted
from edged.wire.commands.people import PersonAsked, PersonDeleted
from edged.wire.order import Request
from edged.wire.payload import Part, instant
from edged.wire.topics import Topics

PATIENCE_S = 20.0
TOPICS = Topics("edged", "door")


class SteppedClock(SystemClock):
    """The machine's, and as much ahead as the test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> Moment:
        now = super().now()
        return Moment(now.mono + self.ahead, now.utc + self.ahead)


@dataclass
class Bench:
    folder: Path
    keys: dict[str, Signer] | None = None
    allow: tuple[Command, ...] = COMMANDS
    said: list[Word] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    asked_by: list[str] = field(default_factory=list)
    restarts: int = 0
    fault: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    clock: SteppedClock = field(default_factory=SteppedClock)

    def __post_init__(self) -> None:
        self.gate.set()
        self.clerk = self.new_clerk()

    def new_clerk(self) -> Clerk:
        """As after a start."""
        replies = Replies(TOPICS, self.said.append, self.clock)
        summons = Summons(
            Authority("door", lambda: ["doors"], self.keys),
            Journal(self.folder / "orders.json", lambda: self.clock.now().utc),
            lambda: self.allow,
            replies,
            self.clock,
        )
        comeback = Comeback(self.folder / "comeback.json")
        return Clerk(summons, self.deeds, replies, comeback, boot="b2", clock=self.clock)

    def deeds(self) -> Deeds:
        return {
            "people_delete": self.delete,
            "models_list": self.models,
            "restart": self.restart,
            "reboot": self.restart,
        }

    def delete(self, asked: PersonAsked, call: Call) -> PersonDeleted:
        assert self.gate.wait(PATIENCE_S)
        self.asked_by.append(call.by)
        if self.fault:
            raise self.fault
        self.deleted.append(asked.customer_person_id)
        return PersonDeleted(customer_person_id=asked.customer_person_id, id="x", receipt=None)

    def models(self, _asked: Nothing, _call: Call) -> ModelsListed:
        assert self.gate.wait(PATIENCE_S)
        return ModelsListed(models=())

    def restart(self, _asked: Nothing, _call: Call) -> Part:
        if self.fault:
            raise self.fault
        self.restarts += 1
        return Part()

    @contextmanager
    def running(self) -> Iterator[None]:
        stop = Stop()
        thread = threading.Thread(target=self.clerk.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            self.gate.set()
            stop.set()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()

    def answers(self, count: int = 1) -> list[dict[str, Any]]:
        """What was answered, when it is so many."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.said) < count:
            assert time.monotonic() < deadline, self.said
            time.sleep(0.01)
        return [json.loads(word.payload) for word in self.said]

    def ask(self, command: str, data: dict[str, Any] | None = None, **terms: Any) -> dict[str, Any]:
        """The answer to one request of a clerk that runs for it."""
        before = len(self.said)
        self.clerk.take(heard(command, data, **terms))
        with self.running():
            return self.answers(before + 1)[-1]

    def code(self, command: str, data: dict[str, Any] | None = None, **terms: Any) -> str:
        return str(self.ask(command, data, **terms)["error"]["code"])


def heard(
    command: str,
    data: dict[str, Any] | None = None,
    transaction: str = "t1",
    to: str = "door",
    *,
    retained: bool = False,
    reply_to: str = "",
    correlation: bytes = b"",
    **order: Any,
) -> Heard:
    payload = json.dumps({"transaction": transaction, "data": data or {}, **order}).encode()
    return Heard(command, to, payload, retained, reply_to, correlation)


DELETE = {"customer_person_id": "4711"}


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clerk notices sooner that it is to stop."""
    monkeypatch.setattr(clerk_module, "_ROUND_S", 0.02)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_what_changes_something_is_done_once_and_answered_again_across_restarts(bench: Bench) -> None:
    first = bench.ask("people_delete", DELETE)
    assert (first["status"], first["again"], first["data"]["customer_person_id"]) == ("ok", False, "4711")
    assert bench.ask("people_delete", DELETE) == {**first, "again": True}
    bench.clerk = bench.new_clerk()
    assert bench.ask("people_delete", DELETE) == {**first, "again": True}
    assert bench.code("people_delete", {"customer_person_id": "4712"}) == "repeated"
    assert bench.deleted == ["4711"]


def test_a_failure_stays_one(bench: Bench) -> None:
    bench.fault = Unavailable("the disk is full", "Free space")
    failed = bench.ask("people_delete", DELETE)
    assert failed["error"] == {"code": "unavailable", "message": "the disk is full", "remedy": "Free space"}
    bench.fault = None
    assert bench.ask("people_delete", DELETE) == {**failed, "again": True}
    assert bench.ask("people_delete", DELETE, transaction="t2")["status"] == "ok"


def test_what_was_cut_off_in_the_middle_is_not_done_again(bench: Bench, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "orders.json", lambda: bench.clock.now().utc)
    assert journal.begin("t1", "people_delete", None, DELETE) is None  # and then the power went
    bench.clerk = bench.new_clerk()
    assert bench.code("people_delete", DELETE) == "unknown_outcome"
    assert bench.deleted == []


def test_what_changes_nothing_is_refused_the_second_time(bench: Bench) -> None:
    assert bench.ask("models_list")["status"] == "ok"
    assert bench.code("models_list") == "repeated"
    assert not (bench.folder / "orders.json").exists(), "and wears no disk out"


def test_a_transaction_of_a_change_is_none_for_a_question(bench: Bench) -> None:
    bench.ask("people_delete", DELETE)
    bench.clerk = bench.new_clerk()
    assert bench.code("models_list") == "repeated"


def test_what_may_not_be_followed_is_refused_with_its_reason(bench: Bench) -> None:
    bench.allow = ("models_list",)
    refused = bench.ask("people_delete", DELETE)["error"]
    assert refused["code"] == "not_allowed"
    assert "control.allow" in refused["message"]
    assert bench.code("models_list", retained=True) == "retained"
    assert bench.code("models_list", expires="2026-01-02T00:00:00Z") == "expired"
    assert bench.code("models_list", to="_group/windows") == "other_target"
    assert bench.code("models_list", {"more": 1}) == "invalid"
    assert bench.code("dance") == "unknown_command"
    assert bench.code("models_list", transaction="two words") == "invalid"
    assert bench.ask("models_list", transaction="t9", to="_group/doors")["status"] == "ok"
    assert bench.deleted == []


def test_a_refusal_uses_no_transaction_up(bench: Bench) -> None:
    bench.allow = ()
    assert bench.code("people_delete", DELETE) == "not_allowed"
    bench.allow = COMMANDS
    assert bench.ask("people_delete", DELETE)["status"] == "ok"


def test_who_waits_too_long_is_refused(bench: Bench) -> None:
    bench.clerk.take(heard("open_door"))
    bench.clerk.take(heard("people_delete", DELETE, transaction="t2"))
    bench.clock.ahead = 6
    with bench.running():
        late, soon = bench.answers(2)
    assert (late["error"]["code"], soon["status"]) == ("too_late", "ok")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refused("no_face", "x"), "no_face"),
        (Busy("x"), "busy"),
        (Unavailable("x"), "unavailable"),
        (Corrupt("x"), "corrupt"),
        (Unsupported("x"), "unsupported"),
    ],
)
def test_every_failure_is_an_answer(bench: Bench, error: Exception, code: str) -> None:
    bench.fault = error
    assert bench.code("people_delete", DELETE) == code


def test_an_answer_too_long_for_a_message_says_so(bench: Bench) -> None:
    bench.fault = Refused("x" * 300_000, "y")
    answer = bench.ask("people_delete", DELETE)
    assert answer["error"]["code"] == "too_large"
    assert len(bench.said[-1].payload) < MAX_ANSWER_BYTES


def test_answers_go_where_they_may_with_the_correlation(bench: Bench) -> None:
    bench.ask("models_list", transaction="t1", reply_to="edged/_reply/me", correlation=b"c1")
    bench.ask("models_list", transaction="t2", reply_to="edged/door/response/mine", correlation=b"c2")
    bench.ask("models_list", transaction="t3", correlation=b"c3")
    bench.ask("people_delete", DELETE, transaction="t4", reply_to="edged/door/config/reported", correlation=b"c4")
    bench.ask("people_delete", DELETE, transaction="t5", reply_to="edged/_reply/" + "x" * 300)
    assert [(word.topic, word.correlation) for word in bench.said] == [
        ("edged/_reply/me", b"c1"),
        ("edged/door/response/mine", b"c2"),
        ("edged/door/response/models_list", b"c3"),
        ("edged/door/response/people_delete", b"c4"),
        ("edged/door/response/people_delete", b""),
    ]
    assert bench.deleted == [], "what nobody who asked would see an answer to is not done"
    assert not any(word.retain for word in bench.said)


# Signed


def test_with_keys_only_signed_requests_are_followed_and_by_whose_key(tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    signer = Signer("anna", key.public_key().public_bytes_raw())
    bench = Bench(tmp_path, {signer.id: signer})
    assert bench.code("people_delete", DELETE) == "unsigned"
    signed = Heard("people_delete", "door", _signed(bench, key, "people_delete", DELETE), retained=False)
    elsewhere = Heard("reboot", "door", signed.payload, retained=False)
    question = Heard("models_list", "door", _signed(bench, key, "models_list", {}, "t2"), retained=False)
    for one in (signed, elsewhere, signed, question):
        bench.clerk.take(one)
    with bench.running():
        done, other, again, listed = bench.answers(5)[1:]
    assert (done["status"], again) == ("ok", {**done, "again": True})
    assert (other["error"]["code"], other["transaction"]) == ("other_order", "t1")
    assert listed["status"] == "ok"
    assert bench.asked_by == ["anna"]
    bench.clerk = bench.new_clerk()
    bench.clerk.take(question)
    with bench.running():
        assert bench.answers(6)[-1]["error"]["code"] == "repeated", (
            "nobody replays what was signed, after a restart too"
        )


def _signed(bench: Bench, key: Ed25519PrivateKey, command: str, data: dict[str, Any], transaction: str = "t1") -> bytes:
    request = Request(expires=instant(bench.clock.now().utc + 60), transaction=transaction, data=data)
    return sealed(request, f"request/{command}", "door", key)


# Restarts


def test_a_restart_is_answered_when_it_is_over(bench: Bench) -> None:
    bench.clerk.take(heard("restart", reply_to="edged/_reply/me", correlation=b"c"))
    bench.clerk.take(heard("models_list", transaction="t2"))
    with bench.running():
        (other,) = bench.answers(1)
    assert (other["transaction"], other["error"]["code"], bench.restarts) == ("t2", "restarting", 1)
    bench.clerk = bench.new_clerk()
    with bench.running():
        back = bench.answers(2)[-1]
    assert (back["transaction"], back["status"], back["data"]["boot"]) == ("t1", "ok", "b2")
    assert Restarted.model_validate(back["data"]).boot == "b2"
    assert (bench.said[-1].topic, bench.said[-1].correlation) == ("edged/_reply/me", b"c")
    bench.clerk = bench.new_clerk()
    assert bench.ask("restart") == {**back, "again": True}
    assert bench.restarts == 1


def test_a_machine_that_did_not_start_again_is_told_of(bench: Bench) -> None:
    bench.clerk.take(heard("reboot"))
    _run_until(bench, lambda: bench.restarts == 1)
    bench.clerk = bench.new_clerk()
    with bench.running():
        assert bench.answers()[-1]["error"]["code"] == "not_done"


def test_a_machine_that_did_start_again_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.clerk.take(heard("reboot"))
    _run_until(bench, lambda: bench.restarts == 1)
    monkeypatch.setattr(clerk_module, "boot_of_machine", lambda: f"not {boot_of_machine()}")
    bench.clerk = bench.new_clerk()
    with bench.running():
        assert bench.answers()[-1]["status"] == "ok"


def _run_until(bench: Bench, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    with bench.running():
        while not done():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_restart_that_is_not_possible_is_answered_at_once(bench: Bench) -> None:
    bench.fault = Refused("not_permitted", "nobody has enabled it")
    assert bench.code("reboot") == "not_permitted"
    bench.clerk = bench.new_clerk()
    with bench.running():
        pass
    assert len(bench.said) == 1, "nothing is owed"


def test_damage_to_what_is_owed_keeps_nobody_from_being_followed(bench: Bench) -> None:
    for damage in (b"{", b"[]", b"{}", b'{"transaction": 1, "correlation": "xyz"}'):
        (bench.folder / "comeback.json").write_bytes(damage)
        bench.clerk = bench.new_clerk()
        with bench.running():
            pass
        assert not (bench.folder / "comeback.json").exists()
    assert bench.ask("models_list")["status"] == "ok"


# Too many


def test_beyond_what_may_wait_it_is_busy_and_then_silent(bench: Bench) -> None:
    bench.gate.clear()
    with bench.running():
        for number in range(10_000):
            bench.clerk.take(heard("models_list", transaction=f"t{number}", correlation=b"%d" % number))
        said = list(bench.said)
        assert 0 < len(said) < 200
        for word in said:
            answer = json.loads(word.payload)
            assert answer["error"]["code"] == "busy"
            assert answer["transaction"] == f"t{word.correlation.decode()}"
        assert bench.clerk.turned_away > 9_900
        bench.gate.set()
        bench.answers(len(said) + 30)
        bench.clock.ahead = 10
        bench.clerk.take(heard("models_list", transaction="after"))
        deadline = time.monotonic() + PATIENCE_S
        while not any(b'"after"' in word.payload for word in bench.said):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_few_large_ones_are_as_many_as_many_small_ones(bench: Bench) -> None:
    for number in range(20):
        bench.clerk.take(heard("models_list", {"more": "x" * 200_000}, transaction=f"t{number}"))
    assert bench.clerk.turned_away == 15
    assert bench.answers(15)[0]["transaction"] == "t5"
