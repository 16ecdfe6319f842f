"""`request/identify`: who stands before a camera, or is in a photograph."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable
from typing import Final

from edged.config.layers import Loaded
from edged.domain.errors import Refused
from edged.domain.event import Outcome
from edged.gallery.snapshot import Snapshot
from edged.recognition.enrolment import FLAWS
from edged.recognition.glance import Glance
from edged.recognition.identification import Identified as Answered
from edged.recognition.identification import identify, why
from edged.recognition.recognizer import Rules
from edged.runtime.deed import Call
from edged.runtime.deeds.eyes import Eyes
from edged.runtime.deeds.lent_sight import LentSight
from edged.vision.photo import decode_photo
from edged.wire.commands.looking import MAX_JPEG_BYTES, Identified, IdentifiedFace, IdentifyAsked
from edged.wire.event import BoxPart, PersonPart
from edged.wire.payload import DECIMALS

_MOST_PIXELS: Final = 12_000_000
_MOST_FACES: Final = 32


class IdentifyDeed:
    """Nothing of what is seen is stored.

    Args:
        eyes: the cameras; sight: looks.
        gallery: gives whom to compare with; loaded: the configuration in force.
    """

    def __init__(
        self, eyes: Eyes, sight: LentSight, *, gallery: Callable[[], Snapshot], loaded: Callable[[], Loaded]
    ) -> None:
        self._eyes = eyes
        self._sight = sight
        self._gallery = gallery
        self._loaded = loaded

    def __call__(self, asked: IdentifyAsked, call: Call) -> Identified:
        if asked.photo is not None:
            return self._in_photo(asked.photo)
        return self._before(asked, call)

    def _in_photo(self, encoded: str) -> Identified:
        image = decode_photo(_decoded(encoded), max_bytes=MAX_JPEG_BYTES, max_pixels=_MOST_PIXELS)
        rules = self._rules("")
        found = identify(self._sight, image, rules, self._gallery())
        one = rules.decision.model_copy(update={"frames": 1})
        faces = tuple(_face(face, why(face.verdict, one)) for face in found[:_MOST_FACES])
        if not faces:
            return _nobody("", "no face was found in the photograph")
        return Identified(outcome=faces[0].outcome, why=faces[0].why, camera="", faces=faces)

    def _before(self, asked: IdentifyAsked, call: Call) -> Identified:
        eye = self._eyes.named(asked.camera)
        rules = self._rules(eye.name)
        glance = Glance(self._sight, rules)
        for frame in self._eyes.frames(eye, asked.seconds, call):
            glance.look(frame.image)
            if glance.complete:
                break
        found = glance.answer(self._gallery())
        if found is None:
            trouble = FLAWS[glance.flaw][0] if glance.flaw else "no face was seen"
            return _nobody(eye.name, f"{trouble}, for {asked.seconds:g} s")
        face = _face(found, why(found.verdict, rules.decision))
        return Identified(outcome=face.outcome, why=face.why, camera=eye.name, faces=(face,))

    def _rules(self, camera: str) -> Rules:
        loaded = self._loaded()
        return Rules.of(loaded.document, loaded.digest, camera)


def _decoded(encoded: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise Refused("not_base64", "the photo is not base64", "Encode the file's bytes: base64 -w0 FILE") from error


def _nobody(camera: str, words: str) -> Identified:
    return Identified(outcome=Outcome.NO_FACE, why=words, camera=camera, faces=())


def _face(found: Answered, words: str) -> IdentifiedFace:
    verdict, box = found.verdict, found.face.box
    named = verdict.named
    if found.flaw is not None:
        words = f"{words}; {FLAWS[found.flaw][0]}"
    return IdentifiedFace(
        outcome=verdict.outcome,
        person=PersonPart(id=named.id, customer_person_id=named.customer_person_id, name=named.name) if named else None,
        similarity=round(verdict.similarity, DECIMALS),
        confidence=round(found.confidence, DECIMALS),
        margin=round(verdict.margin, DECIMALS),
        threshold=round(verdict.threshold, DECIMALS),
        frames=verdict.frames,
        quality=round(found.quality.score, 3),
        box=BoxPart(x1=round(box.x1, 1), y1=round(box.y1, 1), x2=round(box.x2, 1), y2=round(box.y2, 1)),
        why=words,
    )
