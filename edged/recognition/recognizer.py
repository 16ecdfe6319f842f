"""From a frame to events: the product on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edged.config.document import DecisionSettings, Document, QualitySettings, VisitSettings
from edged.domain.curve import Curve
from edged.domain.event import Event, Outcome
from edged.domain.face import Box, Face, Flaw
from edged.domain.frame import Frame, Image, Moment
from edged.domain.person import Candidate, ModelRef
from edged.recognition.ballot import Ballot, Vote
from edged.recognition.decide import Claim, Verdict, decide, share_out
from edged.recognition.threshold import cosine_for
from edged.recognition.tracker import Track, Tracker
from edged.recognition.visit import Judged, NewId, Portrait, Visit, VisitBook
from edged.vision.quality import find_flaw, measure

_PICTURE_SIDE: Final = 480
_ALIKE_RATE: Final = 1e-4
"""Two faces without a name, seconds apart on one camera, count as one person's from the cosine that strangers reach in
one of so many comparisons."""


class Sight(Protocol):
    """What the recogniser needs of the vision room; `edged.vision.sight.Sight` is one."""

    @property
    def model(self) -> ModelRef: ...
    @property
    def curve(self) -> Curve: ...
    def detect(self, image: Image) -> Sequence[Face]: ...
    def crop(self, image: Image, face: Face) -> Image: ...
    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]: ...


class Memory(Protocol):
    """What the recogniser needs of the gallery; `edged.gallery.snapshot.Snapshot` is one."""

    @property
    def version(self) -> int: ...
    @property
    def templates(self) -> int: ...
    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> Sequence[Sequence[Candidate]]: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of the configuration that one frame is judged by, with the version that says so in its events."""

    quality: QualitySettings
    decision: DecisionSettings
    visits: VisitSettings
    version: str

    @classmethod
    def of(cls, document: Document, version: str) -> Rules:
        return cls(document.quality, document.decision, document.visits, version)


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A face of the frame, for whoever looks at the page.

    Attributes:
        outcome: None until there is an answer; name: of the person, when known.
        flaw: why this frame's face was not good enough, if it was looked at and was not.
    """

    track: int
    box: Box
    outcome: Outcome | None
    name: str
    similarity: float
    flaw: Flaw | None


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one frame gave."""

    events: tuple[Event, ...]
    sightings: tuple[Sighting, ...]


@dataclass(slots=True, eq=False)
class _Watch:
    """A track with what is known about its face.

    Attributes:
        candidates: of the last lookup; gallery: the version it was made in; voted: whether a frame voted since.
        looked: when a frame last voted, monotonic seconds.
    """

    track: Track
    ballot: Ballot = field(default_factory=Ballot)
    portrait: Portrait | None = None
    candidates: tuple[Candidate, ...] = ()
    gallery: int = -1
    voted: bool = False
    looked: float = float("-inf")
    flaw: Flaw | None = None
    verdict: Verdict | None = None
    visit: Visit | None = None

    def is_due(self, at: Moment, look_again_s: float) -> bool:
        """Whether this frame's face is worth an embedding."""
        undecided = self.verdict is None or self.verdict.outcome is Outcome.UNDECIDED
        return undecided or at.mono - self.looked >= look_again_s

    def needs_lookup(self, gallery: int) -> bool:
        return bool(self.ballot.votes) and (self.voted or gallery != self.gallery)

    def claim(self, candidates: tuple[Candidate, ...], at: Moment) -> Claim:
        return Claim(candidates, len(self.ballot.votes), at.mono - self.track.first.mono)

    def is_superseded_by(self, verdict: Verdict, gallery: int) -> bool:
        """Whether a later answer about the same face replaces the one it has.

        A name that was given stays while the face only turns away or blurs. It changes when another name is reached,
        and whenever the gallery has changed, so that a deleted person is gone at once.
        """
        if self.verdict is None or gallery != self.gallery:
            return True
        if not self.voted:
            return self.verdict.outcome is Outcome.UNDECIDED is not verdict.outcome
        if verdict.outcome is Outcome.UNDECIDED:
            return self.verdict.outcome is Outcome.UNDECIDED
        return verdict.outcome is Outcome.KNOWN or self.verdict.outcome is not Outcome.KNOWN


