"""What looks like a secret is taken out of a text: the last net below rooms that do not write any into it."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "***"

_WORDS: Final = r"pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|credentials?|authorization|cookie"
_SECRET: Final = re.compile(rf"(?:^|[_.-])(?:{_WORDS})$", re.IGNORECASE)
_PATTERNS: Final = (
    # The user's part of an address; a password may have slashes in it.
    (re.compile(r"(\w://)[^\s/@:]{0,128}:[^\s@]{0,256}@"), rf"\1{MASK}@"),
    # Our own tokens: the id is public, see edged.api.token.
    (re.compile(r"\b(edged_[a-z2-7]{8}_)[a-z2-7]{52}\b"), rf"\1{MASK}"),
    # password=…, ?token=…&
    (re.compile(rf"""((?:{_WORDS})=)("[^"]*"|'[^']*'|[^\s&;,"')]+)""", re.IGNORECASE), rf"\1{MASK}"),
    # "secret": "…"
    (
        re.compile(
            rf"""(["'](?:\w{{0,40}}[_.-])?(?:{_WORDS})["']\s*:\s*)("(?:[^"\\]|\\.){{0,1000}}"|'[^']{{0,1000}}')""",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b((?:Bearer|Basic|Digest) )[\w.~+/=-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), MASK),
)
"""Bounded where a hostile text could have them search the same part again and again."""


def redacted(text: str) -> str:
    """The text, without passwords in addresses, tokens of ours, headers of sign-ins, private keys, and whatever stands
    behind `password=` and the like.
    """
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def is_secret(name: str) -> bool:
    """Whether a value of this name is kept out of every text."""
    return _SECRET.search(name) is not None
