from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from edged.config.store import read_kept
from edged.control import journal as module
from edged.control.journal import FILE, HELD_S, KEPT_S, MOST, MOST_ANSWER_BYTES, MOST_BYTES, Journal, Stage
from edged.domain.errors import Busy, Refused, Unavailable

NOW = 1_800_000_000.0


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / FILE


def test_a_request_is_new_once(path: Path, clock: Clock) -> None:
    journal = Journal(path, clock)
    assert journal.begin("a", "open_door", NOW + 60, {"door": 1}) is None
    running = journal.begin("a", "open_door", NOW + 60, {"door": 1})
    assert running is not None
    assert (running.stage, running.answer, running.begun) == (Stage.RUNNING, None, NOW)
    answer = {"opened": True, "words": 'é "x"\n\x00\x7f\ud800', "deep": {"a": [1, 2.5, None]}}
    journal.finish("a", answer)
    for again in (journal, Journal(path, clock)):
        done = again.begin("a", "open_door", NOW + 90, {"door": 1})
        assert done is not None
        assert (done.stage, done.answer, done.command, done.expires) == (Stage.DONE, answer, "open_door", NOW + 60)
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_former_process_did_not_finish_is_unknown_until_somebody_knows(path: Path, clock: Clock) -> None:
    Journal(path, clock).begin("a", "restart", None)
    second = Journal(path, clock)
    assert [(one.transaction, one.command) for one in second.unfinished()] == [("a", "restart")]
    again = second.begin("a", "restart", None)
    assert again is not None
    assert again.stage is Stage.UNKNOWN
    second.finish("a", {"restarted": True})
    assert second.unfinished() == ()
    done = Journal(path, clock).find("a")
    assert done is not None
    assert done.answer == {"restarted": True}


def test_a_transaction_is_that_of_one_request(path: Path, clock: Clock) -> None:
    journal = Journal(path, clock)
    journal.begin("a", "people_delete", None, {"id": "anna"})
    for command, data in (("people_delete", {"id": "bob"}), ("people_get", {"id": "anna"})):
        with pytest.raises(Refused) as refused:
            journal.begin("a", command, None, data)
        assert refused.value.reason == "repeated"
    assert journal.begin("a", "people_delete", None, {"id": "anna"}) is not None


def test_only_that_a_long_answer_was_given_is_remembered(path: Path, clock: Clock) -> None:
    journal = Journal(path, clock)
    for name, answer in (("long", {"x": "x" * MOST_ANSWER_BYTES}), ("none", None), ("empty", {})):
        journal.begin(name, "log_tail", None)
        journal.finish(name, answer)
    journal.finish("never begun", {})
    again = Journal(path, clock)
    kept = {name: again.find(name) for name in ("long", "none", "empty")}
    assert {name: one and (one.stage, one.answer) for name, one in kept.items()} == {
        "long": (Stage.DONE, None), "none": (Stage.DONE, None), "empty": (Stage.DONE, {})
    }  # fmt: skip


def test_what_can_come_again_is_not_forgotten_for_room(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 8)
    journal = Journal(path, clock)
    for number in range(8):
        journal.begin(f"t{number}", "sync", NOW + 60 + number)
        journal.finish(f"t{number}", None)
    with pytest.raises(Busy):
        journal.begin("one more", "sync", NOW + 60)
    clock.now += 61
    assert journal.begin("one more", "sync", clock.now + 60) is None
    again = Journal(path, clock)
    assert [again.find(f"t{number}") is None for number in range(8)] == [True] + [False] * 7


