"""The end of the chain, kept apart from it, so that a removed end is found."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edged.audit.mark import Marker, is_same
from edged.config.text import read_json
from edged.domain.errors import ConfigInvalid, Refused

_MOST_BYTES: Final = 4096
_TEXT: Final = re.compile(r"([0-9a-f-]{1,64}):([0-9]{1,16}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends.

    Attributes:
        chain: id of the chain; number: of its newest entry, 0 before the first; hash: of that entry.
        anchor: number of the newest entry that was removed because of its age; 0: none was.
    """

    chain: str
    number: int
    hash: bytes
    anchor: int = 0

    def __str__(self) -> str:
        """As it is noted elsewhere: `<chain>:<number>:<hash>`."""
        return f"{self.chain}:{self.number}:{self.hash.hex()}"


def head_of(text: str) -> Head:
    """The head that somebody has noted.

    Raises:
        Refused: `bad_head`: it is none.
    """
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        raise Refused("bad_head", "this is no head of an audit log", "It is what `edged audit head` prints.")
    return Head(found[1], int(found[2]), bytes.fromhex(found[3]))


def head_bytes(head: Head, secret: bytes) -> bytes:
    """What lies in the file: one line of JSON with its mark."""
    mark = Marker(secret, head.chain).head(head.number, head.hash, head.anchor)
    document = {
        "v": 1,
        "chain": head.chain,
        "number": head.number,
        "hash": head.hash.hex(),
        "anchor": head.anchor,
        "mark": mark.hex(),
    }
    return json.dumps(document).encode() + b"\n"


def read_head(path: Path, secret: bytes) -> Head | None:
    """The head that was kept last; None where there is no file.

    Raises:
        Refused: `forged_head`: it is not as the device wrote it.
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    forged = Refused("forged_head", f"{path.name} is not as the device wrote it")
    if len(content) > _MOST_BYTES:
        raise forged
    try:
        document = read_json(content, str(path))
        head = Head(
            str(document["chain"]), int(document["number"]), bytes.fromhex(document["hash"]), int(document["anchor"])
        )
        mark = bytes.fromhex(document["mark"])
        own = Marker(secret, head.chain).head(head.number, head.hash, head.anchor)
    except (ConfigInvalid, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise forged from None
    if not is_same(mark, own):
        raise forged
    return head
