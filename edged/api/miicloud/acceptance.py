"""Whether a client takes JSON, by its Accept header."""

from __future__ import annotations

import re
from typing import Final

_RANGE: Final = re.compile(r"\s*([\w!#$&^.+*-]+)/([\w!#$&^.+*-]+)\s*", re.ASCII)
_QUALITY: Final = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.ASCII | re.IGNORECASE)
_FITTING: Final = (("*", "*"), ("application", "*"), ("application", "json"))
"""The ranges that JSON is in, the most precise last: that one counts (RFC 9110, 12.5.1)."""


def takes_json(accept: str) -> bool:
    """Without a header, or with one that cannot be read, everything is taken.

    Args:
        accept: the header, several of them joined by commas; empty where there is none.
    """
    said: dict[tuple[str, str], float] = {}
    for part in accept.lower().split(","):
        kind, *parameters = part.split(";")
        if match := _RANGE.fullmatch(kind):
            said[match[1], match[2]] = _quality(parameters)
    fitting = [said[kind] for kind in _FITTING if kind in said]
    return not said or (bool(fitting) and fitting[-1] > 0)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if match := _QUALITY.fullmatch(parameter):
            return float(match[1])
    return 1.0
