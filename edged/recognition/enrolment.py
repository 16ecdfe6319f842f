"""From a photograph to a template: is it good enough to remember somebody by?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from edged.config.document import QualitySettings
from edged.domain.errors import Refused
from edged.domain.face import Flaw, Quality
from edged.domain.frame import Image
from edged.domain.person import Template
from edged.vision.eyes import eyes_covered
from edged.vision.photo import decode_photo, the_one_face
from edged.vision.quality import find_flaw, measure
from edged.vision.sight import Sight

FLAWS: Final = {
    Flaw.TOO_SMALL: ("the face is too small", "Take the picture from closer, or send it in full size"),
    Flaw.CUT_OFF: ("the face is cut off by the picture's edge", "Use a picture that shows the whole face"),
    Flaw.BLURRED: ("the face is blurred", "Hold still, clean the lens, or use more light"),
    Flaw.TURNED_AWAY: ("the face is turned away", "Use a picture in which the person looks towards the camera"),
    Flaw.TOO_DARK: ("the face is too dark", "Use more light, from the front"),
    Flaw.TOO_BRIGHT: ("the face is too bright", "Avoid direct light on the face"),
    Flaw.LOW_CONTRAST: ("the face has too little contrast", "Avoid fog, glare and a dirty lens"),
    Flaw.EYES_COVERED: (
        "the eyes are covered or lie in the dark",
        "Take off dark glasses, let light fall on the face; allow covered eyes where they are never taken off",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photograph that is fit to enrol somebody.

    Attributes:
        template: what is remembered, not stored yet.
        quality: what was measured.
    """

    template: Template
    quality: Quality


def portray(
    sight: Sight, photo: bytes, settings: QualitySettings, *, largest: bool = False, covered_eyes: bool = False
) -> Portrait:
    """Makes a template of the one face in a photograph. Blocks for one detection and one embedding.

    Args:
        photo: the file's bytes; JPEG, PNG, WebP or BMP.
        largest: where there are several faces, take the largest instead of refusing.
        covered_eyes: take a face whose eyes cannot be seen, too.

    Raises:
        Refused: it is no picture, has no face or several, or the face is not good enough; the reason is a stable word
            (`no_face`, `several_faces`, `not_an_image`, … or a `Flaw`).
    """
    digest = hashlib.sha256(photo).hexdigest()
    return portray_image(sight, decode_photo(photo), digest, settings, largest=largest, covered_eyes=covered_eyes)


def portray_image(
    sight: Sight,
    image: Image,
    digest: str,
    settings: QualitySettings,
    *,
    largest: bool = False,
    covered_eyes: bool = False,
) -> Portrait:
    """`portray` for a picture that is decoded already.

    Args:
        image: BGR.
        digest: sha256 of what the picture was made from, lower-case hex; the same digest is the same photograph.

    Raises:
        Refused: as `portray`.
    """
    face = the_one_face(sight, image, largest=largest)
    crop = sight.crop(image, face)
    quality = measure(face, crop)
    kept = sight.keepsake(image, face)
    flaw = find_flaw(quality, face, image.shape, settings)
    if flaw is None and not covered_eyes and eyes_covered(kept):
        flaw = Flaw.EYES_COVERED
    if flaw is not None:
        raise Refused(flaw.value, *FLAWS[flaw])
    vector = sight.embed([crop])[0]
    return Portrait(Template(vector, quality.score, digest, crop=kept), quality)
