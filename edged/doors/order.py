"""What the daemon and the helper say to each other: one JSON object a packet, of a few kinds and a bounded size.

All times are seconds of CLOCK_BOOTTIME, which both processes read alike, no wall clock moves, and which counts a
machine's sleep.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from edged.domain.errors import Refused

MAX_WORD_BYTES: Final = 8192
"""A longer packet is not read."""
MAX_TOKEN_CHARS: Final = 64
_MAX_DOORS: Final = 64
_MAX_NAME_CHARS: Final = 32


def boot_time() -> float:
    """Seconds since this machine was started, its sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Alive:
    """The daemon is alive, and wants these doors held open, and no others. The helper lets go when it hears none.

    Attributes:
        at: when it was said.
    """

    at: float
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pulse:
    """Let people through for so long.

    Attributes:
        token: of this one wish; the same token never opens twice.
        made: when what it rests on was seen.
    """

    door: str
    seconds: float
    token: str
    made: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The helper's answer to a pulse; `refused` is a reason (`stale`, `repeated`, …), empty where it is taken."""

    token: str
    refused: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """How a door is now: said whenever it changes, and again after a silence.

    Attributes:
        at: when it became so.
        released: the relay lets people through, as last known; None: this helper never heard from it.
        reachable: the relay answers, and so do the pins; `why` says what is wrong where not.
        exits: how often the exit button was pressed since the helper began.
    """

    door: str
    at: float
    contact: Literal["shut", "open", "none"] = "none"
    tampered: bool = False
    exits: int = 0
    released: bool | None = None
    reachable: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Here:
    """The helper has heard that the daemon lives, and lives, too."""


Order: TypeAlias = Alive | Pulse
Word: TypeAlias = Answer | Report | Here


def encoded(word: Order | Word) -> bytes:
    """As a packet."""
    tree = asdict(word)
    if isinstance(word, Alive):
        tree["held"] = sorted(word.held)
    return json.dumps({"kind": type(word).__name__.lower(), **tree}).encode()


def order_of(packet: bytes) -> Order:
    """What the daemon said.

    Raises:
        Refused: `bad_order`: too long, not JSON, of no known kind, or with a field that cannot be.
    """
    tree = _tree(packet)
    try:
        if tree["kind"] == "alive":
            held = frozenset(_text(door, _MAX_NAME_CHARS) for door in tree["held"][:_MAX_DOORS])
            return Alive(_number(tree["at"]), held)
        if tree["kind"] == "pulse":
            return Pulse(
                _text(tree["door"], _MAX_NAME_CHARS),
                _number(tree["seconds"]),
                _text(tree["token"], MAX_TOKEN_CHARS),
                _number(tree["made"]),
            )
    except (KeyError, TypeError, ValueError):
        pass
    raise _bad()


def word_of(packet: bytes) -> Word:
    """What the helper said.

    Raises:
        Refused: `bad_order`, likewise.
    """
    tree = _tree(packet)
    kind = tree.pop("kind", None)
    try:
        if kind == "answer":
            return Answer(**tree)
        if kind == "report":
            return Report(**tree)
        if kind == "here":
            return Here(**tree)
    except TypeError:
        pass
    raise _bad()


def _tree(packet: bytes) -> dict[str, Any]:
    if len(packet) <= MAX_WORD_BYTES:
        try:
            tree = json.loads(packet)
        except (ValueError, RecursionError):
            tree = None
        if isinstance(tree, dict):
            return tree
    raise _bad()


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return float(value)


def _text(value: object, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise ValueError
    return value


def _bad() -> Refused:
    return Refused("bad_order", "what came is no order")
