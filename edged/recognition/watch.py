"""A face in the picture, with what is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field

from edged.domain.event import Outcome
from edged.domain.face import Box, Flaw, Quality
from edged.domain.frame import Frame, Moment
from edged.domain.person import Candidate
from edged.recognition.ballot import Ballot, Vote
from edged.recognition.decide import Claim, Verdict
from edged.recognition.shot import Shot, improve
from edged.recognition.tracker import Track
from edged.recognition.visit import Visit


@dataclass(slots=True, eq=False)
class Watch:
    """A track, its votes and its visit.

    Attributes:
        since: when it began.
        shot: its best frame.
        candidates: of the last lookup; index: the gallery's version it was made in, None once a later frame voted.
        looked: when a frame last voted, monotonic seconds.
        quality: what was measured of it in the frame under way.
        flaw: why this frame's face was not good enough, if it was looked at and was not.
    """

    track: Track
    since: Moment
    ballot: Ballot = field(default_factory=Ballot)
    shot: Shot | None = None
    candidates: tuple[Candidate, ...] = ()
    index: int | None = None
    looked: float = float("-inf")
    flaw: Flaw | None = None
    quality: Quality | None = None
    visit: Visit | None = None

    @property
    def standing(self) -> Verdict | None:
        """The answer it has."""
        return self.visit.judged.verdict if self.visit else None

    @property
    def name(self) -> str:
        """Id of the person it is known to be; empty where it is not."""
        return self.standing.answer[1] if self.standing else ""

    @property
    def in_doubt(self) -> bool:
        """Whether somebody else may have taken the place of the face that voted."""
        return bool(self.ballot.votes) and not self.track.sure

    @property
    def votes(self) -> tuple[Vote, ...]:
        """Those that count: none while they may be another's."""
        return () if self.in_doubt else tuple(self.ballot.votes)

    @property
    def liveness(self) -> float | None:
        """How alive it looks, 0–1; None where that is not known, or may be another's."""
        return None if self.in_doubt else self.ballot.liveness()

    @property
    def is_spoof(self) -> bool:
        """Whether it was found to be a picture. That stays: else it would only have to be shown for long enough."""
        return self.standing is not None and self.standing.outcome is Outcome.SPOOF

    def is_due(self, at: Moment, look_again_s: float) -> bool:
        """Whether this frame's face is worth an embedding."""
        undecided = self.standing is None or self.standing.outcome is Outcome.UNDECIDED
        return undecided or self.in_doubt or at.mono - self.looked >= look_again_s

    def vote(self, vote: Vote, at: Moment, keep: int) -> None:
        """A good frame of its own face: whose it is, is certain again."""
        self.ballot.cast(vote, keep)
        self.looked = at.mono
        self.track.sure = True
        self.index = None
        self.flaw = None

    def show(self, frame: Frame, box: Box, quality: Quality) -> None:
        """A frame of the face, good or flawed: kept if there is no better one."""
        self.shot = improve(self.shot, frame, box, quality, self.flaw)

    def claim(self, at: Moment) -> Claim:
        """What its votes say. A picture claims nobody: the person it shows may stand beside it."""
        votes = self.votes
        candidates = self.candidates if votes and not self.is_spoof else ()
        return Claim(candidates, len(votes), at.mono - self.since.mono, self.standing)
