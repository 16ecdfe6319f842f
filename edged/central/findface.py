"""The dialect of FindFace Cloud, version 1: faces with a `meta`, which is the key of a person here.

Such a centre has no names, no vectors and no list of changes. Only the whole list of its faces tells who is gone: it is
read as a whole, and given out in pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, StringConstraints

from edged.central.line import Line, segment
from edged.central.listing import ListedFace, Listing, name_of
from edged.central.port import Outgoing, OutgoingFace, Page, Picture, RemoteFace, Standing, Taken
from edged.central.reach import one_person, wrong_content
from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.wire.payload import Part
from edged.wire.roster import fields_digest

MOST_FACES: Final = 200_000
"""Of a centre. Its list is held in memory while it is given out."""
_MOST_OF_ONE: Final = 1000
"""Faces of a person."""
_WHOLE_EVERY_S: Final = 300.0
"""While the newest faces are the same, the whole list is read so often only: other deletions are noticed then."""
_FACES: Final = "/v1/faces"
_DEFAULT: Final = "default"
_TOLD: Final = frozenset({"bad_token", "no_right", "out_of_sight", "untrusted_centre", "not_found"})
"""What is refused to all faces alike."""


class _Face(Part):
    id: Annotated[int, Field(ge=1, lt=2**63)]
    photo_hash: Annotated[str, StringConstraints(max_length=128)]
    x1: int
    y1: int
    x2: int
    y2: int
    meta: Annotated[str, StringConstraints(max_length=4096)] = ""
    photo: Annotated[str, StringConstraints(max_length=4096)] = ""
    galleries: Annotated[tuple[str, ...], Field(max_length=1000)] = ()


class _Faces(Part):
    results: Annotated[tuple[_Face, ...], Field(max_length=10_000)]
    next_page: Annotated[str, StringConstraints(max_length=8192)] | None = None


class Findface:
    """`edged.central.port.Centre` for `/v1`.

    Ids are `meta:KEY`, and `face:NUMBER` for a face without `meta`, which is a person of its own and cannot be pushed.

    Args:
        line: to the centre, with the scheme `Token`; it is this object's from now on.
        now: seconds of a clock that never goes back.
    """

    lists: bool = True
    tells_deletions: bool = False
    keeps: frozenset[str] = frozenset({"groups"})

    def __init__(self, line: Line, now: Callable[[], float]) -> None:
        self._line = line
        self._now = now
        self._listing: Listing | None = None
        self._newest: tuple[_Face, ...] = ()
        self._read_at = 0.0
        self.name = f"findface {line.url}"

    def changes(self, cursor: str, model: ModelRef, limit: int) -> Page:  # noqa: ARG002  no vectors are known there
        """See `Centre.changes`. The list begins anew when it has changed while it was given out.

        A list that is known in whole costs one request while its newest faces stay the same, for five minutes.

        Raises:
            Refused: `too_many_faces`: more than 200,000.
        """
        digest, _, place = cursor.partition(":")
        at = int(place) if place.isascii() and place.isdigit() and len(place) < 10 else 0
        if not limit:
            return Page((), (), cursor, more=False)
        listing = self._listing
        if listing is None or listing.digest != digest or (at >= len(listing.people) and self._is_old()):
            listing = self._read()
        if listing.digest != digest:
            at = 0
        people = listing.people[at : at + limit]
        at = min(at + limit, len(listing.people))
        more = at < len(listing.people)
        return Page((), people, f"{listing.digest}:{at}", more, begins=listing.digest != digest)

    def refresh(self, people: Mapping[str, frozenset[str]]) -> Page:  # noqa: ARG002  the port's
        """Nothing: the list tells."""
        return Page((), (), "", more=False)

    def picture(self, face: RemoteFace) -> Picture:
        """See `Centre.picture`. A photograph on another host is not fetched."""
        box, _, address = face.address.partition(" ")
        left, top, right, bottom = (int(number) for number in box.split(","))
        if not address:
            raise Refused("no_picture", "the centre names no photograph of this face")
        try:
            return Picture(self._line.get_linked(address), (left, top, right, bottom))
        except Refused as refusal:
            if refusal.reason not in {"no_right", "not_found"}:  # 403 here is of one photograph
                raise
            raise Refused("no_picture", "the centre does not give this photograph out") from None

    def push(self, person: Outgoing, model: ModelRef) -> Taken:  # noqa: ARG002  the port's
        """See `Centre.push`. Sends the crops of faces; a face whose crop is there already is not sent again.

        Raises:
            Refused: `no_key`: somebody without one; `no_face_taken`, `last_face`: nothing of them would be there;
                `out_of_sight`: this person, or everybody, is not for the token to change.
        """
        with one_person():
            return self._push(person, _key_to_push(person))

    def remove(self, person: str) -> None:
        """Deletes face by face, each by its number: a mistake in an address can then cost one only."""
        kind, _, name = person.partition(":")
        if kind == "face" and name.isascii() and name.isdigit():
            self._delete(int(name))
            return
        for face in list(self._of(name)):
            self._delete(face.id)

    def report(self, standing: Standing, model: ModelRef) -> None:
        """Nothing: such a centre knows no devices."""

    def hand_in(self, receipts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Nothing: such a centre takes none."""

    def close(self) -> None:
        self._line.close()

    def _push(self, person: Outgoing, key: str) -> Taken:
        there = list(self._of(key))
        if person.id and not there:
            raise Refused("not_found", "the centre has deleted this person")
        groups = person.groups if person.with_fields or not there else _groups(there)
        renamed: dict[str, str] = {}
        refused: dict[str, str] = {}
        for face in person.add:
            try:
                made = _found(face, there) or self._create(face, key, groups)
            except Refused as refusal:
                if refusal.reason in _TOLD:
                    raise
                refused[face.photo_hash] = refusal.reason
                continue
            there += [] if made in there else [made]
            renamed[face.photo_hash] = _listed(made).name
        if not there:
            raise Refused("no_face_taken", ", ".join(dict.fromkeys(refused.values())) or "there is no face to send")
        kept = [face for face in there if _listed(face).name not in person.forget]
        if not kept:
            raise Refused("last_face", "no face of this person would be left at the centre", "Delete the person.")
        for made in there:
            if made not in kept:
                self._delete(made.id)
        if person.with_fields:
            kept = [self._regrouped(face, groups) for face in kept]
        names = frozenset(_listed(face).name for face in kept)
        return Taken(f"meta:{key}", fields_digest("", "", "", _groups(kept)), names, refused, renamed)

    def _is_old(self) -> bool:
        """Whether the whole list is to be read; asks for the newest faces where it is not known."""
        if self._now() - self._read_at >= _WHOLE_EVERY_S:
            return True
        return self._line.get_json(_FACES, _Faces).results != self._newest

    def _read(self) -> Listing:
        faces: list[ListedFace] = []
        newest: tuple[_Face, ...] | None = None
        began = self._now()
        for page in self._pages(_FACES):
            newest = page if newest is None else newest
            faces += map(_listed, page)
            if len(faces) > MOST_FACES:
                raise Refused(
                    "too_many_faces",
                    f"{self._line.name} has more than {MOST_FACES:,} faces, more than a device follows this way",
                    "Give the device a token of one gallery.",
                )
        self._listing, self._newest, self._read_at = Listing.of(faces), newest or (), began
        return self._listing

    def _pages(self, path: str) -> Iterator[tuple[_Face, ...]]:
        """Page after page, the newest faces first. Of the address of the next one only the query is used."""
        query: dict[str, str | int] = {}
        lowest: int | None = None
        while True:
            page = self._line.get_json(path, _Faces, query)
            numbers = [face.id for face in page.results]
            if numbers != sorted(set(numbers), reverse=True) or (lowest and numbers and numbers[0] >= lowest):
                raise wrong_content(
                    self.name, "its list of faces is not in the order of their numbers, the newest first"
                )
            yield page.results
            if page.next_page is None or not numbers:
                return
            lowest = numbers[-1]
            try:
                query = dict(parse_qsl(urlsplit(page.next_page).query))
            except ValueError:
                raise wrong_content(self.name, "the address of its next page is none") from None

    def _of(self, key: str) -> Iterator[_Face]:
        """All faces of a key; none of anybody else, whatever the centre understood."""
        count = 0
        for page in self._pages(f"{_FACES}/meta/{segment(key)}"):
            count += len(page)
            if count > _MOST_OF_ONE:
                raise wrong_content(self._line.name, f"a person has more than {_MOST_OF_ONE:,} faces")
            yield from (face for face in page if face.meta == key)

    def _create(self, face: OutgoingFace, key: str, groups: Sequence[str]) -> _Face:
        if face.crop is None:
            raise Refused("no_crop", "the device keeps no picture of this face, and the centre wants one")
        fields = {"meta": key, "mf_selector": "biggest"} | ({"galleries": ",".join(groups)} if groups else {})
        file = ("photo", f"{face.photo_hash[:32]}.jpg", face.crop)
        made = self._line.send_form("POST", "/v1/face", _Faces, fields, file).results
        if len(made) != 1:
            raise wrong_content(self._line.name, f"it has made {len(made)} faces of one")
        return made[0]

    def _regrouped(self, face: _Face, groups: Sequence[str]) -> _Face:
        if set(face.galleries) - {_DEFAULT} == set(groups):
            return face
        return self._line.put_json(f"/v1/face/id/{face.id}", {"galleries": {"set": [*groups]}}, _Face)

    def _delete(self, number: int) -> None:
        try:
            self._line.delete(f"/v1/face/id/{number}")
        except Refused as refusal:
            if refusal.reason != "not_found":
                raise


def _listed(face: _Face) -> ListedFace:
    return ListedFace(
        number=face.id,
        name=name_of(face.photo_hash, face.id),
        meta=face.meta,
        groups=tuple(sorted(set(face.galleries) - {_DEFAULT})),
        address=f"{face.x1},{face.y1},{face.x2},{face.y2} {face.photo}",
    )


def _groups(faces: Sequence[_Face]) -> tuple[str, ...]:
    return tuple(sorted({name for face in faces for name in face.galleries} - {_DEFAULT}))


def _found(face: OutgoingFace, there: Sequence[_Face]) -> _Face | None:
    """The face that an earlier try has made, by the hash of its photograph: cut from SHA-256, or MD5, as servers do."""
    if face.crop is None:
        return None
    md5 = hashlib.md5(face.crop, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(face.crop).hexdigest()
    return next((made for made in there if made.photo_hash in {md5, sha256, sha256[:32]}), None)


def _key_to_push(person: Outgoing) -> str:
    if not person.key:
        raise Refused("no_key", "this centre knows people by their key only, and this one has none", "Give them a key.")
    if person.id not in {"", f"meta:{person.key}"}:
        raise Refused("not_found", "the centre knows this person by another key")
    return person.key
