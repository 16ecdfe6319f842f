"""What a centre is to a device: whoever speaks one of its dialects fits this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused, Unavailable
from edged.domain.person import ModelRef

EVERY_FIELD: Final = frozenset({"name", "email", "phone", "groups"})
"""See `Centre.keeps`."""
HOPELESS: Final = frozenset({"bad_token", "no_right", "untrusted_centre"})
"""Reasons of a refusal that hold for everything that is asked."""


class OtherLife(Refused):
    """The centre counts its changes anew, since a backup was put back there: what the cursor says means nothing now.

    The list is to be read from the beginning, and nobody removed who is missing in it unless a person says so.
    """

    def __init__(self) -> None:
        super().__init__("other_epoch", "the centre was put back from a backup")


class TryLater(Unavailable):
    """The centre wants to be asked again later, not before so many seconds have passed."""

    def __init__(self, what: str, remedy: str, after_s: float) -> None:
        super().__init__(what, remedy)
        self.after_s = after_s


@dataclass(frozen=True, slots=True, eq=False)
class RemoteFace:
    """A face that the centre has.

    Attributes:
        photo_hash: 64 lower-case hex digits, another one for each face of a person.
        quality: 0–1; 0 where the centre does not say.
        vector: float32, unit length, of the device's model; None: to be made from the picture.
        address: what `Centre.picture` finds it by.
    """

    photo_hash: str
    quality: float
    vector: NDArray[np.float32] | None
    address: str


@dataclass(frozen=True, slots=True, eq=False)
class RemotePerson:
    """A person as the centre has them now.

    Attributes:
        id: the centre's; key: the customer's, may be empty.
        groups: names of galleries, `default` left out.
        faces: the oldest first.
    """

    id: str
    key: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    groups: tuple[str, ...] = ()
    faces: tuple[RemoteFace, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A piece of what the centre tells.

    Attributes:
        gone: ids of those who are deleted there, to be removed before `people` are looked at.
        people: as they are now, each takes the place of all that is known of them.
        cursor: where the next piece begins.
        more: whether there is one.
        revision: of the centre; 0 where it has none.
        begins: a whole list begins with this page, whatever the cursor was. Once its last page is read, whoever was in
            none of its pages is gone, if the centre does not tell of deletions.
    """

    gone: tuple[str, ...]
    people: tuple[RemotePerson, ...]
    cursor: str
    more: bool
    revision: int = 0
    begins: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph of a face.

    Attributes:
        jpeg: the file, whatever its format really is.
        box: left, top, right and bottom of the face, in whole pixels; None: the largest.
        is_keepsake: it is a face with a margin as `edged.vision.align.keepsake` makes it: it need not be looked for.
    """

    jpeg: bytes
    box: tuple[int, int, int, int] | None = None
    is_keepsake: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class OutgoingFace:
    """A face that the centre is to have.

    Attributes:
        photo_hash, quality: see `RemoteFace`; box: see `edged.domain.person.Origin`.
        vector: float32, unit length, of the device's model.
        crop: the face with a margin, a JPEG; None where the device keeps none.
    """

    photo_hash: str
    quality: float
    box: tuple[int, int, int, int]
    vector: NDArray[np.float32]
    crop: bytes | None


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """What the centre is to know of a person.

    Attributes:
        request: a UUID, the same when it is said again.
        id: the centre's, empty for somebody whom it does not know.
        key: the customer's, may be empty.
        first_name … groups: as they are on the device.
        with_fields: whether they changed here; else the centre keeps what it has.
        add: faces that it does not have; forget: hashes of those that it is to delete.
        known: hashes of the faces that it had when both last agreed.
    """

    request: str
    id: str
    key: str
    first_name: str
    last_name: str
    email: str
    phone: str
    groups: tuple[str, ...]
    with_fields: bool
    add: tuple[OutgoingFace, ...]
    forget: frozenset[str]
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a centre has made of it.

    Attributes:
        id: its id of the person.
        fields: digest of the fields that it has now, those that it does not keep left empty, see
            `edged.wire.roster.fields_digest`.
        faces: hashes of the faces that it has now.
        refused: hashes of those that it did not take or does not delete, and why.
        renamed: hashes of faces that have another one at the centre, with that one, which is among `faces`. They are to
            have it here from now on; where the person has a face of that hash already, both are one.
    """

    id: str
    fields: str
    faces: frozenset[str]
    refused: dict[str, str]
    renamed: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a device tells of itself.

    Attributes:
        cursor: how far it has followed; roster: digest of whom it has from the centre.
        persons, templates: that it can recognise.
        held: how many deletions wait for a person; queued: how many changes the centre is to be told.
        pending: ids of those who are deleted at the centre and still here.
        refused: id and reason of those whom it has only in part.
    """

    cursor: str
    roster: str
    persons: int
    templates: int
    held: int
    queued: int
    pending: tuple[str, ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Orders:
    """What a centre says to that.

    Attributes:
        groups: whom the device is to know; None: everybody.
        roster: the digest that it should have; None where the centre does not say.
    """

    groups: tuple[str, ...] | None
    roster: str | None


class Centre(Protocol):
    """A centre. One thread at a time; every method blocks for seconds at most.

    Every method raises Unavailable where it may work later (TryLater says when), and Refused where it will not until
    somebody changes something: `bad_token`, `no_right`, `untrusted_centre`, or what the centre says.

    Attributes:
        name: what a person calls it: its address.
        lists: whether it can tell whom it knows; else it can only be told.
        tells_deletions: whether its list names those who are gone; else whoever is missing in a whole list is gone.
        keeps: which fields it has: of `EVERY_FIELD`. The others are the device's own: they are
            empty in what it tells, are left empty in every digest, and never taken over.
    """

    name: str
    lists: bool
    tells_deletions: bool
    keeps: frozenset[str]

    def changes(self, cursor: str, model: ModelRef, limit: int) -> Page:
        """What has changed since a cursor; all there is where it is empty.

        Args:
            model: whose vectors are wanted.
            limit: so many people at most; 0: only who is gone, with the cursor as it was.

        Raises:
            OtherLife: the cursor means nothing any more.
        """
        ...

    def refresh(self, people: Mapping[str, frozenset[str]]) -> Page:
        """Some people as they are now, and who of them is gone, where the centre does not list; nothing where it does.

        It asks once for each of them.

        Args:
            people: by the centre's ids: hashes of the faces that it had when both last agreed.
        """
        ...

    def picture(self, face: RemoteFace) -> Picture:
        """The photograph of a face that came without a vector. Raises Refused `no_picture` where there is none."""
        ...

    def push(self, person: Outgoing, model: ModelRef) -> Taken:
        """Tells of somebody. To say it twice does what saying it once does.

        Raises:
            Refused: `not_found`: it has deleted this id; `deleted_there`: it has deleted whom it made when it was told
                before; or it does not take them, and says why.
        """
        ...

    def remove(self, person: str) -> None:
        """Has somebody deleted by the centre's id; it is no error that they are gone already."""
        ...

    def report(self, standing: Standing, model: ModelRef) -> Orders | None:
        """Tells how the device stands; None where the centre does not want to know."""
        ...

    def hand_in(self, receipts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Gives receipts of deletions, each with the centre's id of whom it is about; nothing where it takes none."""
        ...

    def close(self) -> None:
        """Hangs up."""
        ...
