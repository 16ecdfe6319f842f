"""Each dialect against a real hub, which speaks all three of them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest

from edged.central.dialects import open_centre
from edged.central.hub import Hub
from edged.central.miicloud import Match, Miicloud
from edged.central.port import Centre, OtherLife, RemoteFace
from edged.config.central import CentralSettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image
from edged.gallery.keepsakes import encode_keepsake
from edged.vision.sight import Sight
from tests.central.centre_contract import CentreContract, ListedContract, Site
from tests.hub.running import Running, edged, made_hub, running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> dict[str, Any]:
    return made_hub(tmp_path_factory.mktemp("hub") / "hub", models_dir)


@pytest.fixture(scope="module")
def hub(made: dict[str, Any]) -> Iterator[Running]:
    config = Path(made["config"])
    with running(config, config.parent / "log") as process:
        yield process


@pytest.fixture(scope="module")
def door_token(made: dict[str, Any], hub: Running) -> str:
    words = ("--name", "door", "--device", "door", "--right", "device", "--right", "enroll")
    created = edged("hub", "token", "create", *words, "--config", made["config"], "--json")
    assert created.returncode == 0, created.stderr
    return str(json.loads(created.stdout)["token"]["text"])


Kind = Literal["hub", "findface", "miicloud"]
MakeSite = Callable[[Kind, str], Site]


@pytest.fixture(scope="module")
def make_site(made: dict[str, Any], hub: Running, sight: Sight, astronaut: Image) -> Iterator[MakeSite]:
    opened: list[Centre] = []
    with hub.client(made["token"]["text"]) as admin:

        def make(kind: Kind, token: str) -> Site:
            def connect(text: str) -> Centre:
                document = {"kind": kind, "url": hub.url, "token": text, "ca_file": str(hub.ca)}
                settings = CentralSettings.model_validate(document, strict=False)
                centre = open_centre(settings, "door", now=time.monotonic, sleep=time.sleep)
                opened.append(centre)
                return centre

            return Site(connect, token, admin, sight.model, sight, astronaut)

        yield make
    for centre in opened:
        centre.close()


class TestHub(ListedContract):
    @pytest.fixture
    def site(self, make_site: MakeSite, door_token: str) -> Site:
        return make_site("hub", door_token)

    def test_vectors_come_for_the_devices_model_and_crops_for_another(self, site: Site) -> None:
        site.enrol("vectors", 1)
        own = site.told("vectors")
        assert own is not None
        vector = own.faces[0].vector
        assert vector is not None
        assert float(vector @ site.face(1).vector) > 0.99
        site.model = type(site.model)("other", "0" * 64, 64)
        other = site.told("vectors")
        assert other is not None
        assert other.faces[0].vector is None
        picture = site.centre.picture(other.faces[0])
        assert picture.is_keepsake
        assert picture.jpeg.startswith(b"\xff\xd8")
        assert [face.photo_hash for face in own.faces] == [face.photo_hash for face in other.faces]

    def test_a_picture_that_is_not_kept_is_refused_for_this_face_only(self, site: Site) -> None:
        with pytest.raises(Refused) as raised:
            site.centre.picture(RemoteFace("0" * 64, 0, None, "999999"))
        assert raised.value.reason == "no_picture"

    def test_somebody_without_a_key_is_one_person_however_often_they_are_pushed(self, site: Site) -> None:
        outgoing = site.outgoing("", site.face(1))
        first = site.centre.push(outgoing, site.model)
        assert site.centre.push(outgoing, site.model).id == first.id

    def test_a_hub_that_went_back_in_time_lives_another_life(self, site: Site) -> None:
        _pages, cursor = site.followed()
        epoch, revision, place = cursor.split(".")
        with pytest.raises(OtherLife):
            site.centre.changes(f"{epoch}.{int(revision) + 1000}.{place}", site.model, 10)
        with pytest.raises(OtherLife):
            site.centre.changes(f"{'0' * 8}.{revision}.{place}", site.model, 10)

    def test_deletions_are_told_at_once_wherever_they_stand(self, site: Site) -> None:
        site.enrol("early", 1)
        person = site.told("early")
        assert person is not None
        first = site.centre.changes("", site.model, 1)
        for number in range(3):
            site.enrol(f"between {number}", number)
        site.admin.delete("/v1/faces/meta/early")
        assert person.id in site.centre.changes(first.cursor, site.model, 1).gone
        assert person.id in site.centre.changes(first.cursor, site.model, 0).gone

    def test_many_faces_go_in_several_requests(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("edged.central.hub._MOST_BODY", 20_000)
        faces = [site.face(number) for number in range(4)]
        before = site.line.traffic.requests
        taken = site.centre.push(site.outgoing("many", *faces), site.model)
        assert taken.faces == {face.photo_hash for face in faces}
        assert site.line.traffic.requests > before + 2
        person = site.told("many")
        assert person is not None
        assert (person.first_name, person.groups) == ("Eileen", ("crew",))
        others = [site.face(number) for number in range(10, 13)]
        instead = site.outgoing("many", *others, id=taken.id, known=taken.faces, forget=taken.faces)
        assert site.centre.push(instead, site.model).faces == {face.photo_hash for face in others}

    def test_a_page_that_is_too_long_is_asked_for_in_pieces(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(6):
            site.enrol(f"long {number}", number)
        whole = [person.id for page in site.followed()[0] for person in page.people]
        monkeypatch.setattr("edged.central.line.MOST_JSON", 4000)
        pages, _cursor = site.followed()
        assert len(pages) > 1
        assert [person.id for page in pages for person in page.people] == whole

    def test_a_text_that_the_centre_has_no_room_for_is_refused(self, site: Site) -> None:
        with pytest.raises(Refused) as raised:
            site.centre.push(site.outgoing("long name", site.face(1), first_name="x" * 300), site.model)
        assert raised.value.reason == "bad_field"

    def test_nothing_new_costs_less_than_a_kilobyte(self, site: Site) -> None:
        _pages, cursor = site.followed()
        before = site.line.traffic.sent + site.line.traffic.received
        site.centre.changes(cursor, site.model, 500)
        assert site.line.traffic.sent + site.line.traffic.received - before < 1000


class TestFindface(ListedContract):
    @pytest.fixture
    def site(self, make_site: MakeSite, made: dict[str, Any]) -> Site:
        return make_site("findface", made["token"]["text"])

    def test_a_face_without_a_key_is_a_person_of_its_own(self, site: Site) -> None:
        before = {person.id for page in site.followed()[0] for person in page.people}
        site.enrol("", 1)
        site.enrol("", 2)
        people = {person.id: person for page in site.followed()[0] for person in page.people if person.id not in before}
        new = [person for person in people.values() if not person.key]
        assert len(new) == 2
        assert all(person.id.startswith("face:") and len(person.faces) == 1 for person in new)
        for person in new:
            site.centre.remove(person.id)
        there = {person.id for page in site.followed()[0] for person in page.people}
        assert not there & {person.id for person in new}

    def test_whoever_has_no_key_cannot_be_pushed(self, site: Site) -> None:
        with pytest.raises(Refused) as raised:
            site.centre.push(site.outgoing("", site.face(1)), site.model)
        assert raised.value.reason == "no_key"

    def test_a_photograph_that_is_not_given_out_is_refused_for_this_face_only(self, site: Site) -> None:
        site.enrol("secret", 1)
        person = site.told("secret")
        assert person is not None
        with pytest.raises(Refused) as raised:
            site.centre.picture(person.faces[0])
        assert raised.value.reason == "no_picture"

    def test_a_person_on_several_pages_is_one_person(self, site: Site) -> None:
        site.enrol("spread", 1)
        crowd = cv2.imencode(".jpg", np.tile(cv2.resize(site.image, (256, 256)), (4, 4, 1)))[1].tobytes()
        made = 0
        while made <= 100:  # a page has so many
            answer = site.admin.post("/v1/face", data={"mf_selector": "all"}, files={"photo": crowd})
            made += len(answer.json()["results"])
        site.enrol("spread", 2)
        person = site.told("spread")
        assert person is not None
        assert len(person.faces) == 2
        assert site.line.traffic.requests > 1

    def test_keys_with_marks_of_addresses_are_kept_apart(self, site: Site) -> None:
        keys = ["a/b?c#d%2F", "Zoë & Co.", "a/b"]
        ids = [site.centre.push(site.outgoing(key, site.face(1)), site.model).id for key in keys]
        site.centre.remove(ids[0])
        told = {person.key for page in site.followed()[0] for person in page.people}
        assert told & set(keys) == set(keys[1:])


class TestMiicloud(CentreContract):
    @pytest.fixture
    def site(self, make_site: MakeSite, made: dict[str, Any]) -> Site:
        return make_site("miicloud", made["token"]["text"])

    def test_it_tells_of_nobody(self, site: Site) -> None:
        assert not site.centre.lists
        page = site.centre.changes("", site.model, 10)
        assert (page.people, page.gone, page.more) == ((), (), False)

    def test_known_people_are_looked_up_one_by_one(self, site: Site) -> None:
        stays = site.centre.push(site.outgoing("stays", site.face(1)), site.model)
        goes = site.centre.push(site.outgoing("goes", site.face(2)), site.model)
        again = site.centre.push(site.outgoing("again", site.face(3)), site.model)
        site.describe("stays", first_name="Other")
        site.admin.delete("/v1/faces/meta/goes")
        site.admin.delete("/v1/faces/meta/again")
        site.enrol("again", 4)  # somebody else, under the same key
        page = site.centre.refresh({taken.id: taken.faces for taken in (stays, goes, again)})
        assert set(page.gone) == {goes.id, again.id}
        (person,) = page.people
        assert (person.id, person.first_name, person.last_name) == (stays.id, "Other", "")
        assert frozenset(face.photo_hash for face in person.faces) == stays.faces
        site.centre.remove(again.id)
        assert len(site.faces_at_hub("again")) == 1, "whoever has the key now is somebody else"

    def test_a_face_deleted_on_the_device_stays_there_and_is_named(self, site: Site) -> None:
        one, two = site.face(1), site.face(2)
        first = site.centre.push(site.outgoing("kept", one, two), site.model)
        forget = frozenset({one.photo_hash})
        taken = site.centre.push(site.outgoing("kept", id=first.id, known=first.faces, forget=forget), site.model)
        assert taken.refused == {one.photo_hash: "cannot_be_deleted"}
        assert taken.faces == first.faces

    def test_a_face_that_is_unknown_here_may_be_known_there(self, site: Site) -> None:
        assert isinstance(site.centre, Miicloud)
        site.centre.push(site.outgoing("asked", site.face(1)), site.model)
        crop = site.face(2).crop
        assert crop is not None
        match = site.centre.match(crop)
        assert isinstance(match, Match)
        assert 0 < match.confidence <= 1
        assert match.key == "asked"
        assert site.centre.match(_black()) is None


def _black() -> bytes:
    return encode_keepsake(np.zeros((160, 160, 3), np.uint8))


def test_a_token_may_lie_in_a_file(hub: Running, door_token: str, tmp_path: Path, sight: Sight) -> None:
    path = tmp_path / "token"
    document = {"kind": "hub", "url": hub.url, "token_file": str(path), "ca_file": str(hub.ca)}
    settings = CentralSettings.model_validate(document, strict=False)
    with pytest.raises(Unavailable, match=r"central\.token_file"):
        open_centre(settings, "door", now=time.monotonic, sleep=time.sleep)
    path.write_text(f"{door_token}\n")
    centre = open_centre(settings, "door", now=time.monotonic, sleep=time.sleep)
    assert isinstance(centre, Hub)
    assert centre.name == f"hub {hub.url}"
    assert centre.changes("", sight.model, 1).cursor
    centre.close()


def test_a_device_without_a_centre_loads_nothing_that_speaks_http() -> None:
    code = "import edged.central.dialects, edged.central.follower, sys; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
