"""Guests' pages of a device, at their own address."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from edged.config.layers import load
from edged.domain.person import ModelRef
from edged.photos.album import EventPlan
from edged.photos.guest_link import GuestLinks
from edged.photos.search import Probe, Search
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE
from edged.runtime.state_dir import StateDir
from tests.api.painted import vector
from tests.hub.album_site import new_photo
from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.test_end_to_end import edged

_ADDRESS = re.compile(r"guests find their photographs at (\S+)/")
REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
MODEL = ModelRef("former", "5" * 64, 32)
"""Of an event that was before the models were changed: nothing of these tests looks at a face."""


def address_of(daemon: RunningDaemon) -> str:
    daemon.ready()
    deadline = time.monotonic() + 20
    while (found := _ADDRESS.search(daemon.log.read_text())) is None:
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.05)
    return found[1]


@contextmanager
def guest_of(daemon: RunningDaemon) -> Iterator[tuple[httpx.Client, str, str]]:
    """A guest of the daemon, the address of their page, and the id of a photograph of them."""
    address = address_of(daemon)
    document = load(daemon.config).document
    state = StateDir.of(document)
    with closing(state.open_photos(threading.Lock(), lambda *_: None)) as database:
        albums = SqliteAlbums(database, state.photo_files)
        event = albums.create_event("booth", "party", EventPlan("Party", threshold=0.5), by=DEVICE)
        photo = albums.add_photo(event, new_photo("a", (1, 0)), by=DEVICE).id
        albums.finish_search(event, Search(REQUEST, 0.9, (photo,), Probe(vector(1), MODEL)), by=DEVICE)
    key = state.open_vault(document).secret_for("links to photographs")
    with httpx.Client(base_url=address, timeout=20) as client:
        yield client, GuestLinks(key).path(event.id, REQUEST, time.time() + 60), photo


def test_a_guest_looks_reports_and_is_forgotten_and_the_audit_log_tells_of_no_guest(
    tmp_path: Path, models_dir: Path
) -> None:
    photos: dict[str, Any] = {"enabled": True, "guests": {"port": 0}, "language": "de"}
    with running(tmp_path, models_dir, photos=photos) as daemon, guest_of(daemon) as (guest, link, photo):
        path, _, token = link.partition("?t=")
        assert "1 Foto von dir" in guest.get(link).text
        with guest.stream("GET", f"{path}/photos.zip", params={"t": token}) as archive:
            assert archive.read().startswith(b"PK")
        assert guest.get("/").status_code == 200
        for elsewhere in ("/api/v1/state", "/booth", "/metrics", "/api/v1/ext/booth/event/party/images", "/v1/faces"):
            assert guest.get(elsewhere).status_code == 404, elsewhere

        reported = guest.post(f"{path}/photos/{photo}/report", params={"t": token}, data={"reason": "child"})
        assert reported.status_code == 303
        assert guest.post(f"{path}/forget", params={"t": token}, data={"sure": "yes"}).status_code == 200
        assert guest.get(link).status_code == 410

        deadline = time.monotonic() + 20
        while True:
            entries = edged(daemon, "audit", "show")["entries"]
            acts = {entry["about"].get("what"): entry for entry in entries if entry["act"] == "photos"}
            if "forget_guest" in acts:
                break
            assert time.monotonic() < deadline, acts
            time.sleep(0.2)
        assert acts["report_photo"]["by"] == "guest"
        assert "child" in acts["report_photo"]["about"]["of"]
        assert REQUEST not in str(entries)
        assert token not in daemon.log.read_text()


def test_a_taken_address_is_named_and_everything_else_goes_on(tmp_path: Path, models_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        photos: dict[str, Any] = {"enabled": True, "guests": {"port": port}}
        with running(tmp_path, models_dir, photos=photos) as daemon:
            daemon.ready()
            log = daemon.log.read_text()
    assert f"photos.guests: the address of guests' pages cannot listen on 127.0.0.1:{port}" in log
    assert "photos.guests.port" in log
