"""What a client sent, however it sent it: query, JSON, urlencoded and multipart in one set of parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request

from edged.api.brackets import BadParameter, assembled, root_of
from edged.api.multipart import MAX_PARTS, Part
from edged.api.request_body import fields_of, read_body
from edged.api.strict_json import INTEGERS, strict_json
from edged.domain.errors import Refused

_INTEGER: Final = re.compile(r"([+-]?[0-9]{1,19})(\.0+)?")
_TRUTHS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
_ABSENT: Final[tuple[Any, ...]] = ("", [], None)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Upload:
    """A file that was sent.

    Attributes:
        name: as the client called it; never to be used as a path.
        content: all of it.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Parameters:
    """The parameters of one request; the body's come before the query's.

    Attributes:
        values: JSON values by name. Empty texts, empty lists and null are left out: they mean absent. What came as text
            is text, unless it reads as a JSON list or object. Names with brackets are put together: `a[]` and `a[][]`
            become lists, `a[b]` objects, and so on. What is nested in a form is text, also where it is a number.
        uploads: files by name, brackets left out; of several parts with one name the file counts, of several files the
            last. Such a name is not in `values`.
        body: what the JSON body was where it was no object: None for `null` or no body at all.
        written: texts as they came, by name, of those values that read as a list or an object.
    """

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload]
    body: Any = None
    written: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A value as text, `""` where absent; numbers and truth values as JSON writes them.

        Raises:
            Refused: `bad_parameter`: it is a list or an object.
        """
        if name in self.written:
            return self.written[name]
        return _text(name, self.values.get(name, ""))

    def texts(self, name: str) -> Sequence[str]:
        """A list, or one text with commas, or one text, as a list; what is empty in it is left out.

        Raises:
            Refused: `bad_parameter`: it is an object, or a list of such.
        """
        value = self.values.get(name, [])
        parts = value if isinstance(value, list) else _text(name, value).split(",")
        return [text for text in (_text(name, part).strip() for part in parts) if text]

    def integer(self, name: str) -> int | None:
        """A whole number of 64 bits; None where absent.

        Raises:
            Refused: `bad_parameter`: it is none.
        """
        text = self.text(name).strip()
        if not text:
            return None
        match = _INTEGER.fullmatch(text)
        if match is None or int(match[1]) not in INTEGERS:
            raise BadParameter(name, f"{name} is no whole number", value=text)
        return int(match[1])

    def truth(self, name: str) -> bool:
        """True, `true`, 1, `yes` and `on`, and their contraries, in any case; False where absent.

        Raises:
            Refused: `bad_parameter`: it is none of them.
        """
        text = self.text(name).strip().lower()
        if text and text not in _TRUTHS:
            raise BadParameter(name, f"{name} is neither true nor false", value=text)
        return _TRUTHS.get(text, False)

    def rows(self, name: str, width: int) -> Sequence[Any]:
        """A list of lists or objects, however it was sent: one row, several, or `bbox[][]=1&bbox[][]=2&…`.

        Args:
            width: how many values a row has; a flat list is cut up so.

        Returns:
            rows: a list of `width` texts or numbers each, or an object; nothing more was looked at.

        Raises:
            Refused: `bad_parameter`: it is none of these.
        """
        value = self.values.get(name, [])
        rows = value if isinstance(value, list) else [value]
        if not any(isinstance(one, list | dict) for one in rows):
            rows = [rows[at : at + width] for at in range(0, len(rows), width)]
        for row in rows:
            whole = isinstance(row, dict) or (isinstance(row, list) and len(row) == width)
            if not whole:
                raise BadParameter(name, f"{name} is no list of rows of {width} values", value=json.dumps(value))
        return rows


async def read_parameters(request: Request, max_bytes: int) -> Parameters:
    """Reads the body of a request, once, whatever the method is, and its query.

    The body is what its bytes say: JSON also under a form's Content-Type or none, a form also where its boundary is not
    in the header.

    Args:
        max_bytes: of one file. A body has at most two of them (FindFace compares two photographs) and a mebibyte of
            texts; a body without files has the smaller of `max_bytes` and a mebibyte.

    Raises:
        Refused: `malformed_json`, `malformed_form`, `too_large`, `too_many_parts`, `bad_parameter`; the last as
            `edged.api.brackets.BadParameter`, which has the parameter's name.
        Unavailable: so many bodies are arriving that there is no room for this one.
    """
    body = await read_body(request, max_bytes)
    query = fields_of(request.scope.get("query_string", b""), MAX_PARTS - len(body.fields))
    uploads = _uploads(body.files)
    asked = _values(assembled(query))
    sent = _values(body.document if isinstance(body.document, dict) else assembled(body.fields))
    for name in uploads.keys() & (asked.values.keys() | sent.values.keys()):
        # A browser sends an empty part for a file that nobody chose.
        if uploads[name].name or uploads[name].content:
            asked.drop(name)
            sent.drop(name)
        else:
            del uploads[name]
    for name in sent.values:
        asked.drop(name)
    return Parameters(
        {**asked.values, **sent.values},
        uploads,
        None if isinstance(body.document, dict) else body.document,
        {**asked.written, **sent.written},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    values: dict[str, Any]
    written: dict[str, str]

    def drop(self, name: str) -> None:
        self.values.pop(name, None)
        self.written.pop(name, None)


def _values(found: Mapping[str, Any]) -> _Values:
    read = {name: _read(value) for name, value in found.items()}
    values = {name: value for name, value in read.items() if value not in _ABSENT}
    written = {name: found[name] for name in values if isinstance(found[name], str) and values[name] != found[name]}
    return _Values(values, written)


def _read(value: Any) -> Any:
    """A text that is a JSON list or object as what it is, anything else as it came."""
    if isinstance(value, list):
        return [_read(one) for one in value]
    if isinstance(value, dict):
        return {name: _read(one) for name, one in value.items()}
    if not isinstance(value, str) or value.lstrip()[:1] not in ("[", "{"):
        return value
    try:
        return strict_json(value)
    except Refused:
        return value


def _uploads(files: Iterable[tuple[str, Part]]) -> dict[str, Upload]:
    uploads: dict[str, Upload] = {}
    for name, part in files:
        root = root_of(name)
        if part.content or part.filename or root not in uploads:
            uploads[root] = Upload(part.filename or "", part.content)
    return uploads


def _text(name: str, value: Any) -> str:
    if isinstance(value, list | dict):
        raise BadParameter(name, f"{name} is no text", value=json.dumps(value))
    return value if isinstance(value, str) else json.dumps(value)
