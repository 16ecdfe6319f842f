"""The OpenAPI 3.1 of 9Pic's addresses, as they are answered here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_KEY: Final = "ninepicKey"
SECURITY: Final[Mapping[str, Any]] = {
    _KEY: {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A token that `edged hub token create` has made.",
    }
}

_TEXT: Final = {"type": "string"}
_FLAG: Final = {"type": "boolean"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_LINK: Final = {"type": "string", "format": "uri"}
_UUID: Final = {"type": "string", "format": "uuid"}
_UUID_WRITTEN: Final = {"type": "string", "description": "A UUID in any text that RFC 4122 knows."}
_NEVER: Final = {"const": False, "description": "edged has no such search."}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(items)}


def _of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


SCHEMAS: Final[Mapping[str, Any]] = {
    "NinePicError": _object({"responseType": {"const": "error"}, "message": _TEXT, "data": {"type": "null"}}),
    "NinePicPagination": _object(
        {
            "total": _COUNT,
            "currentPage": {**_COUNT, "description": "0 where nothing was found."},
            "totalPages": _COUNT,
            "hasNextPage": _FLAG,
            "hasPreviousPage": _FLAG,
            "page_size": {"type": "integer", "minimum": 1},
        }
    ),
    "NinePicEvent": _object(
        {
            "organisation": _TEXT,
            "event": _TEXT,
            "name": _TEXT,
            "created_at": {"type": "string", "format": "date-time"},
            "total_images": _COUNT,
            "event_enabled": _FLAG,
            "selfie_search": _FLAG,
            "bib_search": _NEVER,
            "name_search": _FLAG,
            "video_search": _NEVER,
            "video_selfie_search": _NEVER,
            "timeline_search": _NEVER,
        }
    ),
    "NinePicImage": _object(
        {
            "img_url": {**_LINK, "description": "A JPEG of at most 1600 pixels a side, for a day."},
            "height": {"type": "integer", "minimum": 1, "description": "Of the original."},
            "width": {"type": "integer", "minimum": 1, "description": "Of the original."},
            "image_id": _UUID,
            "thumbnail_url": {**_LINK, "description": "A JPEG of at most 320 pixels a side, for a day."},
            "original_url": {"type": "null", "description": "See original-photos."},
        }
    ),
    "NinePicEvents": _object({"events": _list(_of("NinePicEvent")), "pagination": _of("NinePicPagination")}),
    "NinePicImages": _object({"images": _list(_of("NinePicImage")), "pagination": _of("NinePicPagination")}),
    "NinePicPing": _object({"event": _TEXT, "event_enabled": _FLAG}),
    "NinePicFound": _object(
        {
            "request_id": _UUID,
            "confidence_percentage": {"type": "number", "minimum": 0, "maximum": 100},
            "images": _list(_of("NinePicImage")),
            "pagination": _of("NinePicPagination"),
        }
    ),
    "NinePicOriginals": _object(
        {
            "presigned_urls": _list(_object({"url": {**_LINK, "description": "For an hour."}, "filename": _TEXT})),
            "failed_urls": {**_list(_TEXT), "description": "The ids on this page that no photograph has."},
            "total_images": _COUNT,
            "successful_count": {**_COUNT, "description": "On this page."},
            "failed_count": {**_COUNT, "description": "On this page."},
            "identifier": {"description": "As it was sent."},
            "message": _TEXT,
            "pagination": _of("NinePicPagination"),
        }
    ),
}

_RETRY: Final = {"Retry-After": {"required": True, "description": "Seconds.", "schema": {"type": "integer"}}}
_ERRORS: Final[Mapping[int, str]] = {
    400: "The file is empty or no picture; an id is no UUID; the form is malformed",
    401: "No key",
    403: "The key is not valid, another organisation's, or may not do this; the event does not offer it",
    404: "There is no such organisation, event or request",
    413: "The file has too many bytes or pixels",
    422: "Fields are wrong: `field.path: text; …`",
    429: "Too many requests",
    500: "A fault of edged's own",
    503: "All are busy, or another request does this very search; or the storage fails",
}
_ALWAYS: Final = (401, 403, 404, 429, 500, 503)


def _answers(data: str, *errors: int) -> dict[str, Any]:
    envelope = _object({"responseType": {"const": "success"}, "message": _TEXT, "data": _of(data)})
    answers: dict[str, Any] = {
        "200": {"description": "Done", "content": {"application/json": {"schema": envelope}}},
    }
    return answers | _failures(*errors)


def _failures(*errors: int) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status in sorted({*_ALWAYS, *errors}):
        answers[str(status)] = {
            "description": _ERRORS[status],
            "content": {"application/json": {"schema": _of("NinePicError")}},
        }
    answers["429"]["headers"] = answers["503"]["headers"] = _RETRY
    return answers


def _segment(name: str, schema: Mapping[str, Any] = _TEXT) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": dict(schema)}


def _pages(size: int, most: int) -> list[dict[str, Any]]:
    return [
        {
            "name": "page",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": 10**9 - 1, "default": 1},
        },
        {
            "name": "page_size",
            "in": "query",
            "description": f"More than {most} are taken for {most}.",
            "schema": {"type": "integer", "minimum": 1, "maximum": 10**9 - 1, "default": size},
        },
    ]


def _operation(name: str, summary: str, answers: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "operationId": f"ninepic_{name}",
        "summary": summary,
        "tags": ["9Pic"],
        "security": [{_KEY: []}],
        "responses": dict(answers),
        **more,
    }


_ORGANISATION: Final = "/api/v1/ext/{organisation}"
_EVENT: Final = f"{_ORGANISATION}/event/{{event}}"
_ITS_ORGANISATION: Final = [_segment("organisation")]
_ITS_EVENT: Final = [*_ITS_ORGANISATION, _segment("event")]
_SELFIE: Final = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
                    "request_id": _UUID_WRITTEN,
                },
                "required": ["file"],
            }
        }
    },
}
_WISH: Final = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "properties": {
                    "method": {"enum": ["selfie", "image_id", "image_ids"]},
                    "identifier": {
                        "anyOf": [_TEXT, {**_list(_TEXT), "maxItems": 1000}],
                        "description": "The request_id of a search, the id of an image, or a list of such.",
                    },
                },
                "required": ["method", "identifier"],
            }
        }
    },
}

PATHS: Final[Mapping[str, Any]] = {
    f"{_ORGANISATION}/events": {
        "parameters": _ITS_ORGANISATION,
        "get": _operation(
            "events", "The events, the newest first", _answers("NinePicEvents", 422), parameters=_pages(10, 100)
        ),
    },
    f"{_EVENT}/ping": {
        "parameters": _ITS_EVENT,
        "get": _operation("ping", "Whether the key is good for an event", _answers("NinePicPing")),
    },
    f"{_EVENT}/details": {
        "parameters": _ITS_EVENT,
        "get": _operation("details", "What an event offers", _answers("NinePicEvent")),
    },
    f"{_EVENT}/images": {
        "parameters": _ITS_EVENT,
        "get": _operation(
            "images",
            "All photographs by capture time, untimed last",
            _answers("NinePicImages", 422),
            parameters=_pages(32, 100),
        ),
    },
    f"{_EVENT}/faces": {
        "parameters": _ITS_EVENT,
        "post": _operation(
            "search",
            "The photographs that the largest face of a selfie is in",
            _answers("NinePicFound", 400, 413, 422),
            parameters=_pages(32, 100),
            requestBody=_SELFIE,
        ),
    },
    f"{_EVENT}/faces/{{request_id}}": {
        "parameters": [*_ITS_EVENT, _segment("request_id", _UUID_WRITTEN)],
        "get": _operation(
            "found", "What a former search found", _answers("NinePicFound", 400, 422), parameters=_pages(32, 100)
        ),
    },
    f"{_EVENT}/original-photos": {
        "parameters": _ITS_EVENT,
        "post": _operation(
            "originals",
            "Links to originals, good for an hour",
            _answers("NinePicOriginals", 400, 413, 422),
            parameters=_pages(30, 60),
            requestBody=_WISH,
        ),
    },
    **{
        f"{_EVENT}/{search}": {
            "parameters": _ITS_EVENT,
            "get": _operation(f"no_{search}", "edged has no such search: 403", _failures()),
            "post": _operation(f"no_{search}_posted", "edged has no such search: 403", _failures()),
        }
        for search in ("bibs", "timeline", "video")
    },
}
"""Addresses, for the `paths` of a document that also has `SCHEMAS` and `SECURITY` among its components."""
