"""The addresses of the console's photographs: who may ask them, what they take, and what they do."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edged.accounts.account import Role
from edged.api.console.photos import PHOTOS, photos_routes
from edged.config.photos import PhotoSettings
from edged.photos.album import Tally
from edged.photos.kept import KeptPurge
from edged.runtime.folder_progress import FolderProgress
from edged.vault.receipt import is_genuine
from tests.api.asking import Answer, ask
from tests.api.pretend_device import PretendDevice, Served, serving
from tests.runtime.booth_evening import HOUSE
from tests.runtime.photo_site import PhotoSite, photo_site, picture

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
BOUNDARY = "edged-test"


def at(seconds: float) -> str:
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat()


def form(**other: Any) -> dict[str, Any]:
    return {"name": "Gala", "threshold": 0.75, **other}


class Page:
    """What a page of ours asks."""

    def __init__(self, server: Served, site: PhotoSite) -> None:
        self.server, self.site = server, site

    def get(self, path: str = "") -> Answer:
        return ask(self.server, f"{PHOTOS}{path}")

    def post(self, path: str, document: Any) -> Answer:
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
        return ask(self.server, f"{PHOTOS}{path}", "POST", json.dumps(document).encode(), **headers)

    def upload(self, slug: str, content: bytes, name: str = "a.jpg") -> Answer:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        media = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"Content-Type": media, "Sec-Fetch-Site": "same-origin"}
        return ask(self.server, f"{PHOTOS}/events/{slug}/upload", "POST", body, **headers)

    def only(self) -> dict[str, Any]:
        """The one event."""
        (event,) = json.loads(self.get().body)["events"]
        return dict(event)


@contextmanager
def opened(folder: Path, role: Role = Role.ADMINISTRATOR, settings: PhotoSettings | None = None) -> Iterator[Page]:
    with (
        photo_site(folder, settings) as site,
        serving(PretendDevice("front"), rooms=site.rooms, role=role) as server,
    ):
        yield Page(server, site)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with opened(tmp_path) as page:
        yield page


def refused(answer: Answer) -> str:
    assert answer.status == 400, answer.body
    return str(json.loads(answer.body)["error"]["what"])


@pytest.mark.parametrize("role", list(Role))
def test_each_address_is_for_those_who_may(tmp_path: Path, role: Role) -> None:
    with opened(tmp_path, role) as page:
        page.site.event()
        (photo,) = page.site.photographs("gala", 1)
        one = {"photos": [photo]}
        looks = ["", "/events/gala/photos", f"/pictures/{photo}/thumbnail", "/events/gala/sign-off"]
        for path in looks:
            assert page.get(path).status == 200, path
        writes: list[tuple[Role, str, Any]] = [
            (Role.INSTALLER, "/events", form(slug="fair")),
            (Role.INSTALLER, "/events/gala/change", form()),
            (Role.INSTALLER, "/events/gala/close", {"closed": True}),
            (Role.INSTALLER, "/events/gala/stand", one | {"standing": "hidden"}),
            (Role.ADMINISTRATOR, "/events/gala/delete", one),
            (Role.ADMINISTRATOR, "/events/gala/purge", {"typed": "gala"}),
        ]
        for needed, path, document in writes:
            assert page.post(path, document).status == (200 if role.may(needed) else 403), path
        uploaded = page.upload("fair", picture(7))
        assert uploaded.status == (200 if role.may(Role.INSTALLER) else 403), uploaded.body


def test_a_device_without_photographs_says_so() -> None:
    with serving(PretendDevice("front"), rooms=photos_routes(None)) as server:
        answer = ask(server, PHOTOS)
        assert answer.status == 200
        assert json.loads(answer.body)["on"] is False
        assert ask(server, f"{PHOTOS}/events/gala/photos").status == 404


def test_an_event_is_made_changed_closed_and_opened_again(page: Page) -> None:
    made = page.post("/events", form(slug="gala", consent="One", closes=at(3600), expires=at(90_000)))
    assert made.status == 200, made.body
    event = page.only()
    assert (event["state"], event["current"], event["consent_version"]) == ("open", True, 1)

    same = {name: event[name] for name in ("name", "threshold", "closes", "expires", "consent")}
    page.post("/events/gala/change", same | {"consent": "Two", "is_moderated": True})
    event = page.only()
    assert (event["consent"], event["consent_version"], event["is_moderated"]) == ("Two", 2, True)

    assert page.post("/events/gala/close", {"closed": True}).status == 200
    assert (page.only()["state"], page.only()["current"]) == ("closed", False)
    assert refused(page.upload("gala", picture(1))).endswith("takes no more photographs")
    page.post("/events/gala/close", {"closed": False})
    assert page.only()["state"] == "open"
    assert [line.split()[:2] for line in page.site.noted[-4:]] == [
        ["account:tester", act] for act in ("create_event", "change_event", "close_event", "open_event")
    ]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"expires": at(-10)}, "over already"),
        ({"closes": at(-10)}, "closed already"),
        ({"closes": at(9000), "expires": at(5000)}, "over before it closes"),
        ({"threshold": 1.5}, "threshold"),
        ({"name": ""}, "name"),
        ({"slug": "A b"}, "slug"),
        ({"consent": "x" * 8001}, "consent"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_an_event_cannot_be_is_refused_and_nothing_is_made(page: Page, wrong: dict[str, Any], why: str) -> None:
    assert why in refused(page.post("/events", form(slug="gala") | wrong))
    assert json.loads(page.get().body)["events"] == []


def test_a_time_that_is_over_may_stay_as_it_was_when_something_else_changes(page: Page) -> None:
    page.site.event(closes=time.time() - 100)
    event = page.only()

    kept = page.post("/events/gala/change", form(name="Winter gala", closes=event["closes"]))

    assert kept.status == 200, kept.body
    assert page.only()["name"] == "Winter gala"
    assert "put that time off" in json.loads(page.post("/events/gala/close", {"closed": False}).body)["error"]["remedy"]


def test_photographs_come_in_once_and_what_is_none_is_refused_with_its_reason(page: Page) -> None:
    page.site.event()

    first, again = page.upload("gala", picture(1), "Läufer.jpg"), page.upload("gala", picture(1))

    assert first.status == again.status == 200
    assert json.loads(first.body)["photo"]["id"] == json.loads(again.body)["photo"]["id"]
    assert json.loads(first.body)["photo"]["source"] == "upload"
    assert page.only()["shown"] == 1
    assert refused(page.upload("gala", b"<html>no photograph</html>"))
    assert refused(page.upload("gala", b""))
    assert "no such event" in refused(page.upload("nothing", picture(2)))
    assert page.only()["shown"] == 1


def test_photographs_are_let_through_taken_away_and_deleted(page: Page) -> None:
    page.site.event(is_moderated=True)
    first, second, third = page.site.photographs("gala", 3)
    assert (page.only()["waiting"], page.only()["shown"]) == (3, 0)

    changed = page.post("/events/gala/stand", {"photos": [first, second], "standing": "shown"})
    page.post("/events/gala/stand", {"photos": [third], "standing": "hidden"})

    assert json.loads(changed.body)["changed"] == 2
    assert (page.only()["shown"], page.only()["waiting"], page.only()["hidden"]) == (2, 0, 1)
    listed = json.loads(page.get("/events/gala/photos?standing=hidden").body)
    assert [photo["id"] for photo in listed["photos"]] == [third]
    gone = page.post("/events/gala/delete", {"photos": [third, str(uuid.uuid4())]})
    assert json.loads(gone.body)["changed"] == 1
    assert page.get(f"/pictures/{third}/thumbnail").status == 404
    assert json.loads(page.get("/events/gala/photos").body)["total"] == 2


def test_a_photograph_of_another_event_is_not_deleted_by_this_ones_address(page: Page) -> None:
    page.site.event("gala")
    page.site.event("fair")
    (photo,) = page.site.photographs("fair", 1)

    for path, more in (("delete", {}), ("stand", {"standing": "hidden"})):
        answer = page.post(f"/events/gala/{path}", {"photos": [photo]} | more)
        assert json.loads(answer.body)["changed"] == 0

    assert page.site.current("fair").photos == 1


def test_many_photographs_are_told_page_by_page(page: Page) -> None:
    page.site.event()
    ids = page.site.photographs("gala", 5)

    told = [json.loads(page.get(f"/events/gala/photos?offset={at}&limit=2").body) for at in (0, 2, 4)]

    assert [one["total"] for one in told] == [5, 5, 5]
    assert [photo["id"] for one in told for photo in one["photos"]] == ids
    for query in ("limit=0", "limit=201", "offset=-1", "standing=maybe", "a=1"):
        assert page.get(f"/events/gala/photos?{query}").status == 400, query


def test_pictures_are_what_they_are_and_nothing_else_has_an_address(page: Page) -> None:
    page.site.event()
    (photo,) = page.site.photographs("gala", 1)

    original = page.get(f"/pictures/{photo}/original?download=1")

    assert original.body == picture(0)
    assert original.headers["content-type"] == "image/jpeg"
    assert original.headers["content-disposition"].startswith('attachment; filename="IMG_0000.jpg"')
    assert original.headers["cache-control"] == "no-store"
    for path in (f"/pictures/{photo}/../x", f"/pictures/{photo}/raw", "/pictures/..%2f..%2fkey/original"):
        assert page.get(path).status == 404, path


def test_storage_and_the_watched_folder_are_told(tmp_path: Path) -> None:
    with opened(tmp_path, settings=PhotoSettings(enabled=True, max_gb=0.5, when_full="oldest")) as page:
        page.site.event()
        page.site.photographs("gala", 1)
        page.site.progress = FolderProgress(
            "/media/card", done=4, refused=1, waiting=6, refusals=(("x.gif", "not_an_image", "it is none"),)
        )
        told = json.loads(page.get().body)
    assert told["storage"]["used_bytes"] > len(picture(0))
    assert (told["storage"]["most_bytes"], told["storage"]["when_full"]) == (500_000_000, "oldest")
    assert (told["intake"]["done"], told["intake"]["waiting"], told["intake"]["ends"]) == (4, 6, None)
    assert told["intake"]["refusals"] == [{"name": "x.gif", "reason": "not_an_image", "what": "it is none"}]


def test_a_purge_wants_the_name_and_ends_with_a_signed_file(page: Page) -> None:
    page.site.event()
    (photo,) = page.site.photographs("gala", 1)
    page.site.guest("gala", REQUEST, [photo])
    event = page.only()
    assert "not the event's" in refused(page.post("/events/gala/purge", {"typed": "galas"}))

    begun = json.loads(page.post("/events/gala/purge", {"typed": "gala"}).body)["purge"]

    assert (begun["signed"], begun["step"], begun["photographs"]) == (False, "files", 1)
    assert page.get(f"/purges/{event['id']}").status == 404
    assert json.loads(page.get().body)["events"] == []
    assert page.get(f"/pictures/{photo}/thumbnail").status == 404
    page.site.purger.run_once()
    (purge,) = json.loads(page.get().body)["purges"]
    assert (purge["signed"], purge["by"]) == (True, "account:tester")
    file = page.get(f"/purges/{event['id']}?download=1")
    assert is_genuine(json.loads(file.body))
    assert json.loads(file.body)["removed"]["photographs"] == 1
    assert (purge["at_hub"], json.loads(page.get(f"/purges/{event['id']}").body)["copies"]) == (None, [])
    assert file.headers["content-disposition"].startswith('attachment; filename="gala-purge.json"')
    assert "no such event" in refused(page.post("/events/gala/purge", {"typed": "gala"}))


def test_a_purge_tells_what_the_hub_said_of_its_copies(page: Page) -> None:
    page.site.event()
    event = page.only()
    page.post("/events/gala/purge", {"typed": "gala"})
    page.site.purger.run_once()
    page.site.purge.heed("https://hub.example", KeptPurge(event["id"], 1_900_000_000.0, Tally(shown=3)), time.time())

    (purge,) = json.loads(page.get().body)["purges"]
    (copy,) = json.loads(page.get(f"/purges/{event['id']}").body)["copies"]

    assert (purge["at_hub"], copy["purged"]) == ("2030-03-17T17:46:40.000Z", "2030-03-17T17:46:40Z")
    assert (copy["hub"], copy["removed"]["photographs"]) == ("https://hub.example", 3)


def test_the_figures_are_signed(page: Page) -> None:
    page.site.event()
    ids = page.site.photographs("gala", 2)
    page.site.guest("gala", REQUEST, ids)

    file = page.get("/events/gala/sign-off?download=1")

    report = json.loads(file.body)
    assert is_genuine(report)
    assert report["guests"]["photographs_median"] == 2
    assert json.loads(page.get("/events/gala/sign-off").body)["report"]["photographs"]["came_in"] == 2


def test_one_photograph_at_a_time_is_looked_at_for_each_account(page: Page) -> None:
    page.site.event()
    with page.site.desk._one_at_a_time("tester"):
        answer = page.upload("gala", picture(1))
        assert answer.status == 503
        assert "in a moment" in json.loads(answer.body)["error"]["remedy"]
        with page.site.desk._one_at_a_time("anna"):
            pass
    assert page.upload("gala", picture(1)).status == 200
    assert page.site.albums.events(HOUSE, 0, 10)[0] == 1
