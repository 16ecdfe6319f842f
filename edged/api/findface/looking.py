"""What is asked of photographs: where faces are, whether two are one person's, whose one is."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

import numpy as np
from starlette.responses import Response

from edged.api.directory import Choose, FaceFilter, Looked, SeenFace
from edged.api.findface.answers import answer
from edged.api.findface.enquiry import Enquiry
from edged.api.findface.faults import Fault, about, bad_param, corners
from edged.api.findface.selection import read_selection
from edged.api.findface.thresholds import read_threshold
from edged.api.outage import keep
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.domain.rect import Rect

_MOST_FACES: Final = 64
"""Of one photograph, the largest; a crowd must not keep everybody else waiting."""
_MOST_ASKED: Final = 1000
"""Faces of one answer to identify, for all faces of the photograph together; who asks for more gets so many."""


def detect(enquiry: Enquiry) -> Response:
    """Where the faces are, the largest first; none is an answer too."""
    looked = look(enquiry, "photo", lambda _found: ())
    return answer({"faces": [corners(box) for box in looked.boxes], "orientation": 1})


def verify(enquiry: Enquiry) -> Response:
    """Whether faces of two photographs are one person's: one result a pair, and whether any is."""
    threshold = _threshold(enquiry, "threshold")
    selections = [
        read_selection(enquiry.parameters, photo=photo, param=param, most=_MOST_FACES)
        for photo, param in (("photo1", "bbox1"), ("photo2", "bbox2"))
    ]
    ones, others = (each.faces(look(enquiry, each.photo, each.choose)) for each in selections)
    results = [_compared(enquiry, one, other, threshold) for one in ones for other in others]
    enquiry.centre.directory.note("verify", f"{len(results)} pairs", by=enquiry.grant)
    document: dict[str, Any] = {"results": results}
    if threshold is not None:
        document["verified"] = any(result["verified"] for result in results)
    return answer(document)


def identify(enquiry: Enquiry) -> Response:
    """The enrolled faces most like each face of a photograph, from a confidence on."""
    flat = enquiry.version.flat
    named = "confidence" if flat and "confidence" in enquiry.parameters.values else "threshold"
    threshold = _threshold(enquiry, named) or 0.0
    count = _count(enquiry)
    wanted = enquiry.view.wanted(enquiry.gallery)
    selection = read_selection(enquiry.parameters, flat=flat, most=_MOST_FACES)
    faces = selection.faces(look(enquiry, "photo", selection.choose))
    count = min(count, max(1, _MOST_ASKED // len(faces)))
    people = enquiry.centre.directory.people(wanted)
    results = {
        str([box.left, box.top, box.right, box.bottom]): _resembling(enquiry, seen, wanted, people, threshold, count)
        for box, seen in faces
    }
    numbers = sorted({one["face"]["id"] for some in results.values() for one in some})
    where = f"gallery {wanted.gallery}" if wanted.gallery else "all galleries"
    found = ", ".join(str(number) for number in numbers) or "nobody"
    enquiry.centre.directory.note("identify", f"{where}: {found}", by=enquiry.grant)
    if flat:
        return answer({"results": next(iter(results.values()))})
    return answer({"results": results})


def look(enquiry: Enquiry, photo: str, choose: Choose) -> Looked:
    """What is in one of the photographs.

    Raises:
        Fault: what is wrong with it, or `EXTRACTION_ERROR`; Unavailable: all eyes are busy.
    """
    try:
        with about(photo):
            return enquiry.centre.eyes.look(enquiry.photos[photo], choose)
    except (Refused, Unavailable):
        raise
    except EdgedError as error:
        keep(error)
        reason = "The face could not be extracted, by a fault of the service"
        raise Fault(HTTPStatus.INTERNAL_SERVER_ERROR, "EXTRACTION_ERROR", reason) from error


def _compared(
    enquiry: Enquiry, one: tuple[Rect, SeenFace], other: tuple[Rect, SeenFace], threshold: float | None
) -> dict[str, Any]:
    similarity = float(np.dot(one[1].vector, other[1].vector))
    confidence = enquiry.centre.eyes.confidence(similarity, 1)
    result: dict[str, Any] = {"bbox1": corners(one[0]), "bbox2": corners(other[0]), "confidence": confidence}
    if threshold is not None:
        result["verified"] = confidence >= threshold
    return result


def _resembling(
    enquiry: Enquiry, seen: SeenFace, wanted: FaceFilter, people: int, threshold: float, count: int
) -> Sequence[dict[str, Any]]:
    if not people:
        return []
    eyes = enquiry.centre.eyes
    matches = enquiry.centre.directory.nearest(eyes.model, seen.vector, count, wanted)
    sure = [(eyes.confidence(match.similarity, people), match.face) for match in matches]
    return [
        {"confidence": confidence, "face": enquiry.rendered(face)}
        for confidence, face in sure
        if confidence >= threshold
    ]


def _threshold(enquiry: Enquiry, param: str) -> float | None:
    default = enquiry.version.threshold(enquiry.centre.manners)
    return read_threshold(param, enquiry.parameters.values.get(param), default)


def _count(enquiry: Enquiry) -> int:
    count = enquiry.integer("n")
    if count is None:
        return 1
    if count < 1:
        raise bad_param("n", count, "n is how many faces are wanted: 1 or more")
    return min(count, _MOST_ASKED)
