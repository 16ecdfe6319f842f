"""How FindFace says no: `{"code", "reason"}`, and `param` and `value` where a parameter is at fault."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from edged.api.access import Denial, Denied
from edged.api.brackets import BadParameter
from edged.api.outage import keep, words
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.domain.rect import Rect

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_VALUE_SHOWN: Final = 200
"""Characters of a value that are repeated to whoever sent it."""
_BUSY_S: Final = 2
"""After how many seconds to come again when all eyes are busy."""
_IMAGE_REASONS: Final = frozenset({"not_an_image", "damaged", "too_many_pixels", "empty_file"})
_PARAM_OF: Final = {
    "bad_gallery": "galleries",
    "default_gallery": "gallery",
    "too_many_faces": "meta",
    "bad_text": "meta",
    "malformed_form": "body",
    "too_many_parts": "body",
}


class Fault(Refused):
    """What a client is told.

    Attributes:
        code: in capitals; document: the other fields beside `code` and `reason`; headers: of the answer.
    """

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        reason: str,
        document: Mapping[str, Any] = _NOTHING,
        headers: Mapping[str, str] = _NOTHING,
    ) -> None:
        super().__init__(code.lower(), reason)
        self.status = status
        self.code = code
        self.document = {"code": code, "reason": reason, **document}
        self.headers = headers


def bad_param(param: str, value: Any, reason: str) -> Fault:
    """A parameter is missing or cannot be used.

    Args:
        value: as it was sent; None where it was not. It is told as text, since clients in typed languages expect one.
    """
    return Fault(HTTPStatus.BAD_REQUEST, "BAD_PARAM", reason, {"param": param, "value": _shown(value)})


def no_faces(param: str) -> Fault:
    return Fault(HTTPStatus.BAD_REQUEST, "NO_FACES", "No faces found on photo", {"param": param})


def too_many_faces(boxes: Sequence[Rect]) -> Fault:
    faces = [corners(box) for box in boxes]
    return Fault(HTTPStatus.BAD_REQUEST, "TOO_MANY_FACES", f"Too many faces: {len(faces)}", {"faces": faces})


def not_found(what: str) -> Fault:
    return Fault(HTTPStatus.NOT_FOUND, "NOT_FOUND", what)


def forbidden(reason: str) -> Fault:
    """The token is good, but not for this."""
    return Fault(HTTPStatus.FORBIDDEN, "AUTH_FAILED", reason)


def fault(error: EdgedError, sent: Mapping[str, Any] = _NOTHING) -> Fault:
    """What a client is told of an error that edged raised on purpose.

    Args:
        sent: parameters of the request, by name.
    """
    match error:
        case Fault():
            return error
        case Denied():
            return _of_denied(error)
        case Unavailable():
            headers = {"retry-after": str(_BUSY_S)}
            return Fault(HTTPStatus.SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE", words(error), headers=headers)
        case Refused():
            return _of_refused(error, sent)
        case _:
            keep(error)
            return Fault(
                HTTPStatus.INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", "The service failed, by a fault of its own"
            )


@contextmanager
def about(param: str, value: Any = None) -> Iterator[None]:
    """Whatever is refused within is this parameter's fault.

    Raises:
        Fault: in place of what was refused.
    """
    try:
        yield
    except Fault:
        raise
    except Refused as error:
        if error.reason in _IMAGE_REASONS:
            raise _bad_image(error, param) from error
        if error.reason == "too_large":
            raise _too_large(error, param) from error
        raise bad_param(param, value, str(error)) from error


def corners(box: Rect) -> dict[str, int]:
    """A box as the interface writes it."""
    return {"x1": box.left, "y1": box.top, "x2": box.right, "y2": box.bottom}


def _of_denied(error: Denied) -> Fault:
    match error.why:
        case Denial.THROTTLED:
            headers = {"retry-after": str(error.retry_after_s)}
            return Fault(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", str(error), headers=headers)
        case Denial.NO_RIGHT:
            return forbidden(str(error))
        case _:
            return Fault(HTTPStatus.UNAUTHORIZED, "AUTH_FAILED", str(error), headers={"www-authenticate": "Token"})


def _of_refused(error: Refused, sent: Mapping[str, Any]) -> Fault:
    if error.reason == "malformed_json":
        return Fault(HTTPStatus.BAD_REQUEST, "MALFORMED_JSON", str(error))
    if error.reason == "too_large":
        return _too_large(error, "photo")
    if error.reason in _IMAGE_REASONS:
        return _bad_image(error, "photo")
    if isinstance(error, BadParameter):
        return bad_param(error.name, error.value, str(error))
    param = _PARAM_OF.get(error.reason, "body")
    return bad_param(param, sent.get(param), str(error))


def _bad_image(error: Refused, param: str) -> Fault:
    return Fault(HTTPStatus.BAD_REQUEST, "BAD_IMAGE", str(error), {"param": param})


def _too_large(error: Refused, param: str) -> Fault:
    return Fault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BAD_IMAGE", str(error), {"param": param})


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _VALUE_SHOWN else text[:_VALUE_SHOWN] + "…"
