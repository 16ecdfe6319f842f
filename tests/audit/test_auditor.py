"""Whoever notes something does not wait, and what was noted is on the disk when the disk lets it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edged.audit.act import Act
from edged.audit.chain import Chain
from edged.audit.entry import Fact
from edged.audit.selection import Selection
from edged.config.audit import AuditSettings
from edged.domain.errors import Unavailable
from edged.runtime import auditor as module
from edged.runtime.auditor import Auditor
from edged.runtime.conditions import Conditions
from edged.runtime.stop import Stop
from tests.audit.audit_log import BEGIN, Ticks, entries, notes, opened, told, verified, written
from tests.runtime.hand_clock import HandClock

DAY_S = 86_400.0


class Site:
    """An auditor whose disk can be taken away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = HandClock(BEGIN)
        self.conditions = Conditions(self.clock)
        self.settings = AuditSettings()
        self.is_away = False
        self.auditor = Auditor(self._opened, lambda: self.settings, clock=self.clock, conditions=self.conditions)

    def _opened(self) -> Chain:
        if self.is_away:
            raise Unavailable("the disk is away")
        return opened(self.folder)

    def note(self, number: int) -> None:
        self.auditor.note(Act.OPENING, by="account:anna", about={"door": "front", "n": number})

    @property
    def noted(self) -> list[object]:
        return [entry.facts["n"] for entry in entries(self.folder, Selection(acts=(Act.OPENING,)))]

    @property
    def troubles(self) -> list[str]:
        return [item.name for item in self.conditions.current()]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_noted_is_written_soon_and_all_of_it_before_the_end(site: Site) -> None:
    stop = Stop()
    thread = threading.Thread(target=site.auditor.run, args=(stop,))
    site.note(0)
    assert site.auditor.head is None
    thread.start()
    _until(lambda: site.auditor.head is not None and site.auditor.head.number == 2)
    for number in range(1, 700):
        site.note(number)
    stop.set()
    thread.join(30)
    assert site.noted == list(range(700))
    assert verified(site.folder).is_whole


def test_a_note_is_of_what_was_so_when_it_was_taken(site: Site) -> None:
    about: dict[str, Fact] = {"door": "front", "n": 1}
    site.auditor.note(Act.OPENING, by="account:anna", about=about)
    about["n"] = 2
    site.clock.advance(60)
    site.auditor.run_once()
    entry = entries(site.folder)[-1]
    assert (entry.facts["n"], entry.by, entry.at_ms) == (1, "account:anna", round(BEGIN * 1000))


def test_while_the_disk_refuses_it_is_said_and_nothing_is_lost(site: Site) -> None:
    site.is_away = True
    site.note(0)
    site.auditor.run_once()
    site.note(1)
    site.auditor.run_once()
    assert site.troubles == ["audit"]
    site.is_away = False
    site.auditor.run_once()
    assert site.noted == [0, 1]
    assert site.troubles == []


def test_a_batch_that_is_refused_is_tried_again_in_its_order(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.auditor.run_once()
    real = Chain.append

    def refuses(_chain: Chain, _notes: object) -> object:
        site.note(2)  # while it is being written
        raise Unavailable("no space left")

    site.note(0)
    site.note(1)
    monkeypatch.setattr(Chain, "append", refuses)
    site.auditor.run_once()
    assert site.troubles == ["audit"]
    monkeypatch.setattr(Chain, "append", real)
    site.auditor.run_once()
    assert site.noted == [0, 1, 2]


def test_memory_is_bounded_and_what_is_missing_is_counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 600)
    site.is_away = True
    for number in range(607):
        site.note(number)
    site.auditor.run_once()
    site.is_away = False
    site.auditor.run_once()
    assert site.noted == list(range(600))
    assert list(told(site.folder, Act.GAP)) == [{"missed": 7}]
    site.note(1)
    site.auditor.run_once()
    assert len(list(told(site.folder, Act.GAP))) == 1


def test_entries_go_when_they_are_old_a_day_at_a_time(site: Site) -> None:
    site.settings = AuditSettings(keep_days=2)
    for number in range(6):
        site.note(number)
        site.auditor.run_once()
        site.clock.advance(DAY_S / 2)
    site.clock.advance(DAY_S / 2 + 1)
    site.auditor.run_once()
    assert site.noted == [4, 5]
    assert verified(site.folder).is_whole
    count = len(entries(site.folder))
    for _ in range(5):
        site.clock.advance(3600)
        site.auditor.run_once()
    assert len(entries(site.folder)) == count, "each removal is an entry: not one an hour"


def test_no_more_are_kept_than_wanted(site: Site) -> None:
    site.settings = AuditSettings(max_entries=1000)
    for number in range(1500):
        site.note(number)
    site.auditor.run_once()
    site.clock.advance(3601)
    site.auditor.run_once()
    site.auditor.run_once()
    assert len(site.noted) == 990
    assert verified(site.folder).is_whole


def test_what_somebody_did_to_the_files_is_a_condition(site: Site) -> None:
    written(site.folder, 3)
    (site.folder / "audit.head").unlink()
    site.note(0)
    site.auditor.run_once()
    assert site.troubles == ["audit.broken"]
    assert [facts["kind"] for facts in told(site.folder, Act.FINDING)] == ["head_missing"]


def test_a_command_may_write_beside_it(site: Site) -> None:
    site.note(0)
    site.auditor.run_once()
    with closing(opened(site.folder, clock=Ticks())) as command:
        command.append(notes(1))
    site.note(1)
    site.auditor.run_once()
    assert [entry.act for entry in entries(site.folder)] == ["beginning", "opening", "decision", "opening"]
    assert verified(site.folder).is_whole
    head = site.auditor.head
    assert head is not None
    assert head.number == 4
