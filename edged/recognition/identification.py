"""Who is it, asked once: of a photograph, or of the pictures a decision was made from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edged.config.document import DecisionSettings
from edged.domain.event import Outcome
from edged.domain.face import Face, Flaw, Quality
from edged.domain.frame import Image
from edged.domain.person import Candidate
from edged.domain.scale import Scale
from edged.recognition.ballot import Ballot, Vote
from edged.recognition.decide import Claim, Verdict, decide, share_out
from edged.recognition.recognizer import CANDIDATES, Memory, Rules, Sight
from edged.vision.quality import find_flaw, measure


@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """One face of a photograph with its answer.

    Attributes:
        flaw: why the face would not have been judged by a camera; it was compared all the same.
        confidence: calibrated, 0–1.
    """

    face: Face
    quality: Quality
    flaw: Flaw | None
    verdict: Verdict
    confidence: float


def identify(sight: Sight, image: Image, rules: Rules, gallery: Memory) -> tuple[Identified, ...]:
    """Compares every face of a picture with everyone enrolled, the largest face first.

    A single picture votes alone, so the answer is never "wait for more frames". No name is given to two faces.
    """
    faces = sorted(sight.detect(image), key=lambda face: -face.box.area)
    if not faces:
        return ()
    crops = [sight.crop(image, face) for face in faces]
    found = gallery.nearest(sight.embed(crops), k=max(CANDIDATES, len(faces) + 1))
    one_frame = rules.decision.model_copy(update={"frames": 1})
    claims = {index: Claim(tuple(candidates), 1, math.inf) for index, candidates in enumerate(found)}
    claims = share_out(claims, one_frame)
    scale = Scale.of(sight.curve, gallery)
    identified = []
    for index, (face, crop) in enumerate(zip(faces, crops, strict=True)):
        quality = measure(face, crop)
        verdict = _answer(sight, claims[index], one_frame, gallery)
        identified.append(
            Identified(
                face=face,
                quality=quality,
                flaw=find_flaw(quality, face, image.shape, rules.quality),
                verdict=verdict,
                confidence=scale.confidence(verdict.similarity) if verdict.best else 0.0,
            )
        )
    return tuple(identified)


def replay(sight: Sight, crops: Sequence[Image], rules: Rules, gallery: Memory) -> Verdict:
    """Decides again from the aligned faces that voted, as the gallery and the rules are now.

    Args:
        crops: at least one, as kept in the best shot.
    """
    ballot = Ballot()
    for crop, embedding in zip(crops, sight.embed(crops), strict=True):
        ballot.cast(Vote(embedding, crop), keep=len(crops))
    return _counted(sight, ballot, rules.decision, gallery)


def judged(sight: Sight, ballot: Ballot, face: Face, quality: Quality, rules: Rules, gallery: Memory) -> Identified:
    """The answer of the frames of one face that voted, one at least.

    Args:
        face, quality: of the best of these frames.
    """
    verdict = _counted(sight, ballot, rules.decision, gallery)
    confidence = Scale.of(sight.curve, gallery).confidence(verdict.similarity) if verdict.best else 0.0
    return Identified(face, quality, None, verdict, confidence)


def why(verdict: Verdict, settings: DecisionSettings) -> str:
    """An answer in a sentence, without a name: what was reached, and what had to be."""
    reached = f"{verdict.similarity:.2f} of the {verdict.threshold:.2f} needed"
    if verdict.outcome is Outcome.KNOWN:
        return f"the similarity is {reached}, ahead of everybody else by {verdict.margin:.2f}"
    if verdict.best is None:
        return "nobody is enrolled who it could be"
    if verdict.outcome is Outcome.UNKNOWN:
        return f"the most similar person reaches {reached}"
    if verdict.frames < settings.frames:
        return f"too few good pictures: {verdict.frames} of {settings.frames}; the similarity is {reached}"
    return f"too close to say: the similarity is {reached}, ahead of the second by {verdict.margin:.2f}"


def _counted(sight: Sight, ballot: Ballot, settings: DecisionSettings, gallery: Memory) -> Verdict:
    probe, length = ballot.probe()
    candidates = tuple(
        Candidate(item.person, item.similarity * length) for item in gallery.nearest(np.stack([probe]), k=CANDIDATES)[0]
    )
    return _answer(sight, Claim(candidates, len(ballot.votes), math.inf), settings, gallery)


def _answer(sight: Sight, claim: Claim, settings: DecisionSettings, gallery: Memory) -> Verdict:
    """The verdict of somebody who has no patience: there will be no more frames."""
    threshold = settings.threshold or Scale.of(sight.curve, gallery).cosine_for(settings.target_fpir)
    verdict = decide(claim, threshold, settings, gallery.survey)
    assert verdict is not None, "out of patience, so there is an answer"  # noqa: S101  narrows the type; decide() promises it
    return verdict
