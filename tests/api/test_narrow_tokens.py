"""Every operation of the interface, asked with every kind of narrow token: only what a token is for is done or told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from edged.api.access import Grant, Right
from edged.api.directory import KnownPerson
from edged.api.openapi import operations
from edged.api.photo_intake import add_photo
from edged.photos.album import EventPlan, Features
from tests.api.caller import Caller
from tests.api.painted import MODEL, new_face, portrait
from tests.api.whole_centre import WholeCentre, whole_centre
from tests.hub.site import BY

OPERATIONS: Final = [(method.upper(), address) for address, method, _said in operations()]
SECRET: Final = ("anna@example.org", "Anna", "gala", "gate-7")
"""A person, an event and a device that no token of another part may learn of."""
EVERY: Final = frozenset(Right) - {Right.ADMIN}
_ALONE: Final = {right.value: Grant(f"tok-{right.value}", right.value, frozenset({right})) for right in EVERY}
_BOUND: Final = {
    f"{name}-{kind}": Grant(f"tok-{name}-{kind}", name, rights, **bound)
    for name, rights in (("rights", EVERY), ("admin", frozenset({Right.ADMIN})))
    for kind, bound in (
        ("gallery", {"gallery": "elsewhere"}),
        ("organisation", {"organisation": "zoo"}),
        ("device", {"device": "door"}),
        ("gallery-device", {"gallery": "elsewhere", "device": "door"}),
        ("organisation-device", {"organisation": "zoo", "device": "door"}),
    )
}
_OPEN: Final = {("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/miicloud/enroll/{image}")}
_ANY: Final = re.compile(r"/detect$|/face/id/\{id\}/(photo|thumbnail)$")
_READS: Final = re.compile(r"/(original-photos|bibs|timeline|video)$")
_MATCHES: Final = re.compile(r"/(verify|identify|match_faces)$|^/api/v1/ext/.*/faces$")
_ALBUMS: Final = ("/api/v1/ext", "/edged/v1/organisations")
_OF_ALL: Final = {
    ("PUT", "/edged/v1/devices/{name}/groups"),
    ("DELETE", "/edged/v1/devices/{name}"),
    ("POST", "/edged/v1/organisations"),
    ("GET", "/edged/v1/tokens"),
    ("POST", "/edged/v1/tokens"),
    ("DELETE", "/edged/v1/tokens/{token}"),
    ("POST", "/edged/v1/tokens/{token}/rotate"),
}
"""For administrators who are bound to nothing."""
_OF_DEVICES: Final = {
    ("GET", "/edged/v1/changes"),
    ("GET", "/edged/v1/faces/{number}/crop"),
    ("POST", "/edged/v1/events"),
    ("PUT", "/edged/v1/devices/{name}/report"),
    ("POST", "/edged/v1/devices/{name}/receipts"),
}
_METRICS: Final = ("GET", "/metrics")
_OF_WHOLE: Final = {("GET", "/edged/v1/people/{person}"), ("GET", "/edged/v1/departures"), _METRICS}
"""For readers who are bound to nothing."""
_FLEET: Final = ("/edged/v1/devices", "/edged/v1/events")


class Site:
    """One of everything, of which no narrow token may see anything."""

    def __init__(self, hub: WholeCentre) -> None:
        centre = hub.centre
        assert centre.albums is not None
        assert centre.fleet is not None
        assert centre.tokens is not None
        self.hub = hub
        self.client = Caller(hub.app)
        self.person = centre.directory.enroll(SECRET[0], [new_face(1)], by=BY, galleries=["staff"])
        centre.albums.create_organisation("acme", "Acme", by=BY)
        centre.albums.create_organisation("zoo", "Zoo", by=BY)
        event = centre.albums.create_event("acme", "gala", EventPlan("gala", Features(), 0.5), by=BY)
        photo = add_photo(centre, event, portrait(1), filename="a.png", taken=None, by=BY)
        centre.fleet.report("gate-7", "{}")
        centre.fleet.assign("door", ["elsewhere"], by=BY)
        centre.fleet.keep_events("gate-7", [("e1", '{"id": "e1", "person": "Anna"}')])
        token, _minted = centre.tokens.create("a token", {Right.READ}, by=BY)
        self.segments: Mapping[str, str] = {
            "gallery": "staff",
            "meta": SECRET[0],
            "id": str(self.person.faces[0].number),
            "image": "x.jpg",
            "organisation": "acme",
            "event": "gala",
            "request_id": str(uuid4()),
            "number": str(self.person.faces[0].number),
            "name": "gate-7",
            "photo": photo.id,
            "kind": "preview",
            "token": token.id,
            "person": self.person.id,
        }
        for name, grant in {**_ALONE, **_BOUND}.items():
            hub.gate.tokens[name] = grant

    def ask(self, method: str, address: str, token: str) -> httpx.Response:
        """As well as is possible without knowing more than names."""
        segments = dict(self.segments)
        if address.startswith("/miicloud"):
            segments["id"] = SECRET[0]
        path = re.sub(r"\{(\w+)\}", lambda found: segments[found[1]], address)
        scheme = "Bearer" if address.startswith(("/edged/v1", "/metrics")) else "Token"
        headers = {"authorization": f"{scheme} {token}", "x-api-key": token}
        more: dict[str, Any] = {"params": {"model": MODEL.digest}} if path.endswith("/changes") else {}
        if address.startswith("/edged/v1") and not address.endswith("/photos"):
            more["json"] = _ORDERS.get(address, {})
        elif method in {"POST", "PUT"}:
            more["data"] = {"meta": "eve", "name": "another", "customer_person_id": SECRET[0]}
            names = ("photo", "photo1", "photo2", "image_path", "file")
            more["files"] = {name: ("p.png", portrait(1)) for name in names}
        return self.client.request(method, path, headers=headers, **more)

    def state(self) -> object:
        """What nobody may have changed."""
        centre = self.hub.centre
        assert centre.albums is not None
        assert centre.fleet is not None
        assert centre.tokens is not None
        return (
            centre.directory.person(SECRET[0]),
            centre.albums.organisations(),
            centre.albums.event("acme", "gala"),
            centre.fleet.device("gate-7"),
            centre.fleet.device("door").galleries if centre.fleet.device("door") else None,  # type: ignore[union-attr]
            centre.tokens.all(),
        )


_ORDERS: Final[Mapping[str, Any]] = {
    "/edged/v1/organisations": {"slug": "new", "name": "New"},
    "/edged/v1/organisations/{organisation}/events": {"slug": "new", "name": "New"},
    "/edged/v1/organisations/{organisation}/events/{event}": {"name": "New"},
    "/edged/v1/organisations/{organisation}/events/{event}/photos/{photo}/standing": {"standing": "hidden"},
    "/edged/v1/tokens": {"name": "more", "rights": ["admin"]},
    "/edged/v1/devices/{name}/groups": {"groups": None},
    "/edged/v1/events": {"events": []},
    "/edged/v1/people": {"request": str(uuid4()), "customer_person_id": SECRET[0], "fields": {"first_name": "Eve"}},
    "/edged/v1/devices/{name}/receipts": {"receipts": []},
}


def right_for(method: str, address: str) -> Right | None:
    """What is needed; None: any valid token, or none."""
    for right, is_for in _FOR.items():
        if is_for(method, address):
            return right
    return Right.ENROLL


_FOR: Final[Mapping[Right | None, Callable[[str, str], object]]] = {
    None: lambda method, address: (method, address) in _OPEN or _ANY.search(address),
    Right.ADMIN: lambda method, address: (method, address) in _OF_ALL,
    Right.DEVICE: lambda method, address: (method, address) in _OF_DEVICES,
    Right.METRICS: lambda method, address: (method, address) == _METRICS,
    Right.READ: lambda method, address: method == "GET" or _READS.search(address),
    Right.MATCH: lambda _method, address: _MATCHES.search(address),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with whole_centre(tmp_path_factory.mktemp("centre")) as hub:
        yield Site(hub)


@pytest.mark.parametrize("right", sorted(EVERY))
def test_a_right_opens_nothing_that_another_is_for(site: Site, right: Right) -> None:
    before = site.state()
    let_in = []
    for method, address in OPERATIONS:
        if right_for(method, address) in {None, right}:
            continue
        answer = site.ask(method, address, right.value)
        if answer.status_code != 403 or any(word in answer.text for word in SECRET):
            let_in.append(f"{method} {address}: {answer.status_code} {answer.text[:80]}")
    assert let_in == []
    assert site.state() == before


@pytest.mark.parametrize("token", sorted(_BOUND))
def test_a_token_of_another_part_learns_and_changes_nothing(site: Site, token: str) -> None:
    grant = _BOUND[token]
    before = site.state()
    let_in = []
    for method, address in OPERATIONS:
        if not _is_another_part(method, address, grant):
            continue
        answer = site.ask(method, address, token)
        learnt = [word for word in SECRET if word in answer.text] if answer.status_code < 400 else []
        forbidden = answer.status_code == 403 or not _is_forbidden(method, address, grant)
        if learnt or not forbidden or site.state() != before:
            let_in.append(f"{method} {address}: {answer.status_code} {learnt}")
            before = site.state()
    assert let_in == []


def _is_another_part(method: str, address: str, grant: Grant) -> bool:
    """A token that is bound to a device alone has its rights everywhere but in what is about devices."""
    if grant.gallery or grant.organisation:
        return True
    return (address.startswith("/edged/v1") and not address.startswith(_ALBUMS)) or (method, address) in _OF_ALL


def _is_forbidden(method: str, address: str, grant: Grant) -> bool:
    """Whether a token of a part has no business there at all, whatever is asked for."""
    if (method, address) in _OPEN:
        return False
    if (method, address) in _OF_ALL | _OF_WHOLE:
        return True
    hands_in = (method, address) == ("POST", "/edged/v1/events") and bool(grant.device)
    if address.startswith(_ALBUMS):
        return grant.gallery is not None
    if address.startswith(_FLEET):
        return not hands_in and (bool(grant.gallery or grant.organisation) or address.endswith("{name}"))
    return grant.organisation is not None


def test_a_token_bound_to_a_gallery_adds_no_face_to_anybody_outside(site: Site) -> None:
    before = site.state()
    headers = {"authorization": "Token rights-gallery"}
    data, files = {"meta": SECRET[0]}, {"photo": ("p.png", portrait(9))}
    answer = site.client.post("/v1/face", headers=headers, data=data, files=files)
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_FAILED")

    own = site.client.post("/v1/face", headers=headers, data={"meta": "mallory"}, files=files).json()["results"][0]
    answer = site.client.put(f"/v1/face/id/{own['id']}", headers=headers, json={"meta": SECRET[0]})
    assert (answer.status_code, answer.json()["code"]) == (403, "AUTH_FAILED")
    assert site.state() == before


def test_a_device_that_is_to_know_some_fetches_the_crops_of_these_only(site: Site) -> None:
    inside = site.hub.centre.directory.enroll("bob", [new_face(2)], by=BY, galleries=["elsewhere"])
    asked = {"params": {"model": MODEL.digest}, "headers": {"authorization": "Bearer rights-device"}}

    def crop(person: KnownPerson) -> int:
        return site.client.get(f"/edged/v1/faces/{person.faces[0].number}/crop", **asked).status_code

    assert (crop(inside), crop(site.person)) == (200, 404)
    changes = site.client.get("/edged/v1/changes", **asked).json()
    assert {person["id"] for person in changes["people"]} >= {inside.id}
    (gone,) = [item for item in changes["gone"] if item["id"] == site.person.id]
    assert gone["customer_person_id"] == ""


def test_a_device_with_the_right_to_read_reads_its_own_events(site: Site) -> None:
    assert site.hub.centre.fleet is not None
    site.hub.centre.fleet.keep_events("door", [("e2", '{"id": "e2"}')])
    headers = {"authorization": "Bearer rights-device"}
    events = site.client.get("/edged/v1/events", headers=headers).json()["events"]
    assert {item["device"] for item in events} == {"door"}
    assert site.client.get("/edged/v1/events?device=gate-7", headers=headers).status_code == 403
    listed = site.client.get("/edged/v1/devices", headers=headers).json()["devices"]
    assert [device["name"] for device in listed] == ["door"]
