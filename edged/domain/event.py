"""What the device says happened."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edged.domain.face import Box, Quality
from edged.domain.frame import Image, Moment
from edged.domain.person import Candidate


class Outcome(StrEnum):
    """The five answers, never confused with one another."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    UNDECIDED = "undecided"
    NO_FACE = "no_face"
    SPOOF = "spoof"


class Phase(StrEnum):
    """Where in its life a visit is."""

    NEW = "new"
    UPDATE = "update"
    END = "end"


@dataclass(frozen=True, slots=True, eq=False)
class BestShot:
    """What a decision was made from, kept so that it can be looked at and replayed.

    Attributes:
        crops: the aligned faces that voted, oldest first, exactly as the embedder saw them: BGR, the model's
            input size.
        picture: the best of the visit's frames so far, the face with its surroundings, BGR, at most 480 px on the
            longer side.
        taken: when the picture was taken.
    """

    crops: tuple[Image, ...]
    picture: Image
    taken: Moment


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One step in the life of one visit, with everything that explains it.

    Attributes:
        id: UUIDv7; readers de-duplicate by it.
        phase: new, update or end.
        outcome: what was decided.
        camera, track, visit: where; `track` counts per boot, `visit` is a UUIDv7 kept over the whole visit.
        best: the most similar person who is not surely somebody else in the frame, whatever was decided; None where
            nobody is left or nothing was compared.
        similarity: cosine to `best` over the frames that voted; 0 where there is none.
        confidence: calibrated probability that `best` is the person in front of the camera, 0–1.
        margin: `similarity` less that of the second person; equal to `similarity` where there is no second.
        threshold: the cosine that had to be reached.
        frames: how many frames voted.
        quality, box: of the best shot; box in the pixels of the camera's view.
        captured: the frame that settled it; decided: when the decision was made.
        model, index, config: digests and versions it was judged by.
        shot: the best shot, on the phases that have a new one.
        stranger: of somebody unknown, the pseudonym by which the device remembers them; empty where it does not. Never
            leaves the device.
        stranger_visits: how often they came under it, this visit included.
        by_centre: the device does not know them; its centre does. `confidence` is the centre's then, and `best` has its
            key and no id of ours.
        liveness: how alive the face looked to a passive model, 0–1, the mean of the frames that voted; None where that
            was not asked.
    """

    id: str
    phase: Phase
    outcome: Outcome
    camera: str
    track: int
    visit: str
    best: Candidate | None
    similarity: float
    confidence: float
    margin: float
    threshold: float
    frames: int
    quality: Quality | None
    box: Box | None
    captured: Moment
    decided: Moment
    model: str
    index: int
    config: str
    shot: BestShot | None = None
    stranger: str = ""
    stranger_visits: int = 0
    by_centre: bool = False
    liveness: float | None = None
