"""How soon a page of photographs is there while twenty guests search."""

from __future__ import annotations

import random
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from edged.domain.progress import Progress
from edged.measure.booth_crowd import Selfie
from edged.measure.booth_guests import GuestProcess, Guests
from edged.measure.booth_site import PICTURES, BoothSite, new_request, search
from edged.measure.hub_client import Crowd

GUESTS: Final = 20
_READERS: Final = 4
"""Connections that pages are read over, each kept open."""
_RATE: Final = 20.0
"""Pages a second, all readers together."""
_PAGES: Final = 100
"""Of 32 photographs, of an event of 20,000 faces."""


@dataclass(frozen=True, slots=True)
class PagesUnderLoad:
    """What was answered while guests searched without a pause.

    Attributes:
        where: `device` or `hub`.
        pages: that were read, from the moment each was due.
        guests: who searched meanwhile.
    """

    where: str
    pages: Crowd
    guests: Guests


def read_pages(
    site: BoothSite, selfies: tuple[Selfie, ...], guests: int, seconds: float, progress: Progress
) -> PagesUnderLoad:
    """Reads pages of former searches and of the whole event while so many guests search, each again and again.

    Blocks for so long, and until the last guest has their photographs.

    Raises:
        Unavailable: the site answers nobody.
    """
    progress(f"former searches at a {site.name}", 0.0)
    site.warm(selfies[0])
    addresses = [f"{PICTURES}/faces/{_former(site, selfie)}?page={page}" for selfie in selfies for page in (1, 2)]
    addresses += [f"{PICTURES}/images?page={page}" for page in range(1, _PAGES, max(1, _PAGES // len(addresses)))]
    with TemporaryDirectory(prefix="edged-bench-") as name:
        files = [_written(Path(name) / f"{number}.jpg", selfie.file) for number, selfie in enumerate(selfies)]
        with closing(GuestProcess(site.url, site.ca, site.keys, files, guests, seconds)) as process:
            latencies: list[float] = []
            wrong: list[int] = []
            began = time.perf_counter()
            until = began + seconds
            readers = [
                threading.Thread(
                    target=_read_on, args=(site, guests + number, addresses, until, latencies, wrong), daemon=True
                )
                for number in range(_READERS)
            ]
            process.begin()
            for reader in readers:
                reader.start()
            while (left := until - time.perf_counter()) > 0:
                progress(f"{guests} guests search at a {site.name}", 1 - left / seconds)
                time.sleep(min(left, 1.0))
            for reader in readers:
                reader.join()
            pages = Crowd(_READERS, time.perf_counter() - began, tuple(latencies), len(wrong))
            return PagesUnderLoad(site.name, pages, process.result())


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _former(site: BoothSite, selfie: Selfie) -> str:
    request_id = new_request()
    with site.client(0) as client:
        client.ask(search(client, request_id, selfie.small))
    return request_id


def _read_on(
    site: BoothSite, number: int, addresses: list[str], until: float, latencies: list[float], wrong: list[int]
) -> None:
    """A page whenever one is due, whether or not the last one came in time."""
    chance = random.Random(number)  # noqa: S311  which page, no secret
    pause = _READERS / _RATE
    with site.client(number) as client:
        due = time.perf_counter() + pause * chance.random()
        while due < until:
            time.sleep(max(0.0, due - time.perf_counter()))
            answer = client.ask(client.written("GET", chance.choice(addresses)))
            latencies.append(time.perf_counter() - due)
            if answer.status != 200:
                wrong.append(answer.status)
            due += pause
