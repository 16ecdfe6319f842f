"""The JSON of FindFace's answers, as JSON Schema 2020-12."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from edged.api.directory import MAX_FACE

_INTEGER: Final = {"type": "integer"}
_TEXT: Final = {"type": "string"}
_BOX: Final[Mapping[str, Any]] = {"x1": _INTEGER, "y1": _INTEGER, "x2": _INTEGER, "y2": _INTEGER}
_CONFIDENCE: Final = {"type": "number", "minimum": 0, "maximum": 1}


def schema(name: str) -> dict[str, Any]:
    """A reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/FindFace{name}"}


def _object(properties: Mapping[str, Any], *optional: str, **more: Any) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": {**properties},
        "required": required,
        "additionalProperties": False,
        **more,
    }


def _list(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": schema(name), **more}


SCHEMAS: Final[Mapping[str, Any]] = {
    f"FindFace{name}": document
    for name, document in {
        "Box": _object(_BOX, description="Whole pixels of the photograph as it is seen; may reach past its border."),
        "Face": _object(
            {
                "id": {"type": "integer", "minimum": 1, "maximum": MAX_FACE},
                "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$"},
                "photo_hash": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
                **_BOX,
                "meta": _TEXT,
                "photo": _TEXT,
                "thumbnail": _TEXT,
                "galleries": {"type": "array", "items": _TEXT, "contains": {"const": "default"}},
            }
        ),
        "FaceAlone": {**_list("Face", minItems=1, maxItems=1)},
        "Faces": _object({"results": _list("Face", minItems=1)}),
        "FacePage": _object(
            {
                "next_page": {"type": ["string", "null"]},
                "prev_page": {"type": ["string", "null"]},
                "results": _list("Face"),
            }
        ),
        "Detected": _object({"faces": _list("Box"), "orientation": {"const": 1}}),
        "Pair": _object(
            {
                "bbox1": schema("Box"),
                "bbox2": schema("Box"),
                "confidence": _CONFIDENCE,
                "verified": {"type": "boolean"},
            },
            "verified",
        ),
        "Verified": _object(
            {"results": _list("Pair", minItems=1), "verified": {"type": "boolean"}},
            "verified",
        ),
        "Resembling": _object({"confidence": _CONFIDENCE, "face": schema("Face")}),
        "Identified": _object(
            {
                "results": {
                    "type": "object",
                    "description": "By the box of the face in the photograph: `[x1, y1, x2, y2]`.",
                    "propertyNames": {"pattern": r"^\[-?\d+, -?\d+, -?\d+, -?\d+\]$"},
                    "additionalProperties": _list("Resembling"),
                    "minProperties": 1,
                }
            }
        ),
        "IdentifiedFlat": _object({"results": _list("Resembling")}),
        "Meta": _object({"count": {"type": "integer", "minimum": 1}, "face": schema("Face"), "meta": _TEXT}),
        "Metas": _object({"results": _list("Meta")}),
        "Galleries": _object({"results": {"type": "array", "items": _TEXT, "contains": {"const": "default"}}}),
        "Gallery": _object({"name": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,48}$"}}),
        "Error": _object(
            {
                "code": {"type": "string", "pattern": "^[A-Z_]+$"},
                "reason": _TEXT,
                "param": {"type": "string", "description": "Which parameter is at fault"},
                "value": {"type": "string", "description": "What was sent for it, as text"},
                "faces": _list("Box", description="Those that are too many"),
            },
            "param",
            "value",
            "faces",
        ),
    }.items()
}
"""`components.schemas` of the document."""
