"""Damages a gallery's files in many ways and opens it each time; the gallery's part of `edged bench index`.

The work is done in a process of its own, `python -m edged.measure.gallery_damage STATE INDEX DATABASE`, which a library
that is given a damaged file may end; it prints one line of JSON for each damage.
"""

from __future__ import annotations

import json
import math
import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from edged.config.document import DeviceSettings, Document, GallerySettings
from edged.domain.errors import Corrupt
from edged.domain.person import Person
from edged.domain.progress import Progress, quiet
from edged.gallery.build import Built, build
from edged.gallery.gallery import Gallery
from edged.measure.gallery_writer import MODEL, PEOPLE, PHOTOS, template_of
from edged.runtime.state_dir import StateDir

_FILES: Final = ("annoy", "annoy", "scan", "keys", "json")


@dataclass(frozen=True, slots=True)
class GalleryDamage:
    """What came of damaging files.

    Attributes:
        index: how many index files were damaged; noticed: of these, how many were not used and made again, with every
            answer right meanwhile and afterwards.
        database: how many databases were damaged; named: of these, how many were found damaged; mended: how many were
            as before after that, from the backup or because what was hit was not in use.
        crashes: processes that did not end by themselves.
    """

    index: int
    noticed: int
    database: int
    named: int
    mended: int
    crashes: int


def damage_files(index: int = 60, database: int = 20, progress: Progress = quiet) -> GalleryDamage:
    """Damages so many index files and databases, each once, and opens the gallery as the daemon does."""
    progress("damaging the gallery's files", 0.0)
    with tempfile.TemporaryDirectory(prefix="edged-damage-") as name:
        command = [sys.executable, "-m", "edged.measure.gallery_damage", f"{name}/state", f"{index}", f"{database}"]
        process = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    results = [json.loads(line) for line in process.stdout.splitlines()]
    progress("damaged", 1.0)
    return GalleryDamage(
        index=index,
        noticed=sum(result["noticed"] for result in results if result["file"] != "database"),
        database=database,
        named=sum(result["named"] for result in results if result["file"] == "database"),
        mended=sum(result["mended"] for result in results if result["file"] == "database"),
        crashes=int(process.returncode != 0),
    )


def damaged(chance: random.Random, content: bytes, foreign: bytes) -> bytes:
    """The content with one fault of those that disks and people make; never the content itself."""
    place = chance.randrange(len(content))
    flipped, overwritten = bytearray(content), bytearray(content)
    flipped[place] ^= 1 << chance.randrange(8)
    overwritten[place : place + 512] = chance.randbytes(512)
    half = len(content) // 2
    zeroed = content[:half] + bytes(len(content) - half)
    longer = content + chance.randbytes(64)
    return chance.choice((bytes(flipped), bytes(overwritten), content[:place], zeroed, longer, b"", foreign))


class _Patient:
    """A state directory with sixty people, an index and a backup, which is damaged again and again."""

    def __init__(self, root: Path) -> None:
        self.document = Document(
            device=DeviceSettings(name="bench", state=root), gallery=GallerySettings(exact_below=20, trees=4)
        )
        self.state = StateDir.of(self.document)
        with closing(self.gallery()) as gallery:
            for person in range(PEOPLE):
                gallery.enroll(Person("", str(person)), [template_of(person, photo) for photo in range(PHOTOS)])
            gallery.adopt(_built(gallery))
            self.digest = gallery.snapshot().digest
        with closing(self.state.open_people(self.document)) as people:
            people.back_up(1)
        self._sound = root.with_name("sound")
        shutil.copytree(root, self._sound)

    def gallery(self) -> Gallery:
        return self.state.open_gallery(self.document, MODEL)

    def recover(self) -> None:
        shutil.rmtree(self.state.root)
        shutil.copytree(self._sound, self.state.root)

    def damage_index(self, chance: random.Random) -> dict[str, Any]:
        self.recover()
        suffix = chance.choice(_FILES)
        files = list(self.state.root.glob("index/*/*.*"))
        (victim,) = (file for file in files if file.suffix == f".{suffix}")
        (foreign,) = (file for file in files if file.suffix == (".scan" if suffix == "annoy" else ".annoy"))
        victim.write_bytes(damaged(chance, victim.read_bytes(), foreign.read_bytes()))
        with closing(self.gallery()) as gallery:
            noticed = gallery.snapshot().narrowing is None and gallery.needs_rebuild and _is_right(gallery)
            gallery.adopt(_built(gallery))
            again = gallery.snapshot().narrowing is not None and _is_right(gallery)
        return {"file": suffix, "noticed": noticed and again}

    def damage_database(self, chance: random.Random) -> dict[str, Any]:
        self.recover()
        content = bytearray(self.state.people.read_bytes())
        length = chance.choice((1, 16, 512, 8192))
        start = chance.randrange(len(content) - length)
        content[start : start + length] = bytes(
            byte ^ chance.randrange(1, 256) for byte in content[start : start + length]
        )
        self.state.people.write_bytes(content)
        named = False
        try:
            gallery = self.gallery()
        except Corrupt:
            named = True
            self.state.restore(self.document, time.time())
            gallery = self.gallery()
        with closing(gallery):
            mended = gallery.snapshot().digest == self.digest and _is_right(gallery)
        return {"file": "database", "named": named, "mended": mended}


def _built(gallery: Gallery) -> Built:
    """An index with Annoy: by a clock that stands still nothing is too slow."""
    return build(gallery.begin_build(), worth_it=math.inf, timer=lambda: 0.0)


def _is_right(gallery: Gallery) -> bool:
    probes = np.stack([template_of(person, 0).vector for person in range(PEOPLE)])
    found = gallery.snapshot().nearest(probes, k=1)
    return all(some[0].person.customer_person_id == str(person) for person, some in enumerate(found))


def main(root: Path, index: int, database: int) -> None:
    chance = random.Random(11)  # noqa: S311  what is damaged, no secrets
    patient = _Patient(root)
    for _ in range(index):
        print(json.dumps(patient.damage_index(chance)), flush=True)  # noqa: T201  the process's answer
    for _ in range(database):
        print(json.dumps(patient.damage_database(chance)), flush=True)  # noqa: T201  as above


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
