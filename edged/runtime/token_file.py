"""The tokens of a device's clients: a file with a line for each, which has digests only."""

from __future__ import annotations

import hmac
import math
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edged.api.access import Cost, Grant, Right
from edged.api.bucket import Buckets, place_of
from edged.api.token import Minted, digest_of, id_in
from edged.domain.errors import Refused, Unavailable
from edged.gallery.faces import is_gallery_name
from edged.photos.admission import is_slug

_LINE: Final = re.compile(
    r"([a-z2-7]{8}) ([0-9a-f]{64}) ([a-z,]+) ([a-zA-Z0-9_-]{1,48}|org:[a-z0-9-]{1,64}|\*) (\S.{0,127})"
)
_ORGANISATION: Final = "org:"
_MOST_BYTES: Final = 256 * 1024
_RIGHTS: Final = frozenset({Right.READ, Right.ENROLL, Right.MATCH})
_PER_MINUTE: Final[Mapping[Cost, float]] = {Cost.READING: 600, Cost.LOOKING: 60}
"""Of one token. Every look takes the cameras some of their frames."""
_STRANGERS_PER_MINUTE: Final = 60
_BURST_S: Final = 20.0


def line_of(
    minted: Minted, name: str, rights: frozenset[Right], gallery: str | None, organisation: str | None = None
) -> str:
    """The line to put into the file.

    Args:
        gallery: people of this gallery only; organisation: its photographs only, and no people; of both one at most.

    Raises:
        Refused: `bad_name`, `bad_rights`, `bad_gallery`, `bad_slug` or `two_bounds`.
    """
    if not name.strip() or not name.isprintable() or len(name) > 128 or name != name.strip():
        raise Refused("bad_name", "a token has a name of 1 to 128 characters", "Name whoever will use it.")
    if not rights or not rights <= _RIGHTS:
        raise Refused("bad_rights", "a token of a device has some of the rights read, enroll and match")
    if gallery is not None and not is_gallery_name(gallery):
        raise Refused("bad_gallery", "the name of a gallery is 1 to 48 letters, digits, _ or -")
    if organisation is not None and not is_slug(organisation):
        raise Refused("bad_slug", "an organisation is 1 to 64 of a–z, 0–9 and hyphens", "See photos.organisation.")
    if organisation is not None and gallery is not None:
        raise Refused("two_bounds", "a token is for a gallery of people or for photographs, not for both")
    words = ",".join(sorted(rights))
    bound = gallery or (f"{_ORGANISATION}{organisation}" if organisation else "*")
    return f"{minted.id} {minted.digest.hex()} {words} {bound} {name}"


class TokenFile:
    """`edged.api.access.Gate` on a file, read again when it has changed. Any thread.

    Args:
        path: of the file; lines that begin with `#` and empty ones do not count.
        ticks: seconds of a clock that never goes back.
    """

    def __init__(self, path: Path, ticks: Callable[[], float]) -> None:
        self._path = path
        self._ticks = ticks
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] = ()
        self._tokens: Mapping[str, tuple[bytes, Grant]] = {}
        self._buckets = {cost: Buckets(pace, _BURST_S) for cost, pace in _PER_MINUTE.items()}
        self._strangers = Buckets(_STRANGERS_PER_MINUTE, _BURST_S)

    def grant(self, token: str) -> Grant | None:
        """See `Gate.grant`.

        Raises:
            Unavailable: the file cannot be read, or a line of it: nobody is let in then.
        """
        token_id = id_in(token)
        if token_id is None:
            return None
        digest, grant = self._known().get(token_id, (bytes(32), None))
        return grant if hmac.compare_digest(digest, digest_of(token)) else None

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        """See `Gate.admit`."""
        bucket, key = (self._strangers, place_of(address)) if grant is None else (self._buckets[cost], grant.id)
        with self._lock:
            now = self._ticks()
            wait_s = bucket.wait_s(key, now)
            if wait_s:
                return max(1, math.ceil(wait_s))
            bucket.take(key, now)
        return 0

    def _known(self) -> Mapping[str, tuple[bytes, Grant]]:
        with self._lock:
            try:
                stat = self._path.stat()
                stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if stamp != self._stamp:
                    with self._path.open("rb") as file:
                        self._tokens = _parsed(self._path, file.read(_MOST_BYTES))
                    self._stamp = stamp
            except OSError as error:
                raise Unavailable(
                    f"the tokens {self._path} cannot be read: {error.strerror}", "Look at api.tokens"
                ) from error
            return self._tokens


def _parsed(path: Path, content: bytes) -> Mapping[str, tuple[bytes, Grant]]:
    tokens: dict[str, tuple[bytes, Grant]] = {}
    for number, line in enumerate(content.decode(errors="replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.rstrip())
        words = found[3].split(",") if found else []
        if found is None or not set(words) <= _RIGHTS:
            raise Unavailable(f"line {number} of the tokens {path} is none", "See `edged api token --help`")
        token_id, digest, _rights, bound, name = found.groups()
        rights = frozenset(Right(word) for word in words)
        organisation = bound.removeprefix(_ORGANISATION) if bound.startswith(_ORGANISATION) else None
        gallery = None if organisation or bound == "*" else bound
        grant = Grant(token_id, name, rights, gallery, organisation)
        tokens[token_id] = (bytes.fromhex(digest), grant)
    return tokens
