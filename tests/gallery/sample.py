"""People and templates to test with."""

from __future__ import annotations

import hashlib
import itertools
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import GallerySettings
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef, Person, Template
from edged.gallery.admission import clean_template
from edged.gallery.build import Built, build
from edged.gallery.gallery import Gallery
from edged.gallery.pace import Beside, at_once
from edged.gallery.people import People
from edged.gallery.roll import Roll, Templates
from edged.vault.vault import Vault

MODEL: Final = ModelRef("sample", "5" * 64, 16)
OTHER_MODEL: Final = ModelRef("other", "6" * 64, 16)
NOON: Final = 1_750_000_000.0
_KEY: Final = bytes(range(32))
VAULT: Final = Vault(_KEY)
"""The same in every process, as a device's own is."""
SEAL: Final = VAULT.seal_for("index")


def directions(seed: int, count: int, dimension: int = MODEL.dimension) -> NDArray[np.float32]:
    """Random unit vectors, float32, shape (count, dimension)."""
    vectors = np.random.default_rng(seed).standard_normal((count, dimension), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def template(photo: int, vector: NDArray[np.float32] | None = None) -> Template:
    """The template of photograph number `photo`."""
    own = directions(photo, 1)[0] if vector is None else vector
    return Template(own, 0.5, hashlib.sha256(str(photo).encode()).hexdigest())


def as_stored(photo: int) -> bytes:
    """The bytes of that template's vector, as they would lie on a disk if nothing sealed them."""
    return clean_template(template(photo), MODEL).vector.astype("<f4").tobytes()


def somebody(key: str, **fields: Any) -> Person:
    return Person(id="", customer_person_id=key, **fields)


def new_id() -> str:
    return uuid7(NOON, os.urandom(10))


def state_with_key(state: Path) -> None:
    """A state directory whose key is `VAULT`'s, so that commands can read what is put there."""
    state.mkdir(mode=0o700)
    (state / "key").write_text(_KEY.hex())


def open_people(path: Path) -> People:
    return People.open(path, VAULT, now=lambda: NOON, new_id=new_id)


def open_gallery(path: Path, model: ModelRef = MODEL, beside: Beside = at_once, **settings: Any) -> Gallery:
    return Gallery.open(path, GallerySettings(**settings), model, VAULT, now=lambda: NOON, new_id=new_id, beside=beside)


def fill(gallery: Gallery, people: int, photos: int, seed: int = 0) -> NDArray[np.float32]:
    """Enrols people `p0`, `p1`, … whose photographs resemble each other; their vectors, (people, photos, dimension)."""
    dimension = gallery.snapshot().model.dimension
    own = directions(seed, people, dimension)[:, np.newaxis]
    vectors = own + 0.9 * directions(seed + 1, people * photos, dimension).reshape(people, photos, dimension)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    number = itertools.count()
    for person, faces in enumerate(vectors):
        gallery.enroll(somebody(f"p{person}"), [template(next(number), face) for face in faces])
    return vectors.astype(np.float32)


def crowd(people: int, photos: int, dimension: int) -> tuple[Roll, NDArray[np.float32]]:
    """A roll of many people without a database, and faces of theirs that are not enrolled."""
    own = np.repeat(directions(1, people, dimension), photos + 1, axis=0)
    vectors = own + 0.9 * directions(2, len(own), dimension)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shown, enrolled = np.split(vectors.reshape(people, photos + 1, dimension), [1], axis=1)
    prints = np.random.default_rng(3).integers(0, 2**63, (people * photos, 2)).astype(np.uint64)
    owners = np.repeat(np.arange(people, dtype=np.int32), photos)
    templates = Templates(owners, enrolled.reshape(-1, dimension), prints)
    members = {number: Person(id=str(number), customer_person_id=f"p{number}") for number in range(people)}
    return Roll.empty(dimension).after(1, (), members, [templates]), shown[:, 0]


def rebuild(gallery: Gallery) -> Built:
    """A build whose clock stands still, so that no index is found too slow, put to use."""
    built = build(gallery.begin_build(), timer=standing_clock)
    gallery.adopt(built)
    return built


def standing_clock() -> float:
    """For builds that must not depend on how fast this machine is: everything costs nothing."""
    return 0.0


def wants_build(gallery: Gallery) -> bool:
    """`needs_rebuild`, asked anew each time: a type checker takes a property for a constant."""
    return gallery.needs_rebuild


def index_directory(path: Path, model: ModelRef = MODEL) -> Path:
    """Where the index of the gallery at `path` lies."""
    return path.parent / "index" / model.digest[:12]


def index_files(path: Path, model: ModelRef = MODEL) -> list[str]:
    """Endings of the index files that are there, the sidecar's among them."""
    return sorted(file.suffix[1:] for file in index_directory(path, model).glob("*") if file.stat().st_size)


def names(gallery: Gallery, probe: NDArray[np.float32], k: int = 2) -> list[str]:
    """Keys of the nearest people."""
    (found,) = gallery.snapshot().nearest(probe[np.newaxis], k)
    return [candidate.person.customer_person_id for candidate in found]
