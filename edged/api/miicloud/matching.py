"""Who is it, or is it this one?"""

from __future__ import annotations

from typing import Any, Final

from edged.api.directory import FaceFilter, SeenFace
from edged.api.miicloud.enquiry import KEY, Enquiry
from edged.api.miicloud.people import corners

MOST_FACES: Final = 64
"""Of one photograph, the largest; a crowd must not keep everybody else waiting."""


def match_faces(enquiry: Enquiry) -> dict[str, Any]:
    """Every face of a photograph, the largest first, with whom it shows; or whether it shows the one that is named."""
    image = enquiry.needed_image()
    wanted, people, whom = _sought(enquiry)
    looked = enquiry.look(image, lambda boxes: range(min(MOST_FACES, len(boxes))))
    faces = [_matched(enquiry, seen, wanted, people) for seen in looked.chosen]
    found = ", ".join(face[KEY] or face["person_id"] or "unknown" for face in faces) or "no face"
    enquiry.centre.directory.note("match", f"{whom}: {found}", by=enquiry.grant)
    return {"faces": faces}


def _sought(enquiry: Enquiry) -> tuple[FaceFilter, int, str]:
    """Among whose faces is looked, how many people that are, and in words.

    Raises:
        Failure: 404: nobody has the id that was sent.
    """
    if not enquiry.names_somebody:
        wanted = FaceFilter(gallery=enquiry.gallery)
        among = f"the gallery {enquiry.gallery}" if enquiry.gallery else "everybody"
        return wanted, enquiry.centre.directory.people(wanted), f"among {among}"
    person = enquiry.person()
    return FaceFilter(gallery=enquiry.gallery, person=person.id), 1, f"against {person.key or person.id}"


def _matched(enquiry: Enquiry, seen: SeenFace, wanted: FaceFilter, people: int) -> dict[str, Any]:
    eyes = enquiry.centre.eyes
    best = enquiry.centre.directory.nearest(eyes.model, seen.vector, 1, wanted) if people else ()
    confidence = eyes.confidence(best[0].similarity, people) if best else 0.0
    known = bool(best) and confidence >= enquiry.centre.manners.known
    person = best[0].face.person if known else ""
    return {
        "match_status": "known" if known else "unknown",
        "bounding_box": corners(seen.box),
        "match_confidence": confidence if known else 0,
        "miicloud_person_id": person,
        "person_id": person,
        KEY: best[0].face.key if known else "",
    }
