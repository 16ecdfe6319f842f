"""Does SIGKILL lose a photograph that a booth has acknowledged, or bring one back that it has purged?"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final

from edged.domain.errors import Unavailable
from edged.domain.progress import Progress, quiet
from edged.measure.booth_device import ORGANISATION
from edged.measure.booth_ledger import BoothLedger, Deed, ExpectedEvent
from edged.measure.booth_store import BoothStore
from edged.measure.byte_search import count_traces
from edged.measure.kept_events import KeptEvents
from edged.measure.made_photo import digest_of_file, id_of, selfie_of
from edged.photos.album import PhotoEvent
from edged.photos.photo import PhotoKind
from edged.photos.photo_bundle import digest_of

_MOST_DEEDS: Final = 25
"""That a writer begins before it is killed, and how long after that it lives at most."""
_LONGEST_LIFE_S: Final = 0.03
_MOST_PHOTOS: Final = 100_000


@dataclass(slots=True)
class BoothKills:
    """What came of killing a writer again and again.

    Attributes:
        kills: how often; acknowledged: deeds that had returned, by their word; torn: those that were under way when the
            writer was killed.
        lost: what was acknowledged and is not there, or not whole, in words.
        back: what was taken away and is there, or never was begun.
        strays: rows without their files, and files without rows.
        unfinished: purges that have no report after the next start.
        damaged: openings that found the database damaged.
        searched: bytes of all files at the end; traces: pieces of what was taken away that were found there.
    """

    kills: int = 0
    acknowledged: Counter[str] = field(default_factory=Counter)
    torn: Counter[str] = field(default_factory=Counter)
    lost: set[str] = field(default_factory=set)
    back: set[str] = field(default_factory=set)
    strays: int = 0
    unfinished: int = 0
    damaged: int = 0
    searched: int = 0
    traces: int = 0

    @property
    def is_good(self) -> bool:
        broken = self.strays + self.unfinished + self.damaged + self.traces
        return not self.lost and not self.back and broken == 0


def kill_booth_writers(kills: int, progress: Progress = quiet, *, seed: int = 1) -> BoothKills:
    """Kills whoever adds photographs, searches and purges, at random moments, and looks what is there after each.

    Everything lies in a temporary folder. About a second a kill.

    Raises:
        Unavailable: a writer ended on its own.
    """
    chance = random.Random(seed)  # noqa: S311  moments, not secrets
    tally, ledger = BoothKills(), BoothLedger()
    with TemporaryDirectory(prefix="edged-kills-") as name:
        folder = Path(name) / "state"
        with writing(folder) as (orders, said):
            for number in range(kills):
                progress(f"killing whoever adds, searches and purges, {number + 1} of {kills}", number / kills)
                orders.write(f"{seed + number}\n")
                orders.flush()
                torn = let_live(said, chance, ledger, tally, _kill)
                with BoothStore.opened(folder) as store:
                    settle(store, torn, ledger)
                    judge(store.kept, ledger, tally)
        progress("searching for traces of what was purged", 1.0)
        with BoothStore.opened(folder) as store:
            store.database.empty_log()
        tally.searched, tally.traces = count_traces(folder, ledger.traces)
    return tally


@contextmanager
def writing(folder: Path, hub: Sequence[str] = (), **environment: str) -> Iterator[tuple[IO[str], IO[str]]]:
    """What a writer of `edged.measure.booth_writer` is told by and what it says, until the block ends.

    Args:
        hub: one to tell, see there; environment: more variables for it.
    """
    command = [sys.executable, "-m", "edged.measure.booth_writer", str(folder), *hub]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}
    ) as process:
        assert process.stdin is not None  # noqa: S101  pipes were asked for
        assert process.stdout is not None  # noqa: S101
        yield process.stdin, process.stdout
        process.stdin.close()


def let_live(
    said: IO[str], chance: random.Random, ledger: BoothLedger, tally: BoothKills, strike: Callable[[int], None]
) -> Deed | None:
    """Lets the child that was just made do some deeds, and notes them; what it was about to do when it was killed.

    Args:
        strike: kills the child of this number; called some milliseconds after a deed was begun.

    Raises:
        Unavailable: it ended on its own.
    """
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
                    strike(child)
                left -= 1
            case "done":
                assert begun is not None  # noqa: S101  it was said
                ledger.done(begun)
                tally.acknowledged[begun.word] += 1
                begun = None
            case "ended":
                if left >= 0:
                    break
                tally.kills += 1
                if begun:
                    tally.torn[begun.word] += 1
                return begun
    raise Unavailable("the booth's writer ended on its own", "Its own words are above.")


def settle(store: BoothStore, torn: Deed | None, ledger: BoothLedger) -> None:
    """Starts a store again after its writer was killed, and notes what became of the deed that was under way."""
    store.begin()
    if torn:
        (ledger.done if store.has_done(torn) else ledger.undone)(torn)


def judge(kept: KeptEvents, ledger: BoothLedger, tally: BoothKills, *, at_hub: bool = False) -> None:
    """Compares what is there with what was acknowledged.

    Args:
        at_hub: it is a hub's, which has no selfies, and never heard of some events that are purged.
    """
    tally.damaged += not kept.is_sound()
    there = {event.id: event for event in kept.events(ORGANISATION)}
    _compare(tally, "event", "", ledger.events.keys(), there.keys())
    if not at_hub:
        reported = {purge.event for purge in kept.albums.purges() if purge.report}
        tally.unfinished += len(ledger.purged - reported)
    files = {digest: kept.files.get(digest) for digest in kept.files.digests()}
    tally.strays += len(kept.named_files() ^ files.keys())
    whole = {digest for digest, content in files.items() if content and digest_of(content) == digest}
    for own_id, expected in ledger.events.items():
        if own_id in there:
            _judge_photos(kept, there[own_id], expected, whole, tally)
            _judge_searches(kept, there[own_id], expected, None if at_hub else whole, tally)


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)


def _judge_photos(
    kept: KeptEvents, event: PhotoEvent, expected: ExpectedEvent, whole: set[str], tally: BoothKills
) -> None:
    photos = {photo.id for photo in kept.albums.photos(event, 0, _MOST_PHOTOS, None).photos}
    wanted = {id_of(event.id, number): number for number in expected.photos}
    _compare(tally, "photograph", event.id, wanted.keys(), photos)
    for photo in photos & wanted.keys():
        digests = {digest_of_file(event.id, wanted[photo], kind) for kind in PhotoKind}
        _compare(tally, f"file of {photo}", event.id, digests, whole & digests)
    _compare(tally, "face", event.id, expected.faces(event.id), kept.vectors(event.id))


def _judge_searches(
    kept: KeptEvents, event: PhotoEvent, expected: ExpectedEvent, whole: set[str] | None, tally: BoothKills
) -> None:
    requests = set(kept.requests(event.id))
    _compare(tally, "search", event.id, expected.searches.keys(), requests)
    for request in requests & expected.searches.keys():
        search = kept.albums.search(event, request)
        denied = {id_of(event.id, number) for number in expected.denied.get(request, set())}
        _compare(
            tally, f"denied photograph of {request}", event.id, set(), denied & set(search.photos if search else ())
        )
        if whole is not None:
            selfie = {digest_of(selfie_of(request))}
            _compare(tally, f"selfie of {request}", event.id, selfie, whole & selfie)


def _compare(tally: BoothKills, what: str, event: str, wanted: AbstractSet[Any], there: AbstractSet[Any]) -> None:
    """Notes what is missing, and what should not be there, in words; each once, however often it is seen."""
    for one in wanted - there:
        tally.lost.add(f"{what} {_name(one)} {event}".strip())
    for one in there - wanted:
        tally.back.add(f"{what} {_name(one)} {event}".strip())


def _name(thing: str | bytes) -> str:
    return thing if isinstance(thing, str) else digest_of(thing)[:12]
