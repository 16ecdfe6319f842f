"""A folder of photographs, shown one after the other."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edged.cameras.capture import Clock, Ended, Wait
from edged.cameras.picture import decode
from edged.cameras.view import view
from edged.config.cameras import StillsCamera
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image

_SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png"})
_MAX_BYTES: Final = 64 * 1024 * 1024

_log = logging.getLogger(__name__)


class StillsCapture:
    """The photographs of a folder.

    They are decoded as they are grabbed, because only then it is certain that there is a frame.
    """

    def __init__(self, settings: StillsCamera, *, clock: Clock, wait: Wait) -> None:
        self._settings = settings
        self._clock = clock
        self._wait = wait
        self._coming = _pictures(settings)
        self._image: Image | None = None
        self._due = clock()

    def grab(self) -> None:
        self._image = next(self._coming, None)
        early = self._due - self._clock()
        if early > 0:
            self._wait(early)
        self._due = self._clock() + self._settings.interval_s
        if self._image is None:
            raise Ended(f"{self._settings.folder} has been shown to its end")

    def retrieve(self) -> Image:
        if self._image is None:
            raise Unavailable(f"{self._settings.folder}: no picture has been grabbed")
        return view(self._image, self._settings)

    def close(self) -> None:
        self._coming = iter(())

    def interrupt(self) -> None:
        """Nothing to do: reading a file does not hang, and `wait` is the caller's."""


def open_stills(settings: StillsCamera, *, clock: Clock, wait: Wait) -> StillsCapture:
    """Open a folder with JPEG or PNG pictures in it.

    Raises:
        Unavailable: it is missing, may not be read, or has no such pictures.
    """
    if not _listed(settings.folder):
        raise Unavailable(f"{settings.folder} has no pictures in it", "Put JPEG or PNG files there.")
    return StillsCapture(settings, clock=clock, wait=wait)


def _pictures(settings: StillsCamera) -> Iterator[Image]:
    """Every picture in turn, for ever where the folder loops. One that cannot be shown is passed over, and named once.

    Raises:
        Unavailable: not one of them can be shown.
    """
    named: set[Path] = set()
    while True:
        shown = 0
        for path in _listed(settings.folder):
            try:
                image = _load(path)
            except Refused as refusal:
                if path not in named:
                    _log.warning("%s is passed over: %s", path, refusal)
                named.add(path)
                continue
            shown += 1
            yield image
        if not shown:
            raise Unavailable(f"{settings.folder}: not one of its pictures can be shown", "The log names each.")
        if not settings.loop:
            return


def _listed(folder: Path) -> list[Path]:
    """The pictures of a folder by name, listed anew each time, so that one added later is shown too."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES and path.is_file())
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be read ({error.strerror})", "Check the path, and let edged's user read it."
        ) from None


def _load(path: Path) -> Image:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise Refused("too_large", f"it has more than {_MAX_BYTES // 2**20} MB", "Save it smaller.")
        return decode(path.read_bytes())
    except OSError as error:
        raise Refused("unreadable", f"it cannot be read ({error.strerror})", "Let edged's user read it.") from None
