"""How much a store holds, as it says itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Census:
    """One count.

    Attributes:
        kind: of the store: `sqlite` or `postgresql`.
        people, faces: enrolled ones.
        photographs: of events.
        size: bytes of the database; photographs lie elsewhere.
    """

    kind: str
    people: int
    faces: int
    photographs: int
    size: int
