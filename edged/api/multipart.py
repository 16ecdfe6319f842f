"""multipart/form-data, read as it arrives and as clients really write it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final
from urllib.parse import unquote_to_bytes

from edged.domain.errors import Refused
from edged.photos.photo_kind import photo_kind

MAX_PARTS: Final = 1000
MAX_TEXT: Final = 1024 * 1024
"""Bytes that all text parts of a form have together with the heads of all parts, and that a body without files has."""

_MAX_HEAD: Final = 8 * 1024
_MAX_PADDING: Final = 64
_MAX_FILE_NAME: Final = 255
_WESTERN: Final = frozenset({"iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "us-ascii"})
_PARAMETER: Final = re.compile(r';\s*([^=;\s]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Part:
    """One part of a form.

    Attributes:
        name: of the field.
        filename: as the client called the file; None where the part is a text.
        content: what it holds, as it was sent.
        charset: what its header says of it, lower-case; empty where it says nothing.
    """

    name: str
    filename: str | None
    content: bytes
    charset: str

    @property
    def text(self) -> str:
        return readable(self.content, self.charset)


def readable(data: bytes, charset: str = "") -> str:
    """Bytes as text: UTF-8, or Latin-1 where it is not, or where it is said to be (Java's HttpClient writes that)."""
    if charset not in _WESTERN:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return data.decode("latin-1")


def header_of(line: str) -> tuple[str, dict[str, str]]:
    """A header's value, lower-case, and its parameters by their names, lower-case."""
    value, semicolon, rest = line.partition(";")
    parameters = {name.lower(): _unquoted(text) for name, text in _PARAMETER.findall(semicolon + rest)}
    return value.strip().lower(), parameters


class _Place(Enum):
    CONTENT = auto()
    HEAD = auto()
    END = auto()


@dataclass(slots=True)
class _Draft:
    name: str
    filename: str | None
    charset: str
    content: bytearray = field(default_factory=bytearray)

    @property
    def is_text(self) -> bool:
        # Some clients forget the file's name; no text begins like a picture.
        return self.filename is None and not photo_kind(self.content)


class Multipart:
    """Takes the pieces of a body in any size, and holds the parts.

    Lines may end in CR LF or, if the first one does, in LF alone. What stands before the first part and after the last
    is passed over, and so are parts without a name. The Content-Type of a part is heeded for its charset only.

    Args:
        boundary: what parts are separated by, without the hyphens.
        max_file: bytes of one file.
    """

    def __init__(self, boundary: bytes, max_file: int) -> None:
        self._dashed = b"--" + boundary
        self._delimiter = b"\r\n" + self._dashed
        self._max_file = max_file
        self._text_left = MAX_TEXT
        self._begun = False
        # The first delimiter may be the first thing in the body, without the line end that belongs to the others.
        self._buffer = bytearray(b"\r\n")
        self._place = _Place.CONTENT
        self._head = bytearray()
        self._draft: _Draft | None = None
        self._count = 0
        self._mistaken = 0
        self._parts: list[Part] = []

    def feed(self, piece: bytes) -> None:
        """Takes the next piece.

        Raises:
            Refused: `malformed_form`, `too_large`, `too_many_parts`.
        """
        if self._place is _Place.END:
            return
        self._buffer += piece
        if not self._begun:
            if len(self._buffer) < len(self._delimiter) + 1:
                return
            self._begun = True
            if self._buffer.startswith(self._delimiter + b"\n"):
                self._delimiter = b"\n" + self._dashed
        while self._step():
            pass

    def parts(self) -> list[Part]:
        """All parts, when the body has come to its end.

        Raises:
            Refused: `malformed_form`: the form has not.
        """
        if self._place is not _Place.END:
            raise _malformed("the form ends in the middle")
        return self._parts

    def _step(self) -> bool:
        """Takes what can be taken; whether there may be more."""
        match self._place:
            case _Place.CONTENT:
                return self._take_content()
            case _Place.HEAD:
                return self._take_line()
            case _Place.END:
                return False

    def _take_content(self) -> bool:
        """Takes content up to the next delimiter; whether there was one."""
        at = self._buffer.find(self._delimiter)
        if at < 0:
            # The end may be the beginning of a delimiter.
            self._take(len(self._buffer) - len(self._delimiter) + 1)
            return False
        after = at + len(self._delimiter)
        line_end = self._buffer.find(b"\n", after, after + _MAX_PADDING)
        if self._buffer.startswith(b"--", after):
            self._take(at)
            self._finish()
            self._place = _Place.END
            self._buffer.clear()
        elif line_end >= 0 and not self._buffer[after:line_end].removesuffix(b"\r").strip(b" \t"):
            self._take(at)
            self._finish()
            del self._buffer[: line_end + 1 - at]
            self._place = _Place.HEAD
        elif line_end < 0 and len(self._buffer) < after + _MAX_PADDING:
            self._take(at)
            return False
        else:
            # It only begins like one. Clients choose boundaries that do not occur; this one was chosen to keep us busy.
            self._mistaken += 1
            if self._mistaken > MAX_PARTS:
                raise _malformed("a file is full of boundaries")
            self._take(after)
        return True

    def _take(self, count: int) -> None:
        if count <= 0:
            return
        draft = self._draft
        if draft is not None:
            draft.content += self._buffer[:count]
            size = len(draft.content)
            if size > self._text_left and draft.is_text:
                raise _too_long()
            if size > self._max_file:
                raise Refused("too_large", "a file is too large", f"Send at most {self._max_file:,} bytes")
        del self._buffer[:count]

    def _finish(self) -> None:
        draft = self._draft
        self._draft = None
        if draft is None:
            return
        content = bytes(draft.content)
        if draft.is_text:
            self._text_left -= len(content)
            self._parts.append(Part(draft.name, None, content, draft.charset))
        else:
            self._parts.append(Part(draft.name, draft.filename or "", content, draft.charset))

    def _take_line(self) -> bool:
        """Takes one line of a part's head; whether there was one."""
        end = self._buffer.find(b"\n")
        if (len(self._buffer) if end < 0 else end) + len(self._head) > _MAX_HEAD:
            raise _malformed("the head of a part is too long")
        if end < 0:
            return False
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        if line.startswith(self._dashed):
            raise _malformed("a part has no content")
        if not line:
            self._begin()
        else:
            # A line that begins with a blank continues the one before.
            self._head += line if line[:1] in b" \t" else b"\n" + line
        del self._buffer[: end + 1]
        return True

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise Refused("too_many_parts", f"the form has more than {MAX_PARTS} parts")
        self._text_left -= len(self._head)
        if self._text_left < 0:
            raise _too_long()
        headers: dict[str, str] = {}
        for line in readable(bytes(self._head)).split("\n"):
            header, _, value = line.partition(":")
            headers[header.strip().lower()] = value.strip()
        self._head.clear()
        self._place = _Place.CONTENT
        _, said = header_of(headers.get("content-disposition", ""))
        _, typed = header_of(headers.get("content-type", ""))
        name = _extended(said, "name")
        if name:
            filename = _extended(said, "filename")
            self._draft = _Draft(
                name, None if filename is None else filename[:_MAX_FILE_NAME], typed.get("charset", "").lower()
            )


def _extended(parameters: dict[str, str], name: str) -> str | None:
    """A parameter that may be written `name*=UTF-8''…`; that one counts."""
    charset, quote, rest = parameters.get(f"{name}*", "").partition("'")
    _, second, encoded = rest.partition("'")
    if quote and second:
        return readable(unquote_to_bytes(encoded), charset.lower())
    return parameters.get(name)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        # Only these two: a backslash before anything else is one of a Windows path.
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    return text


def _too_long() -> Refused:
    return Refused("too_large", "the texts of the form are too long", f"Send at most {MAX_TEXT:,} bytes")


def _malformed(what: str) -> Refused:
    return Refused("malformed_form", what, "Send the form as multipart/form-data with its boundary")
