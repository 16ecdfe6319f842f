"""What a real hub does with files that are no photographs: as photographs of an album and as guests' selfies."""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from edged.config.document import ModelSettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.progress import Progress
from edged.measure.hostile_photo import hostile_photos
from edged.measure.hub_client import Answer, HubClient, with_file
from edged.measure.report import Goal, Report, Table, goals_table
from edged.measure.sound_photo import sound_photos
from edged.measure.sync_hub import SyncHub
from edged.measure.upload import Upload
from edged.photos.inspection import inspect

_CLIENTS: Final = 4
_AT_ONCE: Final = 32
"""Files that are kept ready; they are made as they are sent."""
_PHOTOS: Final = "/edged/v1/organisations/acme/events/gala/photos"
_FACES: Final = "/api/v1/ext/acme/event/gala/faces"
_BUSY_TRIES: Final = 30
_HOW: Final = f"""\
A real `edged hub run` on SQLite over HTTPS on loopback, with its models; {_CLIENTS} clients send every file twice: as \
a photograph of an event's album, and as the selfie of a search in 9Pic's dialect. Each hostile file is made of a good \
photograph so that it must be refused, and carries the reason that is expected; 9Pic's envelope has no place for a \
reason, only a sentence, so that there the status is compared. Sound are photographs as cameras, phones and browsers \
write them, with the films and second pictures that phones put behind them."""
Door = Literal["album", "selfie"]


@dataclass(frozen=True, slots=True)
class Sent:
    """One file at one of the two doors.

    Attributes:
        upload: what was sent; its content is left out.
        door: where; status: the answer's, 0 where there was none.
        reason: that the answer gave, a word for an album and a sentence for a selfie; empty: it was taken.
        seconds: until the answer.
    """

    upload: Upload
    door: Door
    status: int
    reason: str
    seconds: float

    @property
    def is_taken(self) -> bool:
        return self.status in {HTTPStatus.OK, HTTPStatus.CREATED}

    @property
    def is_refused_rightly(self) -> bool:
        """With a status that is the sender's to mind, and with its reason."""
        right = self.reason == self.upload.reason if self.door == "album" else bool(self.reason)
        return HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR and right


@dataclass(frozen=True, slots=True)
class Uploads:
    """What came of all of them.

    Attributes:
        hostile, sound: every file at every door.
        crashes: answers that did not come, and the hub's own end.
        before_mb, peak_mb: the most memory that the hub had held before the hostile files and after them, MB.
        costliest: the name of the file that takes the longest to be refused, by itself.
        costliest_s: processor time of that.
    """

    hostile: tuple[Sent, ...]
    sound: tuple[Sent, ...]
    crashes: int
    before_mb: float
    peak_mb: float
    costliest: str
    costliest_s: float

    @property
    def failed(self) -> int:
        """Answers of 500 and above."""
        return sum(sent.status >= HTTPStatus.INTERNAL_SERVER_ERROR for sent in self.hostile)

    @property
    def taken(self) -> int:
        """Hostile files that were taken."""
        return sum(sent.is_taken for sent in self.hostile)

    @property
    def misjudged(self) -> int:
        """Hostile files that were neither taken nor refused with their reason."""
        return sum(not sent.is_taken and not sent.is_refused_rightly for sent in self.hostile)

    @property
    def lost(self) -> int:
        """Sound photographs that were not taken."""
        return sum(not sent.is_taken for sent in self.sound)

    @property
    def is_good(self) -> bool:
        return not (self.crashes or self.failed or self.taken or self.misjudged or self.lost)


def measure_uploads(models: ModelSettings, photo: bytes, every: int, progress: Progress) -> Uploads:
    """Founds a hub in a temporary directory, runs it, and sends it everything. Blocks until then.

    Args:
        models: whose folder and embedder are used.
        photo: a good photograph, of which all are made.
        every: how many of the files are sent: 1: all, 10: each tenth.

    Raises:
        Refused: the photograph is none.
        Unavailable: the hub does not start.
    """
    with (
        tempfile.TemporaryDirectory(prefix="edged-uploads-") as name,
        SyncHub.founded(Path(name) / "hub", models) as hub,
    ):
        hub.unlimited()
        progress("starting the hub", 0.0)
        hub.start()
        _make_event(hub)
        sound = _sent(hub, islice(sound_photos(photo), 0, None, every), progress, 0.0)
        before = hub.usage().peak_mb
        hostile = _sent(hub, islice(hostile_photos(photo), 0, None, every), progress, 0.2)
        running = hub.is_running
        peak = hub.usage().peak_mb if running else 0.0
        progress("sent", 1.0)
        crashes = sum(sent.status == 0 for sent in (*sound, *hostile)) + (not running)
        return Uploads(hostile, sound, crashes, before, peak, *_costliest(photo, every))


