"""Codes: in which form they are compared, which are too easy, and how new ones are drawn."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Final

from edged.domain.errors import Refused
from edged.domain.passage import Factor

LONGEST: Final = 256
"""Characters of a code that anybody looks at."""

_SEPARATORS: Final = re.compile(r"[\s:.\-]+")
_FORMS: Final = {
    Factor.PIN: re.compile(r"[0-9]{4,12}"),
    Factor.CARD: re.compile(r"[0-9A-Z]{4,64}"),
    Factor.QR: re.compile(r"[!-~]{8,256}"),
}
_WORDS: Final = {
    Factor.PIN: "a PIN has 4 to 12 digits",
    Factor.CARD: "a card's number has 4 to 64 letters and digits",
    Factor.QR: "what a QR code says has 8 to 256 characters, without spaces",
}
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is taken for a digit or for another letter."""
_LOOKS_LIKE: Final = str.maketrans("OIL", "011")
_PASS: Final = re.compile(f"[{_ALPHABET}]{{16}}")
_GROUP: Final = 4


def clean_code(factor: Factor, text: str) -> str:
    """A code that is to be kept, in the form in which it is compared.

    Raises:
        Refused: `code_form`: it is no such code; `weak_pin`: everybody would try it first.
    """
    code = read_code(factor, text)
    if code is None:
        raise Refused("code_form", _WORDS.get(factor, "a face is no code"))
    if factor is Factor.PIN and _is_weak(code):
        raise Refused("weak_pin", "this PIN is one of those that are tried first", "Choose another, or have one drawn.")
    return code


def read_code(factor: Factor, text: str) -> str | None:
    """What somebody typed or scanned, in the form in which it is compared; None where it cannot be a code."""
    form = _FORMS.get(factor)
    if form is None or len(text) > LONGEST:
        return None
    code = text.strip() if factor is Factor.QR else _SEPARATORS.sub("", text).upper()
    return code if form.fullmatch(code) else None


def read_pass(text: str) -> str | None:
    """The code of a pass, scanned or typed, with or without dashes; None where it cannot be one."""
    if len(text) > LONGEST:
        return None
    code = _SEPARATORS.sub("", text).upper().translate(_LOOKS_LIKE)
    return code if _PASS.fullmatch(code) else None


def shown_pass(code: str) -> str:
    """As it is printed: `K7QF-2M9A-0W3T-XC5H`."""
    return "-".join(code[begin : begin + _GROUP] for begin in range(0, len(code), _GROUP))


def new_pass(entropy: bytes) -> str:
    """A code for a pass.

    Args:
        entropy: 10 random bytes: 80 bits, far more than can be tried at a door.
    """
    value = int.from_bytes(entropy[:10], "big")
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(75, -1, -5))


def new_pin(draw: Callable[[int], int], digits: int = 6) -> str:
    """A PIN that is not one of those that are tried first.

    Args:
        draw: a random whole number below its argument, as `secrets.randbelow` gives.
    """
    while _is_weak(pin := f"{draw(10**digits):0{digits}d}"):
        pass
    return pin


def digest_of(secret: bytes, kind: str, code: str) -> bytes:
    """What is kept of a code: HMAC-SHA256 with a secret of this device."""
    return hmac.new(secret, f"edged {kind} {code}".encode(), hashlib.sha256).digest()


def _is_weak(pin: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_run = len(steps) == 1 and steps <= {0, 1, 9}
    half = pin[: len(pin) // 2]
    return is_run or (len(pin) % 2 == 0 and pin == half * 2)