@dataclass(slots=True, eq=False)
class _Scene:
    """One camera's tracks and visits."""

    book: VisitBook
    tracker: Tracker = field(default_factory=Tracker)
    watches: dict[int, _Watch] = field(default_factory=dict)

    def watch(self, track: Track) -> _Watch:
        return self.watches.setdefault(track.id, _Watch(track))


class Recognizer:
    """Judges frames. Belongs to one thread; keeps the tracks and visits of every camera, and nothing else.

    Args:
        sight: finds, aligns and embeds faces.
        new_id: makes identifiers for visits and events.
    """

    def __init__(self, sight: Sight, new_id: NewId) -> None:
        self._sight = sight
        self._new_id = new_id
        self._scenes: dict[str, _Scene] = {}
        self.refusals: Counter[Flaw] = Counter()

    def look(self, frame: Frame, rules: Rules, gallery: Memory) -> Look:
        """Finds the faces of a frame, compares them and says what has changed.

        The frame is judged by exactly these rules and this snapshot. Blocks for one detection, and one embedding run
        for all faces that are due.

        Returns:
            The events, in the order they happened, and where the faces are.
        """
        scene = self._scene(frame.camera)
        faces = [face for face in self._sight.detect(frame.image) if face.score >= rules.decision.min_face_score]
        tracks = scene.tracker.follow([face.box for face in faces], frame.at)
        watches = [scene.watch(track) for track in tracks]
        self._vote(scene, frame, faces, watches, rules)
        candidates = self._compare(watches, gallery)
        threshold = rules.decision.threshold or cosine_for(
            self._sight.curve, rules.decision.target_fpir, gallery.templates
        )
        events: list[Event] = []
        for watch in watches:
            verdict = decide(watch.claim(candidates[watch.track.id], frame.at), threshold, rules.decision)
            if verdict and watch.is_superseded_by(verdict, gallery.version):
                events += self._settle(scene, watch, verdict, frame.at, rules, gallery)
            elif watch.visit is not None:
                events += scene.book.see(watch.visit, watch.portrait, frame.at, rules.visits)
            watch.gallery, watch.voted = gallery.version, False
        events += self.lapse(frame.camera, frame.at, rules)
        return Look(tuple(events), tuple(_sighting(watch) for watch in watches))

    def lapse(self, camera: str, at: Moment, rules: Rules) -> list[Event]:
        """Lets time pass on a camera without a frame to look at: faces leave, visits end."""
        scene = self._scene(camera)
        for track in scene.tracker.lapse(at, rules.visits.leave_s):
            watch = scene.watches.pop(track.id, None)
            if watch and watch.visit:
                watch.visit.present = False
        return scene.book.lapse(at, rules.visits)

    def is_watching(self, camera: str) -> bool:
        """Whether a face was in this camera's picture a moment ago, so that a still picture is still worth a look."""
        return bool(self._scene(camera).tracker.tracks)

    def leave(self, camera: str) -> list[Event]:
        """Ends all visits of a camera that stops."""
        scene = self._scenes.pop(camera, None)
        return scene.book.close() if scene else []

    def _scene(self, camera: str) -> _Scene:
        if camera not in self._scenes:
            self._scenes[camera] = _Scene(VisitBook(camera, self._new_id))
        return self._scenes[camera]

    def _vote(self, scene: _Scene, frame: Frame, faces: list[Face], watches: list[_Watch], rules: Rules) -> None:
        """Embeds the good faces that are due, all in one run, and lets each vote.

        A face that is not the one its track followed so far begins a new track: `watches` is changed in place.
        """
        good: list[tuple[int, Image]] = []
        for index, (face, watch) in enumerate(zip(faces, watches, strict=True)):
            if not watch.is_due(frame.at, rules.decision.look_again_s):
                continue
            crop = self._sight.crop(frame.image, face)
            quality = measure(face, crop)
            watch.flaw = find_flaw(quality, face, frame.image.shape, rules.quality)
            if watch.flaw is not None:
                self.refusals[watch.flaw] += 1
                continue
            good.append((index, crop))
            if watch.portrait is None or quality.score > watch.portrait.quality.score:
                watch.portrait = Portrait(_surroundings(frame.image, face.box), quality, face.box, frame.at)
        if not good:
            return
        embeddings = self._sight.embed([crop for _, crop in good])
        for (index, crop), embedding in zip(good, embeddings, strict=True):
            if not watches[index].ballot.belongs(embedding):
                watches[index] = self._take_over(scene, watches[index], frame.at)
            watches[index].ballot.cast(Vote(embedding, crop))
            watches[index].looked = frame.at.mono
            watches[index].voted = True

    def _take_over(self, scene: _Scene, watch: _Watch, at: Moment) -> _Watch:
        """Another face stands where this track was: the old face has left, a new track begins at its place."""
        scene.tracker.forget(watch.track)
        del scene.watches[watch.track.id]
        if watch.visit:
            watch.visit.present = False
        return scene.watch(scene.tracker.begin(watch.track.box, at))

    def _compare(self, watches: list[_Watch], gallery: Memory) -> dict[int, tuple[Candidate, ...]]:
        """Looks up the faces whose votes or gallery are new, and shares the names out among all faces of the frame."""
        asking = [watch for watch in watches if watch.needs_lookup(gallery.version)]
        if asking:
            probes, lengths = zip(*(watch.ballot.probe() for watch in asking), strict=True)
            answers = gallery.nearest(np.stack(probes), k=len(watches) + 1)
            for watch, length, found in zip(asking, lengths, answers, strict=True):
                watch.candidates = tuple(replace(item, similarity=item.similarity * length) for item in found)
        return share_out({watch.track.id: watch.candidates for watch in watches})

    def _settle(
        self, scene: _Scene, watch: _Watch, verdict: Verdict, at: Moment, rules: Rules, gallery: Memory
    ) -> list[Event]:
        curve = self._sight.curve
        judged = Judged(
            track=watch.track.id,
            verdict=verdict,
            face=watch.ballot.probe()[0] if watch.ballot.votes else None,
            crops=tuple(vote.crop for vote in watch.ballot.votes),
            portrait=watch.portrait,
            confidence=curve.confidence(verdict.similarity) if verdict.best else 0.0,
            model=self._sight.model.digest,
            index=gallery.version,
            config=rules.version,
            at=at,
        )
        watch.verdict = verdict
        watch.visit, events = scene.book.settle(watch.visit, judged, curve.cosine_at(_ALIKE_RATE))
        return events


def _surroundings(image: Image, box: Box) -> Image:
    """A copy of the face and as much again around it, at most 480 px on the longer side."""
    height, width = image.shape[:2]
    left, right = int(box.x1 - box.width / 2), int(box.x2 + box.width / 2)
    top, bottom = int(box.y1 - box.height / 2), int(box.y2 + box.height / 2)
    cut = image[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    longer = max(cut.shape[:2])
    if longer <= _PICTURE_SIDE:
        return cut.copy()
    scale = _PICTURE_SIDE / longer
    size = (max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[0] * scale)))
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _sighting(watch: _Watch) -> Sighting:
    verdict = watch.verdict
    known = verdict is not None and verdict.outcome is Outcome.KNOWN and verdict.best is not None
    return Sighting(
        track=watch.track.id,
        box=watch.track.box,
        outcome=verdict.outcome if verdict else None,
        name=(verdict.best.person.name or verdict.best.person.customer_person_id)
        if known and verdict and verdict.best
        else "",
        similarity=verdict.similarity if verdict else 0.0,
        flaw=watch.flaw,
    )