@pytest.mark.parametrize("step", [-366 * 86400.0, -HELD_S - 1, HELD_S + 1, 366 * 86400.0])
def test_a_clock_that_is_set_right_does_not_fill_it_for_good(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    monkeypatch.setattr(module, "MOST", 8)
    journal = Journal(path, clock)
    for number in range(8):
        journal.begin(f"t{number}", "sync", NOW + 366 * 86400.0)
        journal.finish(f"t{number}", None)
    clock.now += step
    assert journal.begin("one more", "sync", clock.now + 60) is None


def test_it_forgets_with_time(path: Path, clock: Clock) -> None:
    journal = Journal(path, clock)
    for name, expires in (("old", None), ("lasting", NOW + 2 * KEPT_S)):
        journal.begin(name, "sync", expires)
        journal.finish(name, None)
    journal.tidy()
    assert journal.find("old") is not None
    clock.now += KEPT_S + 1
    Journal(path, clock).tidy()
    assert "old" not in path.read_text()
    journal.begin("new", "sync", None)
    assert [journal.find(name) is None for name in ("old", "lasting", "new")] == [True, True, False]


def test_the_file_has_bounds(path: Path, clock: Clock) -> None:
    """The very worst that fits: long names, long answers that double in size when they are written."""
    journal = Journal(path, clock)
    for number in range(20):
        journal.begin(f"{number:064}", "models_switch", NOW + 600)
        journal.finish(f"{number:064}", {"x": '"' * (MOST_ANSWER_BYTES // 4 - 16)})
    assert path.stat().st_size < MOST_BYTES
    newest, oldest = journal.find(f"{19:064}"), journal.find(f"{0:064}")
    assert newest is not None
    assert newest.answer is not None
    assert oldest is not None
    assert (oldest.stage, oldest.answer) == (Stage.DONE, None)
    lines = [{**json.loads(path.read_text())["requests"][0], "transaction": f"{number:064}"} for number in range(MOST)]
    assert len(json.dumps(lines)) < MOST * module._MOST_MARK_BYTES


LINE = {"transaction": "a", "command": "b", "begun": 1, "expires": None, "content": "", "stage": "done", "answer": None}
WRONG_LINES: list[Any] = [
    7, [], {}, {"transaction": "a"}, LINE | {"begun": "x"}, LINE | {"expires": []}, LINE | {"stage": "no"},
    LINE | {"answer": "["}, LINE | {"answer": 7}, LINE | {"answer": "7"},
]  # fmt: skip
WRONG = [json.dumps({"requests": [line]}).encode() for line in WRONG_LINES]


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"requests": 7}', *WRONG])
def test_a_damaged_file_is_set_aside_and_told(path: Path, clock: Clock, content: bytes) -> None:
    path.write_bytes(content)
    journal = Journal(path, clock)
    assert str(path) in journal.damage
    assert path.with_name(f"{FILE}.damaged").read_bytes() == content
    assert journal.begin("a", "sync", None) is None
    assert Journal(path, clock).damage == ""


def test_what_cannot_be_noted_must_not_be_done(path: Path, clock: Clock, tmp_path: Path) -> None:
    journal = Journal(path, clock)
    journal.begin("begun", "sync", None)
    away = tmp_path.rename(tmp_path.with_name("away"))
    with pytest.raises(Unavailable):
        journal.begin("a", "sync", None)
    assert journal.find("a") is None
    with pytest.raises(Unavailable):
        journal.finish("begun", {})
    known = journal.find("begun")
    assert known is not None
    assert known.stage is Stage.DONE
    away.rename(tmp_path)
    assert journal.begin("a", "sync", None) is None


class Life(RuleBasedStateMachine):
    """A journal against a plain account of what was told it; the process ends now and then."""

    names = Bundle("names")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="edged-journal-")
        self.path = Path(self.folder.name) / FILE
        self.clock = Clock()
        self.journal = Journal(self.path, self.clock)
        self.told: dict[str, tuple[str, float | None, Stage, Any]] = {}

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(
        target=names,
        name=st.text("abc", min_size=1, max_size=3),
        command=st.sampled_from(("sync", "restart")),
        lasts=st.one_of(st.none(), st.floats(1, 600)),
    )
    def begin(self, name: str, command: str, lasts: float | None) -> str:
        expires = None if lasts is None else self.clock.now + lasts
        known = self.told.get(name)
        if known is not None and known[0] != command:
            with pytest.raises(Refused):
                self.journal.begin(name, command, expires)
            return name
        kept = self.journal.begin(name, command, expires)
        if known is None:
            assert kept is None
            self.told[name] = (command, expires, Stage.RUNNING, None)
        else:
            assert kept is not None
            assert (kept.command, kept.expires, kept.stage, kept.answer) == known
        return name

    @rule(name=names, answer=st.one_of(st.none(), st.dictionaries(st.text(), st.text(), max_size=3)))
    def finish(self, name: str, answer: dict[str, str] | None) -> None:
        command, expires, _, _ = self.told[name]
        self.journal.finish(name, answer)
        self.told[name] = (command, expires, Stage.DONE, answer)

    @rule(seconds=st.floats(0, 3600))
    def wait(self, seconds: float) -> None:
        self.clock.now = min(self.clock.now + seconds, NOW + KEPT_S)

    @rule()
    def restart(self) -> None:
        self.journal = Journal(self.path, self.clock)
        self.told = {
            name: (command, expires, Stage.UNKNOWN if stage is Stage.RUNNING else stage, answer)
            for name, (command, expires, stage, answer) in self.told.items()
        }

    @invariant()
    def the_file_says_the_same(self) -> None:
        assert self.journal.damage == ""
        document = read_kept(self.path)
        lines = [] if document is None else document["requests"]
        assert {line["transaction"]: line["stage"] == Stage.DONE for line in lines} == {
            name: stage is Stage.DONE for name, (_, _, stage, _) in self.told.items()
        }
        assert {one.transaction for one in self.journal.unfinished()} == {
            name for name, (_, _, stage, _) in self.told.items() if stage is Stage.UNKNOWN
        }


LifeTest = Life.TestCase
LifeTest.settings = settings(max_examples=40, stateful_step_count=30)


def test_sigkill_makes_nothing_be_done_twice(tmp_path: Path) -> None:
    """What said that it is done is known as done, and nothing at all has two effects, however often one begins anew."""
    chance = random.Random(6)
    done: list[str] = []
    for _ in range(24):
        first = max((int(name[1:]) for name in done), default=0)
        done += killed_writer(tmp_path, first, after=chance.randint(0, 4), wait_s=chance.uniform(0, 0.02))
        journal = Journal(tmp_path / FILE, time.time)
        assert journal.damage == ""
        for name in done:
            kept = journal.find(name)
            assert kept is not None
            assert (kept.stage, kept.answer) == (Stage.DONE, {"opened": name})
    effects = Counter((tmp_path / "effects").read_text().split())
    assert max(effects.values()) == 1
    assert set(done) <= effects.keys()
    assert len(done) == len(set(done)) > 24


def killed_writer(folder: Path, first: int, *, after: int, wait_s: float) -> list[str]:
    """What a writer said is done until it was killed: so many requests and a moment after it began."""
    command = [sys.executable, "-m", "tests.control.journal_writer", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(1 + after)]
        time.sleep(wait_s)
        writer.kill()
        lines += writer.stdout.readlines()
    assert lines[0] == b"open\n"
    return [line.split()[1].decode() for line in lines[1:]]
