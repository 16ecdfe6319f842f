"""What guests report: photographs that should not be shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MOST_HIDING: Final = 5
"""So many reports of one search take a photograph away: whoever reports everything they are in has something else in
mind, and the rest stays until somebody has looked."""
MOST_REPORTS: Final = 20
"""Of one search; more are not taken."""


class ReportReason(StrEnum):
    """Why a guest thinks so."""

    OFFENSIVE = "offensive"
    CHILD = "child"
    """It shows a child."""
    PRIVATE = "private"
    """It is not for the public."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """A guest's report.

    Attributes:
        photo: id of the photograph; at: when, UTC seconds since the epoch.
        hides: it took the photograph away until somebody has looked.
        request_id: of the guest's search; None where the guest was forgotten since.
    """

    photo: str
    reason: ReportReason
    at: float
    hides: bool
    request_id: str | None
