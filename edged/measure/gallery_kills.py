"""Does SIGKILL lose or bring back anybody? The gallery's part of `edged bench index`."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from edged.domain.errors import Corrupt, Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.gallery_writer import PEOPLE, PHOTOS, make_old_database, open_gallery, template_of

_LONGEST_LIFE_S: Final = 0.25
"""How long after it has opened the database a writer lives at most."""
_START_S: Final = 30.0
_OLD_EVERY: Final = 5
"""Every so many kills the writer begins with a database of a former schema, and is killed while it brings it up to
date."""


@dataclass(frozen=True, slots=True)
class GalleryKills:
    """What came of killing a writer again and again.

    Attributes:
        kills: how often; migrations: of these, while a former schema was brought up to date.
        acknowledged: enrolments, deletions and rebuilds that had returned.
        lost: people who were enrolled and are not there, or not whole, or not found.
        resurrected: people who were deleted and are there or found.
        damaged: openings that found the database damaged.
    """

    kills: int
    migrations: int
    acknowledged: int
    lost: int
    resurrected: int
    damaged: int


@dataclass(slots=True)
class _Tally:
    acknowledged: int = 0
    lost: int = 0
    resurrected: int = 0
    damaged: int = 0


def kill_writers(kills: int, progress: Progress = quiet, *, seed: int = 1) -> GalleryKills:
    """Kills a process that enrols, deletes, rebuilds and migrates, at random moments; about half a second a kill.

    Raises:
        Unavailable: a writer ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    tally = _Tally()
    migrations = 0
    with tempfile.TemporaryDirectory(prefix="edged-kills-") as name:
        state = Path(name) / "state"
        state.mkdir()
        enrolled: frozenset[int] = frozenset()
        for number in range(kills):
            progress(f"killing the gallery's writer, {number + 1} of {kills}", number / kills)
            is_old = number % _OLD_EVERY == 0
            if is_old:
                migrations += 1
                shutil.rmtree(state)
                state.mkdir()
                make_old_database(state)
                enrolled = frozenset(range(PEOPLE))
            lines = _killed(state, number, chance, migrating=is_old)
            enrolled = _judge(state, enrolled, lines, tally)
    return GalleryKills(kills, migrations, tally.acknowledged, tally.lost, tally.resurrected, tally.damaged)


def _killed(state: Path, seed: int, chance: random.Random, *, migrating: bool) -> list[list[str]]:
    """What a writer said until it was killed: soon after it began to open the database, or to write."""
    command = [sys.executable, "-m", "edged.measure.gallery_writer", str(state), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None  # noqa: S101  it is a pipe
        began = time.monotonic()
        said = b""
        while (b"open" if migrating else b"begin") not in said:
            piece = writer.stdout.readline()
            if not piece or time.monotonic() - began > _START_S:
                writer.kill()
                raise Unavailable("the gallery's writer ended on its own", "Look at what it printed.")
            said += piece
        time.sleep(chance.uniform(0, _LONGEST_LIFE_S))
        writer.kill()
        said += writer.stdout.read()
    return [line.split() for line in said.decode().splitlines()]


def _judge(state: Path, before: frozenset[int], lines: list[list[str]], tally: _Tally) -> frozenset[int]:
    """Compares what is there with what was acknowledged; returns who is enrolled now."""
    enrolled = set(before)
    for word, *what in lines:
        if word == "done":
            tally.acknowledged += 1
            if what[0] != "rebuild":
                (enrolled.add if what[0] == "enroll" else enrolled.discard)(int(what[1]))
    in_doubt = {int(lines[-1][2])} if lines[-1][0] == "begin" and lines[-1][1] != "rebuild" else set()
    try:
        gallery = open_gallery(state)
    except Corrupt:
        tally.damaged += 1
        return frozenset()
    with closing(gallery):
        there = {int(summary.person.customer_person_id): summary.templates for summary in gallery.people(limit=1000)}
        tally.lost += len(enrolled - there.keys() - in_doubt)
        tally.lost += sum(templates != PHOTOS for templates in there.values())
        tally.resurrected += len(there.keys() - enrolled - in_doubt)
        for person in range(PEOPLE):
            probe = template_of(person, 0).vector
            ((found, *_others),) = gallery.snapshot().nearest(probe[np.newaxis], k=1) if there else (((None,)),)
            is_found = found is not None and found.person.customer_person_id == str(person)
            tally.lost += person in there and not is_found
            tally.resurrected += person not in there and is_found
    return frozenset(there)
