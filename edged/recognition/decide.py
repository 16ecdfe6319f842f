"""From similarities to an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edged.config.document import DecisionSettings
from edged.domain.event import Outcome
from edged.domain.person import Candidate

_SURE: Final = 0.10
"""This much above the threshold two good frames are enough."""
_CLOSE: Final = 0.06
"""This little below the threshold a better frame is waited for before someone is called unknown."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the votes of one track say.

    Attributes:
        candidates: by falling similarity, different persons; similarities are means over `frames` frames.
        frames: how many frames voted.
        waited_s: seconds since the track began.
    """

    candidates: tuple[Candidate, ...]
    frames: int
    waited_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer and the figures it rests on.

    Attributes:
        outcome: known, unknown or undecided.
        best: the person it was compared with last and most; None with an empty gallery.
        similarity, margin, threshold: as in `Event`.
        frames: how many frames voted.
    """

    outcome: Outcome
    best: Candidate | None
    similarity: float
    margin: float
    threshold: float
    frames: int


def share_out(claims: Mapping[int, Sequence[Candidate]]) -> dict[int, tuple[Candidate, ...]]:
    """Gives each person to one face at most: the surest claim first.

    The strongest pair of the frame is settled, then the strongest of what is left. Summing up similarities instead
    (Hungarian assignment) may take a name from the face it fits best to please another.

    Args:
        claims: the candidates of each track.

    Returns:
        The same tracks, each with the candidates that no surer face has taken, by falling similarity.
    """
    pairs = sorted(
        ((candidate.similarity, track, candidate.person.id) for track, found in claims.items() for candidate in found),
        reverse=True,
    )
    owner: dict[str, int] = {}
    served: set[int] = set()
    for _, track, person in pairs:
        if track not in served and person not in owner:
            owner[person] = track
            served.add(track)
    return {
        track: tuple(item for item in found if owner.get(item.person.id, track) == track)
        for track, found in claims.items()
    }


def decide(claim: Claim, threshold: float, settings: DecisionSettings) -> Verdict | None:
    """The answer for one track, or None while more frames are worth waiting for.

    Pure. Known: the mean similarity reaches the threshold and leads by the margin, over `settings.frames` frames (two
    where it is far above). Unknown: as many frames and it stays below. Undecided: patience ran out before
    either, or two people are equally alike.
    """
    best = claim.candidates[0] if claim.candidates else None
    similarity = best.similarity if best else 0.0
    second = claim.candidates[1].similarity if len(claim.candidates) > 1 else 0.0
    margin = similarity - second
    out_of_time = claim.waited_s >= settings.patience_s

    outcome: Outcome | None = None
    if claim.frames and similarity >= threshold:
        needed = min(2, settings.frames) if similarity >= threshold + _SURE else settings.frames
        if margin < settings.margin:
            outcome = Outcome.UNDECIDED if out_of_time else None
        elif claim.frames >= needed:
            outcome = Outcome.KNOWN
    elif claim.frames >= settings.frames and (out_of_time or similarity < threshold - _CLOSE):
        outcome = Outcome.UNKNOWN
    if outcome is None and out_of_time:
        outcome = Outcome.UNDECIDED
    if outcome is None:
        return None
    return Verdict(outcome, best, similarity, margin, threshold, claim.frames)
