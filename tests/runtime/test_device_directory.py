"""The device's own gallery as a directory: the contract of directories, and what is different here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from edged.api.directory import FaceChange, FaceFilter, Fields, GalleryChange, NewFace, SeenFace
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import ModelRef, Person
from edged.domain.rect import Rect
from edged.gallery.departures import Departure, Departures
from edged.runtime.device_directory import DeviceDirectory
from tests.api.painted import MODEL, new_face, vector
from tests.gallery.sample import open_people
from tests.hub.directory_contract import DirectoryContract
from tests.hub.site import BY, Site
from tests.runtime.device_site import device_site

NOT_HERE: Final[Mapping[str, str]] = {
    "test_a_key_is_the_customer_s_own": "a device stores keys in Unicode's NFC, and none with space around it",
    "test_another_key_moves_a_face_to_that_person": "a face that moves is in the galleries of whom it moves to",
    "test_faces_that_fit_are_deleted_and_whoever_has_none_left": "galleries are a person's: no face is apart in one",
    "test_metas_are_all_keys_with_their_count_and_newest_face": "galleries are a person's: no face is apart in one",
    "test_vectors_of_different_models_are_never_compared": "a device has one model, and takes no face of another",
    "test_each_change_leaves_one_entry_that_names_the_holder": "who is forgotten is struck out of the audit",
    "test_whatever_is_done_it_answers_as_a_few_dictionaries_do": "galleries are a person's: no face is apart in one",
    "test_another_process_sees_every_change_with_its_next_call": "one process serves the dialects of a device",
    "test_processes_that_enrol_one_key_make_one_person": "one process serves the dialects of a device",
}
"""Tests of the contract that do not hold for a device, and why; below, what holds in their place."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with device_site(tmp_path) as made:
        yield made


class TestDevice(DirectoryContract):
    """The contract, but for `NOT_HERE`."""


for _name in NOT_HERE:
    setattr(TestDevice, _name, None)


def test_what_is_listed_as_different_is_in_the_contract() -> None:
    assert all(hasattr(DirectoryContract, name) for name in NOT_HERE)


def test_a_key_is_found_however_it_is_composed_and_has_no_space_around_it(site: Site) -> None:
    directory = site.directory
    directory.enroll("caf\u00e9", [new_face(1)], by=BY)
    again = directory.enroll("cafe\u0301", [new_face(1, 1)], by=BY)

    assert len(again.faces) == 2
    assert directory.nearest(MODEL, vector(1), 1, FaceFilter(key="cafe\u0301"))[0].face.key == "caf\u00e9"
    for key in (" a", "a ", "x" * 129, "face:0197", f"face:{again.id}"):
        with pytest.raises(Refused) as error:
            directory.enroll(key, [new_face(1)], by=BY)
        assert error.value.reason == "bad_text"
        assert directory.person(key) is None


def test_galleries_hold_for_a_person_and_a_face_that_moves_is_in_those_of_whom_it_moves_to(site: Site) -> None:
    directory = site.directory
    mover = directory.enroll("a", [new_face(1), new_face(1, 1)], by=BY, galleries=["x"]).faces[0]
    directory.enroll("b", [new_face(2)], by=BY, galleries=["y"])
    directory.change_face(mover.number, FaceChange(galleries=GalleryChange(add=("z",))), by=BY)
    person = directory.person("a")
    assert person is not None
    assert {face.galleries for face in person.faces} == {("default", "x", "z")}

    moved = directory.change_face(mover.number, FaceChange(key="b"), by=BY)
    made = directory.change_face(mover.number, FaceChange(key="c"), by=BY)

    assert moved is not None
    assert made is not None
    assert (moved.number, moved.galleries) == (mover.number, ("default", "y"))
    assert (made.number, made.galleries) == (mover.number, ("default", "y")), "whoever is made for it is where it was"
    best = directory.nearest(MODEL, vector(1, 1), 1)[0]
    assert (best.face.number, best.face.key) == (mover.number, "c")
    assert best.similarity == pytest.approx(1, abs=1e-5)


def test_a_face_of_another_model_is_refused(site: Site) -> None:
    other = ModelRef("other", "8" * 64, 8)
    face = NewFace(SeenFace(Rect(0, 0, 1, 1), np.eye(8, dtype=np.float32)[0], 1.0, b"crop"), other, "0" * 64)
    with pytest.raises(Refused) as error:
        site.directory.enroll("a", [face], by=BY)

    assert error.value.reason == "model_mismatch"
    assert site.directory.nearest(other, face.seen.vector, 1) == []


