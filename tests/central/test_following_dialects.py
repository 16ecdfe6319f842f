"""A device's real gallery that follows a real hub through dialects that have no list of changes, or no list at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edged.central.account import Hold
from edged.central.follower import Follower, Terms
from edged.central.ledger import Ledger
from edged.central.port import OutgoingFace
from edged.domain.person import Template
from edged.gallery.gallery import Gallery
from tests.central.centre_contract import Site
from tests.central.following import portrayed
from tests.central.test_dialects import Kind, MakeSite, hub, made, make_site
from tests.gallery.sample import MODEL, directions, open_gallery, somebody

__all__ = ["hub", "made", "make_site"]

TERMS = Terms(Hold(0.2, 10))


class Door:
    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.gallery: Gallery = open_gallery(folder / "gallery.db")
        self.ledger = Ledger(self.gallery.change, site.centre.keeps)
        self.follower = Follower(site.centre, self.ledger, MODEL, portrayed)

    def enrol(self, key: str, *faces: OutgoingFace, **fields: Any) -> None:
        """As somebody does at the device; its model is a small one."""
        templates = [
            Template(directions(place, 1)[0], face.quality, face.photo_hash, crop=face.crop)
            for place, face in enumerate(faces)
        ]
        self.gallery.enroll(somebody(key, **fields), templates)

    def hashes(self, key: str) -> frozenset[str]:
        found = self.gallery.find(key)
        assert found is not None
        return self.gallery.change(lambda book: book.links.hashes(found.person.id))

    def until_quiet(self) -> int:
        """Rounds until one has nothing to tell; how many people were told of."""
        told = 0
        for _ in range(5):
            done = self.follower.round(replace(TERMS, refresh=True))
            told += done.pushed
            if not done.pushed and not done.people:
                break
        return told


@pytest.fixture(params=["findface", "miicloud"])
def door(request: pytest.FixtureRequest, make_site: MakeSite, made: dict[str, Any], tmp_path: Path) -> Any:
    kind: Kind = request.param
    found = Door(make_site(kind, made["token"]["text"]), tmp_path)
    yield found
    found.gallery.close()


def test_whoever_is_enrolled_on_the_device_is_told_once_and_has_each_face_once(door: Door) -> None:
    one, two = door.site.face(1), door.site.face(2)
    door.enrol("ada", one, two, name="Ada King", email="a@b", groups=("crew", "With a space"))
    assert door.until_quiet() == 1
    assert len(door.site.faces_at_hub("ada")) == 2
    assert len(door.hashes("ada")) == 2
    door.enrol("ada", door.site.face(3))
    assert door.until_quiet() == 1
    assert len(door.site.faces_at_hub("ada")) == 3
    assert len(door.hashes("ada")) == 3
    ada = door.gallery.find("ada")
    assert ada is not None
    assert (ada.person.name, ada.person.email) == ("Ada King", "a@b")
    assert set(ada.person.groups) == {"crew", "With a space"}


def test_whom_the_centre_deletes_is_deleted_here_and_others_stay(door: Door) -> None:
    door.enrol("ada", door.site.face(1))
    door.enrol("bob", door.site.face(2))
    door.until_quiet()
    door.site.admin.delete("/v1/faces/meta/ada")
    door.until_quiet()
    assert door.gallery.find("ada") is None
    assert door.gallery.find("bob") is not None
    assert door.site.faces_at_hub("ada") == [], "and does not come back"


def test_who_is_deleted_here_is_deleted_there(door: Door) -> None:
    door.enrol("ada", door.site.face(1))
    door.enrol("bob", door.site.face(2))
    door.until_quiet()
    door.gallery.delete("ada")
    door.until_quiet()
    assert door.site.faces_at_hub("ada") == []
    assert len(door.site.faces_at_hub("bob")) == 1
    assert door.gallery.find("ada") is None


def test_a_round_without_news_asks_little_and_tells_nothing(door: Door) -> None:
    door.enrol("ada", door.site.face(1))
    door.until_quiet()
    before = door.site.line.traffic.requests
    done = door.follower.round(TERMS)
    assert (done.people, done.pushed) == (0, 0)
    assert door.site.line.traffic.requests - before <= 1
