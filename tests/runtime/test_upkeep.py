"""What is done now and then: forgetting, whatever the clock says, and backups that do not wear the card out."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from edged.config.control import ControlSettings
from edged.config.document import DeviceSettings, Document
from edged.domain.person import ModelRef, Person, Template
from edged.runtime.conditions import Conditions
from edged.runtime.state_dir import StateDir
from edged.runtime.upkeep import Upkeep
from tests.runtime.hand_clock import HandClock

MODEL: Final = ModelRef("toy", "0" * 64, 8)


class Bench:
    def __init__(self, folder: Path) -> None:
        self.document = Document(device=DeviceSettings(name="door", state=folder / "state"))
        self.state = StateDir.of(self.document)
        self.clock = HandClock()
        self.upkeep = Upkeep(self.state, self.document, clock=self.clock, conditions=Conditions(self.clock))

    def enroll(self, key: str) -> str:
        face = np.full((160, 160, 3), 99, np.uint8)
        template = Template(np.eye(8, dtype=np.float32)[0], 0.5, f"{len(key):064x}", crop=face)
        with closing(self.state.open_people(self.document)) as people:
            return people.enroll(Person("", key), [template], MODEL).id

    def delete(self, key: str) -> None:
        with closing(self.state.open_people(self.document)) as people:
            people.delete(key)

    def backups(self) -> list[int]:
        with closing(self.state.open_people(self.document)) as people:
            return [backup.revision for backup in people.backups.all()]

    def rounds(self, seconds: int) -> None:
        for _ in range(seconds):
            self.upkeep.run_once()
            self.clock.advance(1.0)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_whoever_is_deleted_is_forgotten_within_seconds_though_the_clock_is_years_off(bench: Bench) -> None:
    """The request carries the system's time; the hand clock stands elsewhere."""
    person = bench.enroll("anna")
    bench.delete("anna")
    bench.rounds(1)
    with closing(bench.state.open_people(bench.document)) as people:
        assert people.departures.receipt(person) is None, "the keeper may not have seen it yet"
    bench.rounds(2)
    with closing(bench.state.open_people(bench.document)) as people:
        assert people.departures.receipt(person) is not None


def test_deletions_without_end_do_not_put_the_first_one_off_for_long(bench: Bench) -> None:
    first = bench.enroll("first")
    bench.delete("first")
    for number in range(25):
        bench.enroll(f"guest {number}")
        bench.delete(f"guest {number}")
        bench.rounds(1)
    with closing(bench.state.open_people(bench.document)) as people:
        assert people.departures.receipt(first) is not None


def test_a_backup_comes_after_a_minute_and_then_every_hour_while_people_change(bench: Bench) -> None:
    bench.enroll("anna")
    bench.rounds(59)
    assert bench.backups() == []
    bench.rounds(2)
    assert bench.backups() == [1]
    bench.enroll("ben")
    bench.rounds(60)
    assert bench.backups() == [1]
    bench.clock.advance(3600)
    bench.rounds(1)
    assert bench.backups() == [2, 1]
    bench.clock.advance(7200)
    bench.rounds(1)
    assert bench.backups() == [2, 1], "nothing has changed"


def test_kept_faces_go_when_they_are_no_longer_to_be_kept(bench: Bench) -> None:
    bench.enroll("anna")
    privacy = bench.document.privacy.model_copy(update={"keep_crops": False})
    bench.upkeep.document = bench.document.model_copy(update={"privacy": privacy})
    bench.clock.advance(120)
    bench.rounds(1)
    assert [path for path in (bench.state.root / "crops").rglob("*") if path.is_file()] == []


def test_a_key_that_does_not_count_is_named_until_it_is_put_right(tmp_path: Path) -> None:
    """An order that its owner signed would be refused, and nobody would know why."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o755)
    (keys / "anna.pem").write_text("no key")
    document = Document(
        device=DeviceSettings(name="door", state=tmp_path / "state"), control=ControlSettings(keys=keys)
    )
    clock = HandClock()
    conditions = Conditions(clock)
    upkeep = Upkeep(StateDir.of(document), document, clock=clock, conditions=conditions)
    upkeep.run_once()
    assert [(item.name, "anna.pem" in item.what) for item in conditions.current()] == [("control.keys", True)]
    (keys / "anna.pem").unlink()
    upkeep.run_once()
    assert not conditions.current()
