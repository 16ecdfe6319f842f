"""What devices of ours ask the centre: what has changed, and to keep their events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.api.directory import Fields, NewFace
from edged.domain.person import ModelRef


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the list of changes. What was changed later has a higher place; a person has one only, their newest.

    Attributes:
        revision: of the directory; number: among what was changed at once.
    """

    revision: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class FedFace:
    """A face as a device gets it.

    Attributes:
        number: the face's; photo_hash: sha256 of the photograph, lower-case hex: a device that has it knows the face.
        vector: float32, unit length, of the model that was asked for; None where there is none: then the device makes
            one of the crop.
    """

    number: int
    photo_hash: str
    created: float
    quality: float
    vector: NDArray[np.float32] | None


@dataclass(frozen=True, slots=True, eq=False)
class Fed:
    """A person as they are now, or that they are gone.

    Attributes:
        place: in the list.
        id: ours; key: the customer's, may be empty.
        gone: they were deleted, or are in none of the galleries that were asked for; all below is empty then.
        galleries: those of any of their faces, sorted, `default` left out.
        faces: the oldest first.
    """

    place: Place
    id: str
    key: str
    gone: bool
    fields: Fields
    galleries: tuple[str, ...] = ()
    faces: tuple[FedFace, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Feed:
    """A piece of the list of changes.

    Attributes:
        epoch: names this life of the directory: another one after a backup was put back, since its revisions count
            again from an earlier one.
        revision: the directory's newest; a reader whose place is there has everything.
        items: in the order of their places.
        more: whether there is more behind them.
        ahead: ids of those who were deleted later than the last of the items, see `edged.wire.feed.Changes`.
    """

    epoch: str
    revision: int
    items: tuple[Fed, ...]
    more: bool
    ahead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """Whom a push is about: the person with this id of ours, else whom the same request made, else the one with this
    key, else somebody new.

    Attributes:
        id: ours, or empty; request: a UUID; key: the customer's, or empty.
    """

    id: str
    request: str
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Push:
    """What a device has enrolled or changed.

    Attributes:
        aim: whom it is about; person: who that was when it was asked, see `Fleet.meant`.
        fields: all of them; None: they stay as they are.
        galleries: of all faces; None: they stay, and new faces join those of the others.
        within: only these are changed, and whoever is enrolled or changed is in one of them at least; None: all.
        faces: to be added, those aside that the person has: by `photo_hash`, see `edged.wire.roster.distinct_hashes`.
        forget: the `photo_hash` of those to be deleted.
        model: of the centre: of its vectors the answer tells the quality.
    """

    aim: Aim
    person: str
    fields: Fields | None
    galleries: tuple[str, ...] | None
    within: tuple[str, ...] | None
    faces: tuple[NewFace, ...]
    forget: tuple[str, ...]
    model: ModelRef


@dataclass(frozen=True, slots=True, eq=False)
class Enrolled:
    """What came of a push.

    Attributes:
        person: after it, without vectors.
        crowded: the `photo_hash` of those faces that the person has no room for.
    """

    person: Fed
    crowded: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Device:
    """A device that has reported itself.

    Attributes:
        name: its own.
        galleries: whom it is to know; None: everybody.
        seen: when it last reported, UTC seconds since the epoch; 0: never.
        report: what it said of itself then, as JSON text.
    """

    name: str
    galleries: tuple[str, ...] | None
    seen: float
    report: str


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that is to be kept.

    Attributes:
        device, id: whose, and what it calls it: together they are one event, however often it comes.
        document: the event, as JSON text.
    """

    device: str
    id: str
    document: str


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """An event of a device.

    Attributes:
        number: rises in the order in which events were kept.
        document: the event, as JSON text.
    """

    number: int
    device: str
    id: str
    document: str


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """A device's receipt for a deletion.

    Attributes:
        revision: of the directory, when it was handed in.
        document: the receipt, as JSON text.
    """

    device: str
    revision: int
    document: str


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who was deleted.

    Attributes:
        number: rises in the order of the deletions; place: in the list of changes.
        id: ours; at: when, UTC seconds since the epoch.
        receipts: which devices have handed in a receipt, and at which revision of the directory.
    """

    number: int
    place: Place
    id: str
    at: float
    receipts: Mapping[str, int]


class Fleet(Protocol):
    """Devices, what they fetch, and what they hand in.

    Threads, durability and errors are those of `edged.api.directory.Directory`.
    """

    def epoch(self) -> str:
        """See `Feed`."""
        ...

    def newest(self) -> tuple[str, int]:
        """Epoch and revision, see `Feed`, of one state of the directory; cheap enough for many times a second."""
        ...

    def changes(self, after: Place, model: ModelRef, limit: int, galleries: Sequence[str] | None = None) -> Feed:
        """What has changed since a place, at most `limit` people, perhaps none; one state of the directory.

        Args:
            model: whose vectors are wanted.
            galleries: of whom; None: of everybody.
        """
        ...

    def standing(self, person: str) -> Fed | None:
        """Somebody by our id as they are in the list, without vectors; None where nobody ever had it."""
        ...

    def meant(self, aim: Aim) -> str:
        """Our id of whom a push is about; empty: somebody new.

        Raises:
            Refused: `not_found`: they were deleted, or nobody ever had the id.
        """
        ...

    def push(self, push: Push, *, by: Grant) -> Enrolled | None:
        """Enrols or changes somebody; see `edged.wire.feed.PushedPerson`. What is so already changes nothing.

        Returns:
            None where `push.aim` means somebody else than `push.person` by now: ask `meant` again.

        Raises:
            Refused: `not_found`, see `meant`; `last_face`: no face would be left; `bad_gallery` and `bad_text` as
                `Directory.enroll`.
        """
        ...

    def remove(self, person: str, *, by: Grant) -> bool:
        """Deletes somebody by our id; False where nobody has it."""
        ...

    def keep_receipts(self, device: str, public_key: str, receipts: Sequence[tuple[str, str]]) -> None:
        """Keeps receipts, each our id of the person and a JSON text, in the place of what the device handed in of the
        same person before. One of whom nothing was ever known here is passed over.

        Args:
            public_key: that signed all of them, hexadecimal; the first one of a device is the only one from then on,
                until the device is forgotten.

        Raises:
            Refused: `other_key`.
        """
        ...

    def receipts(self, person: str) -> Sequence[KeptReceipt]:
        """All that there are for somebody, by device."""
        ...

    def departures(self, below: int | None, limit: int) -> Sequence[Departure]:
        """Some of those who were deleted, with lower numbers than `below` where it is given, the newest first."""
        ...

    def crop(self, number: int) -> bytes | None:
        """A face with a margin, as a JPEG; see `edged.api.directory.SeenFace`."""
        ...

    def keep_events(self, device: str, events: Sequence[tuple[str, str]]) -> None:
        """Keeps events, each an id and a JSON text, on the disk; one that is there already is passed over."""
        ...

    def keep_all(self, events: Sequence[NewEvent]) -> None:
        """The same of several devices, all in one transaction."""
        ...

    def events(self, after: int, limit: int, device: str = "") -> Sequence[KeptRecord]:
        """Some of those that were kept after number `after`, the oldest first; of one device, or of all."""
        ...

    def report(self, device: str, document: str) -> Device:
        """Keeps what a device says of itself, and that it is there."""
        ...

    def device(self, name: str) -> Device | None: ...

    def devices(self) -> Sequence[Device]:
        """All, by name."""
        ...

    def assign(self, device: str, galleries: Sequence[str] | None, *, by: Grant) -> Device:
        """Says whom a device is to know, also before it has ever reported. Raises the revision, and so is announced."""
        ...

    def forget_device(self, name: str, *, by: Grant) -> bool:
        """False where there is none. Its events and receipts stay; the key that signed them is forgotten."""
        ...
