"""A booth to measure: a real daemon with events, in a directory of its own."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from edged.api.access import Right
from edged.api.token import mint
from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.photos.database import PhotoDatabase
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime.state_dir import StateDir
from edged.runtime.token_file import line_of

ORGANISATION: Final = "booth"
_KEYS: Final = 64
"""A device lets each of its clients look at 60 photographs a minute; whoever asks for more has more keys."""
_ADDRESS: Final = re.compile(r"clients are answered at (\S+?)/?(?=[\s\"']|$)")
_START_S: Final = 120.0
_END_S: Final = 20.0
_LOOK_EVERY_S: Final = 0.05


class BoothDevice:
    """A device whose daemon is killed and started as one likes. Belongs to one thread.

    Args:
        folder: made where it is not there.
        models: whose folder and models it uses.
        photos: more settings of its section `photos`.

    Attributes:
        keys: what its clients are let in by; url: where it answers them, another one with each start.
        state: its state directory.
    """

    def __init__(self, folder: Path, models: ModelSettings, photos: Mapping[str, Any] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.url = ""
        self.state = StateDir(folder / "state")
        self._config = folder / "edged.yaml"
        self._log = folder / "edged.log"
        self._looks = folder / "looks"
        self._process: subprocess.Popen[bytes] | None = None
        minted = [mint() for _ in range(_KEYS)]
        self.keys = tuple(one.text for one in minted)
        tokens = folder / "tokens"
        rights = frozenset({Right.READ, Right.MATCH})
        tokens.write_text("".join(f"{line_of(one, 'guest', rights, None, ORGANISATION)}\n" for one in minted))
        tokens.chmod(0o600)
        self.state.root.mkdir(mode=0o700, exist_ok=True)
        self._document: dict[str, Any] = {
            "device": {"name": "booth", "state": str(self.state.root.resolve())},
            "models": models.model_dump(mode="json"),
            "mqtt": {"enabled": False},
            "http": {"enabled": False},
            "api": {"enabled": True, "port": 0, "tokens": str(tokens.resolve())},
            "photos": {"enabled": True, "organisation": ORGANISATION, "guests": {"port": 0}, **(photos or {})},
        }

    def start(self, cameras: Mapping[str, Any] | None = None) -> None:
        """Starts the daemon; returns once it answers its clients.

        Args:
            cameras: section `cameras`.

        Raises:
            Unavailable: it ended, or did not come within two minutes.
        """
        self._config.write_text(yaml.safe_dump({**self._document, "cameras": dict(cameras or {})}))
        argv = [sys.executable, "-m", "edged.measure.counted_daemon", str(self._looks)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*argv, "run", "--config", str(self._config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + _START_S
        while not (found := _ADDRESS.search(self._log.read_text(errors="replace"))):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise Unavailable(f"the daemon did not start; the last it wrote:\n{self.last_words()}")
            time.sleep(_LOOK_EVERY_S)
        self.url = found[1]

    def stop(self) -> None:
        """Ends the daemon; it may be started again."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def kill(self) -> None:
        """SIGKILL; it may be started again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def looks(self) -> int:
        """How many photographs of clients were looked at so far."""
        return self._looks.stat().st_size if self._looks.exists() else 0

    def last_words(self) -> str:
        """The end of the daemon's log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])

    @contextmanager
    def albums(self) -> Iterator[SqliteAlbums]:
        """Its events, from beside the daemon, until the block ends."""
        with self.database() as database:
            yield SqliteAlbums(database, self.state.photo_files)

    @contextmanager
    def database(self) -> Iterator[PhotoDatabase]:
        """Where the rows of these are, until the block ends."""
        with closing(self.state.open_photos(threading.Lock(), lambda _by, _act, _about: None)) as database:
            yield database
