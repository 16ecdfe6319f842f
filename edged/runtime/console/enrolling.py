"""Enrolling somebody at the console: each photograph is judged first, and stored when somebody says so."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import cv2
import numpy as np

from edged.api.console.people_forms import DraftAnswer, Enrol, Facts, Saved, WarningPart
from edged.config.document import QualitySettings
from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Image
from edged.domain.person import Person
from edged.gallery.gallery import Gallery
from edged.gallery.keepsakes import encode_keepsake
from edged.gallery.people_search import PeopleReader
from edged.gallery.person_record import person_of
from edged.gallery.snapshot import Snapshot
from edged.recognition.enrolment import Portrait, portray_image
from edged.recognition.finding import Finding, Looked, find
from edged.runtime.clock import Clock
from edged.runtime.console.drafts import Drafts
from edged.runtime.eye import Eye
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper
from edged.vision.photo import decode_photo
from edged.vision.sight import Sight
from edged.vision.tensor import shrink

VIA: Final = "console"
"""What the people's own log calls this way of asking."""
_MAX_BYTES: Final = 16 * 1024 * 1024
_MAX_PIXELS: Final = 25_000_000
_PATIENCE_S: Final = 8.0
_STALE_S: Final = 2.0
"""A camera that has given no new frame for so long shows what was, not what is."""
_SIDE: Final = 480
_JPEG: Final = (cv2.IMWRITE_JPEG_QUALITY, 88)
_PICTURE: Final = "/api/v1/console/people/drafts/{}.jpg"


class Enrolling:
    """Any thread. Photographs are decoded on the calling thread, one at a time; faces are found and embedded on the
    judge's, between two frames; whatever is written is written by the keeper.

    Args:
        sight: used on the judge's thread only.
        quality: what is asked of a photograph now.
        gallery: gives the people as they are now.
        eyes: the cameras in use.
    """

    def __init__(
        self,
        sight: Sight,
        quality: Callable[[], QualitySettings],
        *,
        judge: Judge,
        keeper: Keeper,
        gallery: Callable[[], Snapshot],
        people: PeopleReader,
        eyes: Callable[[], Mapping[str, Eye]],
        clock: Clock,
    ) -> None:
        self._sight = sight
        self._quality = quality
        self._judge = judge
        self._keeper = keeper
        self._gallery = gallery
        self._people = people
        self._eyes = eyes
        self._clock = clock
        self._drafts = Drafts(lambda: clock.now().mono)
        self._turn = threading.Lock()
        """A photograph of 25 million pixels takes 150 MB while it is decoded: one at a time."""

    def look(self, photo: bytes, file: str, person: str, *, by: str) -> DraftAnswer:
        """See `edged.api.console.people.PeopleDesk`."""
        if not self._turn.acquire(timeout=_PATIENCE_S):
            raise Unavailable("other photographs are being looked at", "Send it again in a moment")
        try:
            try:
                image = decode_photo(photo, max_bytes=_MAX_BYTES, max_pixels=_MAX_PIXELS)
            except Refused as refusal:
                return _answer(file, Finding(file, False, refusal.reason, refusal.what, refusal.remedy))
            return self._judged(image, hashlib.sha256(photo).hexdigest(), file, person, by)
        finally:
            self._turn.release()

    def look_at_camera(self, camera: str, person: str, *, by: str) -> DraftAnswer:
        """See `edged.api.console.people.PeopleDesk`."""
        eye = self._eyes().get(camera)
        if eye is None:
            raise Refused("no_such_camera", f"no camera {camera} is in use", "Choose another one")
        frame = eye.newest
        if frame is None or self._clock.now().mono - frame.at.mono > _STALE_S:
            raise Unavailable(f"the camera {camera} gives no pictures", "See what is wrong with it under Health")
        return self._judged(frame.image, hashlib.sha256(frame.image.tobytes()).hexdigest(), camera, person, by)

    def picture(self, draft: str, *, by: str) -> bytes | None:
        """What was seen in a photograph that somebody showed; None where it is gone, or another's."""
        found = self._drafts.find(draft, by)
        return found.picture if found else None

    def enroll(self, asked: Enrol, *, by: str) -> Saved:
        """See `edged.api.console.people.PeopleDesk`."""
        chosen = self._drafts.portraits(asked.drafts, by)
        looked: list[tuple[str, Looked]] = [(draft.file, portrait) for draft, portrait in chosen]
        person = self._known(asked.person) if asked.person else person_in(asked, asked.customer_person_id)

        def work(gallery: Gallery) -> tuple[Person | None, Sequence[Finding]]:
            """Judged and stored in one go: nobody else is enrolled in between."""
            if not asked.person:
                _see_that_it_is_free(gallery, person.customer_person_id)
            elif gallery.find(person.customer_person_id) is None:
                raise unknown_person()
            findings, templates = find(
                gallery.snapshot(), self._sight.curve, person.customer_person_id, looked, strict=False
            )
            if not asked.certain and any(finding.warnings for finding in findings):
                return None, findings
            stored = gallery.enroll(person, templates, by=f"account:{by}")
            gallery.change(lambda book: book.record(VIA, by, "enroll", stored.customer_person_id))
            return stored, findings

        stored, findings = self._keeper.ask(work).result(_PATIENCE_S)
        answers = tuple(
            _answer(finding.photo, finding, token)
            for token, finding in zip(dict.fromkeys(asked.drafts), findings, strict=True)
        )
        if stored is None:
            return Saved(stored=False, id="", name="", photographs=answers)
        vectors = np.stack([portrait.template.vector for _draft, portrait in chosen])
        self._judge.ask(lambda recognizer: recognizer.forget_strangers(vectors))
        self._drafts.forget(asked.drafts)
        return Saved(stored=True, id=stored.id, name=stored.name or stored.customer_person_id, photographs=answers)

    def _judged(self, image: Image, digest: str, file: str, person: str, by: str) -> DraftAnswer:
        key = self._known(person).customer_person_id if person else ""
        quality = self._quality()
        looked: Looked
        try:
            looked = self._judge.ask(lambda _recognizer: portray_image(self._sight, image, digest, quality)).result(
                _PATIENCE_S
            )
        except Refused as refusal:
            looked = refusal
        (finding,), _templates = find(self._gallery(), self._sight.curve, key, [(file, looked)], strict=False)
        portrait = looked if isinstance(looked, Portrait) else None
        token = self._drafts.keep(by, file, portrait, _picture(image, portrait))
        return _answer(file, finding, token)

    def _known(self, person: str) -> Person:
        found = self._people.one(person)
        if found is None:
            raise unknown_person()
        return Person("", found.person.customer_person_id)


