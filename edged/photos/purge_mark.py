"""What is left of a photograph that was purged: a mark, by which whoever has the file can tell that it was there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence

from edged.photos.album import Doer, PhotoEvent, Purge, Tally

_SALT_BYTES = 32


def mark_of(salt: str, digest: str) -> str:
    """The mark of a photograph: sha256 over the salt and the digest of the file, both as hexadecimal digits, after each
    other. Whoever has the file finds it; from the mark alone nobody comes to the digest, and the marks of two events
    have nothing in common.
    """
    return hashlib.sha256(f"{salt}{digest}".encode()).hexdigest()


def list_digest(marks: Sequence[str]) -> str:
    """One digest over a sorted list of marks: sha256 over them, each with a line end after it; hexadecimal digits."""
    return hashlib.sha256("".join(f"{mark}\n" for mark in marks).encode()).hexdigest()


def left_of(event: PhotoEvent, tally: Tally, originals: Iterable[str], *, files: int, at: float, by: Doer) -> Purge:
    """What is kept of an event that is purged just now.

    Args:
        tally: what there was; originals: digests of its photographs as they came; files: how many it had.
        at: UTC seconds since the epoch; by: who does it.
    """
    salt = secrets.token_hex(_SALT_BYTES)
    marks = tuple(sorted(mark_of(salt, digest) for digest in originals))
    return Purge(
        event.id, event.organisation, event.slug, event.plan.name, at, tally, marks, salt=salt, by=by.id, files=files
    )
