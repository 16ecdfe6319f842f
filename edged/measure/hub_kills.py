"""Does SIGKILL lose or bring back anybody in the hub's directory?"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from edged.api.directory import Directory, FaceFilter
from edged.domain.errors import Corrupt, Unavailable
from edged.domain.progress import Progress, quiet
from edged.hub.sqlite.directory import SqliteDirectory
from edged.measure.hub_writer import MODEL, PEOPLE, PHOTOS, face_of, open_database

_LONGEST_LIFE_S: Final = 0.25
"""How long after its first word a writer lives at most."""
_START_S: Final = 60.0
_ALIKE: Final = 0.999


@dataclass(slots=True)
class HubKills:
    """What came of killing a writer again and again.

    Attributes:
        kills: how often.
        acknowledged: enrolments and deletions that had returned.
        lost: people who were enrolled and are not there.
        resurrected: people who were deleted and are there.
        halves: people with some of their faces, or a face that is not found, or one found that is not there.
        damaged: openings that found the database damaged.
    """

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    resurrected: int = 0
    halves: int = 0
    damaged: int = 0


def kill_hub_writers(kills: int, progress: Progress = quiet, *, seed: int = 1) -> HubKills:
    """Kills a process that enrols and deletes in the hub's own database, at random moments; a second or two a kill.

    Raises:
        Unavailable: a writer ended on its own.
    """
    with tempfile.TemporaryDirectory(prefix="edged-kills-") as name:
        path = Path(name) / "hub.db"
        command = [sys.executable, "-m", "edged.measure.hub_writer", str(path)]
        return kill_writers_of(command, partial(_opened, path), kills, progress, seed=seed)


def kill_writers_of(
    command: Sequence[str],
    opened: Callable[[], AbstractContextManager[Directory]],
    kills: int,
    progress: Progress = quiet,
    *,
    seed: int = 1,
) -> HubKills:
    """Kills a process that enrols and deletes in some store, at random moments.

    Args:
        command: starts `edged.measure.hub_writer.write` on the store, with a seed as its last argument.
        opened: opens the same store anew.
        kills: how often.
        progress: told of each.

    Raises:
        Unavailable: a writer ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    tally = HubKills()
    enrolled: frozenset[int] = frozenset()
    for number in range(kills):
        progress(f"killing the hub's writer, {number + 1} of {kills}", number / kills)
        lines = _killed([*command, str(seed + number)], chance)
        tally.kills += 1
        try:
            with opened() as directory:
                enrolled = _judge(directory, enrolled, lines, tally)
        except Corrupt:
            tally.damaged += 1
            return tally
    return tally


@contextmanager
def _opened(path: Path) -> Iterator[Directory]:
    with closing(open_database(path)) as database:
        yield SqliteDirectory(database)


def _killed(command: Sequence[str], chance: random.Random) -> list[list[str]]:
    """What a writer said until it was killed, soon after it began."""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None  # noqa: S101  it is a pipe
        began = time.monotonic()
        said = writer.stdout.readline()
        if not said or time.monotonic() - began > _START_S:
            writer.kill()
            raise Unavailable("the hub's writer ended on its own", "Look at what it printed")
        time.sleep(chance.uniform(0, _LONGEST_LIFE_S))
        writer.kill()
        said += writer.stdout.read()
    return [line.split() for line in said.decode().splitlines()]


def _judge(
    directory: Directory, before: frozenset[int], lines: Sequence[Sequence[str]], tally: HubKills
) -> frozenset[int]:
    """Compares what is there with what was acknowledged; returns who is enrolled now."""
    enrolled = set(before)
    for word, deed, person in lines:
        if word == "done":
            tally.acknowledged += 1
            (enrolled.add if deed == "enroll" else enrolled.discard)(int(person))
    in_doubt = {int(lines[-1][2])} if lines[-1][0] == "begin" else set()
    there = {int(meta.key) for meta in directory.metas()}
    tally.lost += len(enrolled - there - in_doubt)
    tally.resurrected += len(there - enrolled - in_doubt)
    tally.halves += sum(not _is_whole(directory, person, is_there=person in there) for person in range(PEOPLE))
    tally.halves += directory.people() != len(there)
    return frozenset(there)


def _is_whole(directory: Directory, person: int, *, is_there: bool) -> bool:
    """Whether somebody is there with everything, or with nothing at all."""
    key = str(person)
    known = directory.person(key)
    faces = 0 if known is None else len(known.faces)
    joined = len(directory.faces(FaceFilter(gallery=f"g{key}")).faces)
    found = 0
    for photo in range(PHOTOS):
        best = directory.nearest(MODEL, face_of(person, photo).seen.vector, 1)
        found += bool(best) and best[0].similarity > _ALIKE and best[0].face.key == key
    named = known is None or known.fields.last_name == key
    return {faces, joined, found} == {PHOTOS if is_there else 0} and named
