"""Whoever is deleted is gone from every file, and there is proof of it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from edged.access.decide import decide
from edged.access.standing import Standing
from edged.access.standing_record import encoded
from edged.config.access import AccessSettings
from edged.config.document import DeviceSettings, Document
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.event import BestShot, Event, Outcome
from edged.domain.frame import Image, Moment
from edged.domain.passage import Factor, Knock, Way
from edged.domain.person import Candidate, ModelRef, Person, Template
from edged.gallery.admission import clean_template
from edged.gallery.departures import digest_of_key
from edged.measure.sample_event import sample_event
from edged.mqtt.outbox import Outbox
from edged.runtime.purge import purge
from edged.runtime.state_dir import StateDir
from edged.vault.receipt import is_genuine

MODEL: Final = ModelRef("toy", "0" * 64, 32)
NOW: Final = 1_790_000_000.0
NAME: Final = "Anneliese Sonderbar"
KEY: Final = "key-of-anneliese"


@pytest.fixture
def document(tmp_path: Path) -> Document:
    return Document(device=DeviceSettings(name="door", state=tmp_path / "state"))


@pytest.fixture
def state(document: Document) -> StateDir:
    return StateDir.of(document)


def face(seed: int) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (160, 160, 3), dtype=np.uint8)


def template(seed: int) -> Template:
    vector = np.random.default_rng(seed).standard_normal(32).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return clean_template(Template(vector, 0.5, f"{seed:064x}", crop=face(seed)), MODEL)


def event(number: int, person: Person | None, outcome: Outcome, visit: str) -> Event:
    shot = BestShot((face(9)[:112, :112],), face(8), Moment(0.0, NOW))
    best = Candidate(person, 0.7) if person else None
    return replace(sample_event(number, utc=NOW), outcome=outcome, visit=visit, best=best, shot=shot)


def files_with(state: StateDir, *secrets: bytes) -> list[str]:
    """Files of the state directory in which one of these stands."""
    files = [path for path in state.root.rglob("*") if path.is_file()]
    return [
        str(path.relative_to(state.root)) for path in files if any(secret in path.read_bytes() for secret in secrets)
    ]


@pytest.fixture
def lived(state: StateDir, document: Document) -> Iterator[dict[str, list[bytes]]]:
    """A state directory in which Anneliese left traces everywhere; what may never be found, before and after."""
    with closing(state.open_gallery(document, MODEL)) as gallery:
        anna = gallery.enroll(Person("", KEY, NAME), [template(1), template(2)])
        other = gallery.enroll(Person("", "4711", "Otto"), [template(3)])
    outbox = Outbox.open(state.events, "boot", now=NOW)
    events = [
        event(1, anna, Outcome.KNOWN, "v1"),
        event(2, None, Outcome.UNKNOWN, "v1"),
        event(3, anna, Outcome.UNKNOWN, "v2"),
        event(4, other, Outcome.KNOWN, "v3"),
    ]
    outbox.append(events)
    outbox.acknowledge([1])
    shots = state.open_shots(document)
    for item in events:
        if item.shot:
            shots.save(item.id, item.shot, item.outcome)
    credentials = state.open_credentials(document)  # open as the daemon has it
    credentials.set_code(anna.id, Factor.PIN, "271828")
    credentials.issue("Anneliese", valid_from=0, valid_until=NOW * 2, person_id=anna.id)
    credentials.block(anna.id, "lost her card")
    access = AccessSettings.model_validate({"doors": {"main": {"area": "lab"}}})
    now = Moment(0.0, NOW)
    knock = Knock("k", "main", Way.IN, now, Outcome.KNOWN, anna, frozenset({Factor.FACE}))
    passage = decide(knock, access, Standing(), now, id="d", config="c")
    credentials.keep_standing(encoded(Standing().after_passage(passage, access), boot="b", now=now))
    with closing(state.open_people(document)) as people:
        people.back_up(3)
        people.enroll(Person("", "4712"), [], MODEL)
        people.back_up(3)
    (state.root / "gallery.db.damaged-20260101T000000Z").write_bytes(b"an old one with " + NAME.encode())
    with closing(sqlite3.connect(state.people)) as connection:
        number, key = connection.execute(
            "SELECT number, key FROM people WHERE customer_person_id = ?", (KEY,)
        ).fetchone()
        packs = connection.execute("SELECT sealed FROM packs WHERE person = ?", (number,)).fetchall()
    yield {
        "open": [template(1).vector.tobytes(), template(2).vector.tobytes()],
        "sealed": [key, *(pack for (pack,) in packs)],
        "named": [NAME.encode(), KEY.encode(), anna.id.encode()],
        "events": [item.id.encode() for item in events],
    }
    credentials.close()
    outbox.close()


def delete(state: StateDir, document: Document) -> None:
    with closing(state.open_people(document)) as people:
        assert people.delete(KEY)


def test_no_file_ever_holds_a_template_in_the_open(state: StateDir, lived: dict[str, list[bytes]]) -> None:
    assert files_with(state, *lived["open"]) == []
    assert files_with(state, *lived["sealed"], *lived["named"]) != [], "the search itself works"
    pictures = [bytes(face(seed)[0]) for seed in (1, 2, 8, 9)]
    headers = [b"\xff\xd8\xff", b"\x89PNG"]
    assert files_with(state, *pictures) == []
    kept = [path for name in ("shots", "crops") for path in (state.root / name).rglob("*") if path.is_file()]
    assert len(kept) == 8 + 3
    assert not any(path.read_bytes().startswith(header) for path in kept for header in headers)


def test_after_a_purge_no_file_holds_a_trace_and_there_is_a_receipt(
    state: StateDir, document: Document, lived: dict[str, list[bytes]]
) -> None:
    delete(state, document)

    (receipt,) = purge(state, document, NOW)

    own_id = lived["named"].pop()
    assert files_with(state, *lived["open"], *lived["sealed"], *lived["named"]) == []
    assert files_with(state, own_id) == [f"receipts/{own_id.decode()}"], "our own id, which tells nothing to others"
    assert is_genuine(receipt)
    assert receipt["key_digest"] == digest_of_key(receipt["salt"], KEY)
    removed = {"templates": 2, "crops": 2, "events": 2, "pictures": 4, "credentials": 2, "backups": 2}
    assert receipt["removed"] == removed
    assert not is_genuine({**receipt, "device": "another"})
    with closing(state.open_people(document)) as people:
        assert people.departures.receipt(own_id.decode()) == receipt
        assert people.departures.pending() == ()


def test_others_keep_what_is_theirs(state: StateDir, document: Document, lived: dict[str, list[bytes]]) -> None:
    delete(state, document)
    purge(state, document, NOW)

    shots = state.open_shots(document)
    anna_known, anna_unknown, resembling, otto = (name.decode() for name in lived["events"])
    assert [shots.has_picture(name) for name in (anna_known, anna_unknown, resembling, otto)] == [
        False,
        False,
        True,
        True,
    ]
    with closing(sqlite3.connect(state.events)) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone() == (4,), "no event is lost"
        assert connection.execute("SELECT count FROM tally").fetchone() == (0,)
    with closing(state.open_people(document)) as people:
        assert [photo for photo, _quality, _face in people.crops("4711")] == [f"{3:064x}"]
        assert len(people.backups.all()) == 1


def test_a_purge_that_is_killed_is_done_again(
    state: StateDir, document: Document, lived: dict[str, list[bytes]], tmp_path: Path
) -> None:
    delete(state, document)
    program = """