def person_in(facts: Facts, key: str) -> Person:
    """The person that a form describes, without an id of ours.

    Raises:
        Refused: a field is unfit.
    """
    values = facts.model_dump(include=set(Facts.model_fields))
    person = person_of({**values, "customer_person_id": key, "groups": [group for group in facts.groups if group]})
    if None not in (person.valid_from, person.valid_until) and person.valid_until <= person.valid_from:  # type: ignore[operator]
        raise Refused("valid_until", "the validity ends before it begins", "Correct one of the two days")
    return person


def unknown_person() -> Refused:
    return Refused("unknown_person", "they are not enrolled, or not any more", "Look them up in the list")


def _see_that_it_is_free(gallery: Gallery, key: str) -> None:
    there = gallery.find(key)
    if there:
        raise Refused(
            "exists",
            f"the ID {key} belongs to {there.person.name or key} already",
            "Choose another ID, or open that person and add the photographs there",
        )


def _picture(image: Image, portrait: Portrait | None) -> bytes:
    """The face that was judged, else the whole photograph, small."""
    if portrait is not None and portrait.template.crop is not None:
        crop = portrait.template.crop
        return crop if isinstance(crop, bytes) else encode_keepsake(crop)
    height, width = image.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    small = shrink(image, max(1, round(width * scale)), max(1, round(height * scale))) if scale < 1 else image
    return cv2.imencode(".jpg", small, _JPEG)[1].tobytes()


def _answer(file: str, finding: Finding, token: str = "") -> DraftAnswer:
    return DraftAnswer(
        draft=token if finding.taken else "",
        file=file,
        taken=finding.taken,
        quality=round(finding.quality, 3),
        reason=finding.reason,
        what=finding.what,
        remedy=finding.remedy,
        warnings=tuple(WarningPart(reason=one.reason, what=one.what, remedy=one.remedy) for one in finding.warnings),
        picture=_PICTURE.format(token) if token else None,
    )
