"""What a device has made of an order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edged.fleet.census import Sight, source_of
from edged.fleet.excerpt import excerpt
from edged.fleet.muster import followed
from edged.wire.reported import ReportStatus


class Mark(StrEnum):
    """In one word."""

    SILENT = "silent"
    """It has not answered yet."""
    TRYING = "trying"
    APPLIED = "applied"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Attributes: mark; words: what it says of it, for people; empty where there is nothing to say."""

    mark: Mark
    words: str = ""


_MARKS: Final = {
    ReportStatus.NONE: Mark.APPLIED,
    ReportStatus.APPLYING: Mark.TRYING,
    ReportStatus.APPLIED: Mark.APPLIED,
    ReportStatus.REJECTED: Mark.FAILED,
    ReportStatus.REVERTED: Mark.FAILED,
}


def verdict(sight: Sight, address: str, version: int) -> Verdict:
    """What the device has made of the order with this version on this address, or of a later one there."""
    reported, source = sight.reported, source_of(address)
    if reported is None:
        return Verdict(Mark.SILENT)
    if reported.source == source and reported.version is not None and reported.version >= version:
        words = f"{reported.status}: {_problems(sight)}"
        return Verdict(_MARKS[reported.status], words if _MARKS[reported.status] is Mark.FAILED else "")
    if followed(reported, source) >= version:  # another source has told it something since
        return Verdict(Mark.APPLIED)
    if reported.version is None and reported.status is ReportStatus.REJECTED:
        return Verdict(Mark.SILENT, f"it does not accept an order: {_problems(sight)}")  # unsigned, expired, …
    return Verdict(Mark.SILENT)


def _problems(sight: Sight) -> str:
    problems = () if sight.reported is None else sight.reported.problems
    words = [
        excerpt(f"{problem.path}: {problem.message}" if problem.path else problem.message) for problem in problems[:3]
    ]
    more = [f"and {len(problems) - 3} more"] if len(problems) > 3 else []
    return "; ".join([*words, *more]) or "it does not say why"
