"""Guests' pages on a real server, with photographs that a browser can show."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from edged.api.server import Server
from tests.api.guests.house import MINE, House, guest_house, served

SIZES: Final = [(3000, 2000), (2000, 3000), (2400, 1800)]
TAKEN: Final = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class GuestSite:
    """Attributes: link: a guest's, whole; ids: of their photographs, in the order they are shown."""

    house: House
    server: Server
    link: str

    @property
    def ids(self) -> list[str]:
        ((_event, search),) = self.house.albums.searches_by_id(MINE)
        return list(search.photos)

    def address(self, path: str = "") -> str:
        return self.server.url.rstrip("/") + path


@contextmanager
def guest_site(folder: Path, photos: int = 5) -> Iterator[GuestSite]:
    """A guest who is in so many photographs."""
    with guest_house(folder, ticks=time.monotonic) as house:
        for number in range(photos):
            add_photo(house, number)
        path = house.find()
        with served(Server(house.app, "127.0.0.1", 0)) as server:
            yield GuestSite(house, server, server.url.rstrip("/") + path)


def add_photo(house: House, number: int) -> str:
    """One more; its id."""
    width, height = SIZES[number % len(SIZES)]
    more: dict[str, Any] = {"width": width, "height": height, "taken": TAKEN + number * 60}
    for name, side in (("preview", 800), ("thumbnail", 320)):
        more[name] = painted(number, side, width / height)
    return house.add(f"{number:03d}", content=more["preview"] + b"%d" % number, **more)


def painted(number: int, side: int, ratio: float) -> bytes:
    """A JPEG of evening light and some people, a different one for each number."""
    width, height = (side, round(side / ratio)) if ratio > 1 else (round(side * ratio), side)
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    random = np.random.default_rng(number)
    low, high = random.uniform(20, 120, 3), random.uniform(120, 250, 3)
    fade = ((rows / height + columns / width) / 2)[..., None]
    image = (low + (high - low) * fade).astype(np.uint8)
    for _person in range(1 + number % 3):
        x, tone = int(random.uniform(0.2, 0.8) * width), random.uniform(30, 220, 3).tolist()
        head = int(side / random.uniform(9, 14))
        cv2.ellipse(image, (x, height), (2 * head, int(height * 0.45)), 0, 180, 360, tone, -1, cv2.LINE_AA)
        cv2.circle(image, (x, int(height * 0.45)), head, [150, 180, 225], -1, cv2.LINE_AA)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 80])[1])
