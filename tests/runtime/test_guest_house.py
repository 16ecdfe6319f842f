"""Guests' pages of a device, at their own address."""

from __future__ import annotations

import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx

from edged.config.layers import load
from edged.config.photos import GuestSettings, PhotoSettings
from edged.domain.person import ModelRef
from edged.photos.album import EventPlan
from edged.photos.guest_link import GuestLinks
from edged.photos.search import Probe, Search
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.booth import DEVICE
from edged.runtime.clock import SystemClock
from edged.runtime.conditions import Conditions
from edged.runtime.guest_house import GuestHouse
from edged.runtime.state_dir import StateDir
from edged.runtime.stop import Stop
from tests.api.painted import vector
from tests.hub.album_site import new_photo
from tests.runtime.daemon import RunningDaemon, running
from tests.runtime.test_end_to_end import edged

_ADDRESS = re.compile(r"guests find their photographs at (\S+)/")
REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
MODEL = ModelRef("former", "5" * 64, 32)
"""Of an event that was before the models were changed: nothing of these tests looks at a face."""


def said(daemon: RunningDaemon, words: str) -> str:
    """The log, once it has these words."""
    deadline = time.monotonic() + 20
    while words not in (log := daemon.log.read_text()):
        assert time.monotonic() < deadline, log
        time.sleep(0.05)
    return log


def address_of(daemon: RunningDaemon) -> str:
    found = _ADDRESS.search(said(daemon, "guests find their photographs at"))
    assert found is not None
    return found[1]


@contextmanager
def guest_of(daemon: RunningDaemon) -> Iterator[tuple[httpx.Client, str, str]]:
    """A guest of the daemon, the address of their page, and the id of a photograph of them."""
    daemon.ready()
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


def test_an_address_that_is_taken_is_named_everything_else_goes_on_and_guests_are_let_in_once_it_is_free(
    tmp_path: Path, models_dir: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        photos: dict[str, Any] = {"enabled": True, "guests": {"port": port}}
        with running(tmp_path, models_dir, photos=photos) as daemon:
            daemon.ready()
            log = said(daemon, "photos.guests: the address")
            assert f"photos.guests: the address of guests' pages cannot listen on 127.0.0.1:{port}" in log
            assert "photos.guests.port" in log
            assert not _ADDRESS.search(log)

            other.close()
            said(daemon, "photos.guests: well again")
            assert httpx.get(f"{address_of(daemon)}/", timeout=20).status_code == 200
            daemon.signal(signal.SIGTERM)
            assert daemon.process.wait(10) == 0


class Waiting:
    """A guest house that runs, for an address that may be taken."""

    def __init__(self, port: int) -> None:
        booth = SimpleNamespace(
            albums=None, search=None, link_key=bytes(32), settings=PhotoSettings, clock=SystemClock()
        )
        self.conditions = Conditions(SystemClock())
        self.house = GuestHouse(cast("Any", booth), GuestSettings(port=port), self.conditions)
        self.stop = Stop()
        self.thread = threading.Thread(target=self.house.run, args=(self.stop,), daemon=True)

    def begin(self) -> None:
        self.thread.start()

    def end(self) -> bool:
        """Whether it ends."""
        self.stop.set()
        self.house.end()
        self.thread.join(10)
        return not self.thread.is_alive()

    @property
    def trouble(self) -> list[str]:
        return [condition.name for condition in self.conditions.current()]

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not is_so():
            assert time.monotonic() < deadline, (self.house.port, self.trouble)
            time.sleep(0.02)


def test_a_port_that_is_not_had_yet_is_none_and_the_real_one_is_told_once_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        waiting = Waiting(port)
        assert waiting.house.port == 0
        waiting.begin()
        waiting.until(lambda: waiting.trouble == ["photos.guests"])
        assert waiting.house.port == 0
    waiting.until(lambda: waiting.house.port == port)
    waiting.until(lambda: waiting.trouble == [])
    assert httpx.get(f"http://127.0.0.1:{port}/", timeout=20).status_code == 200
    assert waiting.end()


def test_whoever_waits_for_an_address_stops_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        waiting = Waiting(other.getsockname()[1])
        waiting.begin()
        waiting.until(lambda: waiting.trouble == ["photos.guests"])
        assert waiting.end()
