"""The OpenAPI 3.1 of miiCloud's addresses, as they are answered here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

_TOKEN: Final = "miicloudToken"  # noqa: S105  a name
SECURITY: Final[Mapping[str, Any]] = {
    _TOKEN: {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`Token KEY`, with a token that `edged hub token create` has made.",
    }
}

_TEXT: Final = {"type": "string"}
_OUR_ID: Final = {"type": "string", "description": "Ours; stays the same as long as the person is enrolled."}
_KEY: Final = {"type": "string", "description": "The customer's own; FindFace's `meta`."}
_BOX: Final = {"$ref": "#/components/schemas/MiicloudBox"}
_IMAGE: Final = {"type": "string", "pattern": r"^enroll/[A-Za-z0-9_-]+_[A-Za-z0-9]{7}\.[a-z0-9]+$"}
_IMAGES: Final = {
    "type": "array",
    "description": "The newest first.",
    "items": {
        "type": "object",
        "properties": {
            "image": {"type": "string", "description": "An address that answers 403: images are not given out."},
            "created": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"},
        },
        "required": ["image", "created"],
        "additionalProperties": False,
    },
}
_WHO: Final[Mapping[str, Any]] = {
    "miicloud_person_id": _OUR_ID,
    "customer_person_id": _KEY,
    "first_name": _TEXT,
    "last_name": _TEXT,
    "email": _TEXT,
    "phone": _TEXT,
}
_SUCCESS: Final = {"const": "success"}


def _closed(properties: Mapping[str, Any], optional: Sequence[str] = ()) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


SCHEMAS: Final[Mapping[str, Any]] = {
    "MiicloudBox": {
        **_closed({key: {"type": "integer"} for key in ("left_x", "left_y", "right_x", "right_y")}),
        "description": "Pixels of the image as it is seen; may reach past its border.",
    },
    "MiicloudEnrolled": _closed({"status": _SUCCESS, **_WHO, "bounding_box": _BOX, "image": _IMAGE}),
    "MiicloudUpdated": {
        **_closed(
            {"status": _SUCCESS, **_WHO, "bounding_box": _BOX, "image": _IMAGE, "images": _IMAGES},
            optional=("bounding_box", "image"),
        ),
        "description": "`bounding_box` and `image` are those of the image that came; without one they are left out.",
    },
    "MiicloudPerson": _closed({**_WHO, "images": _IMAGES}),
    "MiicloudDeleted": _closed({"status": _SUCCESS, "customer_person_id": _KEY, "miicloud_person_id": _OUR_ID}),
    "MiicloudMatches": _closed(
        {
            "faces": {
                "type": "array",
                "description": "The largest first; empty where there is no face.",
                "items": _closed(
                    {
                        "match_status": {"enum": ["known", "unknown"]},
                        "bounding_box": _BOX,
                        "match_confidence": {
                            "type": "number",
                            "minimum": 0,
                            "maximum": 1,
                            "description": "The probability that it is this person; the integer 0 when unknown.",
                        },
                        "miicloud_person_id": {"type": "string", "description": "Empty when unknown."},
                        "person_id": {"type": "string", "description": "The same again."},
                        "customer_person_id": {"type": "string", "description": "Empty when unknown."},
                    }
                ),
            }
        }
    ),
    "MiicloudFailure": _closed({"status": {"const": "fail"}, "detail": {"type": "string"}}),
}

_FORM: Final[Mapping[str, Any]] = {
    "customer_person_id": {"type": "string", "maxLength": 512},
    "image_path": {"type": "string", "contentMediaType": "application/octet-stream", "description": "JPEG, PNG, WEBP."},
    **{key: {"type": "string", "maxLength": 1024} for key in ("first_name", "last_name", "email", "phone")},
}
_FAILURES: Final[Mapping[int, str]] = {
    400: "A parameter is missing or wrong, or the image shows no face",
    401: "No token, or one that is not valid",
    403: "The token may not do this",
    404: "Nobody has this id",
    406: "The Accept header excludes JSON",
    413: "The image is too large",
    415: "The file is not an image",
    429: "Too many requests; see Retry-After",
    500: "A fault of the service",
    503: "All are busy; see Retry-After",
}
_ALWAYS: Final = (400, 401, 403, 406, 413, 429, 500, 503)


def _answer(description: str, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _operation(
    summary: str, answers: str, *, form: Sequence[str] = (), needed: Sequence[str] = (), failures: Sequence[int] = ()
) -> dict[str, Any]:
    """An operation.

    Args:
        answers: the schema of what is answered with 200.
        form: what may be sent; needed: what must be.
        failures: statuses beside those that every operation has.
    """
    statuses = sorted({*_ALWAYS, *failures})
    operation: dict[str, Any] = {
        "summary": summary,
        "security": [{_TOKEN: []}],
        "responses": {"200": _answer("Done", answers)}
        | {str(status): _answer(_FAILURES[status], "MiicloudFailure") for status in statuses},
    }
    if form:
        schema = {"type": "object", "properties": {name: _FORM[name] for name in form}, "required": list(needed)}
        operation["requestBody"] = {"required": bool(needed), "content": {"multipart/form-data": {"schema": schema}}}
    return operation


_FIELDS: Final = ("first_name", "last_name", "email", "phone")
_ALL: Final = ("customer_person_id", "image_path", *_FIELDS)
_ENROLL: Final = _operation(
    "Enrol somebody, or add an image to somebody",
    "MiicloudEnrolled",
    form=_ALL,
    needed=("customer_person_id", "image_path"),
    failures=(415,),
)
_UPDATE: Final = _operation(
    "Change somebody: fields that are absent are erased, images stay", "MiicloudUpdated", form=_ALL, failures=(404, 415)
)
_SHOW: Final = _operation("Who somebody is", "MiicloudPerson", failures=(404,))
_DELETE: Final = _operation("Delete somebody with all images", "MiicloudDeleted", failures=(404,))
_MATCH: Final = _operation(
    "Who is in an image; with customer_person_id, whether this person is",
    "MiicloudMatches",
    form=("customer_person_id", "image_path"),
    needed=("image_path",),
    failures=(404, 415),
)
_IN_PATH: Final = [
    {
        "name": "id",
        "in": "path",
        "required": True,
        "description": "`customer_person_id`; `miicloud_person_id` does, too.",
        "schema": {"type": "string"},
    }
]
_IN_QUERY: Final = [
    {
        "name": "customer_person_id",
        "in": "query",
        "description": "May stand in the body instead.",
        "schema": {"type": "string"},
    }
]


def _named(operation: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {**operation, "parameters": list(parameters)}


_GONE: Final = {
    "summary": "Where the images of answers lead to",
    "security": [],
    "parameters": [{"name": "image", "in": "path", "required": True, "schema": {"type": "string"}}],
    "responses": {"403": _answer("Images are not given out", "MiicloudFailure")},
}
PATHS: Final[Mapping[str, Any]] = {
    "/miicloud/person": {
        "post": _ENROLL,
        "put": _named(_UPDATE, _IN_QUERY),
        "get": _named(_SHOW, _IN_QUERY),
        "delete": _named(_DELETE, _IN_QUERY),
    },
    "/miicloud/person/{id}": {
        "put": _named(_UPDATE, _IN_PATH),
        "get": _named(_SHOW, _IN_PATH),
        "delete": _named(_DELETE, _IN_PATH),
    },
    "/miicloud/enroll": {"post": _ENROLL},
    "/miicloud/get_person": {"get": _named(_SHOW, _IN_QUERY)},
    "/miicloud/get_person/{id}": {"get": _named(_SHOW, _IN_PATH)},
    "/miicloud/delete_person": {"delete": _named(_DELETE, _IN_QUERY)},
    "/miicloud/delete_person/{id}": {"delete": _named(_DELETE, _IN_PATH)},
    "/miicloud/match_faces": {"post": _MATCH},
    "/miicloud/enroll/{image}": {"get": _GONE},
}
