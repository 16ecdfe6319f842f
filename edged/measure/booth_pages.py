"""How soon a page of photographs is there while twenty guests search."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from edged.domain.progress import Progress
from edged.measure.booth_crowd import Selfie
from edged.measure.booth_guests import GuestProcess, Guests
from edged.measure.booth_site import PICTURES, BoothSite
from edged.measure.hub_client import Crowd

GUESTS: Final = 20
_READERS: Final = 4
"""Connections that pages are read over, each kept open."""
_RATE: Final = 20.0
"""Pages a second, all readers together."""
_ALONE: Final = 0.25
"""Of the time that guests search, before they come."""
_PAGES: Final = 100
"""Of 32 photographs, of an event of 20,000 faces."""


@dataclass(frozen=True, slots=True)
class PagesUnderLoad:
    """What was answered while guests searched without a pause.

    Attributes:
        where: `device` or `hub`.
        alone: pages that were read before anybody came; pages: while they searched; each from the moment it was due.
        guests: who searched.
    """

    where: str
    alone: Crowd
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
    addresses = [f"{PICTURES}/faces/{site.former(selfie)}?page={page}" for selfie in selfies for page in (1, 2)]
    addresses += [f"{PICTURES}/images?page={page}" for page in range(1, _PAGES, max(1, _PAGES // len(addresses)))]
    reading = partial(_read, site, guests, addresses)
    progress(f"pages of a {site.name}", 0.0)
    alone = reading(seconds * _ALONE, lambda _left: None)
    with TemporaryDirectory(prefix="edged-bench-") as name:
        files = [_written(Path(name) / f"{number}.jpg", selfie.file) for number, selfie in enumerate(selfies)]
        with closing(GuestProcess(site.url, site.ca, site.keys, files, guests, seconds)) as process:
            process.begin()
            pages = reading(
                seconds, lambda left: progress(f"{guests} guests search at a {site.name}", 1 - left / seconds)
            )
            return PagesUnderLoad(site.name, alone, pages, process.result())


def _read(site: BoothSite, first: int, addresses: list[str], seconds: float, left: Callable[[float], None]) -> Crowd:
    """Reads pages for so long. Blocks.

    Args:
        first: number of the first reader, see `BoothSite.client`.
        left: told once a second how many are left.
    """
    latencies: list[float] = []
    wrong: list[int] = []
    began = time.perf_counter()
    until = began + seconds
    readers = [
        threading.Thread(target=_read_on, args=(site, first + number, addresses, until, latencies, wrong), daemon=True)
        for number in range(_READERS)
    ]
    for reader in readers:
        reader.start()
    while (rest := until - time.perf_counter()) > 0:
        left(rest)
        time.sleep(min(rest, 1.0))
    for reader in readers:
        reader.join()
    return Crowd(_READERS, time.perf_counter() - began, tuple(latencies), len(wrong))


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


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