def uploads_report(found: Uploads) -> Report:
    """The section of the page."""
    files = len(found.hostile) // 2
    goals = (
        Goal(f"{files:,} hostile files, twice: crashes", "0", f"{found.crashes}", reached=found.crashes == 0),
        Goal("… answers of 500 and above", "0", f"{found.failed}", reached=found.failed == 0),
        Goal("… taken", "0", f"{found.taken}", reached=found.taken == 0),
        Goal("… refused without their reason", "0", f"{found.misjudged}", reached=found.misjudged == 0),
        Goal(
            f"sound photographs of {len(found.sound) // 2} kinds, twice: not taken",
            "0",
            f"{found.lost}",
            reached=found.lost == 0,
        ),
    )
    slowest = max(found.hostile, key=lambda sent: sent.seconds)
    costs = (
        f"By itself, the costliest file takes {found.costliest_s:.2f} s of processor time to be refused"
        f" ({found.costliest}). With {_CLIENTS} clients, and whatever else the machine did, the slowest answer came"
        f" after {slowest.seconds:.1f} s ({slowest.upload.name}). The hub held at most"
        f" {found.before_mb:.0f} MB while it looked at the sound ones, and {found.peak_mb:.0f} MB with the others."
    )
    return Report("Hostile uploads", (goals_table(goals), _HOW, _families(found.hostile), costs))


def _costliest(photo: bytes, every: int) -> tuple[str, float]:
    """Which hostile file takes the longest to be refused, and how long: processor time of one thread."""
    worst = ("", 0.0)
    for upload in islice(hostile_photos(photo), 0, None, every):
        began = time.thread_time()
        with suppress(Refused):
            inspect(upload.content)
        worst = max(worst, (upload.name, time.thread_time() - began), key=lambda one: one[1])
    return worst


def _families(hostile: Sequence[Sent]) -> Table:
    rows = []
    for family in dict.fromkeys(sent.upload.family for sent in hostile):
        own = [sent for sent in hostile if sent.upload.family == family]
        reasons = Counter(sent.reason or "taken" for sent in own if sent.door == "album")
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        slowest = max(sent.seconds for sent in own)
        rows.append((family, f"{len(own) // 2}", told, f"{slowest:.2f}"))
    return Table(("what", "files", "reasons in the album", "slowest s"), tuple(rows))


def _make_event(hub: SyncHub) -> None:
    with _ours(hub) as client:
        for address, order in (
            ("/edged/v1/organisations", {"slug": "acme", "name": "Acme"}),
            ("/edged/v1/organisations/acme/events", {"slug": "gala", "name": "Gala", "threshold": 0.5}),
        ):
            answer = client.ask(client.written("POST", address, json.dumps(order).encode()))
            if answer.status != HTTPStatus.CREATED:
                raise Unavailable(f"the hub answered {answer.status} to {address}", answer.body.decode()[:200])


def _ours(hub: SyncHub) -> HubClient:
    """For edged's own API, and for 9Pic's."""
    return HubClient(hub.url, hub.ca, [f"Authorization: Bearer {hub.token}", f"X-API-Key: {hub.token}"])


def _sent(hub: SyncHub, uploads: Iterable[Upload], progress: Progress, begun: float) -> tuple[Sent, ...]:
    """All of these, each to both doors."""
    found: list[Sent] = []
    with ThreadPoolExecutor(_CLIENTS) as pool:
        for some in _batches(uploads):
            progress(f"sending {some[0].family}, {some[0].name}", min(begun + len(found) / 2000, 0.99))
            ways = [(upload, door) for upload in some for door in ("album", "selfie")]
            found += pool.map(lambda way: _send(hub, *way), ways)
    return tuple(found)


def _batches(uploads: Iterable[Upload]) -> Iterator[list[Upload]]:
    waiting = iter(uploads)
    while some := list(islice(waiting, _AT_ONCE)):
        yield some


def _send(hub: SyncHub, upload: Upload, door: Door) -> Sent:
    """Sends one; again where the hub says that it is busy."""
    bare = Upload(upload.family, upload.name, b"", upload.reason)
    body, media_type = with_file("file", upload.content)
    address = _PHOTOS if door == "album" else _FACES
    for _ in range(_BUSY_TRIES):
        began = time.perf_counter()
        try:
            with _ours(hub) as client:
                answer = client.ask(client.written("POST", address, body, media_type))
        except OSError as error:
            return Sent(bare, door, 0, str(error), time.perf_counter() - began)
        seconds = time.perf_counter() - began
        if answer.status != HTTPStatus.SERVICE_UNAVAILABLE:
            break
        time.sleep(1)
    return Sent(bare, door, answer.status, _reason(answer, door), seconds)


def _reason(answer: Answer, door: Door) -> str:
    if answer.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
        return ""
    document: dict[str, Any] = json.loads(answer.body)
    return str(document["error"]["reason"] if door == "album" else document["message"])
