"""From similarities to an answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from edged.config.document import DecisionSettings
from edged.domain.event import Outcome
from edged.domain.person import Candidate, Person
from edged.domain.survey import NO_SURVEY, Survey

_SURE: Final = 0.10
"""This much above the threshold two good frames are enough."""
_CLOSE: Final = 0.06
"""This little below the threshold a better frame is waited for before someone is called unknown, and a name once given
is kept: the frames of one face differ by about as much."""
_BEYOND_THE_PAIR: Final = 0.02
"""By how much a face must be more like a person than their look-alike's photograph is: the noise of an int8 model's
cosine."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer and the figures it rests on.

    Attributes:
        outcome: known, unknown or undecided.
        best: the most similar person who is not surely somebody else in the frame; None where nobody is left.
        similarity, margin: as in `Event`; threshold: too, raised where the best has a look-alike.
        frames: how many frames voted.
    """

    outcome: Outcome
    best: Candidate | None
    similarity: float
    margin: float
    threshold: float
    frames: int

    @property
    def named(self) -> Person | None:
        """The person it names; None unless known."""
        return self.best.person if self.best and self.outcome is Outcome.KNOWN else None

    @property
    def answer(self) -> tuple[Outcome, str]:
        """What it says, without the figures: two verdicts with the same answer are no news."""
        return self.outcome, self.named.id if self.named else ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the votes of one face say, and what was made of them before.

    Attributes:
        candidates: by falling similarity, different persons; similarities are means over `frames` frames.
        frames: how many frames voted; 0 while it is in doubt whose face it is.
        waited_s: seconds since the face appeared.
        standing: the answer it has already.
    """

    candidates: tuple[Candidate, ...]
    frames: int
    waited_s: float
    standing: Verdict | None = None

    @property
    def name(self) -> str:
        """Id of the person whom its standing answer names; empty where it names nobody."""
        return self.standing.answer[1] if self.standing else ""

    def without(self, persons: Collection[str]) -> Claim:
        """The same claim less the candidates with these ids."""
        return replace(self, candidates=tuple(item for item in self.candidates if item.person.id not in persons))


def share_out(
    claims: Mapping[int, Claim], settings: DecisionSettings, hidden: Collection[str] = ()
) -> dict[int, Claim]:
    """Gives each person to one face of the frame at most: the surest claim first.

    The strongest pair of the frame is settled, then the strongest of what is left. Summing up similarities instead
    (Hungarian assignment) may take a name from the face it fits best to please another. A face that has a name gives
    it up only to one that is more alike by the margin, over as many frames as an answer takes.

    Args:
        claims: of each track.
        hidden: ids of people whose faces are out of sight for a moment. A face that has an answer does not take such
            a name: a look-alike beside them must not become them as soon as somebody walks by.

    Returns:
        The same tracks; their claims have only the candidates that no surer face has taken.
    """
    claims = {track: claim.without(hidden) if claim.standing else claim for track, claim in claims.items()}
    held = {claim.name for claim in claims.values()}
    pairs = [
        (item.similarity + (settings.margin if claim.name == item.person.id else 0.0), track, item.person.id)
        for track, claim in claims.items()
        for item in claim.candidates
        if claim.name == item.person.id or claim.frames >= settings.frames or item.person.id not in held
    ]
    owners: dict[str, int] = {}
    for _, track, person in sorted(pairs, key=lambda pair: -pair[0]):
        if track not in owners.values():
            owners.setdefault(person, track)
    return {
        track: claim.without({person for person, owner in owners.items() if owner != track})
        for track, claim in claims.items()
    }


def decide(claim: Claim, threshold: float, settings: DecisionSettings, survey: Survey = NO_SURVEY) -> Verdict | None:
    """The answer for one face; None while more frames are worth waiting for, or while the answer it has stands.

    Pure. Known: the mean similarity reaches the threshold and leads by the margin, over `settings.frames` frames (two
    where it is far above). Unknown: as many frames and it stays below. Undecided: patience ran out before either, or
    two people are equally alike.

    A standing answer is replaced by a better founded one. A name is kept while its person stays close to the threshold
    and nobody else reaches it with a lead; it is gone at once when its person is no longer among the candidates.

    Somebody who has a look-alike asks for more. At the door the look-alike reaches about the cosine that the two have
    with each other, so a face no more like the person than that says nothing of which of them it is: it must be more
    like, but by no more than makes two frames enough, since beyond that few photographs of anybody are like their own
    template, and twins would never be named. And it must lead over the look-alike by `settings.look_alike_margin`,
    since both are compared with the same frames, and what is wrong with these is wrong for both.

    Args:
        threshold: the cosine in force.
        survey: knows who looks alike.
    """
    if claim.standing is None:
        return _judge(claim, threshold, settings, survey, waiting=claim.waited_s < settings.patience_s)
    if claim.frames == 0:
        return None
    fresh = _judge(claim, threshold, settings, survey, waiting=False)
    return None if fresh is None or _stands(claim.standing, fresh, claim) else fresh


def _judge(
    claim: Claim, threshold: float, settings: DecisionSettings, survey: Survey, *, waiting: bool
) -> Verdict | None:
    best = claim.candidates[0] if claim.candidates else None
    similarity = best.similarity if best else 0.0
    second = claim.candidates[1].similarity if len(claim.candidates) > 1 else 0.0
    margin = similarity - second
    alike = survey.like(best.person.id) if best else {}
    asked = max(threshold, min(max(alike.values(), default=-1.0) + _BEYOND_THE_PAIR, threshold + _SURE))
    verdict = Verdict(Outcome.UNDECIDED, best, similarity, margin, asked, claim.frames)
    if best and similarity >= threshold:
        needed = min(2, settings.frames) if similarity >= asked + _SURE else settings.frames
        leads = margin >= settings.margin and all(
            similarity - item.similarity >= settings.look_alike_margin
            for item in claim.candidates[1:]
            if item.person.id in alike
        )
        if similarity >= asked and claim.frames >= needed and leads:
            return replace(verdict, outcome=Outcome.KNOWN)
    elif claim.frames >= settings.frames and (not waiting or similarity < threshold - _CLOSE):
        return replace(verdict, outcome=Outcome.UNKNOWN)
    return None if waiting else verdict


def _stands(standing: Verdict, fresh: Verdict, claim: Claim) -> bool:
    """Whether there is nothing to say: the fresh answer is the same to the last digit, or too weak to replace it."""
    if fresh == standing:
        return True
    if standing.outcome is Outcome.KNOWN and fresh.outcome is not Outcome.KNOWN:
        kept = fresh.threshold - _CLOSE
        return any(item.person.id == claim.name and item.similarity >= kept for item in claim.candidates)
    return standing.outcome is Outcome.UNKNOWN and fresh.outcome is Outcome.UNDECIDED
