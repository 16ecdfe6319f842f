"""What becomes of a push: who is meant, whether the token may touch them, and which faces are taken over."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.api.access import Denial, Denied, Grant
from edged.api.centre import Centre
from edged.api.directory import FaceFilter, Fields, NewFace, SeenFace
from edged.api.fleet import Aim, Enrolled, Fed, Fleet, Push
from edged.api.native.confinement import is_within, wanted_galleries
from edged.api.native.person_item import person_item
from edged.domain.errors import Busy, Refused
from edged.domain.person import ModelRef
from edged.domain.rect import Rect
from edged.photos.photo_kind import photo_kind
from edged.wire.feed import Pushed, PushedFace, PushedPerson, RefusedFace, read_vector
from edged.wire.roster import distinct_hashes

_LEAST_LIKE: Final = 0.2
"""Confidence that a face is the person's; at a cosine of 0.3 for our model, which one stranger in a hundred reaches and
nearly every photograph of the person. What is refused stays on its device, and an administrator can enrol it here."""
_LEAST_SHOWN: Final = 0.5
"""Cosine between a vector and the face in its crop: 0.81 for 99 of 100 faces (LFW), two people at about 0."""
_LENGTHS: Final = (0.9, 1.1)
"""Of a unit vector that somebody has rounded."""
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Pushes:
    """Takes pushes over. Any thread; blocks, for as long as photographs are looked at.

    Attributes:
        centre: of which `fleet` is.
    """

    centre: Centre
    fleet: Fleet

    def take(self, grant: Grant, sent: PushedPerson, admit: Callable[[], None]) -> Pushed:
        """Enrols or changes somebody.

        Args:
            grant: who asks.
            sent: what.
            admit: called once before photographs are looked at; may raise Denied.

        Raises:
            Refused: see `edged.api.fleet.Fleet.push`; `out_of_sight`: the key is of somebody whom the grant may not
                touch; or that of the first face, where nothing else is left of
                somebody new.
            Denied: the grant may know nobody.
            Unavailable: the store, or the eyes.
        """
        wanted = wanted_galleries(self.fleet, grant)
        if wanted == ():
            raise Denied(Denial.NO_RIGHT, "this token may know nobody")
        aim = Aim(sent.id, sent.request, sent.customer_person_id)
        looked: dict[str, NewFace | RefusedFace] = {}
        for _try in range(_TRIES):
            known = self._known(aim, wanted)
            there = set(distinct_hashes([face.photo_hash for face in known.faces])) if known else set()
            new = [face for face in sent.faces if face.photo_hash not in there]
            self._look(new, looked, admit, is_new=known is None or not known.faces)
            read = [self._compared(known, looked[face.photo_hash]) for face in new]
            refused = [face for face in read if isinstance(face, RefusedFace)]
            faces = tuple(face for face in read if isinstance(face, NewFace))
            if known is None and not faces:
                self._check_faceless(refused, wanted)
            done = self.fleet.push(
                Push(
                    aim=aim,
                    person=known.id if known else "",
                    fields=Fields(**sent.fields.model_dump()) if sent.fields else None,
                    galleries=sent.groups,
                    within=wanted,
                    faces=faces,
                    forget=sent.forget,
                    model=self.centre.eyes.model,
                ),
                by=grant,
            )
            if done is not None:
                self._note(grant, done, sent.request, refused)
                return Pushed(person=person_item(done.person), refused=(*refused, *map(_crowded, done.crowded)))
        raise Busy("others change the same person again and again", "Come again in a moment")

    def _known(self, aim: Aim, wanted: Sequence[str] | None) -> Fed | None:
        """Who is meant; None: somebody new."""
        person = self.fleet.meant(aim)
        known = self.fleet.standing(person) if person else None
        if person and (known is None or known.gone):
            raise Refused("not_found", "this person was deleted, or was never known here")
        if known is not None and not is_within(known.galleries, wanted):
            if aim.id:
                raise Refused("not_found", "this person was deleted, or was never known here")
            raise out_of_sight()
        return known

    def _look(
        self,
        faces: Sequence[PushedFace],
        looked: dict[str, NewFace | RefusedFace],
        admit: Callable[[], None],
        *,
        is_new: bool,
    ) -> None:
        """Reads those faces that were not read yet.

        A vector is believed for somebody new only. Where somebody has faces already, their crops are looked at:
        vectors can be made that are like two people, and a stolen token must not give a thief's face another's name.
        """
        own = self.centre.eyes.model.digest
        unread = [face for face in faces if face.photo_hash not in looked]
        if unread and (not is_new or any(face.model != own for face in unread)):
            admit()
        for face in unread:
            try:
                looked[face.photo_hash] = read = self._read(face)
                if not is_new and face.model == own:
                    self._check_shown(read)
            except Refused as error:
                looked[face.photo_hash] = RefusedFace(photo_hash=face.photo_hash, reason=error.reason, what=error.what)

    def _read(self, face: PushedFace) -> NewFace:
        model = self.centre.eyes.model
        crop = _crop(face.crop)
        vector = _vector(face.vector, model) if face.model == model.digest else self._seen(crop)
        return NewFace(SeenFace(Rect(*face.box), vector, face.quality, crop), model, face.photo_hash)

    def _seen(self, crop: bytes, why: str = "its vector is of another model") -> NDArray[np.float32]:
        """A vector of the face in a crop."""
        if not crop:
            raise Refused("bad_vector", f"{why}, and no crop came with it")
        try:
            chosen = self.centre.eyes.look(crop, lambda boxes: range(min(len(boxes), 1))).chosen
        except Refused as error:
            raise Refused("bad_vector", f"{why}, and its crop cannot be used: {error}") from None
        if not chosen:
            raise Refused("bad_vector", f"{why}, and no face is in its crop")
        return chosen[0].vector

    def _check_shown(self, face: NewFace) -> None:
        """Raises Refused where the crop of a face does not show what its vector says."""
        shown = self._seen(face.seen.crop, "it is for somebody who has faces already")
        if float(shown @ face.seen.vector) < _LEAST_SHOWN:
            raise Refused("bad_vector", "its crop shows another face than its vector says")

    def _compared(self, known: Fed | None, face: NewFace | RefusedFace) -> NewFace | RefusedFace:
        """Refused where the face is nobody's whom it is pushed for: whoever stands at a stolen device must not become
        somebody else.
        """
        if known is None or not known.faces or isinstance(face, RefusedFace):
            return face
        nearest = self.centre.directory.nearest(face.model, face.seen.vector, 1, FaceFilter(person=known.id))
        if nearest and self.centre.eyes.confidence(nearest[0].similarity, 1) >= _LEAST_LIKE:
            return face
        what = (
            "it is utterly unlike this person's faces" if nearest else "it can be compared with none of this person's"
        )
        return RefusedFace(photo_hash=face.photo_hash, reason="unlike", what=what)

    def _check_faceless(self, refused: Sequence[RefusedFace], wanted: Sequence[str] | None) -> None:
        """Of somebody new: with faces that are all refused there is nobody, and without any nobody in a gallery."""
        if refused:
            raise Refused(refused[0].reason, refused[0].what)
        if wanted is not None:
            raise Refused("no_face", "who has no face is in no group, and this token is for some groups only")

    def _note(self, grant: Grant, done: Enrolled, request: str, refused: Sequence[RefusedFace]) -> None:
        unlike = sum(face.reason == "unlike" for face in refused)
        if unlike:
            about = f"{done.person.key or done.person.id}, {unlike} unlike, request {request}"
            self.centre.directory.note("refuse_faces", about, by=grant)


def out_of_sight() -> Refused:
    """Of one person, while the token is good for others: not the word for a token that is good for nothing."""
    return Refused("out_of_sight", "this token is for some groups only, and may not touch such a person")


def _vector(text: str, model: ModelRef) -> NDArray[np.float32]:
    vector = read_vector(text, model.dimension)
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.linalg.norm(vector))
    if not _LENGTHS[0] <= length <= _LENGTHS[1]:  # also where it is no number
        raise Refused("bad_vector", "a vector is not of unit length")
    return (vector / length).astype(np.float32)


def _crop(text: str | None) -> bytes:
    """A crop's bytes; none where none came."""
    if text is None:
        return b""
    try:
        crop = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("not_an_image", "a crop is not base64") from None
    if photo_kind(crop) != "jpeg":
        raise Refused("not_an_image", "a crop is no JPEG")
    return crop


def _crowded(photo_hash: str) -> RefusedFace:
    return RefusedFace(
        photo_hash=photo_hash, reason="too_many_faces", what="this person has as many faces as anybody may"
    )
