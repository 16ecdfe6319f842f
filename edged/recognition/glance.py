"""Whoever stands before a camera, asked for once: as many good frames of one face as a decision takes."""

from __future__ import annotations

from collections import Counter
from typing import Final

from edged.domain.face import Face, Flaw, Quality
from edged.domain.frame import Image
from edged.recognition.ballot import Ballot, Vote
from edged.recognition.identification import Identified, judged
from edged.recognition.recognizer import Memory, Rules, Sight
from edged.vision.quality import find_flaw, measure

_SOMEBODY_ELSE: Final = 1e-1
"""A face is somebody else's below the cosine that strangers reach in one of so many comparisons."""


class Glance:
    """Frames looked at one by one; the largest face of each votes. Belongs to one thread.

    Args:
        sight: looks.
        rules: when a face is good enough, and how many frames an answer takes.
    """

    def __init__(self, sight: Sight, rules: Rules) -> None:
        self._sight = sight
        self._rules = rules
        self._ballot = Ballot()
        self._best: tuple[Face, Quality] | None = None
        self._flaws: Counter[Flaw] = Counter()

    @property
    def complete(self) -> bool:
        """Whether as many frames have voted as an answer takes."""
        return len(self._ballot.votes) >= self._rules.decision.frames

    @property
    def flaw(self) -> Flaw | None:
        """What was wrong with most of the faces that could not vote; None where there was none."""
        return self._flaws.most_common(1)[0][0] if self._flaws else None

    def look(self, image: Image) -> None:
        """Lets the largest face vote, where there is one that is good enough. Blocks for two inferences."""
        decision = self._rules.decision
        faces = [face for face in self._sight.detect(image) if face.score >= decision.min_face_score]
        if not faces:
            return
        face = max(faces, key=lambda one: one.box.area)
        crop = self._sight.crop(image, face)
        quality = measure(face, crop)
        flaw = find_flaw(quality, face, image.shape, self._rules.quality)
        if flaw is not None:
            self._flaws[flaw] += 1
            return
        vote = Vote(self._sight.embed([crop])[0], crop)
        if self._ballot.likeness(vote.embedding) < self._sight.curve.cosine_at(_SOMEBODY_ELSE):
            self._ballot, self._best = Ballot(), None
        self._ballot.cast(vote, keep=decision.frames)
        if self._best is None or quality.score > self._best[1].score:
            self._best = (face, quality)

    def answer(self, gallery: Memory) -> Identified | None:
        """What the frames that voted say, by the rules at the door; None where none did."""
        if self._best is None:
            return None
        face, quality = self._best
        return judged(self._sight, self._ballot, face, quality, self._rules, gallery)
