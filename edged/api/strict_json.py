"""JSON without what parsers understand differently: a document means one thing or is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from edged.domain.errors import Refused

MAX_DEPTH: Final = 16
"""Lists and objects within each other."""
INTEGERS: Final = range(-(2**63), 2**63)
"""What databases take for a whole number."""

_MAX_DIGITS: Final = 20


def strict_json(text: str) -> Any:
    """The value of a JSON document.

    A whole number that does not fit into 64 bits comes as its digits, a text: some customers number their people so,
    and nobody calculates with it.

    Raises:
        Refused: `malformed_json`: it is no JSON, an object has a name twice, a number is none (`NaN`) or out of range,
            a text is no Unicode text or has a NUL in it, or it is nested deeper than `MAX_DEPTH`.
    """
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise Refused("malformed_json", f"this is no JSON{where}", "Send one JSON object") from error
    _check(value)
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("malformed_json", "an object has the same name twice", "Send each name once")
    return found


def _integer(digits: str) -> int | str:
    if len(digits) > _MAX_DIGITS or int(digits) not in INTEGERS:
        return digits
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Refused("malformed_json", "a number is out of range")
    return number


def _constant(name: str) -> NoReturn:
    raise Refused("malformed_json", f"{name} is no number in JSON")


def _check(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        deeper: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _check_text(one)
            elif isinstance(one, dict):
                deeper += one.keys()
                deeper += one.values()
            elif isinstance(one, list):
                deeper += one
        if not deeper:
            return
        level = deeper
    raise _too_deep()


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Refused("malformed_json", "a text has a NUL in it")
    # Half a surrogate pair, `\ud800`, can be written in JSON and in nothing else: it cannot be stored or answered.
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Refused("malformed_json", "a text has half a character in it")


def _too_deep() -> Refused:
    return Refused("malformed_json", f"it is nested more than {MAX_DEPTH} deep")
