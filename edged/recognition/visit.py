"""One appearance of one person in front of one camera."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import VisitSettings
from edged.domain.event import BestShot, Event, Outcome, Phase
from edged.domain.frame import Image, Moment
from edged.recognition.decide import Verdict
from edged.recognition.shot import Shot, better
from edged.recognition.strangers import Strangers

_WORTH_SHOWING: Final = 0.05
"""By how much a later picture must be better to be sent with the end of a visit."""
_SAME_NAME: Final = 2.0
"""Above any cosine: two visits of one person are one's, however little alike the faces were."""

NewId = Callable[[Moment], str]
"""Makes an identifier; passed in, so that this room needs no source of chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """An answer about a track, with everything it rests on.

    Attributes:
        track: the track's number.
        verdict: the answer.
        face: the mean embedding as a unit vector; None where no frame was good enough to vote.
        crops: the aligned faces that voted.
        shot: the track's best frame; None where nothing of the face was looked at.
        confidence: calibrated, 0–1.
        model, index, config: what it was judged by.
        at: the frame's moment.
        liveness: how alive the face looked, 0–1; None where that was not asked.
    """

    track: int
    verdict: Verdict
    face: NDArray[np.float32] | None
    crops: tuple[Image, ...]
    shot: Shot | None
    confidence: float
    model: str
    index: int
    config: str
    at: Moment
    liveness: float | None = None


@dataclass(slots=True, eq=False)
class Visit:
    """An open visit: from its first answer until nobody has come back for the re-entry time.

    Attributes:
        id: a UUIDv7, the same in all its events.
        judged: the answer it stands at, given for the track that the visit belongs to.
        shot: the best frame of all its tracks; shown: the one that went with an event last.
        told: when the last event was made.
        seen: when its face was last in the picture.
        stranger: the pseudonym it got when it was unknown. It gets no second one when that is forgotten: the visit
            would link the two.
    """

    id: str
    judged: Judged
    shot: Shot | None
    told: Moment
    seen: Moment
    shown: Shot | None = None
    stranger: str = ""

    def likeness(self, judged: Judged) -> float:
        """How much the face that has just been judged is this visit's: by name between two known, else by cosine."""
        mine, theirs = self.judged.verdict.named, judged.verdict.named
        if mine and theirs:
            return _SAME_NAME if mine.id == theirs.id else -1.0
        if self.judged.face is None or judged.face is None:
            return -1.0
        return float(self.judged.face @ judged.face)


class VisitBook:
    """The open visits of one camera. No two of them ever have the same name.

    Args:
        camera: its name, for the events.
        new_id: makes the identifiers of visits and events.
        strangers: gives the unknown their pseudonyms; shared by all cameras.
    """

    def __init__(self, camera: str, new_id: NewId, strangers: Strangers) -> None:
        self._camera = camera
        self._new_id = new_id
        self._strangers = strangers
        self._visits: list[Visit] = []

    def settle(
        self,
        current: Visit | None,
        judged: Judged,
        *,
        present: Collection[int],
        alike: float,
    ) -> tuple[Visit, list[Event]]:
        """Takes over an answer about a track: opens a visit, continues one, or changes one's outcome.

        A new answer may show that an older visit goes on, whose face nobody has at the moment; one that was opened
        for the track before it was recognised ends then.

        Args:
            current: the visit the track has already.
            judged: the answer.
            present: the tracks whose faces are in the picture for certain: their visits are not to be continued.
            alike: the cosine from which two faces without a name count as one person's.
        """
        at, events = judged.at, list[Event]()
        changed = current is None or current.judged.verdict.answer != judged.verdict.answer
        visit = current
        if changed and (back := self._find_return(judged, present, alike)) is not None:
            if current is not None:
                events.append(self._end(current, at))
            visit = back
            changed = back.judged.verdict.answer != judged.verdict.answer
        if visit is None:
            visit = Visit(self._new_id(at), judged, judged.shot, at, at)
            self._visits.append(visit)
            self._call(visit, present)
            return visit, [self._tell(visit, Phase.NEW, at, at, with_shot=True)]
        visit.judged, visit.seen, visit.shot = judged, at, better(visit.shot, judged.shot)
        if changed:
            self._call(visit, present)
            events.append(self._tell(visit, Phase.UPDATE, at, at, with_shot=True))
        return visit, events

    def see(self, visit: Visit, shot: Shot | None, at: Moment, settings: VisitSettings) -> list[Event]:
        """The visit's face is still there; a long visit is reported again."""
        visit.seen = at
        visit.shot = better(visit.shot, shot)
        if at.mono - visit.told.mono < settings.update_s:
            return []
        return [self._tell(visit, Phase.UPDATE, at, at, with_shot=False)]

    def lapse(self, at: Moment, settings: VisitSettings) -> list[Event]:
        """Ends the visits whose face has left and has been away for the re-entry time."""
        patience = max(settings.leave_s, settings.reentry_s)
        over = [visit for visit in self._visits if at.mono - visit.seen.mono > patience]
        return [self._end(visit, at) for visit in sorted(over, key=lambda visit: visit.seen)]

    def close(self, at: Moment) -> list[Event]:
        """Ends all of them: the camera or the daemon stops."""
        return [self._end(visit, at) for visit in sorted(self._visits, key=lambda visit: visit.seen)]

    def _find_return(self, judged: Judged, present: Collection[int], alike: float) -> Visit | None:
        away = [visit for visit in self._visits if visit.judged.track not in present]
        best = max(away, key=lambda visit: visit.likeness(judged), default=None)
        return best if best and best.likeness(judged) >= alike else None

    def _call(self, visit: Visit, present: Collection[int]) -> None:
        """Has a stranger remembered, and forgotten as soon as it turns out who they are."""
        judged = visit.judged
        if judged.verdict.outcome is Outcome.KNOWN:
            self._strangers.drop(visit.stranger)
            visit.stranger = ""
            if judged.face is not None:
                self._strangers.forget(judged.face[None])
        elif judged.verdict.outcome is Outcome.UNKNOWN and not visit.stranger and judged.face is not None:
            others = {other.stranger for other in self._visits if other.judged.track in present and other is not visit}
            visit.stranger = self._strangers.meet(judged.face, judged.index, others)

    def _end(self, visit: Visit, at: Moment) -> Event:
        self._visits.remove(visit)
        improved = visit.shot is not None and (
            visit.shown is None or visit.shot.rank > visit.shown.rank + _WORTH_SHOWING
        )
        return self._tell(visit, Phase.END, visit.seen, at, with_shot=improved)

    def _tell(self, visit: Visit, phase: Phase, captured: Moment, at: Moment, *, with_shot: bool) -> Event:
        judged, verdict, shot = visit.judged, visit.judged.verdict, visit.shot
        best_shot = None
        if with_shot and shot is not None:
            best_shot = BestShot(judged.crops, shot.picture, shot.taken)
            visit.shown = shot
        visit.told = at
        called = self._strangers.visits_of(visit.stranger) if verdict.outcome is Outcome.UNKNOWN else 0
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
            quality=shot.quality if shot else None,
            box=shot.box if shot else None,
            captured=captured,
            decided=at,
            model=judged.model,
            index=judged.index,
            config=judged.config,
            shot=best_shot,
            stranger=visit.stranger if called else "",
            stranger_visits=called,
            liveness=judged.liveness,
        )
