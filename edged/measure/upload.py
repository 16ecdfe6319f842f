"""A file that somebody sends as a photograph, and what should come of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upload:
    """One file.

    Attributes:
        family: what kind of attack or photograph it is, in a word or two.
        name: what was done to it, in words; no two of a set have the same family and name.
        content: the file.
        reason: with which it should be refused; empty: it should be taken.
    """

    family: str
    name: str
    content: bytes
    reason: str = ""
