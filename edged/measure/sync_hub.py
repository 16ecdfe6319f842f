"""A real hub with a directory of its own, for devices to sync with."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import yaml

from edged.api.access import Grant, Right
from edged.api.directory import Directory, Fields
from edged.api.fleet import Fleet, KeptRecord, Place
from edged.api.tokens import Tokens
from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.domain.person import ModelRef
from edged.hub.crew import READY
from edged.hub.founding import Founded, found
from edged.hub.home import HubHome
from edged.hub.settings import load_settings
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.sqlite.tokens import SqliteTokens
from edged.measure.kept_events import KeptEvents
from edged.measure.memory import read_memory
from edged.measure.sync_people import Roster, as_face
from edged.photos.photo_files import PhotoFolder
from edged.vision.manifest import read_embedder
from edged.wire.roster import distinct_hashes

_BY: Final = Grant("bench", "bench", frozenset({Right.ADMIN}))
_AT_ONCE: Final = 1000
_END_S: Final = 20.0
_TICKS_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Usage:
    """What the processes of a hub have used.

    Attributes:
        processor_s: processor time; peak_mb: the most memory that they held, MB (10⁶ bytes).
    """

    processor_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class There:
    """Whom a hub has.

    Attributes:
        roster: see there; duplicates: keys that two have, and faces that one person has twice.
    """

    roster: Roster
    duplicates: int


class SyncHub:
    """A hub on SQLite over HTTPS on one port of loopback; people are put in and taken out beside it, in its database.

    Args:
        founded: see `edged.hub.founding.found`.

    Attributes:
        model: whose vectors it has; url: where it answers; ca: whom to trust.
        token: of an administrator.
        kept: its events, beside it.
    """

    def __init__(
        self,
        founded: Founded,
        model: ModelRef,
        directory: Directory,
        fleet: Fleet,
        tokens: Tokens,
        kept: KeptEvents,
    ) -> None:
        self.model = model
        self.url = founded.url
        self.ca = founded.ca
        self.token = founded.token.text
        self.kept = kept
        self._config = founded.config
        self._directory = directory
        self._fleet = fleet
        self._tokens = tokens
        self._process: subprocess.Popen[str] | None = None
        self._newest_event = 0

    @classmethod
    @contextmanager
    def founded(cls, folder: Path, models: ModelSettings) -> Iterator[Self]:
        """A hub in an empty folder, not started yet; ended with the block.

        Args:
            models: whose folder and embedder are used.
        """
        with ExitStack() as stack:
            founded = found(folder, ["127.0.0.1"], "127.0.0.1", _free_port(), models.directory)
            home = HubHome.of(load_settings(founded.config))
            database = stack.enter_context(closing(home.open_database()))
            model = read_embedder(models.directory, models.embedder).model
            kept = KeptEvents.of(database, PhotoFolder(home.photos))
            people, tokens = SqliteDirectory(database), SqliteTokens(database)
            hub = cls(founded, model, people, SqliteFleet(database), tokens, kept)
            stack.callback(hub.stop)
            yield hub

    def start(self) -> None:
        """Starts it, and waits until it answers. Raises Unavailable where it does not."""
        command = [sys.executable, "-m", "edged", "hub", "run", "--config", str(self._config)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101  a pipe was asked for
        if not self._process.stdout.readline().startswith(READY):
            raise Unavailable("the hub did not start", "Its own words are above.")

    @property
    def is_running(self) -> bool:
        """Whether it was started, and has not ended since."""
        return self._process is not None and self._process.poll() is None

    def unlimited(self) -> None:
        """From the next start on anybody may ask as often as they like."""
        document = yaml.safe_load(self._config.read_text())
        document["limits"] = dict.fromkeys(("reading", "looking", "address_reading", "address_looking"), 1_000_000)
        self._config.write_text(yaml.safe_dump(document))

    def announce(self, broker: int | None, *, events: bool = False) -> None:
        """From the next start on it tells the broker on this port of loopback of changes; None: nobody.

        Args:
            events: it takes devices' events there, too.
        """
        document = yaml.safe_load(self._config.read_text())
        settings = {"enabled": broker is not None, "host": "127.0.0.1", "port": broker or 1883, "events": events}
        document["mqtt"] = settings
        self._config.write_text(yaml.safe_dump(document))

    def use_every_core(self) -> None:
        """From the next start on; see `use_every_core`."""
        use_every_core(self._config)

    def stop(self) -> None:
        """Ends it; it may be started again at the same address."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None

    def kill(self) -> None:
        """SIGKILL; it may be started again at the same address."""
        if self._process is not None:
            self._process.kill()
            self.stop()

    def device_token(self, device: str) -> str:
        """The text of a token that a device may listen and tell with."""
        return self._tokens.create(device, {Right.DEVICE, Right.ENROLL}, by=_BY, device=device)[1].text

    def album_token(self, organisation: str) -> str:
        """The text of a token for the photographs of an organisation, which is made where it is not there."""
        self.kept.albums.create_organisation(organisation, organisation, by=_BY)
        rights = {Right.READ, Right.ENROLL, Right.MATCH}
        return self._tokens.create("booth", rights, by=_BY, organisation=organisation)[1].text

    def enroll(self, key: str, photos: Sequence[int], name: str = "") -> bool:
        """Somebody new, with made-up faces; True."""
        faces = [as_face(key, photo, self.model) for photo in photos]
        self._directory.enroll(key, faces, by=_BY, fields=Fields(last_name=name) if name else None)
        return True

    def add(self, key: str, photo: int) -> bool:
        """Another face of somebody; False where nobody has the key."""
        return self._directory.update(key, Fields(), [as_face(key, photo, self.model)], by=_BY) is not None

    def delete(self, key: str) -> bool:
        """False where nobody has the key."""
        return self._directory.delete_person(key, by=_BY) is not None

    def keys(self) -> list[str]:
        """Of everybody."""
        return [meta.key for meta in self._directory.metas()]

    def there(self) -> There:
        """Everybody, as the list of changes tells of them."""
        roster: dict[str, frozenset[str]] = {}
        place, more, duplicates = Place(), True, 0
        while more:
            feed = self._fleet.changes(place, self.model, _AT_ONCE)
            for item in feed.items:
                if item.gone:
                    continue
                hashes = [face.photo_hash for face in item.faces]
                duplicates += item.key in roster
                duplicates += sum(count - 1 for count in Counter(hashes).values())
                roster[item.key] = frozenset(distinct_hashes(hashes))
            place, more = (feed.items[-1].place if feed.items else place), feed.more
        return There(roster, duplicates)

    def events(self) -> list[KeptRecord]:
        """All that were handed in, in the order in which they were kept."""
        found: list[KeptRecord] = []
        while some := self._fleet.events(found[-1].number if found else 0, _AT_ONCE):
            found += some
        return found

    def newest_event(self) -> int:
        """The number of the one that was kept last."""
        while some := self._fleet.events(self._newest_event, _AT_ONCE):
            self._newest_event = some[-1].number
        return self._newest_event

    def usage(self) -> Usage:
        """Of its processes since they were started."""
        assert self._process is not None  # noqa: S101  it was started
        processes = _tree(self._process.pid)
        return Usage(sum(map(_processor_s, processes)), sum(read_memory(process).peak for process in processes))


def use_every_core(config: Path) -> None:
    """A process for each core, and for each process models with one thread; and no limit that stands in the way.

    Args:
        config: of a hub that does not run.
    """
    document = yaml.safe_load(config.read_text())
    document.setdefault("serve", {})["processes"] = os.cpu_count() or 1
    document.setdefault("models", {})["threads"] = 1
    document["limits"] = dict.fromkeys(("reading", "looking", "address_reading", "address_looking"), 1_000_000)
    config.write_text(yaml.safe_dump(document))


def _tree(process: int) -> list[int]:
    """A process and all that it started."""
    found = [process]
    for number in found:
        text = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii")
        found += map(int, text.split())
    return found


def _processor_s(process: int) -> float:
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / _TICKS_S


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
