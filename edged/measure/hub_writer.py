"""A directory that is written to without end: `python -m edged.measure.hub_writer FILE SEED`.

Enrols, moves and deletes people at random, and writes to standard output what it begins and what has returned; somebody
kills it.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from edged.api.access import Grant, Right
from edged.api.directory import Directory, FaceFilter, Fields, NewFace, SeenFace
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.directory import SqliteDirectory

MODEL: Final = ModelRef("kills", "7" * 64, 64)
PHOTOS: Final = 3
PEOPLE: Final = 30
WRITER: Final = Grant("writer", "the writer", frozenset({Right.ENROLL}))
_CROP_BYTES: Final = 11_000


def face_of(person: int, photo: int) -> NewFace:
    """One of a person's faces, which are like each other: the same in every process."""
    number = person * PHOTOS + photo
    own = np.random.default_rng((1, person)).standard_normal(MODEL.dimension)
    vector = (own + 0.7 * np.random.default_rng((2, number)).standard_normal(MODEL.dimension)).astype(np.float32)
    crop = np.random.default_rng((3, number)).bytes(_CROP_BYTES)
    seen = SeenFace(Rect(0, 0, 100, 100), vector / np.linalg.norm(vector), 0.5, crop)
    return NewFace(seen, MODEL, hashlib.sha256(str(number).encode()).hexdigest())


def open_database(path: Path) -> HubDatabase:
    """The database at a path."""
    return HubDatabase.open(path, time.time, _new_id)


def write(directory: Directory, seed: int) -> None:
    """Never returns. Whoever is not there is enrolled with all faces, in a gallery of their own; else deleted."""
    chance = random.Random(seed)  # noqa: S311  what happens when, no secrets
    while True:
        person = chance.randrange(PEOPLE)
        key = str(person)
        word = "delete" if directory.person(key) else "enroll"
        _say(f"begin {word} {person}")
        if word == "enroll":
            faces = [face_of(person, photo) for photo in range(PHOTOS)]
            directory.enroll(key, faces, by=WRITER, fields=Fields(last_name=key), galleries=[f"g{key}"])
        elif chance.random() < 1 / 3:
            directory.delete_gallery(f"g{key}", purge=True, by=WRITER)
        elif chance.random() < 1 / 2:
            directory.delete_faces(FaceFilter(key=key), by=WRITER)
        else:
            directory.delete_person(key, by=WRITER)
        _say(f"done {word} {person}")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _new_id() -> str:
    return uuid7(time.time(), os.urandom(10))


if __name__ == "__main__":
    with closing(open_database(Path(sys.argv[1]))) as _database:
        write(SqliteDirectory(_database), int(sys.argv[2]))
