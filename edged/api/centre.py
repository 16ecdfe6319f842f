"""What a dialect speaks for, and how it behaves where the dialects leave a choice."""

from __future__ import annotations

from dataclasses import dataclass

from edged.api.access import Gate
from edged.api.albums import Albums
from edged.api.directory import Directory, Eyes
from edged.api.fleet import Fleet
from edged.api.tokens import Tokens
from edged.api.watch import Watch
from edged.photos.feed import AlbumFeed


@dataclass(frozen=True, slots=True)
class Manners:
    """Choices of whoever runs the centre.

    Attributes:
        known: the confidence, 0–1, from which miiCloud calls a face known.
        v0_threshold, v1_threshold: FindFace's, where none is sent: confidences, 0–1.
        fail_as_200: miiCloud's failures have the status 200, for clients that read the field `status` only.
        max_photo_bytes: larger photographs are refused.
        photo_hosts: whose addresses photographs may be fetched from; none: photographs by address are refused.
        public_url: what links in answers begin with, without a slash at the end; empty: as the client called us.
    """

    known: float = 0.9
    v0_threshold: float = 0.75
    v1_threshold: float = 0.5690
    fail_as_200: bool = False
    max_photo_bytes: int = 16 * 1024 * 1024
    photo_hosts: frozenset[str] = frozenset()
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything that the dialects ask; the hub has all of it.

    Attributes:
        link_key: 32 random bytes that links to photographs are signed with.
        albums: None where no events are kept; feed: what of them changed, None where nobody follows it.
        fleet: None on a device: it has none.
        tokens: None where they are not made and ended over HTTP.
        watch: None where nobody looks at the devices on a broker.
    """

    eyes: Eyes
    directory: Directory
    gate: Gate
    link_key: bytes
    albums: Albums | None = None
    feed: AlbumFeed | None = None
    fleet: Fleet | None = None
    manners: Manners = Manners()
    tokens: Tokens | None = None
    watch: Watch | None = None
