"""A gallery that is written to without end: `python -m edged.measure.gallery_writer STATE SEED`.

Enrols and deletes people and rebuilds the index at random, and writes to standard output what it begins and what has
returned; somebody kills it. A database of a former schema is brought up to date first.
"""

from __future__ import annotations

import hashlib
import os
import random
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from edged.config.document import GallerySettings
from edged.domain.identity import uuid7
from edged.domain.person import ModelRef, Person, Template
from edged.gallery.build import build
from edged.gallery.fingerprint import template_print
from edged.gallery.gallery import Gallery
from edged.gallery.schema import STEPS
from edged.vault.vault import Vault

MODEL: Final = ModelRef("kills", "7" * 64, 64)
PHOTOS: Final = 2
PEOPLE: Final = 60
_SETTINGS: Final = GallerySettings(exact_below=20, trees=4)
_WORDS: Final = ("enroll",) * 10 + ("delete",) * 6 + ("rebuild",)


def template_of(person: int, photo: int) -> Template:
    """One of a person's templates, which are like each other: the same in every process."""
    number = person * PHOTOS + photo
    own = np.random.default_rng((1, person)).standard_normal(MODEL.dimension)
    vector = (own + 0.7 * np.random.default_rng((2, number)).standard_normal(MODEL.dimension)).astype(np.float32)
    return Template(vector / np.linalg.norm(vector), 0.5, hashlib.sha256(str(number).encode()).hexdigest())


def open_gallery(state: Path) -> Gallery:
    """The gallery of a state directory, with an index however few people there are."""
    vault = Vault.open(state, environment={})
    return Gallery.open(state / "gallery.db", _SETTINGS, MODEL, vault, now=time.time, new_id=_new_id)


def make_old_database(state: Path) -> None:
    """A database of the first released schema with everybody enrolled, as that edged wrote it."""
    with closing(sqlite3.connect(state / "gallery.db")) as connection:
        connection.executescript(STEPS[0])
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO models VALUES (1, ?, ?, ?)", (MODEL.name, MODEL.digest, MODEL.dimension))
        for person in range(PEOPLE):
            connection.execute(
                "INSERT INTO people VALUES (?, ?, ?, '', '', '', '', '', NULL, NULL, 0.0, 1)",
                (person + 1, _new_id(), str(person)),
            )
            templates = [template_of(person, photo) for photo in range(PHOTOS)]
            connection.executemany(
                "INSERT INTO templates (id, person, model, vector, quality, photo_hash, print, revision)"
                " VALUES (?, ?, 1, ?, 0.5, ?, ?, 1)",
                [
                    (
                        _new_id(),
                        person + 1,
                        item.vector.astype("<f4").tobytes(),
                        bytes.fromhex(item.photo_hash),
                        template_print(str(person), item.vector),
                    )
                    for item in templates
                ],
            )
        connection.execute("UPDATE revision SET number = 1")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


def write(state: Path, seed: int) -> None:
    """Never returns."""
    chance = random.Random(seed)  # noqa: S311  what happens when, no secrets
    _say("open")
    gallery = open_gallery(state)
    _say("ready")
    while True:
        person, word = chance.randrange(PEOPLE), chance.choice(_WORDS)
        _say(f"begin {word} {person}")
        if word == "enroll":
            templates = [template_of(person, photo) for photo in range(PHOTOS)]
            gallery.enroll(Person("", str(person)), templates)
        elif word == "delete":
            gallery.delete(str(person))
        else:
            gallery.adopt(build(gallery.begin_build()))
        _say(f"done {word} {person}")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def _new_id() -> str:
    return uuid7(time.time(), os.urandom(10))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
