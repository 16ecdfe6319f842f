"""How soon a guest has the first page of their photographs at a device."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edged.domain.progress import Progress, part_of
from edged.measure.booth_crowd import Selfie
from edged.measure.booth_device import BoothDevice
from edged.measure.booth_site import BoothSite, at_device, images_of, new_request, search
from edged.measure.hub_client import Crowd

CAMERA: Final = "booth"


@dataclass(frozen=True, slots=True)
class SelfieTimes:
    """What guests who came one after another waited.

    Attributes:
        camera: whether a camera ran meanwhile; phone: they sent 12 megapixels, else small photographs.
        kilobytes: of what they sent, in the middle.
        first_s: of the first of all, for whom the event's faces were read.
        waits: of the others, from the first byte sent until the last of the answer; wrong: those without a photograph.
    """

    camera: bool
    phone: bool
    kilobytes: float
    first_s: float
    waits: Crowd


def time_selfies(
    device: BoothDevice,
    photo: Path,
    selfies: tuple[Selfie, ...],
    searches: int,
    cameras: Sequence[bool],
    progress: Progress,
) -> tuple[SelfieTimes, ...]:
    """Has guests search at a device one after another, with and without a camera. Blocks until all have.

    Args:
        device: with its event, not running.
        photo: what the camera is shown from time to time.
        searches: how many each time.
        cameras: whether one runs, time after time.

    Raises:
        Unavailable: the device does not start.
    """
    shown = {"kind": "demo", "photo": str(photo.resolve()), "appear_s": 3.0, "absent_s": 3.0}
    found: list[SelfieTimes] = []
    for number, camera in enumerate(cameras):
        part = part_of(progress, number / len(cameras), (number + 1) / len(cameras))
        found += _timed(device, {CAMERA: shown} if camera else {}, selfies, searches, part)
    return tuple(found)


def _timed(
    device: BoothDevice, cameras: dict[str, Any], selfies: tuple[Selfie, ...], searches: int, progress: Progress
) -> list[SelfieTimes]:
    found = []
    how = "with a camera" if cameras else "without a camera"
    progress(f"starting a device {how}", 0.0)
    with at_device(device, cameras) as site:
        first_s = site.warm(selfies[0])
        for phone in (True, False):
            files = [one.file if phone else one.small for one in selfies]
            what = f"guests with {'12 megapixels' if phone else 'small selfies'}, {how}"
            waits = _one_after_another(site, files, searches, what, progress)
            kilobytes = sorted(map(len, files))[len(files) // 2] / 1000
            found.append(SelfieTimes(bool(cameras), phone, kilobytes, first_s, waits))
    return found


def _one_after_another(site: BoothSite, files: Sequence[bytes], searches: int, what: str, progress: Progress) -> Crowd:
    latencies: list[float] = []
    wrong = 0
    began = time.perf_counter()
    for number in range(searches):
        progress(what, number / searches)
        # A guest's phone or page connects anew; that belongs to what they wait for.
        begun = time.perf_counter()
        with site.client(number) as client:
            answer = client.ask(search(client, new_request(), files[number % len(files)]))
        latencies.append(time.perf_counter() - begun)
        wrong += not images_of(answer)
    return Crowd(1, time.perf_counter() - began, tuple(latencies), wrong)
