"""The dialect of our own hub: a list of changes that is followed, and everything else that a device says."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from edged import __version__
from edged.central.line import Line, TooLong, segment
from edged.central.port import (
    EVERY_FIELD,
    Orders,
    OtherLife,
    Outgoing,
    OutgoingFace,
    Page,
    Picture,
    RemoteFace,
    RemotePerson,
    Standing,
    Taken,
)
from edged.central.reach import wrong_content
from edged.central.reconcile import shared_fields
from edged.domain.errors import Refused, Unavailable
from edged.domain.person import ModelRef
from edged.wire.feed import (
    MOST_CROP_BYTES,
    MOST_PENDING,
    Changes,
    DeviceItem,
    DeviceReport,
    FaceItem,
    PersonItem,
    Pushed,
    PushedFace,
    PushedFields,
    PushedPerson,
    Receipt,
    Receipts,
    RefusedPerson,
    read_vector,
    written,
)
from edged.wire.roster import distinct_hashes

_PLACE: Final = re.compile(r"([^.]{1,64})\.(\d{1,18})\.(\d{1,18})", re.ASCII)
_SHA256: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOST_FACES: Final = 64
_MOST_BODY: Final = 2 * 2**20
"""Bytes of vectors and crops in one request: a hub reads 4 MiB."""
_RECEIPTS_AT_ONCE: Final = 100
_UNIT: Final = 1e-3
"""So far from 1 may the length of a vector be."""


class Hub:
    """`edged.central.port.Centre` for `/edged/v1`.

    Args:
        line: to the hub, with the scheme `Bearer`; it is this object's from now on.
        device: the name that the token is bound to.
    """

    lists: bool = True
    tells_deletions: bool = True
    keeps: frozenset[str] = EVERY_FIELD

    def __init__(self, line: Line, device: str) -> None:
        self._line = line
        self._device = device
        self.name = f"hub {line.url}"

    def changes(self, cursor: str, model: ModelRef, limit: int) -> Page:
        """See `Centre.changes`. A page that is too long is asked for again with fewer people."""
        count = max(limit, 1)
        while True:
            query: dict[str, str | int] = {"model": model.digest, "limit": count if limit else 0}
            if cursor:
                query["after"] = cursor
            try:
                told = self._line.get_json("/edged/v1/changes", Changes, query)
                break
            except TooLong:
                if count == 1:
                    raise
                count //= 2
        self._check(cursor, told, limit)
        gone = tuple(dict.fromkeys([*(item.id for item in told.gone), *told.ahead]))
        if not limit:
            return Page(gone, (), cursor, False, told.revision)
        people = tuple(self._person(item, model) for item in told.people)
        return Page(gone, people, told.cursor, told.more, told.revision, not cursor)

    def refresh(self, people: Mapping[str, frozenset[str]]) -> Page:  # noqa: ARG002  the port's
        """Nothing: the changes tell."""
        return Page((), (), "", more=False)

    def picture(self, face: RemoteFace) -> Picture:
        """See `Centre.picture`; what the hub keeps is a face with a margin."""
        try:
            return Picture(self._line.get_bytes(f"/edged/v1/faces/{segment(face.address)}/crop"), is_keepsake=True)
        except Refused as refusal:
            if refusal.reason != "not_found":
                raise
            raise Refused("no_picture", "the centre keeps no picture of this face") from None

    def push(self, person: Outgoing, model: ModelRef) -> Taken:
        """See `Centre.push`. Many faces go in several requests; what a cut leaves out is told the next time."""
        refused = dict.fromkeys((face.photo_hash for face in person.add[_MOST_FACES:]), "too_many_faces")
        central = person.id
        loads = tuple(_loads(person.add[:_MOST_FACES]))
        for number, faces in enumerate(loads):
            document = _pushed(person, central, faces, model, first=number == 0, last=number == len(loads) - 1)
            pushed = self._put(document, is_new=not person.id, first=number == 0)
            refused |= {item.photo_hash: item.reason[:64] for item in pushed.refused}
            central = pushed.person.id
        there = self._person(pushed.person, model)
        names = frozenset(face.photo_hash for face in there.faces)
        return Taken(there.id, shared_fields(there), names, refused)

    def _put(self, document: PushedPerson, *, is_new: bool, first: bool) -> Pushed:
        try:
            return self._line.put_json("/edged/v1/people", document, Pushed)
        except Refused as refusal:
            if refusal.reason != "not_found" or not is_new:
                raise
            what = "the centre has deleted whom it made of this request"
            if first:
                raise Refused("deleted_there", what) from None
            raise Unavailable(what, "It is asked again.") from None

    def remove(self, person: str) -> None:
        """See `Centre.remove`. Who has left the device's groups meanwhile is not its to delete any more."""
        try:
            self._line.delete(f"/edged/v1/people/{segment(person)}")
        except Refused as refusal:
            if refusal.reason not in {"not_found", "out_of_sight"}:
                raise

    def report(self, standing: Standing, model: ModelRef) -> Orders:
        report = DeviceReport(
            edged=__version__[:64],
            model=model.digest,
            cursor=standing.cursor,
            roster=standing.roster,
            persons=standing.persons,
            templates=standing.templates,
            held=standing.held,
            queued=standing.queued,
            pending=standing.pending[:MOST_PENDING],
            refused=tuple(RefusedPerson(id=own, what=why[:256]) for own, why in standing.refused[:MOST_PENDING]),
        )
        item = self._line.put_json(f"{self._own}/report", report, DeviceItem)
        return Orders(item.groups, item.roster)

    def hand_in(self, receipts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        for begin in range(0, len(receipts), _RECEIPTS_AT_ONCE):
            some = receipts[begin : begin + _RECEIPTS_AT_ONCE]
            document = Receipts(receipts=tuple(Receipt(person=own, statement=text) for own, text in some))
            self._line.post_json(f"{self._own}/receipts", document)

    def close(self) -> None:
        self._line.close()

    @property
    def _own(self) -> str:
        return f"/edged/v1/devices/{segment(self._device)}"

    def _check(self, cursor: str, told: Changes, limit: int) -> None:
        """Raises OtherLife where the hub has gone back in time, Unavailable where its list leads nowhere."""
        before, after = _PLACE.fullmatch(cursor), _PLACE.fullmatch(told.cursor)
        if after is None:
            raise wrong_content(self._line.name, "its cursor is none")
        if before and (after[1] != before[1] or int(before[2]) > told.revision):
            raise OtherLife
        if before and told.more and limit and _place(after) <= _place(before):
            raise wrong_content(self._line.name, "its list of changes does not go on")

    def _person(self, item: PersonItem, model: ModelRef) -> RemotePerson:
        hashes = [face.photo_hash for face in item.faces]
        if not all(map(_SHA256.fullmatch, hashes)):
            raise wrong_content(self._line.name, "the photo_hash of a face is none")
        return RemotePerson(
            item.id,
            item.customer_person_id,
            item.first_name,
            item.last_name,
            item.email,
            item.phone,
            item.groups,
            tuple(
                RemoteFace(name, min(max(face.quality, 0.0), 1.0), _vector(face, model), str(face.number))
                for name, face in zip(distinct_hashes(hashes), item.faces, strict=True)
            ),
        )


def _place(cursor: re.Match[str]) -> tuple[int, int]:
    return int(cursor[2]), int(cursor[3])


def _vector(face: FaceItem, model: ModelRef) -> NDArray[np.float32] | None:
    """None also where it is none of this model: one is to be made from the picture then."""
    if face.vector is None:
        return None
    try:
        vector = read_vector(face.vector, model.dimension)
    except Refused:
        return None
    return vector if abs(float(np.linalg.norm(vector)) - 1) <= _UNIT else None


def _loads(faces: Sequence[OutgoingFace]) -> Iterator[tuple[OutgoingFace, ...]]:
    """Faces in pieces that fit into one request; one without any where there are none."""
    load: list[OutgoingFace] = []
    size = 0
    for face in faces:
        size += face.vector.nbytes + len(face.crop or b"")
        if load and size * 4 // 3 > _MOST_BODY:
            yield tuple(load)
            load, size = [], face.vector.nbytes + len(face.crop or b"")
        load.append(face)
    yield tuple(load)


def _pushed(
    person: Outgoing, central: str, faces: Sequence[OutgoingFace], model: ModelRef, *, first: bool, last: bool
) -> PushedPerson:
    """What is sent; the fields in the first piece, and in the last, when all faces are there, those to be deleted.

    Raises:
        Refused: `bad_field`: the centre takes no text that long.
    """
    names = {"first_name": person.first_name, "last_name": person.last_name}
    try:
        return PushedPerson(
            request=person.request,
            id=central,
            customer_person_id=person.key,
            fields=PushedFields(**names, email=person.email, phone=person.phone)
            if first and person.with_fields
            else None,
            groups=person.groups if person.with_fields and first else None,
            faces=tuple(_face(face, model) for face in faces),
            forget=tuple(sorted(person.forget)[:_MOST_FACES]) if last else (),
        )
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise Refused("bad_field", f"{where} does not fit what the centre takes", "Shorten it.") from None


def _face(face: OutgoingFace, model: ModelRef) -> PushedFace:
    crop = face.crop if face.crop is not None and len(face.crop) <= MOST_CROP_BYTES else None
    return PushedFace(
        photo_hash=face.photo_hash,
        quality=min(max(face.quality, 0.0), 1.0),
        box=face.box,
        model=model.digest,
        vector=written(face.vector),
        crop=base64.b64encode(crop).decode() if crop is not None else None,
    )
