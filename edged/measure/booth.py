"""`edged bench booth`: guests, searches, purges and photographs at a booth and at its hub."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from edged.config.document import ModelSettings
from edged.domain.progress import Progress, part_of
from edged.measure.booth_crowd import Selfie, fill_event, take_selfies
from edged.measure.booth_device import ORGANISATION, BoothDevice
from edged.measure.booth_folder import add_folder
from edged.measure.booth_kills import kill_booth_writers
from edged.measure.booth_pages import read_pages
from edged.measure.booth_replays import ask_at_once, cut_answers
from edged.measure.booth_report import BoothFigures
from edged.measure.booth_selfies import time_selfies
from edged.measure.booth_site import BoothSite, at_device, at_hub
from edged.measure.booth_sync_kills import kill_syncing_booth
from edged.measure.few_cores import few_cores
from edged.measure.group_photo import compose, read_heads
from edged.measure.photo_set import some_photos
from edged.vision.sight import open_sight

_GUESTS: Final = 10
"""Different ones."""
_PEOPLE: Final = 30
_HEIGHTS: Final = (40.0, 600.0)
_GROUPS: Final = 10
_SEED: Final = 8
_SITES: Final = frozenset({"pages", "replays"})


@dataclass(frozen=True, slots=True)
class BoothAmount:
    """How much is measured.

    Attributes:
        faces: of the event; searches: one after another; cameras: whether one runs meanwhile, time after time.
        guests: who search at once, for so many seconds.
        at_once: equal requests; every: bytes from one cut of an answer to the next.
        kills: of the booth alone; sync_kills: of the device and of the hub each.
        files: in the folder; folder_kills: on the way.
    """

    faces: int
    searches: int
    cameras: tuple[bool, ...]
    guests: int
    seconds: float
    at_once: int
    every: int
    kills: int
    sync_kills: int
    files: int
    folder_kills: int


FULL: Final = BoothAmount(
    faces=20_000,
    searches=200,
    cameras=(False, True),
    guests=20,
    seconds=60.0,
    at_once=50,
    every=1,
    kills=100,
    sync_kills=10,
    files=300,
    folder_kills=3,
)
QUICK: Final = BoothAmount(
    faces=300,
    searches=3,
    cameras=(True,),
    guests=4,
    seconds=2.0,
    at_once=8,
    every=400,
    kills=4,
    sync_kills=1,
    files=4,
    folder_kills=1,
)


def measure_booth(
    models: ModelSettings,
    photo: Path,
    photos: Path | None,
    amount: BoothAmount,
    parts: Collection[str],
    progress: Progress,
) -> BoothFigures:
    """Everything that is asked for, in temporary folders, on two cores.

    Args:
        models: whose folder and models the device and the hub use.
        photo: a portrait, which the camera is shown, too; photos: a folder with a folder of photographs for each
            person, of whom group photographs are made, and the guests; None: everybody is the one in `photo`.
        parts: of `selfies`, `pages`, `replays`, `kills` and `folder`.

    Raises: what the parts raise.
    """
    found = BoothFigures(amount.faces)
    with few_cores(), TemporaryDirectory(prefix="edged-booth-") as name:
        if _SITES.union({"selfies"}) & set(parts):
            found = _ask(models, photo, photos, amount, parts, Path(name), part_of(progress, 0.0, 0.5))
        if "kills" in parts:
            kills = kill_booth_writers(amount.kills, part_of(progress, 0.5, 0.6))
            device = kill_syncing_booth("device", models, amount.sync_kills, part_of(progress, 0.6, 0.65))
            hub = kill_syncing_booth("hub", models, amount.sync_kills, part_of(progress, 0.65, 0.7))
            found = replace(found, kills=kills, syncs=(device, hub))
        if "folder" in parts:
            pictures = _pictures(models, photo, photos, progress)
            folder = add_folder(models, pictures, amount.files, amount.folder_kills, part_of(progress, 0.75, 1.0))
            found = replace(found, folder=folder)
    progress("done", 1.0)
    return found


def _ask(
    models: ModelSettings,
    photo: Path,
    photos: Path | None,
    amount: BoothAmount,
    parts: Collection[str],
    folder: Path,
    progress: Progress,
) -> BoothFigures:
    """What is asked of a device and of a hub."""
    sight = open_sight(models)
    progress("making selfies", 0.0)
    selfies = take_selfies(sight, some_photos(photos, _GUESTS) if photos else [photo])
    device = BoothDevice(folder / "device", models)
    with device.albums() as albums:
        guests = [selfie.vector for selfie in selfies]
        fill_event(albums, ORGANISATION, sight.model, guests, amount.faces, part_of(progress, 0.0, 0.1))
    found = BoothFigures(amount.faces)
    if "selfies" in parts:
        times = time_selfies(device, photo, selfies, amount.searches, amount.cameras, part_of(progress, 0.1, 0.4))
        found = replace(found, selfies=times)
    if _SITES & set(parts):
        with at_device(device, {}) as site:
            found = _ask_site(found, site, selfies, amount, parts, part_of(progress, 0.4, 0.7))
        with at_hub(folder / "hub", models, selfies, amount.faces, part_of(progress, 0.7, 0.8)) as site:
            found = _ask_site(found, site, selfies, amount, parts, part_of(progress, 0.8, 1.0))
    return found


def _ask_site(
    found: BoothFigures,
    site: BoothSite,
    selfies: Sequence[Selfie],
    amount: BoothAmount,
    parts: Collection[str],
    progress: Progress,
) -> BoothFigures:
    more: dict[str, Any] = {}
    if "replays" in parts:
        progress(f"{amount.at_once} times the same at a {site.name}", 0.0)
        more["replays"] = (*found.replays, ask_at_once(site, selfies[0], amount.at_once))
        more["cuts"] = (*found.cuts, cut_answers(site, selfies[0], amount.every, part_of(progress, 0.0, 0.7)))
    if "pages" in parts:
        pages = read_pages(site, tuple(selfies), amount.guests, amount.seconds, part_of(progress, 0.7, 1.0))
        more["pages"] = (*found.pages, pages)
    return replace(found, **more)


def _pictures(models: ModelSettings, photo: Path, photos: Path | None, progress: Progress) -> list[bytes]:
    """Of 24 megapixels with thirty faces each, else of one person as a phone would take them."""
    sight = open_sight(models)
    if photos is None:
        return [selfie.file for selfie in take_selfies(sight, [photo])]
    heads = read_heads(photos, sight, _PEOPLE * _GROUPS, _SEED, part_of(progress, 0.7, 0.75))
    return [
        compose(heads[begin : begin + _PEOPLE], _HEIGHTS, begin).jpeg
        for begin in range(0, max(1, len(heads) - _PEOPLE + 1), _PEOPLE)
    ]
