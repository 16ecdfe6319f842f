"""Does SIGKILL lose a photograph that a booth has acknowledged, or bring one back that it has purged?"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final

from edged.domain.errors import Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.booth_ledger import BoothLedger, Deed, ExpectedEvent
from edged.measure.booth_store import BoothStore
from edged.measure.byte_search import count_traces
from edged.measure.made_photo import digest_of_file, id_of, selfie_of
from edged.photos.album import PhotoEvent, PhotoKind
from edged.photos.photo_bundle import digest_of

_MOST_DEEDS: Final = 25
"""That a writer begins before it is killed, and how long after that it lives at most."""
_LONGEST_LIFE_S: Final = 0.03


@dataclass(slots=True)
class BoothKills:
    """What came of killing a writer again and again.

    Attributes:
        kills: how often; acknowledged: deeds that had returned, by their word; torn: those that were under way when the
            writer was killed.
        lost: photographs and searches that were acknowledged and are not there, or not whole.
        back: photographs, faces, searches and events that were taken away and are there.
        strays: rows without their files, and files without rows.
        damaged: openings that found the database damaged.
        searched: bytes of all files at the end; traces: pieces of what was taken away that were found there.
    """

    kills: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    torn: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    back: int = 0
    strays: int = 0
    damaged: int = 0
    searched: int = 0
    traces: int = 0

    @property
    def is_good(self) -> bool:
        return self.lost + self.back + self.strays + self.damaged + self.traces == 0


def kill_booth_writers(kills: int, progress: Progress = quiet, *, seed: int = 1) -> BoothKills:
    """Kills whoever adds photographs, searches and purges, at random moments, and looks what is there after each.

    Everything lies in a temporary folder. About a second a kill.

    Raises:
        Unavailable: a writer ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    tally, ledger = BoothKills(), BoothLedger()
    with TemporaryDirectory(prefix="edged-kills-") as name, _writer(folder := Path(name) / "state") as (orders, said):
        for number in range(kills):
            progress(f"killing whoever adds, searches and purges, {number + 1} of {kills}", number / kills)
            orders.write(f"{seed + number}\n")
            orders.flush()
            torn = _kill(said, chance, ledger, tally)
            tally.kills += 1
            with BoothStore.opened(folder) as store:
                store.begin()
                if torn:
                    (ledger.done if store.has_done(torn) else ledger.undone)(torn)
                judge(store, ledger, tally)
                if number + 1 == kills:
                    progress("searching for traces of what was purged", 1.0)
                    store.database.empty_log()
        tally.searched, tally.traces = count_traces(folder, ledger.traces)
    return tally


def _kill(said: IO[str], chance: random.Random, ledger: BoothLedger, tally: BoothKills) -> Deed | None:
    """Kills the child that was just made, and notes what it did; what it was about to do."""
    child, left, begun = 0, chance.randrange(_MOST_DEEDS), None
    for line in iter(said.readline, ""):
        word, _, rest = line.strip().partition(" ")
        match word:
            case "child":
                child = int(rest)
            case "begin":
                begun = Deed.read(rest)
                if not left:
                    time.sleep(chance.uniform(0.0, _LONGEST_LIFE_S))
                    os.kill(child, signal.SIGKILL)
                left -= 1
            case "done":
                assert begun is not None  # noqa: S101  it was said
                ledger.done(begun)
                tally.acknowledged[begun.word] += 1
                begun = None
            case "ended":
                if begun:
                    tally.torn[begun.word] += 1
                return begun
    raise Unavailable("the booth's writer ended on its own", "Its own words are above.")


@contextmanager
def _writer(folder: Path) -> Iterator[tuple[IO[str], IO[str]]]:
    """What it is told by and what it says, until the block ends."""
    command = [sys.executable, "-m", "edged.measure.booth_writer", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101  pipes were asked for
        assert process.stdout is not None  # noqa: S101
        yield process.stdin, process.stdout
        process.stdin.close()


def judge(store: BoothStore, ledger: BoothLedger, tally: BoothKills) -> None:
    """Compares what is there with what was acknowledged."""
    with store.database.reading() as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
        named = {row[0] for row in connection.execute("SELECT digest FROM photo_files")}
        named |= {row[0] for row in connection.execute("SELECT selfie FROM searches WHERE selfie IS NOT NULL")}
    tally.damaged += verdict != "ok"
    there = {event.id: event for event in store.events()}
    tally.lost += len(ledger.events.keys() - there.keys())
    tally.back += len(there.keys() - ledger.events.keys())
    tally.back += sum(not store.feed.is_purged(event) for event in ledger.purged)
    files = {digest: store.files.get(digest) for digest in store.files.digests()}
    tally.strays += len(named ^ files.keys())
    whole = {digest for digest, content in files.items() if content and _sha256(content) == digest}
    for own_id, expected in ledger.events.items():
        if own_id in there:
            _judge_photos(store, there[own_id], expected, whole, tally)
            _judge_searches(store, there[own_id], expected, whole, tally)


def _judge_photos(
    store: BoothStore, event: PhotoEvent, expected: ExpectedEvent, whole: set[str], tally: BoothKills
) -> None:
    photos = {photo.id for photo in store.albums.photos(event, 0, 100_000, None).photos}
    wanted = {id_of(event.id, number): number for number in expected.photos}
    tally.back += len(photos - wanted.keys())
    for photo, number in wanted.items():
        digests = {digest_of_file(event.id, number, kind) for kind in PhotoKind}
        tally.lost += not (photo in photos and digests <= whole)
    with store.database.reading() as connection:
        rows = connection.execute(
            "SELECT vector FROM photo_faces JOIN events ON events.number = event WHERE events.id = ?", (event.id,)
        )
        faces = {row[0] for row in rows}
    tally.lost += len(expected.faces(event.id) - faces)
    tally.back += len(faces - expected.faces(event.id))


def _judge_searches(
    store: BoothStore, event: PhotoEvent, expected: ExpectedEvent, whole: set[str], tally: BoothKills
) -> None:
    with store.database.reading() as connection:
        rows = connection.execute(
            "SELECT request_id FROM searches JOIN events ON events.number = event"
            " WHERE events.id = ? AND confidence IS NOT NULL",
            (event.id,),
        )
        requests = {row[0] for row in rows}
    tally.lost += len(expected.searches.keys() - requests)
    tally.back += len(requests - expected.searches.keys())
    for request in requests & expected.searches.keys():
        search = store.albums.search(event, request)
        denied = {id_of(event.id, number) for number in expected.denied.get(request, set())}
        tally.back += len(denied & set(search.photos if search else ()))
        tally.lost += digest_of(selfie_of(request)) not in whole


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