import os, signal, sys
from pathlib import Path
from edged.access.decide import decide
from edged.access.standing import Standing
from edged.access.standing_record import encoded
from edged.config.access import AccessSettings
from edged.config.document import DeviceSettings, Document
from edged.gallery.backup import Backups
from edged.runtime.purge import purge
from edged.runtime.state_dir import StateDir

Backups.keep_only = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
document = Document(device=DeviceSettings(name="door", state=Path(sys.argv[1])))
purge(StateDir.of(document), document, 0.0)
"""
    killed = subprocess.run([sys.executable, "-c", program, str(state.root)], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert files_with(state, *lived["named"]) != []

    (receipt,) = purge(state, document, NOW)

    assert is_genuine(receipt)
    assert files_with(state, *lived["open"], *lived["sealed"], *lived["named"][:2]) == []


def test_a_deletion_that_was_cut_off_is_finished_at_the_next_start(
    state: StateDir, document: Document, lived: dict[str, list[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_anything: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, closing(state.open_people(document)) as people:
        patch.setattr(people, "_remove", cut)
        with pytest.raises(KeyboardInterrupt):
            people.delete(KEY)
        assert people.find(KEY) is not None

    with closing(state.open_people(document)) as people:
        assert people.find(KEY) is None


def test_a_backup_put_back_brings_nobody_back(
    state: StateDir, document: Document, lived: dict[str, list[bytes]]
) -> None:
    delete(state, document)
    for part in state.root.glob("gallery.db*"):
        part.unlink()
    state.people.write_bytes(b"damaged")
    with pytest.raises(Corrupt):
        state.open_gallery(document, MODEL)

    state.restore(document, NOW)

    with closing(state.open_people(document)) as people:
        assert people.find(KEY) is None
        assert people.find("4711") is not None
    assert [path.read_bytes() for path in state.root.glob("gallery.db.damaged-2026092*")] == [b"damaged"]


def test_one_process_serves_a_state_directory(state: StateDir) -> None:
    with state.claim(), pytest.raises(Unavailable, match="another edged runs"), state.claim():
        pass
    with state.claim():
        pass
