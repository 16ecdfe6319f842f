"""What each operation is for, what it takes and what it answers, in words and schemas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from edged.api.findface import faces, galleries, looking
from edged.api.findface.enquiry import Enquiry

_BOXES: Final[Mapping[str, Any]] = {
    "description": "Boxes of faces: a list of lists, a list of objects, one object, or text with any of these as JSON",
}
_THRESHOLD: Final[Mapping[str, Any]] = {
    "description": "A confidence from 0 to 1, as number or text, or one of strict, medium, low, none",
    "type": ["number", "string"],
}
_FLAG: Final[Mapping[str, Any]] = {"type": ["boolean", "string"]}
_GALLERIES: Final[Mapping[str, Any]] = {
    "description": "Names: a list, a text with commas, one text",
}
_ATTRIBUTES: Final[Mapping[str, Any]] = {"age": _FLAG, "gender": _FLAG, "emotions": _FLAG}
_SELECTOR: Final[Mapping[str, Any]] = {"type": "string", "description": "reject, biggest or all", "default": "biggest"}
_FILE: Final[Mapping[str, Any]] = {"type": "string"}
_CORNERS: Final[Mapping[str, Any]] = {name: {"type": ["integer", "string"]} for name in ("x1", "y1", "x2", "y2")}
_NUMBER: Final[Mapping[str, Any]] = {"type": "integer"}


@dataclass(frozen=True, slots=True)
class Described:
    """An operation in words.

    Attributes:
        status: of success; None where there is none.
        schema, flat_schema: names of the answer's, and of that of 2016 where it is another; empty for no body.
        parameters: by name, without those in the address; of_2016: what they are besides, or instead, in that dialect.
        from_v1_on: those that version 0 does not know.
        photos: those that are photographs.
    """

    summary: str
    answer: str
    status: HTTPStatus | None = HTTPStatus.OK
    schema: str = ""
    flat_schema: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    of_2016: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    from_v1_on: frozenset[str] = frozenset(_ATTRIBUTES)
    photos: frozenset[str] = frozenset()


DESCRIBED: Final[Mapping[Callable[[Enquiry], Response], Described]] = {
    looking.detect: Described(
        "Find the faces in a photograph",
        "Where they are, the largest first",
        schema="Detected",
        parameters={"photo": _FILE, **_ATTRIBUTES},
        photos=frozenset({"photo"}),
    ),
    looking.verify: Described(
        "Compare the faces of two photographs",
        "A result for each pair; without `verified` where the threshold is none",
        schema="Verified",
        parameters={
            "photo1": _FILE,
            "photo2": _FILE,
            "bbox1": _BOXES,
            "bbox2": _BOXES,
            "mf_selector": _SELECTOR,
            "threshold": _THRESHOLD,
            **_ATTRIBUTES,
        },
        photos=frozenset({"photo1", "photo2"}),
    ),
    looking.identify: Described(
        "Find the enrolled faces that are most like a face",
        "For each face of the photograph those that resemble it, the most similar first",
        schema="Identified",
        flat_schema="IdentifiedFlat",
        parameters={
            "photo": _FILE,
            "mf_selector": _SELECTOR,
            "bbox": _BOXES,
            **_CORNERS,
            "threshold": _THRESHOLD,
            "n": {"type": ["integer", "string"], "default": 1, "description": "How many faces at most"},
            **_ATTRIBUTES,
        },
        of_2016={"confidence": _THRESHOLD},
        photos=frozenset({"photo"}),
    ),
    faces.create: Described(
        "Enrol the faces of a photograph",
        "The faces that were enrolled",
        schema="Faces",
        flat_schema="Face",
        parameters={
            "photo": _FILE,
            "meta": {"type": "string", "maxLength": 512, "description": "The customer's key of the person"},
            "galleries": _GALLERIES,
            "mf_selector": _SELECTOR,
            "bbox": _BOXES,
            **_CORNERS,
            **_ATTRIBUTES,
        },
        photos=frozenset({"photo"}),
    ),
    faces.list_faces: Described(
        "List faces",
        "A page of faces, the newest first",
        schema="FacePage",
        parameters={"min_id": _NUMBER, "max_id": _NUMBER},
    ),
    faces.show: Described("Show a face", "The face", schema="Face"),
    faces.show_in_list: Described("Show a face in a list of one", "The face", schema="FaceAlone"),
    faces.update: Described(
        "Change the meta or the galleries of a face",
        "The face as it is now",
        schema="Face",
        parameters={
            "meta": {"type": "string", "maxLength": 512},
            "galleries": {"description": "An object with one of add, del, set, each with names of galleries"},
        },
    ),
    faces.delete: Described("Delete a face", "It is deleted", HTTPStatus.NO_CONTENT),
    faces.delete_by_meta: Described(
        "Delete all faces of a meta", "They are deleted, if there were any", HTTPStatus.NO_CONTENT
    ),
    faces.picture: Described("Where `photo` and `thumbnail` of a face lead to: pictures are not given out", "", None),
    galleries.list_metas: Described("List metas", "Each meta that has faces", schema="Metas"),
    galleries.list_galleries: Described("List galleries", "Their names, `default` first", schema="Galleries"),
    galleries.create_by_name: Described(
        "Make a gallery", "It is there", schema="Gallery", parameters={"name": {"type": "string"}}
    ),
    galleries.create_by_address: Described("Make a gallery", "It is there", HTTPStatus.CREATED, "Gallery"),
    galleries.delete: Described(
        "Delete a gallery",
        "It is deleted; its faces are kept unless `purge` is set",
        HTTPStatus.NO_CONTENT,
        parameters={"purge": _FLAG},
    ),
}
