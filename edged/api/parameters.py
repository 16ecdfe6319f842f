"""What a client sent, however it sent it: query, JSON, urlencoded and multipart in one set of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """A file that was sent.

    Attributes:
        name: as the client called it; never to be used as a path.
        content: all of it.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The parameters of one request; the body's come before the query's.

    Attributes:
        values: JSON values by name. Empty texts, empty lists and null are left out: they mean absent. What came as text
            is text, unless it reads as a JSON list or object. Names with brackets are put together: `a[]` and `a[][]`
            become lists, `a[b]` objects, and so on.
        uploads: files by name; of several parts with one name the file counts.
        body: what the JSON body was where it was no object: None for `null` or no body at all.
    """

    values: Mapping[str, Any]
    uploads: Mapping[str, Upload]
    body: Any = None

    def text(self, name: str) -> str:
        """A value as text, `""` where absent; numbers and truth values as JSON writes them.

        Raises:
            Refused: `bad_parameter`: it is a list or an object.
        """
        raise NotImplementedError

    def texts(self, name: str) -> Sequence[str]:
        """A list, or one text with commas, or one text, as a list."""
        raise NotImplementedError

    def integer(self, name: str) -> int | None:
        raise NotImplementedError

    def truth(self, name: str) -> bool:
        raise NotImplementedError


async def read_parameters(request: Request, max_bytes: int) -> Parameters:
    """Reads the body of a request, once.

    Raises:
        Refused: `malformed_json`, `malformed_form`, `too_large`, `too_many_parts`, `bad_parameter`.
    """
    raise NotImplementedError
