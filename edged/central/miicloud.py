"""The dialect of miiCloud: it can be told of people, and be asked who somebody is, but does not say whom it has."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import Field, RootModel, StringConstraints

from edged.central.line import Line, segment
from edged.central.port import Outgoing, Page, Picture, RemoteFace, RemotePerson, Standing, Taken
from edged.central.reach import one_person, plain, wrong_content
from edged.central.reconcile import shared_fields
from edged.domain.errors import EdgedError, Refused
from edged.domain.person import ModelRef
from edged.wire.payload import Part

_PERSON: Final = "/miicloud/person"
_NAMES: Final = ("first_name", "last_name", "email", "phone")
_STEM: Final = re.compile(r"([0-9a-f]{64})_[^_]*")
"""A file is named after its face, and an image after its file: so it is found again."""
_FAILED: Final = "failed"
_TOLD: Final = frozenset({"bad_token", "no_right", "out_of_sight", "untrusted_centre", "not_found"})
"""What is refused to all faces alike."""
_KEPT: Final = "cannot_be_deleted"
"""No single photograph can: it stays as long as the person."""

_Text = Annotated[str, StringConstraints(max_length=4096)]


class _Image(Part):
    image: _Text


class _Person(Part):
    miicloud_person_id: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern="^[^/]*$")]
    customer_person_id: _Text
    first_name: _Text = ""
    last_name: _Text = ""
    email: _Text = ""
    phone: _Text = ""
    images: Annotated[tuple[_Image, ...], Field(max_length=10_000)] = ()


class _Match(Part):
    match_status: Literal["known", "unknown"]
    match_confidence: Annotated[float, Field(ge=0, le=1)]
    customer_person_id: _Text = ""


class _Matches(Part):
    faces: Annotated[tuple[_Match, ...], Field(max_length=10_000)]


class _Failure(Part):
    """What some servers say with the status of what is good."""

    status: Literal["fail"]
    detail: _Text


class _Answer(RootModel[_Failure | _Person | _Matches]):
    """One of them."""


@dataclass(frozen=True, slots=True)
class Match:
    """Whom the centre takes a face for.

    Attributes:
        key: the customer's, as it was enrolled there.
        confidence: the centre's own, 0–1: another scale than the device's.
    """

    key: str
    confidence: float


class Miicloud:
    """`edged.central.port.Centre` for `/miicloud`.

    Ids are the centre's id and the key, `ID/KEY`: it finds people by their key, and another id tells that the key is
    somebody else's now.

    Args:
        line: to the centre, with the scheme `Token`; it is this object's from now on.
    """

    lists: bool = False
    tells_deletions: bool = False
    keeps: frozenset[str] = frozenset({"name", "email", "phone"})

    def __init__(self, line: Line) -> None:
        self._line = line
        self.name = f"miicloud {line.url}"

    def changes(self, cursor: str, model: ModelRef, limit: int) -> Page:  # noqa: ARG002  the port's
        """Nothing: the centre does not tell."""
        return Page((), (), cursor, more=False)

    def refresh(self, people: Mapping[str, frozenset[str]]) -> Page:
        """See `Centre.refresh`. The faces are those that were known: no single one is ever deleted there, and those
        that others have enrolled are given to nobody.
        """
        gone, found = [], []
        for own, known in people.items():
            try:
                there = self._asked(own.partition("/")[2])
            except Refused as refusal:
                if refusal.reason == "not_found":
                    gone.append(own)
                elif refusal.reason != _FAILED:  # which may mean anything
                    raise
                continue
            if _id(there) != own:
                gone.append(own)
            else:
                found.append(_remote(there, known))
        return Page(tuple(gone), tuple(found), "", more=False)

    def picture(self, face: RemoteFace) -> Picture:  # noqa: ARG002  the port's
        raise Refused("no_picture", "this centre gives no photographs out")

    def push(self, person: Outgoing, model: ModelRef) -> Taken:  # noqa: ARG002  the port's
        """See `Centre.push`. Sends the crops of faces as files, each named after its face, so that a face that is there
        already is not sent again. No single face can be deleted.

        Raises:
            Refused: `no_key`: somebody without one; `no_face_taken`: nothing of them would be there; `out_of_sight`:
                this person, or everybody, is not for the token to change.
        """
        with one_person():
            return self._push(person)

    def remove(self, person: str) -> None:
        """See `Centre.remove`. Somebody else who has the key by now stays.

        Raises:
            Refused: `failed`: the centre says no more than that; they may be there yet.
        """
        key = person.partition("/")[2]
        try:
            if _id(self._asked(key)) != person:
                return
            self._line.delete(f"{_PERSON}/{segment(key)}")
        except Refused as refusal:
            if refusal.reason != "not_found":
                raise

    def match(self, jpeg: bytes) -> Match | None:
        """Whom the centre takes the largest face of a picture for; None: nobody, or there is no face. Raises as all."""
        image = ("image_path", "face.jpg", jpeg)
        faces = self._matches(self._line.send_form("POST", "/miicloud/match_faces", _Answer, {}, image)).faces
        if not faces or faces[0].match_status != "known" or not faces[0].customer_person_id:
            return None
        return Match(faces[0].customer_person_id, faces[0].match_confidence)

    def report(self, standing: Standing, model: ModelRef) -> None:
        """Nothing: such a centre knows no devices."""

    def hand_in(self, receipts: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Nothing: such a centre takes none."""

    def close(self) -> None:
        self._line.close()

    def _push(self, person: Outgoing) -> Taken:
        if not person.key:
            raise Refused("no_key", "this centre knows people by their key only, and this one has none", "Give one.")
        there = self._show(person.key)
        if person.id and (there is None or _id(there) != person.id):
            raise Refused("not_found", "the centre has deleted this person")
        before = None if there is None else _fields(there)
        fields = before if before and not person.with_fields else _wanted(person)
        sent: frozenset[str] = frozenset() if there is None else _sent(there)
        taken, refused = set(person.known), dict.fromkeys(person.forget, _KEPT)
        for face in person.add:
            if face.photo_hash in sent:
                taken.add(face.photo_hash)
                continue
            if face.crop is None:
                refused[face.photo_hash] = "no_crop"
                continue
            file = ("image_path", f"{face.photo_hash}.jpg", face.crop)
            try:
                there = self._send("POST", _PERSON, {"customer_person_id": person.key, **fields}, file)
            except Refused as refusal:
                if refusal.reason in _TOLD:
                    raise
                refused[face.photo_hash] = refusal.reason
                continue
            taken.add(face.photo_hash)
        if there is None:
            raise Refused("no_face_taken", ", ".join(dict.fromkeys(refused.values())) or "there is no face to send")
        if fields != _fields(there):
            there = self._send("PUT", f"{_PERSON}/{segment(person.key)}", fields)
        return Taken(_id(there), shared_fields(_remote(there, frozenset())), frozenset(taken), refused)

    def _show(self, key: str) -> _Person | None:
        """Whoever has a key; None where nobody has it."""
        try:
            return self._asked(key)
        except Refused as refusal:
            if refusal.reason not in {"not_found", _FAILED}:
                raise
            return None

    def _asked(self, key: str) -> _Person:
        """Whoever has a key. Raises Refused `not_found`, or `failed` where the centre says no more than that."""
        there = self._person(self._line.get_json(f"{_PERSON}/{segment(key)}", _Answer))
        if there.customer_person_id != key:
            raise wrong_content(self._line.name, "it shows another person than the one that was asked for")
        return there

    def _send(
        self,
        method: Literal["POST", "PUT"],
        path: str,
        fields: Mapping[str, str],
        file: tuple[str, str, bytes] | None = None,
    ) -> _Person:
        return self._person(self._line.send_form(method, path, _Answer, fields, file))

    def _person(self, answer: _Answer) -> _Person:
        if isinstance(answer.root, _Person):
            return answer.root
        raise self._unfit(answer)

    def _matches(self, answer: _Answer) -> _Matches:
        if isinstance(answer.root, _Matches):
            return answer.root
        raise self._unfit(answer)

    def _unfit(self, answer: _Answer) -> EdgedError:
        if isinstance(answer.root, _Failure):
            return Refused(_FAILED, plain(answer.root.detail))
        return wrong_content(self._line.name, "it answers to something else")


def _id(there: _Person) -> str:
    return f"{there.miicloud_person_id}/{there.customer_person_id}"


def _fields(there: _Person) -> dict[str, str]:
    return {name: getattr(there, name) for name in _NAMES}


def _wanted(person: Outgoing) -> dict[str, str]:
    return {name: getattr(person, name) for name in _NAMES}


def _sent(there: _Person) -> frozenset[str]:
    """Hashes of the faces whose files have arrived."""
    names = (image.image.rpartition("/")[2] for image in there.images)
    return frozenset(match[1] for match in map(_STEM.fullmatch, names) if match)


def _remote(there: _Person, faces: frozenset[str]) -> RemotePerson:
    known = tuple(RemoteFace(name, 0.0, None, "") for name in sorted(faces))
    return RemotePerson(
        _id(there),
        there.customer_person_id,
        there.first_name,
        there.last_name,
        there.email,
        there.phone,
        faces=known,
    )
