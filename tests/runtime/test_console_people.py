"""Enrolling, changing, blocking and deleting people at the console, with real models, databases and threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edged.api.console.events import TimelineAsked
from edged.api.console.people_forms import Blocked, Code, Enrol, Facts, PeopleAsked
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image
from edged.domain.passage import Factor
from edged.runtime.console.drafts import Drafts
from edged.vision.sight import Sight
from tests.runtime.console_site import ConsoleSite, console_site, jpeg

BY = "ina"


@pytest.fixture
def site(tmp_path: Path, sight: Sight, astronaut: Image) -> Iterator[ConsoleSite]:
    with console_site(tmp_path, sight, astronaut) as site:
        yield site


def mirrored(image: Image) -> Image:
    return np.ascontiguousarray(image[:, ::-1])


def test_a_photograph_is_judged_before_anything_is_stored(site: ConsoleSite) -> None:
    good = site.people.look(jpeg(site.photo), "eve.jpg", "", by=BY)
    assert (good.taken, good.file, good.warnings) == (True, "eve.jpg", ())
    assert good.quality > 0.6
    picture = site.people.draft_picture(good.draft, by=BY)
    assert picture is not None
    assert picture.startswith(b"\xff\xd8")
    assert site.people.people(PeopleAsked()).everybody == 0
    saved = site.people.enroll(
        Enrol(
            drafts=(good.draft,), customer_person_id="4711", name="Eve", groups=("staff", ""), valid_until="2030-01-31"
        ),
        by=BY,
    )
    assert (saved.stored, saved.name) == (True, "Eve")
    detail = site.people.person(saved.id)
    assert [photo.quality for photo in detail.photographs] == [good.quality]
    assert detail.person.groups == ("staff",)
    assert detail.person.valid_until is not None
    assert site.people.face(saved.id, "") is not None
    assert site.noted == [("enrolment", f"account:{BY}", {"person": saved.id, "faces": 1, "new": True})]
    assert site.gallery.snapshot().persons == 1, "recognised from now on"
    with pytest.raises(Refused) as gone:
        site.people.enroll(Enrol(drafts=(good.draft,), customer_person_id="4712"), by=BY)
    assert gone.value.reason == "gone"


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda photo: jpeg(np.zeros_like(photo)), "no_face"),
        (lambda photo: jpeg(np.hstack([photo, mirrored(photo)])), "several_faces"),
        (lambda photo: jpeg((photo * 0.12).astype(np.uint8)), "too_dark"),
        (lambda photo: b"GIF89a" + jpeg(photo), "not_an_image"),
        (lambda photo: jpeg(photo)[:2000], "damaged"),
        (lambda _photo: b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\0\0\xff\xff" * 2, "too_many_pixels"),
    ],
)
def test_what_cannot_be_used_says_why_and_what_to_do(site: ConsoleSite, spoil: object, reason: str) -> None:
    answer = site.people.look(spoil(site.photo), "x.jpg", "", by=BY)  # type: ignore[operator]
    assert (answer.taken, answer.reason, answer.draft) == (False, reason, "")
    assert answer.what
    assert answer.remedy


def test_a_camera_takes_the_picture(site: ConsoleSite) -> None:
    shot = site.people.look_at_camera("door", "", by=BY)
    assert (shot.taken, shot.file) == (True, "door")
    site.camera = None
    with pytest.raises(Unavailable):
        site.people.look_at_camera("door", "", by=BY)
    with pytest.raises(Refused):
        site.people.look_at_camera("yard", "", by=BY)


def test_what_is_odd_has_to_be_confirmed(site: ConsoleSite) -> None:
    eve = site.enrol("4711", site.photo, name="Eve")
    again = site.people.look(jpeg(mirrored(site.photo)), "again.jpg", "", by=BY)
    assert again.taken
    assert [warning.reason for warning in again.warnings] == ["resembles_other"]
    assert "Eve" in again.warnings[0].what
    asked = Enrol(drafts=(again.draft,), customer_person_id="4712", name="Mallory")
    refused = site.people.enroll(asked, by=BY)
    assert (refused.stored, len(refused.photographs[0].warnings)) == (False, 1)
    assert site.people.people(PeopleAsked()).everybody == 1
    more = site.people.enroll(Enrol(drafts=(again.draft,), person=eve), by=BY)
    assert more.stored, "for Eve herself nothing is odd"
    assert len(site.people.person(eve).photographs) == 2


def test_an_id_that_is_taken_is_refused_and_the_photographs_stay(site: ConsoleSite) -> None:
    site.enrol("4711", site.photo, name="Eve")
    draft = site.people.look(jpeg(mirrored(site.photo)), "x.jpg", "", by=BY).draft
    with pytest.raises(Refused) as refused:
        site.people.enroll(Enrol(drafts=(draft,), customer_person_id="4711", certain=True), by=BY)
    assert refused.value.reason == "exists"
    assert site.people.enroll(Enrol(drafts=(draft,), customer_person_id="4712", certain=True), by=BY).stored


def test_drafts_are_their_owners_alone_and_not_for_long() -> None:
    now = [0.0]
    drafts = Drafts(lambda: now[0])
    token = drafts.keep("ina", "x.jpg", None, b"picture")
    assert drafts.find(token, "ina") is not None
    assert drafts.find(token, "guard") is None
    assert drafts.find("guess", "ina") is None
    now[0] = 901.0
    assert drafts.find(token, "ina") is None
    for _ in range(60):
        drafts.keep("ina", "x.jpg", None, b"picture")
    first = drafts.keep("ina", "x.jpg", None, b"picture")
    assert drafts.find(first, "ina") is not None
    assert len(drafts._kept) == 48


def test_facts_are_changed_and_only_those_are_noted(site: ConsoleSite) -> None:
    eve = site.enrol("4711", site.photo, name="Eve", groups=("staff",))
    site.noted.clear()
    facts = Facts(name="Eva", groups=("staff", "night"), notes="two\nlines", valid_from="2026-01-01T00:00:00Z")
    site.people.change(eve, facts, by=BY)
    detail = site.people.person(eve)
    assert (detail.person.name, detail.person.groups, detail.notes) == ("Eva", ("staff", "night"), "two\nlines")
    assert detail.person.customer_person_id == "4711"
    assert site.noted == [
        ("change", f"account:{BY}", {"person": eve, "faces": 0, "new": False, "fields": "name notes groups valid_from"})
    ]
    site.people.change(eve, facts, by=BY)
    assert len(site.noted) == 1, "nothing changed"
    for wrong in (
        Facts(valid_from="soon"),
        Facts(valid_from="2026-02-01", valid_until="2026-01-01"),
        Facts(name="a\x00"),
    ):
        with pytest.raises(Refused):
            site.people.change(eve, wrong, by=BY)


def test_a_photograph_is_removed_but_not_the_last(site: ConsoleSite) -> None:
    eve = site.enrol("4711", site.photo)
    draft = site.people.look(jpeg(mirrored(site.photo)), "x.jpg", eve, by=BY).draft
    site.people.enroll(Enrol(drafts=(draft,), person=eve), by=BY)
    first, second = site.people.person(eve).photographs
    site.people.remove_photograph(eve, first.hash, by=BY)
    assert [photo.hash for photo in site.people.person(eve).photographs] == [second.hash]
    assert site.people.face(eve, first.hash) is None
    with pytest.raises(Refused) as refused:
        site.people.remove_photograph(eve, second.hash, by=BY)
    assert refused.value.reason == "last_photograph"


def test_somebody_is_blocked_with_a_reason_and_has_codes(site: ConsoleSite) -> None:
    eve = site.enrol("4711", site.photo)
    site.noted.clear()
    with pytest.raises(Refused):
        site.people.block(eve, Blocked(blocked=True), by=BY)
    site.people.block(eve, Blocked(blocked=True, why="lost badge"), by=BY)
    assert site.people.person(eve).person.blocked == "lost badge"
    assert [row.id for row in site.people.people(PeopleAsked(only="blocked")).people] == [eve]
    site.people.set_code(eve, Code(factor=Factor.PIN, code="481516"), by=BY)
    assert site.people.person(eve).codes == (Factor.PIN,)
    assert "481516" not in str(site.noted)
    site.people.set_code(eve, Code(factor=Factor.PIN), by=BY)
    site.people.block(eve, Blocked(blocked=False), by=BY)
    detail = site.people.person(eve)
    assert (detail.codes, detail.person.blocked) == ((), None)
    assert [act for act, _by, _about in site.noted] == ["block", "code", "code", "block"]
    site.has_doors = False
    assert site.people.person(eve).codes is None
    with pytest.raises(Refused):
        site.people.block(eve, Blocked(blocked=True, why="x"), by=BY)


def test_whoever_is_deleted_must_be_named_and_leaves_nothing(site: ConsoleSite) -> None:
    eve = site.enrol("4711", site.photo, name="Eve")
    site.people.set_code(eve, Code(factor=Factor.CARD, code="00112233"), by=BY)
    site.noted.clear()
    for typed in ("", "eve", "4711"):
        with pytest.raises(Refused):
            site.people.delete(eve, typed, by=BY)
    assert site.people.delete(eve, "Eve", by=BY).id == eve
    assert site.gallery.snapshot().persons == 0
    assert site.codes.codes_of(eve) == frozenset()
    assert site.people.receipt(eve).done is False, "what else is kept is removed by the upkeep"
    assert site.noted == [("deletion", f"account:{BY}", {"person": eve})]
    for act in (lambda: site.people.person(eve), lambda: site.people.delete(eve, "Eve", by=BY)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason == "unknown_person"


def test_a_stranger_gets_a_made_up_name_that_is_shown_and_offered_again(site: ConsoleSite) -> None:
    first = site.keep()
    assert site.desk.name([first.id], " Blue  Heron ", by="guard") == "Blue Heron"
    assert site.listed() == []
    (item,) = site.events.timeline(TimelineAsked(q="heron")).items
    assert item.visit is not None
    assert (item.visit.pseudonym, item.visit.event.outcome) == ("Blue Heron", "unknown")
    assert item.picture is not None
    again = site.keep()
    found = site.desk.unknowns()
    assert ([[one.event_id for one in some] for some in found.groups], found.likely) == ([[again.id]], ("Blue Heron",))
    site.desk.name([first.id], "", by="guard")
    assert site.events.timeline(TimelineAsked(q="heron")).items == ()
    assert [act for act, _by, _about in site.noted] == ["review", "review"]
    assert "Heron" not in str(site.noted), "the audit outlives the name"


def test_an_event_is_explained_beside_the_enrolled_face(site: ConsoleSite) -> None:
    eve = site.enrol("4711", site.photo, name="Eve")
    event = site.keep()
    detail = site.events.detail(event.visit)
    assert detail is not None
    assert detail.item.picture == f"/api/v1/events/{event.id}/picture.jpg"
    assert detail.portrait is not None
    assert detail.portrait.enrolled is False, "the sample's best is somebody who is not enrolled here"
    assert site.events.detail("0" * 8 + "-0000-7000-8000-" + "0" * 12) is None
    assert eve
