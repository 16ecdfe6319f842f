"""One appearance of one person in front of one camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edged.config.document import VisitSettings
from edged.domain.event import BestShot, Event, Outcome, Phase
from edged.domain.face import Box, Quality
from edged.domain.frame import Image, Moment
from edged.recognition.decide import Verdict

NewId = Callable[[Moment], str]
"""Makes an identifier; passed in, so that this room needs no source of chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """The best frame of a face so far: its picture, how good it is and where it was."""

    picture: Image
    quality: Quality
    box: Box
    taken: Moment


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What a frame added to a track that has an answer.

    Attributes:
        track: the track's number.
        verdict: the answer.
        face: the mean embedding as a unit vector; None where no frame was good enough to vote.
        crops: the aligned faces that voted.
        portrait: the track's best frame, if any was good enough.
        confidence: calibrated, 0–1.
        model, index, config: what it was judged by.
        at: the frame's moment.
    """

    track: int
    verdict: Verdict
    face: NDArray[np.float32] | None
    crops: tuple[Image, ...]
    portrait: Portrait | None
    confidence: float
    model: str
    index: int
    config: str
    at: Moment


@dataclass(slots=True)
class Visit:
    """An open visit: from its first answer until nobody has come back for the re-entry time.

    Attributes:
        id: a UUIDv7, the same in all its events.
        judged: the answer it stands at.
        portrait: the best frame of all its tracks.
        told: when the last event was made; told_quality: of the portrait that went with it.
        seen: when its face was last in the picture.
        present: whether a track belongs to it now.
    """

    id: str
    judged: Judged
    portrait: Portrait | None
    told: Moment
    told_quality: float
    seen: Moment
    present: bool = True

    def same_answer(self, verdict: Verdict) -> bool:
        return _answer(self.judged.verdict) == _answer(verdict)

    def is_return_of(self, judged: Judged, alike: float) -> bool:
        """Whether the face that has just been judged is this visit's, back within the re-entry time."""
        if self.present:
            return False
        mine, theirs = _answer(self.judged.verdict), _answer(judged.verdict)
        if Outcome.KNOWN is mine[0] is theirs[0]:
            return mine == theirs
        if self.judged.face is None or judged.face is None:
            return False
        return float(self.judged.face @ judged.face) >= alike


class VisitBook:
    """The open visits of one camera.

    Args:
        camera: its name, for the events.
        new_id: makes the identifiers of visits and events.
    """

    def __init__(self, camera: str, new_id: NewId) -> None:
        self._camera = camera
        self._new_id = new_id
        self.visits: list[Visit] = []

    def settle(self, current: Visit | None, judged: Judged, alike: float) -> tuple[Visit, list[Event]]:
        """Takes over an answer about a track: opens a visit, continues one, or changes one's outcome.

        Args:
            current: the visit the track belongs to already.
            judged: the answer.
            alike: the cosine from which two faces without a name count as one person's.
        """
        events: list[Event] = []
        visit = current
        if visit is None or visit.judged.verdict.outcome is Outcome.UNDECIDED:
            back = next((open_ for open_ in self.visits if open_.is_return_of(judged, alike)), None)
            if back is not None and visit is not None:
                events.append(self._close(visit))
            visit = back or visit
        if visit is None:
            visit = Visit(self._new_id(judged.at), judged, judged.portrait, judged.at, 0.0, judged.at)
            self.visits.append(visit)
            events.append(self._tell(visit, Phase.NEW, judged.at, with_shot=True))
            return visit, events
        changed = not visit.same_answer(judged.verdict)
        visit.judged, visit.present, visit.seen = judged, True, judged.at
        visit.portrait = _better(visit.portrait, judged.portrait)
        if changed:
            events.append(self._tell(visit, Phase.UPDATE, judged.at, with_shot=True))
        return visit, events

    def see(self, visit: Visit, portrait: Portrait | None, at: Moment, settings: VisitSettings) -> list[Event]:
        """The visit's face is still there; a long visit is reported again."""
        visit.seen = at
        visit.portrait = _better(visit.portrait, portrait)
        if at.mono - visit.told.mono >= settings.update_s:
            return [self._tell(visit, Phase.UPDATE, at, with_shot=False)]
        return []

    def lapse(self, at: Moment, settings: VisitSettings) -> list[Event]:
        """Ends the visits whose face has been away for the re-entry time."""
        over = [v for v in self.visits if not v.present and at.mono - v.seen.mono > settings.reentry_s]
        return [self._close(visit) for visit in over]

    def close(self) -> list[Event]:
        """Ends all of them: the camera or the daemon stops."""
        return [self._close(visit) for visit in tuple(self.visits)]

    def _close(self, visit: Visit) -> Event:
        self.visits.remove(visit)
        improved = visit.portrait is not None and visit.portrait.quality.score > visit.told_quality + 0.05
        return self._tell(visit, Phase.END, visit.seen, with_shot=improved)

    def _tell(self, visit: Visit, phase: Phase, at: Moment, *, with_shot: bool) -> Event:
        judged, portrait = visit.judged, visit.portrait
        verdict = judged.verdict
        shot = None
        if with_shot and portrait is not None:
            shot = BestShot(judged.crops, portrait.picture, portrait.taken)
            visit.told_quality = portrait.quality.score
        visit.told = at
        return Event(
            id=self._new_id(at),
            phase=phase,
            outcome=verdict.outcome,
            camera=self._camera,
            track=judged.track,
            visit=visit.id,
            best=verdict.best,
            similarity=verdict.similarity,
            confidence=judged.confidence,
            margin=verdict.margin,
            threshold=verdict.threshold,
            frames=verdict.frames,
            quality=portrait.quality if portrait else None,
            box=portrait.box if portrait else None,
            captured=at,
            decided=at,
            model=judged.model,
            index=judged.index,
            config=judged.config,
            shot=shot,
        )


def _answer(verdict: Verdict) -> tuple[Outcome, str]:
    named = verdict.outcome is Outcome.KNOWN and verdict.best is not None
    return verdict.outcome, verdict.best.person.id if named and verdict.best else ""


def _better(mine: Portrait | None, other: Portrait | None) -> Portrait | None:
    if mine is None or other is None:
        return mine or other
    return other if other.quality.score > mine.quality.score else mine