def test_who_is_forgotten_is_struck_out_of_the_audit_and_nobody_else(site: Site) -> None:
    directory = site.directory
    gone = directory.enroll("4711", [new_face(1)], by=BY)
    directory.enroll("47110", [new_face(2)], by=BY)
    directory.note("match", "among everybody: 4711, 47110", by=BY)
    directory.delete_person("4711", by=BY)

    assert [(entry.act, entry.by, entry.name) for entry in site.audit()] == [
        (act, BY.id, BY.name) for act in ("delete_person", "match", "enroll", "enroll")
    ]
    abouts = [entry.about for entry in site.audit()]
    assert abouts[0] == gone.id
    assert abouts[1] == "among everybody: [forgotten], 47110"
    assert not any("4711," in about for about in abouts)


def test_a_deleted_face_departs_as_a_person_does_and_its_person_stays(site: Site, tmp_path: Path) -> None:
    directory = site.directory
    person = directory.enroll("4711", [new_face(1), new_face(1, 1), new_face(1, 2)], by=BY, fields=Fields("Anna", "M"))
    directory.delete_face(person.faces[1].number, by=BY)

    (departure,) = Departures(tmp_path).pending()
    assert (departure.templates, departure.crops) == (1, 1)
    assert len(list((tmp_path / "crops").glob(f"*/{person.id}/*"))) == 2
    with closing(open_people(tmp_path / "gallery.db")) as other:
        summary = other.find("4711")
    assert summary is not None
    assert (summary.person.id, summary.person.name, summary.templates) == (person.id, "Anna M", 2)
    left = {match.face.number: match.similarity for match in directory.nearest(MODEL, vector(1, 1), 5)}
    assert left.keys() == {person.faces[0].number, person.faces[2].number}
    assert max(left.values()) < 0.99, "the vector is gone, too"


def test_a_face_whose_deletion_was_cut_off_is_deleted_at_the_next_start(site: Site, tmp_path: Path) -> None:
    person = site.directory.enroll("4711", [new_face(1), new_face(1, 1)], by=BY)
    with closing(sqlite3.connect(tmp_path / "gallery.db")) as connection:
        number = person.faces[0].number
        (template,) = connection.execute("SELECT id FROM templates WHERE face = ?", (number,)).fetchone()
    Departures(tmp_path).begin(Departure.of(template, "1", 0.0, 1, 1))
    open_people(tmp_path / "gallery.db").close()

    left = site.directory.person("4711")
    assert left is not None
    assert left.faces == person.faces[1:]


def test_what_the_command_line_knows_of_somebody_is_kept(site: Site, tmp_path: Path) -> None:
    """Notes, validity, and groups that cannot be galleries are none of the dialects' business."""
    with closing(open_people(tmp_path / "gallery.db")) as people:
        known = Person(
            "", "4711", "Anna Maria Berg", notes="left-handed", groups=("night shift", "vip"), valid_until=9e9
        )
        people.enroll(known, [], MODEL)
    person = site.directory.enroll("4711", [new_face(1)], by=BY, galleries=["staff"])
    assert person.fields == Fields("Anna Maria", "Berg")
    assert person.faces[0].galleries == ("default", "staff", "vip")
    site.directory.change_face(person.faces[0].number, FaceChange(galleries=GalleryChange(exactly=("a",))), by=BY)
    site.directory.update("4711", Fields("", "Meier"), by=BY)

    with closing(open_people(tmp_path / "gallery.db")) as people:
        summary = people.find("4711")
    assert summary is not None
    after = summary.person
    assert (after.name, after.notes, after.groups, after.valid_until) == (
        "Meier",
        "left-handed",
        ("night shift", "a"),
        9e9,
    )


def test_a_keeper_that_does_not_come_round_is_unavailable(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edged.runtime.device_directory._PATIENCE_S", 0.05)
    directory = site.directory
    assert isinstance(directory, DeviceDirectory)
    blocked = threading.Event()
    directory._keeper.ask(lambda _gallery: blocked.wait(5))
    with pytest.raises(Unavailable):
        directory.enroll("4711", [new_face(1)], by=BY)
    blocked.set()

    directory.note("after", "all", by=BY)
    assert directory.person("4711") is None
