"""Events made up for measuring and for tests: the same every time."""

from __future__ import annotations

from typing import Final

from edged.domain.event import Event, Outcome, Phase
from edged.domain.face import Box, Quality
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.person import Candidate, Person

SAMPLE_UTC: Final = 1_767_268_800.0
"""2026-01-01T12:00:00Z."""

ANNA: Final = Person(id=uuid7(SAMPLE_UTC - 9e6, bytes(10)), customer_person_id="anna", name="Anna Müller")
"""Whom every sample event resembles most."""


def sample_event(number: int, *, outcome: Outcome = Outcome.UNKNOWN, utc: float = SAMPLE_UTC) -> Event:
    """An event as rich as a real one.

    Args:
        number: chooses the ids; the same number and time give the same ones.
        outcome: `known` is Anna herself, anything else resembles her a little.
        utc: when it happened, seconds since the epoch.
    """
    similarity = 0.7000123456 if outcome is Outcome.KNOWN else 0.2101234567
    return Event(
        id=uuid7(utc, number.to_bytes(10, "big")),
        phase=Phase.NEW,
        outcome=outcome,
        camera="front",
        track=number,
        visit=uuid7(utc, (2**40 + number).to_bytes(10, "big")),
        best=Candidate(ANNA, similarity),
        similarity=similarity,
        confidence=0.9998 if outcome is Outcome.KNOWN else 0.0001,
        margin=0.05,
        threshold=0.423,
        frames=3,
        quality=Quality(size=42.04, sharpness=310.55, yaw=-0.1, pitch=0.05, light=121.0, contrast=44.4, score=0.8123),
        box=Box(-3.25, 20.0, 101.0, 140.5),
        captured=Moment(100.0, utc),
        decided=Moment(100.12, utc + 0.12),
        model="ab" * 32,
        index=12,
        config="cd" * 32,
    )
