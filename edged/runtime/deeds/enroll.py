"""`request/enroll`: whoever stands before a camera is enrolled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from edged.config.layers import Loaded
from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.domain.person import Person, Template
from edged.gallery.admission import clean_person
from edged.gallery.gallery import Gallery
from edged.recognition.finding import Finding, find
from edged.recognition.sitting import Sitting
from edged.runtime.deed import Call
from edged.runtime.deeds.eyes import Eyes
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper
from edged.vision.sight import Sight
from edged.wire.commands.looking import Doubt, EnrollAsked, Enrolled, EnrolledPicture

_PATIENCE_S: Final = 5.0
_WRITING_S: Final = 8.0
VIA: Final = "mqtt"
"""What the audit calls this way of asking."""


class EnrollDeed:
    """Args:
    sight: used on the judge's thread only.
    """

    def __init__(self, eyes: Eyes, sight: Sight, judge: Judge, keeper: Keeper, loaded: Callable[[], Loaded]) -> None:
        self._eyes = eyes
        self._sight = sight
        self._judge = judge
        self._keeper = keeper
        self._loaded = loaded

    def __call__(self, asked: EnrollAsked, call: Call) -> Enrolled:
        person = clean_person(
            Person(id="", customer_person_id=asked.customer_person_id, name=asked.name, groups=asked.groups)
        )
        sitting = self._sat(asked, call)
        looked = [(f"{number}", portrait) for number, portrait in enumerate(sitting.portraits, 1)]
        call.go_on()

        def work(gallery: Gallery) -> tuple[Person | None, int, tuple[Finding, ...], tuple[Template, ...]]:
            """Judged and stored in one go: nobody else is enrolled in between."""
            findings, templates = find(
                gallery.snapshot(), self._sight.curve, person.customer_person_id, looked, strict=asked.strict
            )
            if not templates:
                return None, 0, findings, ()
            stored = gallery.enroll(person, templates, by=f"{VIA}:{call.by}")
            gallery.change(lambda book: book.record(VIA, call.by, "enroll", stored.customer_person_id))
            summary = gallery.find(stored.customer_person_id)
            return stored, summary.templates if summary else 0, findings, templates

        stored, photos, findings, templates = self._keeper.ask(work).result(_WRITING_S)
        if stored is None:
            first = next(finding for finding in findings if not finding.taken)
            raise Refused(first.reason, first.what, first.remedy)
        vectors = np.stack([template.vector for template in templates])
        self._judge.ask(lambda recognizer: recognizer.forget_strangers(vectors))
        return Enrolled(
            customer_person_id=stored.customer_person_id,
            id=stored.id,
            photos=photos,
            pictures=tuple(map(_picture, findings)),
        )

    def _sat(self, asked: EnrollAsked, call: Call) -> Sitting:
        eye = self._eyes.named(asked.camera)
        quality = self._loaded().document.quality
        sitting = Sitting(self._sight, quality, asked.shots, largest=asked.largest, covered_eyes=asked.covered_eyes)

        def look(image: Image) -> None:
            self._judge.ask(lambda _recognizer: sitting.look(image)).result(_PATIENCE_S)

        for frame in self._eyes.frames(eye, asked.seconds, call):
            look(frame.image)
            if sitting.complete:
                break
        if not sitting.portraits:
            raise Refused(
                "no_good_frame",
                f"no picture of the camera {eye.name} was good enough: {sitting.trouble or 'it shows nobody'}",
                "Come closer, look into the camera, use light from the front, and try again",
            )
        return sitting


def _picture(finding: Finding) -> EnrolledPicture:
    return EnrolledPicture(
        taken=finding.taken,
        quality=round(finding.quality, 3),
        reason=finding.reason,
        what=finding.what,
        remedy=finding.remedy,
        warnings=tuple(Doubt(reason=item.reason, what=item.what, remedy=item.remedy) for item in finding.warnings),
    )
