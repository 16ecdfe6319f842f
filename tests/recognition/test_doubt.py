"""Odd faces are found by comparing; who is who is made up of plain directions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edged.domain.curve import Curve
from edged.domain.errors import Refused
from edged.domain.face import Quality
from edged.domain.person import Template
from edged.recognition.doubt import Known, Oddity, find_doubts
from edged.recognition.enrolment import Portrait
from edged.recognition.finding import Finding, PersonFinding, find, refused
from edged.recognition.rehearsal import Rehearsal
from tests.gallery.sample import MODEL, directions, open_gallery, somebody, template

CURVE = Curve(((1e-2, 0.30), (1e-3, 0.37), (1e-4, 0.42), (1e-5, 0.47)), 38.0, -12.5)
ANNA, BEN, CLEO, DORA = np.eye(MODEL.dimension, dtype=np.float32)[:4]
ASIDE = np.eye(MODEL.dimension, dtype=np.float32)[8:]


def _like(person: NDArray[np.float32], aside: int, cosine: float = 0.8) -> NDArray[np.float32]:
    """A face with this cosine to the person's, and the square of it to others made so."""
    return np.asarray(cosine * person + np.sqrt(1 - cosine**2) * ASIDE[aside], np.float32)


@pytest.fixture(params=["gallery", "rehearsal"])
def known(tmp_path: Path, request: pytest.FixtureRequest) -> Known:
    """Anna with two photographs and Ben with one, stored or only rehearsed."""
    gallery = open_gallery(tmp_path / "gallery.db")
    register = gallery if request.param == "gallery" else Rehearsal(gallery.snapshot(), MODEL.dimension)
    register.enroll(somebody("4711", name="Anna Berg"), [template(1, _like(ANNA, 0)), template(2, _like(ANNA, 1))])
    register.enroll(somebody("4712"), [template(3, BEN)])
    snapshot = register.snapshot()
    gallery.close()
    return snapshot


def _oddities(known: Known, key: str, *faces: NDArray[np.float32]) -> list[list[Oddity]]:
    return [[doubt.oddity for doubt in doubts] for doubts in find_doubts(known, CURVE, key, np.stack(faces))]


def test_a_new_person_like_nobody_is_not_doubted(known: Known) -> None:
    assert _oddities(known, "4713", _like(CLEO, 2), _like(CLEO, 3)) == [[], []]


def test_a_face_enrolled_under_another_id_is_named(known: Known) -> None:
    (doubts,) = find_doubts(known, CURVE, "4713", np.stack([_like(ANNA, 2)]))
    (doubt,) = doubts
    assert doubt.oddity is Oddity.RESEMBLES_OTHER
    assert doubt.person
    assert doubt.person.customer_person_id == "4711"
    assert doubt.what == "the face resembles Anna Berg (4711)"
    assert doubt.similarity == pytest.approx(0.64, abs=1e-3)
    assert doubt.limit <= doubt.similarity


def test_more_photographs_of_a_person_do_not_resemble_somebody_else(known: Known) -> None:
    assert _oddities(known, "4711", _like(ANNA, 2)) == [[]]


def test_a_wrong_photograph_among_enrolled_ones_is_doubted(known: Known) -> None:
    assert _oddities(known, "4711", CLEO) == [[Oddity.UNLIKE_OTHERS]]


def test_a_wrong_photograph_may_also_resemble_its_owner(known: Known) -> None:
    assert _oddities(known, "4711", BEN) == [[Oddity.RESEMBLES_OTHER, Oddity.UNLIKE_OTHERS]]


def test_one_wrong_photograph_among_several_new_ones_is_found_and_the_others_are_not_doubted(known: Known) -> None:
    faces = (_like(CLEO, 2), DORA, _like(CLEO, 3), _like(CLEO, 4))
    assert _oddities(known, "4713", *faces) == [[], [Oddity.UNLIKE_OTHERS], [], []]


def test_of_two_that_differ_nobody_can_say_which_is_wrong(known: Known) -> None:
    assert _oddities(known, "4713", CLEO, DORA) == [[Oddity.UNLIKE_OTHERS], [Oddity.UNLIKE_OTHERS]]


def test_the_more_are_enrolled_the_more_alike_a_double_must_be(tmp_path: Path) -> None:
    few = open_gallery(tmp_path / "few" / "gallery.db")
    few.enroll(somebody("1"), [template(1, ANNA)])
    many = Rehearsal(few.snapshot(), MODEL.dimension)
    many.enroll(somebody("2"), [template(number, face) for number, face in enumerate(directions(3, 2000))])
    limits = [
        find_doubts(known, CURVE, "3", np.stack([ANNA]))[0][0].limit for known in (few.snapshot(), many.snapshot())
    ]
    assert limits[0] + 0.1 < limits[1] < 0.6
    few.close()


def _portrait(face: NDArray[np.float32]) -> Portrait:
    quality = Quality(size=40, sharpness=50, yaw=0, pitch=0, light=120, contrast=40, score=0.8)
    return Portrait(Template(face, 0.8, "0" * 64), quality)


def test_a_doubtful_photograph_is_taken_with_a_warning_and_refused_when_strict(known: Known) -> None:
    photos = [("good.jpg", _portrait(_like(ANNA, 2))), ("wrong.jpg", _portrait(CLEO))]
    findings, templates = find(known, CURVE, "4711", photos, strict=False)
    assert [(finding.taken, [item.reason for item in finding.warnings]) for finding in findings] == [
        (True, []),
        (True, ["unlike_others"]),
    ]
    assert len(templates) == 2

    findings, templates = find(known, CURVE, "4711", photos, strict=True)
    assert [(finding.taken, finding.reason) for finding in findings] == [(True, ""), (False, "unlike_others")]
    assert [template.vector is photos[0][1].template.vector for template in templates] == [True]


def test_findings_survive_a_journal() -> None:
    bad = refused("a.jpg", Refused("blurred", "the face is blurred", "Hold still"))
    person = PersonFinding(
        "line 4", "4711", "Anna", stored=False, photos=(bad, Finding("b.jpg", taken=True, quality=0.5))
    )
    assert PersonFinding.of_document(person.document()) == person
    rejected = PersonFinding.rejected("line 5", Refused("groups", "groups is not a list", "Write it so"), somebody("1"))
    assert PersonFinding.of_document(rejected.document()) == rejected
