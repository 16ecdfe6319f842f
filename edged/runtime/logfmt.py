"""`key=value` pairs on one line: readable, greppable, and what whoever collects logs calls logfmt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from edged.runtime.redaction import MASK, is_secret, redacted

MOST: Final = 4000
"""Characters of the message, spelled out; four bytes each at most. The journal cuts lines above 48 KiB, and what stands
behind the cut would be a line of its own, which somebody else could have worded."""
_MOST_KEYS: Final = 20
_MOST_OTHER: Final = 300
_MOST_NAME: Final = 40
_PLAIN: Final = re.compile(r"[^\s\"=\\]+")
_NAME: Final = re.compile(r"[^a-zA-Z0-9_]")
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_QUOTED: Final = {'"': '\\"', "\\": "\\\\"}


def pairs(name: str, text: str, keys: Mapping[str, object]) -> str:
    """One line; every value as one that nobody can leave: quoted where needed, cut where too long.

    Args:
        name: of the first pair; text: its value, for a person.
        keys: what else there is to say, the most important first; None is left out.
    """
    told = {name: value(redacted(text))}
    for key, item in list(keys.items())[:_MOST_KEYS]:
        if item is not None:
            text = MASK if is_secret(key) else redacted(_text(item))
            told.setdefault(_NAME.sub("_", key)[:_MOST_NAME] or "_", value(text, _MOST_OTHER))
    return " ".join(f"{key}={shown}" for key, shown in told.items())


def value(text: str, most: int = MOST) -> str:
    """A text as the value of a pair; at most about so many characters."""
    if len(text) <= most and text.isprintable() and _PLAIN.fullmatch(text):
        return text
    room, told = most, list[str]()
    for letter in text:
        spelled = _QUOTED.get(letter) or escaped(letter)
        room -= len(spelled)
        if room < 0:
            told.append(f"… ({len(text) - len(told)} more)")
            break
        told.append(spelled)
    return '"' + "".join(told) + '"'


def escaped(text: str, keep: str = "") -> str:
    """The text with what cannot be seen spelled out: line ends, terminal sequences, marks that turn the direction.

    Args:
        keep: characters that stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in keep else _spelled(letter) for letter in text)


def _spelled(letter: str) -> str:
    code = ord(letter)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return _SHORT.get(letter) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _text(item: object) -> str:
    if isinstance(item, bool):
        return "true" if item else "false"
    return f"{item:.4g}" if isinstance(item, float) else str(item)
