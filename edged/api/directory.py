"""What every dialect is translated to: people, their faces, galleries, and who resembles a face.

A person is known by the customer's own key, which FindFace calls `meta` and miiCloud `customer_person_id`. A face is
one enrolled photograph of one person. FindFace also keeps faces without `meta`: each of them is a person of its own
without a key, whom only the number of the face leads to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Grant
from edged.domain.person import ModelRef
from edged.domain.rect import Rect

DEFAULT_GALLERY: Final = "default"
"""Every face is in it and stays in it."""
MAX_FACE: Final = 2**31 - 1
"""The largest number of a face."""


@dataclass(frozen=True, slots=True, eq=False)
class SeenFace:
    """A face in a photograph that somebody sent.

    Attributes:
        vector: float32, shape (dimension,), unit length, made by the model of the `Eyes`.
        quality: 0–1.
        crop: the face with a margin, as it is kept for models to come: a JPEG of some 11 kB, see
            `edged.vision.align.keepsake`; empty where none is kept.
    """

    box: Rect
    vector: NDArray[np.float32]
    quality: float
    crop: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What is in a photograph.

    Attributes:
        width, height: of the photograph as it is seen, in pixels.
        boxes: of all faces, the largest first, of equal ones the leftmost.
        chosen: the faces that were asked for, in the order in which they were.
    """

    width: int
    height: int
    boxes: tuple[Rect, ...]
    chosen: tuple[SeenFace, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SeenPhoto:
    """A photograph of an album: everybody in it, and smaller ones of it.

    Attributes:
        width, height: of the photograph as it is seen, in pixels.
        faces: the largest first, of equal ones the leftmost; nothing is kept of them for models to come.
        pictures: JPEGs, one for each side that was asked for.
    """

    width: int
    height: int
    faces: tuple[SeenFace, ...]
    pictures: tuple[bytes, ...]


Choose = Callable[[Sequence[Rect]], Sequence[int]]
"""From the boxes of all faces, the largest first, to the places of those that are wanted. May raise Refused."""


class Eyes(Protocol):
    """Looks at photographs. Every method may be called on any thread, and blocks; never call it on the event loop."""

    @property
    def model(self) -> ModelRef:
        """Whose vectors these are."""
        ...

    def look(self, photo: bytes, choose: Choose) -> Looked:
        """Decodes a photograph, finds all faces, and makes vectors of those that `choose` names.

        Raises:
            Refused: `not_an_image`, `damaged`, `too_large`, `too_many_pixels`, or what `choose` raises.
            Unavailable: all are busy and have been for seconds.
        """
        ...

    def pictures(self, photo: bytes, sides: Sequence[int]) -> tuple[bytes, ...]:
        """A photograph once for each of these sides: a JPEG, at most so many pixels on its longer side, never enlarged.

        Raises:
            Refused, Unavailable: as `look`.
        """
        ...

    def see_all(self, photo: bytes, sides: Sequence[int]) -> SeenPhoto:
        """Every face of a photograph, also those in the back row, and what `pictures` makes; it is decoded once.

        Takes seconds; whoever has somebody looked at with `look` hardly waits for that. Up to 50 megapixels are taken;
        of more than 26 every second pixel is looked at.

        Raises:
            Refused, Unavailable: as `look`.
        """
        ...

    def confidence(self, similarity: float, comparisons: int) -> float:
        """The calibrated probability, 0–1, that a face of this cosine is the person.

        Args:
            comparisons: 1 where it is asked whether two faces are one person's; where somebody is looked for, how many
                people they were looked for among.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fields:
    """What is known of a person beside the key; any may be empty."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class NewFace:
    """A face to enrol.

    Attributes:
        seen: where it is and what it looks like; model: who made its vector.
        photo_hash: sha256 of the photograph's bytes, lower-case hex.
        stem, suffix: of the name of the file that was sent (`IMG_4711`, `jpg`), cleaned; they become part of the name
            that the image gets, nothing is ever stored under them.
    """

    seen: SeenFace
    model: ModelRef
    photo_hash: str
    stem: str = "image"
    suffix: str = "jpg"


@dataclass(frozen=True, slots=True)
class KnownFace:
    """An enrolled face.

    Attributes:
        number: 1…2³¹-1, growing, never used twice.
        person: our id of whose it is; key: the customer's, empty where there is none.
        created: UTC seconds since the epoch, to the microsecond.
        photo_hash: 32 lower-case hex digits: the first half of the sha256 of the photograph.
        galleries: sorted, `default` among them.
        image: `enroll/<stem>_<7 characters>.<suffix>`.
    """

    number: int
    person: str
    key: str
    created: float
    photo_hash: str
    box: Rect
    galleries: tuple[str, ...]
    image: str


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """An enrolled person.

    Attributes:
        id: ours, a UUIDv7: miiCloud's `miicloud_person_id`; whoever is enrolled anew after a deletion gets a new one.
        faces: the newest first; may be none.
    """

    id: str
    key: str
    fields: Fields
    faces: tuple[KnownFace, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An enrolled face and its cosine with a probe, -1…1."""

    face: KnownFace
    similarity: float


@dataclass(frozen=True, slots=True)
class FaceFilter:
    """Which faces; what is None does not matter.

    Attributes:
        gallery: in this one.
        key: of the person with this key; the empty key means faces without one.
        person: of the person with this id of ours.
        least: with this number or a higher one; below: with a lower number than this.
    """

    gallery: str | None = None
    key: str | None = None
    person: str | None = None
    least: int | None = None
    below: int | None = None


EVERY_FACE: Final = FaceFilter()


@dataclass(frozen=True, slots=True)
class FacePage:
    """Some of the faces that were asked for, the newest first.

    Attributes:
        older, newer: whether there are such, beyond this page. The bound that the page begins at does not count, nor
            does `least` where it is the only one.
    """

    faces: tuple[KnownFace, ...]
    older: bool
    newer: bool


@dataclass(frozen=True, slots=True)
class Meta:
    """A key, how many faces it has, and the newest of them."""

    key: str
    count: int
    newest: KnownFace


@dataclass(frozen=True, slots=True)
class GalleryChange:
    """What becomes of a face's galleries: added and removed, or exactly these. `default` always stays."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    exactly: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class FaceChange:
    """What becomes of a face; what is None stays. Another key moves it to that person, who is made if there is none."""

    key: str | None = None
    galleries: GalleryChange | None = None


class Directory(Protocol):
    """People and faces on the disk. Every method may be called on any thread, and blocks.

    What a method that changes something has done is on the disk, and seen by every later call of every process, when it
    returns. Each such call leaves one entry in the audit log, naming `by`, in the same transaction. All of them raise
    Unavailable where the disk or the database server does not let them; nothing has changed then.
    """

    def enroll(
        self,
        key: str,
        faces: Sequence[NewFace],
        *,
        by: Grant,
        fields: Fields | None = None,
        galleries: Sequence[str] = (),
    ) -> KnownPerson:
        """Adds faces to the person with this key, who is made where there is none; to a new one where it is empty.

        A field that is empty in `fields` keeps its value. Galleries that do not exist are made.

        Returns:
            the person with all faces, those that were just added first, in the order given reversed.

        Raises:
            Refused: `too_many_faces`: more than 64 of one person; `bad_gallery`, see `create_gallery`; `bad_text`: the
                key has more than 512 characters or a field more than 1,024, or what no store can hold: NUL, halves of
                surrogate pairs. Where such a text is only looked for, nobody has it.
        """
        ...

    def update(self, key: str, fields: Fields, faces: Sequence[NewFace] = (), *, by: Grant) -> KnownPerson | None:
        """Replaces every field of a person, and adds faces; None where nobody has the key. Raises as `enroll`."""
        ...

    def person(self, key: str) -> KnownPerson | None: ...

    def person_by_id(self, person: str) -> KnownPerson | None: ...

    def delete_person(self, key: str, *, by: Grant) -> KnownPerson | None:
        """Deletes a person with all faces; who they were, or None where nobody has the key."""
        ...

    def face(self, number: int) -> KnownFace | None: ...

    def faces(self, wanted: FaceFilter = EVERY_FACE, limit: int = 100) -> FacePage:
        """The newest that fit.

        Where `least` is given and `below` is not, those are the oldest that fit, the newest of them first: so a reader
        pages towards the newer ones.
        """
        ...

    def change_face(self, number: int, change: FaceChange, *, by: Grant) -> KnownFace | None:
        """None where there is no such face. A person who has lost their last face to another is deleted. Raises as
        `enroll`.
        """
        ...

    def delete_faces(self, wanted: FaceFilter, *, by: Grant) -> int:
        """Deletes those that fit, and each person whose last face that was; how many. At least one filter is given."""
        ...

    def delete_face(self, number: int, *, by: Grant) -> bool:
        """Deletes one, and the person whose last face it was; False where there is none."""
        ...

    def metas(self, gallery: str | None = None) -> Sequence[Meta]:
        """All keys that have a face, in a gallery or anywhere, in their order."""
        ...

    def galleries(self) -> Sequence[str]:
        """`default` first, then the others in their order."""
        ...

    def create_gallery(self, name: str, *, by: Grant) -> bool:
        """False where it is there already.

        Raises:
            Refused: `bad_gallery`: the name is not 1 to 48 of the letters, digits, `_` and `-`.
        """
        ...

    def delete_gallery(self, name: str, *, purge: bool, by: Grant) -> bool:
        """Takes its faces out of it, or with `purge` deletes them; False where there is none.

        Raises:
            Refused: `default_gallery`: that one stays.
        """
        ...

    def nearest(
        self, model: ModelRef, vector: NDArray[np.float32], count: int, wanted: FaceFilter = EVERY_FACE
    ) -> Sequence[Match]:
        """The faces most like a probe, the most similar first, at most `count`; only those with a vector of `model`.

        Every similarity is an exact cosine. `least` and `below` of the filter are not heeded.
        """
        ...

    def people(self, wanted: FaceFilter = EVERY_FACE) -> int:
        """How many people have a face that fits, those without a key included: among how many one is looked for."""
        ...

    def note(self, act: str, about: str, *, by: Grant) -> None:
        """An entry in the audit log for what changed nothing: a match, a verification, a refusal.

        Args:
            act: a stable word; about: keys and numbers of what was concerned, never a face or a name.
        """
        ...
