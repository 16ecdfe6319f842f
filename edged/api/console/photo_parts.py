"""What the console says of events and photographs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edged.wire.payload import Instant, Part, Payload


class EventPart(Part):
    """An event."""

    id: str
    slug: str
    name: str
    state: str
    """`open`, `closed` or `expired`."""
    current: bool
    """The booth's camera and the watched folder add to this one."""
    created: Instant
    closed: Instant | None
    closes: Instant | None
    expires: Instant | None
    purges_at: Instant | None
    """When it is purged by the clock, where it has expired and the device has noticed."""
    consent: str
    consent_version: int
    threshold: float
    enabled: bool
    selfie_search: bool
    downloads: bool
    keeps_selfies: bool
    keeps_originals: bool
    is_moderated: bool
    forgets_faces: bool
    shown: int
    waiting: int
    hidden: int
    faces: int
    searches: int
    denials: int
    selfies: int
    guests_forgotten: int
    bytes: int
    """Of the photographs as they came."""


class RefusedFile(Part):
    """A file that was not taken, and why."""

    name: str
    reason: str
    what: str


class IntakeProgress(Part):
    """How far the watched folder is."""

    folder: str
    event: str
    """Slug of the event that gets the photographs; empty: none is open, and they wait."""
    done: int
    waiting: int
    refused: int
    refusals: tuple[RefusedFile, ...]
    """The latest that were refused."""
    ends: Instant | None
    """When all that waits will be in; null: nothing waits, or nobody can tell yet."""


class StoragePart(Part):
    """How much room photographs take."""

    used_bytes: int
    most_bytes: int
    when_full: str
    """`refuse` or `oldest`, see `photos.when_full`."""


class PurgePart(Part):
    """An event that was purged."""

    event: str
    slug: str
    name: str
    at: Instant
    by: str
    photographs: int
    signed: bool
    """Nothing is left of it, and there is a report."""
    step: str
    """`files` or `leftovers` while it is not signed yet."""
    files_done: int
    files: int
    """So many of so many are removed."""
    at_hub: Instant | None
    """When the hub purged its copies, as it says; null: it has not said so, or there is none."""


class PhotosOverview(Payload):
    """Events, their storage, and those that were purged."""

    on: bool
    """False: photographs are switched off, and everything else is empty."""
    organisation: str
    events: tuple[EventPart, ...]
    more: bool
    """There are older ones."""
    storage: StoragePart | None
    intake: IntakeProgress | None
    purges: tuple[PurgePart, ...]


class EventAnswer(Payload):
    """An event, as it is now."""

    event: EventPart


class ReportedPart(Part):
    """What guests say about a photograph."""

    reason: str
    """`offensive`, `child`, `private` or `other`."""
    at: Instant


class PhotoPart(Part):
    """A photograph."""

    id: str
    filename: str
    width: int
    height: int
    taken: Instant | None
    added: Instant
    bytes: int
    standing: str
    """`shown`, `waiting` or `hidden`."""
    source: str
    reported: tuple[ReportedPart, ...] = ()
    """What guests reported of it, the latest first."""


class PhotoListing(Payload):
    """Some photographs of an event."""

    total: int
    photos: tuple[PhotoPart, ...]


class PhotoAnswer(Payload):
    """A photograph that was added, or was there already."""

    photo: PhotoPart


class Changed(Payload):
    """How many photographs were changed; the others are gone."""

    changed: int


class Purging(Payload):
    """An event is being purged: it is gone for everybody, and its report comes when nothing is left of it."""

    purge: PurgePart


class ReportAnswer(Payload):
    """A signed report; its own `kind` says of what."""

    report: Mapping[str, Any]
    copies: tuple[Mapping[str, Any], ...] = ()
    """Of one about a purge: what hubs said of their copies, each signed by this device as well."""
