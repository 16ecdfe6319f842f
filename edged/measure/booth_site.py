"""Where an event is asked for: at the booth itself, or at its hub."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.progress import Progress
from edged.measure.booth_crowd import EVENT, Selfie, fill_event
from edged.measure.booth_device import ORGANISATION, BoothDevice
from edged.measure.hub_client import Answer, HubClient, with_file
from edged.measure.sync_hub import SyncHub

PICTURES: Final = f"/api/v1/ext/{ORGANISATION}/event/{EVENT}"
_MATCHES: Final = re.compile(r'^edged_hub_search_seconds_count\{among="photographs"\} (\d+)', re.MULTILINE)
_WARM_S: Final = 60.0
_PAUSE_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class BoothSite:
    """An event that is there, at a device or a hub that runs.

    Attributes:
        name: `device` or `hub`; url: where it answers; ca: whom to trust, None: it speaks HTTP.
        keys: what clients are let in by.
        runs: how often a selfie was looked for so far: a device's looks at photographs, a hub's comparisons.
        stored: how many searches the event has.
    """

    name: str
    url: str
    ca: Path | None
    keys: tuple[str, ...] = field(repr=False)
    runs: Callable[[], int]
    stored: Callable[[], int]

    def client(self, number: int) -> HubClient:
        """A connection of the client with this number, who has a key of their own where there are enough."""
        return HubClient(self.url, self.ca, [f"X-API-Key: {self.keys[number % len(self.keys)]}"])

    def warm(self, selfie: Selfie) -> float:
        """Does the first search, which reads the event's faces, once it is let; the seconds that it took.

        Raises:
            Unavailable: it is not answered within a minute.
        """
        return self._searched(new_request(), selfie.file)

    def former(self, selfie: Selfie) -> str:
        """The id of a search that is done, once it is let.

        Raises:
            Unavailable: it is not answered within a minute.
        """
        request_id = new_request()
        self._searched(request_id, selfie.small)
        return request_id

    def _searched(self, request_id: str, file: bytes) -> float:
        deadline = time.monotonic() + _WARM_S
        with self.client(0) as client:
            while time.monotonic() < deadline:
                began = time.perf_counter()
                answer = client.ask(search(client, request_id, file))
                if answer.status == 200:
                    return time.perf_counter() - began
                time.sleep(_PAUSE_S)
        raise Unavailable(f"the {self.name} answered {answer.status} to a search", answer.body.decode()[:200])


@contextmanager
def at_hub(
    folder: Path, models: ModelSettings, selfies: tuple[Selfie, ...], faces: int, progress: Progress
) -> Iterator[BoothSite]:
    """A hub that runs, with an event of so many faces, and a process for each core; ended with the block.

    Raises:
        Unavailable: it does not start.
    """
    with SyncHub.founded(folder, models) as hub:
        hub.use_every_core()
        key = hub.album_token(ORGANISATION)
        albums = hub.kept.albums
        event = fill_event(albums, ORGANISATION, hub.model, [one.vector for one in selfies], faces, progress)
        hub.start()

        def runs() -> int:
            with HubClient(hub.url, hub.ca, [f"Authorization: Bearer {hub.token}"]) as client:
                found = _MATCHES.search(client.ask(client.written("GET", "/metrics")).body.decode())
            return int(found[1]) if found else 0

        yield BoothSite("hub", hub.url, hub.ca, (key,), runs, lambda: albums.tally(event).searches)


@contextmanager
def at_device(device: BoothDevice, cameras: dict[str, Any]) -> Iterator[BoothSite]:
    """A device, which has the event already, running with these cameras; ended with the block.

    Raises:
        Unavailable: it does not start.
    """
    device.start(cameras)
    try:
        with device.albums() as albums:
            event = albums.event(ORGANISATION, EVENT)
            assert event is not None  # noqa: S101  it was filled before
            yield BoothSite("device", device.url, None, device.keys, device.looks, lambda: albums.tally(event).searches)
    finally:
        device.stop()


def new_request() -> str:
    """A request id."""
    return str(uuid.uuid4())


def search(client: HubClient, request_id: str, selfie: bytes, page_size: int | None = None) -> bytes:
    """The request of a selfie search, as `HubClient.ask` takes it."""
    address = f"{PICTURES}/faces" + (f"?page_size={page_size}" if page_size else "")
    return client.written("POST", address, *with_file("file", selfie, request_id=request_id))


def images_of(answer: Answer) -> tuple[str, ...]:
    """The ids of the photographs in an answer, in their order; none where it is another one than 200."""
    if answer.status != 200:
        return ()
    return tuple(image["image_id"] for image in json.loads(answer.body)["data"]["images"])
