"""From a frame to events: the product on one screen."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edged.config.document import DecisionSettings, Document, QualitySettings, StrangerSettings, VisitSettings
from edged.domain.curve import Curve
from edged.domain.event import Event, Outcome
from edged.domain.face import Box, Face, Flaw, Quality
from edged.domain.frame import Frame, Image, Moment
from edged.domain.person import Candidate, ModelRef, Person
from edged.domain.scale import Crowd, Scale
from edged.recognition.ballot import Vote
from edged.recognition.decide import Verdict, decide, share_out
from edged.recognition.scene import Scene
from edged.recognition.strangers import Salt, Strangers
from edged.recognition.visit import Judged, NewId
from edged.recognition.watch import Watch
from edged.vision.quality import find_flaw, measure

DOOR_FPIR: Final = 1e-4
"""The door preset: where a face opens a door, a stranger's visit is taken for anybody at most so often."""
_WINDOW: Final = 8
"""So many good frames of a face count, the latest, or more where the configuration asks for more."""
CANDIDATES: Final = 4
"""People named for each face at least: some may turn out to be others in the picture, and some look alike."""
_ALIKE_RATE: Final = 1e-4
"""Two faces, seconds apart on one camera, count as one person's from the cosine that strangers reach in one of so many
comparisons."""
_UNLIKE_RATE: Final = 1e-1
_UNLIKE_RATE_IN_DOUBT: Final = 1e-2
"""Two faces in one place count as two people's below the cosine that strangers reach in one of so many comparisons: a
face that only turned is rarely so unlike itself. One that was never out of sight may turn farther."""


_CHECKED_AT_ONCE: Final = 4
"""Remembered strangers that are looked for at once when the gallery has changed: a frame must not wait for all."""


_VOTES_TO_YAW: Final = 0.35
"""While a camera is looked at closely, a face that is turned farther, by about 17 degrees, is compared and does not
vote: it is less like itself, and says less of who it is than those that look ahead."""


class Lifelike(Protocol):
    """Scores how alive faces look; `edged.vision.liveness.LivenessModel` does."""

    @property
    def threshold(self) -> float: ...
    def score(self, image: Image, faces: Sequence[Face]) -> NDArray[np.float32]: ...


class Sight(Protocol):
    """What the recogniser needs of the vision room; `edged.vision.sight.Sight` is one."""

    @property
    def model(self) -> ModelRef: ...
    @property
    def curve(self) -> Curve: ...
    @property
    def liveness(self) -> Lifelike | None: ...
    def detect(self, image: Image) -> Sequence[Face]: ...
    def crop(self, image: Image, face: Face) -> Image: ...
    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]: ...


class Memory(Crowd, Protocol):
    """What the recogniser needs of the gallery; `edged.gallery.snapshot.Snapshot` is one."""

    @property
    def version(self) -> int: ...
    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> Sequence[Sequence[Candidate]]: ...


@dataclass(frozen=True, slots=True)
class Rules:
    """The part of the configuration that one camera's frames are judged by, with the version that says so in events.

    Attributes:
        opens: whether a door opens by this camera: then a fixed threshold counts only where it asks for more than the
            target does.
        passive: whether a liveness model, where there is one, is asked about each face that votes: a door that this
            camera looks at wants it.
        closely: whether every face is compared in every frame, also one that is not good enough to vote, as a head-turn
            challenge needs it.
    """

    quality: QualitySettings
    decision: DecisionSettings
    visits: VisitSettings
    version: str
    opens: bool = False
    passive: bool = False
    closely: bool = False

    @classmethod
    def of(cls, document: Document, version: str, camera: str = "") -> Rules:
        """The rules at a camera, which may have its own target; those of the document where it is no camera's name. One
        that opens a door has the door preset unless it has a target of its own.
        """
        decision, own = document.decision, document.cameras.get(camera)
        if own and own.target_fpir is not None:
            decision = decision.model_copy(update={"target_fpir": own.target_fpir, "threshold": None})
        doors = [door for door in document.access.doors.values() if door.camera == camera]
        passive = any(door.liveness == "passive" for door in doors)
        if doors and (own is None or own.target_fpir is None) and decision.target_fpir > DOOR_FPIR:
            decision = decision.model_copy(update={"target_fpir": DOOR_FPIR})
        return cls(document.quality, decision, document.visits, version, opens=bool(doors), passive=passive)

    def threshold(self, scale: Scale) -> float:
        """The cosine that has to be reached in a gallery of this scale."""
        fixed = self.decision.threshold
        if fixed is None or self.opens:
            return max(fixed or 0.0, scale.cosine_for(self.decision.target_fpir))
        return fixed


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """A face of the frame, for the page and for whoever keeps a door.

    Attributes:
        landmarks: see `Face`.
        outcome: None until there is an answer, and while it is in doubt whose face it is.
        person: whom it shows, when known.
        similarity, margin, threshold, confidence: of that answer; 0 without one.
        visit: the visit it belongs to; empty until there is one.
        face: this frame's embedding, shape (dimension,), unit length; None where it was not compared.
        flaw: why this frame's face was not good enough, if it was looked at and was not.
        liveness: how alive the face looks to the liveness model, 0–1, the mean of the frames that voted; None where it
            was not asked.
        quality: what was measured of the face in this frame; None where it was not looked at.
    """

    track: int
    box: Box
    landmarks: NDArray[np.float32]
    outcome: Outcome | None
    person: Person | None
    similarity: float
    margin: float
    threshold: float
    confidence: float
    visit: str
    face: NDArray[np.float32] | None
    flaw: Flaw | None
    liveness: float | None = None
    quality: Quality | None = None

    @property
    def name(self) -> str:
        """What to call the person; empty where nobody was recognised."""
        return self.person.name or self.person.customer_person_id if self.person else ""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one frame gave."""

    events: tuple[Event, ...]
    sightings: tuple[Sighting, ...]


class Recognizer:
    """Judges frames. Belongs to one thread; keeps the tracks and visits of every camera, and, where that is wanted, the
    strangers of the last hours.

    Args:
        sight: finds, aligns and embeds faces.
        new_id: makes identifiers for visits and events.
        salt: makes keys for the strangers' pseudonyms.

    Attributes:
        refusals: faces that were not good enough to be judged, counted by reason.
    """

    def __init__(self, sight: Sight, new_id: NewId, salt: Salt) -> None:
        self._sight = sight
        self._new_id = new_id
        self._track_numbers = itertools.count(1)
        self._scenes: dict[str, Scene] = {}
        self._strangers = Strangers(sight.curve, salt)
        self.refusals: Counter[Flaw] = Counter()

    def look(self, frame: Frame, rules: Rules, gallery: Memory) -> Look:
        """Finds the faces of a frame, compares them and says what has changed.

        The frame is judged by exactly these rules and this snapshot. Blocks for one detection, and one embedding run
        for all faces that are due.

        Returns:
            The events, in the order they happened, and where the faces are.
        """
        at, decision = frame.at, rules.decision
        scene = self._scene(frame.camera)
        faces = [face for face in self._sight.detect(frame.image) if face.score >= decision.min_face_score]
        watches = scene.follow(faces, at)
        embeddings = self._vote(scene, frame, faces, watches, rules)
        self._look_up(watches, gallery)
        scale = Scale.of(self._sight.curve, gallery)
        threshold = rules.threshold(scale)
        claims = {watch.track.id: watch.claim(at) for watch in watches}
        claims = share_out(claims, decision, scene.names_out_of_sight(watches))
        verdicts = [
            (watch, self._alive(watch, decide(claims[watch.track.id], threshold, decision, gallery.survey)))
            for watch in watches
        ]
        events: list[Event] = []
        for watch, verdict in sorted(verdicts, key=_names_someone):  # a name is taken away before it is given
            if verdict:
                judged = self._explain(watch, verdict, frame, rules, gallery)
                events += scene.settle(watch, judged, watches, self._sight.curve.cosine_at(_ALIKE_RATE))
            events += scene.see(watch, at, rules.visits)
        events += scene.lapse(at, rules.visits)
        seen = enumerate(zip(faces, watches, strict=True))
        sightings = tuple(_sighting(face, watch, embeddings.get(index)) for index, (face, watch) in seen)
        return Look(tuple(events), sightings)

    def mind_strangers(self, at: Moment, settings: StrangerSettings, gallery: Memory) -> None:
        """Forgets the strangers whose time is over, and a few at a time those who have been enrolled meanwhile.

        To be called often, whether or not there is a frame to look at. Blocks for one small lookup, and only after the
        gallery has changed.
        """
        self._strangers.lapse(at, settings)
        faces = self._strangers.unchecked(gallery.version, _CHECKED_AT_ONCE)
        if not faces:
            return
        alike = self._strangers.alike_among(gallery.templates)
        for pseudonym, found in zip(faces, gallery.nearest(np.stack(list(faces.values())), k=1), strict=True):
            if found and found[0].similarity >= alike:
                self._strangers.drop(pseudonym)

    def forget_strangers(self, faces: NDArray[np.float32]) -> int:
        """Forgets every stranger who may be one of these; returns how many.

        Args:
            faces: unit vectors, shape (faces, dimension).
        """
        return self._strangers.forget(faces)

    def lapse(self, camera: str, at: Moment, rules: Rules) -> list[Event]:
        """Lets time pass on a camera without a frame to look at: faces leave, visits end."""
        return self._scene(camera).lapse(at, rules.visits)

    def is_watching(self, camera: str) -> bool:
        """Whether a face was in this camera's picture a moment ago, so that a still picture is still worth a look."""
        return self._scene(camera).is_watching

    def leave(self, camera: str) -> list[Event]:
        """Ends all visits of a camera that stops."""
        scene = self._scenes.pop(camera, None)
        return scene.close() if scene else []

    def _scene(self, camera: str) -> Scene:
        if camera not in self._scenes:
            self._scenes[camera] = Scene(camera, self._track_numbers, self._new_id, self._strangers)
        return self._scenes[camera]

    def _vote(
        self, scene: Scene, frame: Frame, faces: list[Face], watches: list[Watch], rules: Rules
    ) -> Mapping[int, NDArray[np.float32]]:
        """Embeds the good faces that are due, all in one run, and lets each vote.

        While somebody new is being judged, everybody is due: the new face may be one that is thought to be elsewhere.
        Where the camera is looked at closely, everybody is due, and faces are embedded that do not vote.
        A face that is not the one its track followed so far is watched anew: `watches` is changed in place.

        Returns:
            The embeddings that were made, by the index of their face.
        """
        keep = max(_WINDOW, rules.decision.frames)
        good: list[tuple[int, Image, Quality]] = []
        extra: list[tuple[int, Image]] = []
        somebody_new = any(watch.standing is None and watch.ballot.votes for watch in watches)
        for index, (face, watch) in enumerate(zip(faces, watches, strict=True)):
            watch.flaw = watch.quality = None
            if not (somebody_new or rules.closely) and not watch.is_due(frame.at, rules.decision.look_again_s):
                continue
            crop = self._sight.crop(frame.image, face)
            quality = watch.quality = measure(face, crop)
            watch.flaw = find_flaw(quality, face, frame.image.shape, rules.quality)
            if watch.flaw is None and not (rules.closely and abs(quality.yaw) > _VOTES_TO_YAW):
                good.append((index, crop, quality))
                continue
            if watch.flaw is not None:
                self.refusals[watch.flaw] += 1
            if rules.closely:
                extra.append((index, crop))
            watch.show(frame, face.box, quality)
        looked_at = [(index, crop) for index, crop, _ in good] + extra
        if not looked_at:
            return {}
        embeddings = self._sight.embed([crop for _, crop in looked_at])
        found = {index: embedding for (index, _), embedding in zip(looked_at, embeddings, strict=True)}
        voting = {index: found[index] for index, _, _ in good}
        strays = {index: embedding for index, embedding in voting.items() if self._is_stray(watches[index], embedding)}
        scene.sort_out(watches, strays, frame.at, self._sight.curve.cosine_at(_ALIKE_RATE))
        lives = self._lives(frame, [faces[index] for index in voting], rules)
        for (index, crop, quality), life in zip(good, lives, strict=True):
            watches[index].vote(Vote(found[index], crop, life), frame.at, keep)
            watches[index].show(frame, faces[index].box, quality)
        return found

    def _lives(self, frame: Frame, faces: list[Face], rules: Rules) -> Sequence[float | None]:
        """How alive each face looks, where that is asked."""
        if not rules.passive or self._sight.liveness is None:
            return [None] * len(faces)
        return [float(life) for life in self._sight.liveness.score(frame.image, faces)]

    def _alive(self, watch: Watch, verdict: Verdict | None) -> Verdict | None:
        """The same answer, or that there is only a picture."""
        answer, model, liveness = verdict or watch.standing, self._sight.liveness, watch.liveness
        if watch.is_spoof or answer is None:
            return None
        if model is None or liveness is None or liveness >= model.threshold or answer.outcome is Outcome.UNDECIDED:
            return verdict
        return replace(answer, outcome=Outcome.SPOOF)

    def _is_stray(self, watch: Watch, embedding: NDArray[np.float32]) -> bool:
        """Whether a face is not the one that its track expected, or its track is new."""
        rate = _UNLIKE_RATE_IN_DOUBT if watch.in_doubt else _UNLIKE_RATE
        return not watch.ballot.votes or watch.ballot.likeness(embedding) < self._sight.curve.cosine_at(rate)

    def _look_up(self, watches: list[Watch], gallery: Memory) -> None:
        """Finds the people most like the faces whose votes, or the gallery, have changed."""
        asking = [watch for watch in watches if watch.votes and watch.index != gallery.version]
        if not asking:
            return
        probes, lengths = zip(*(watch.ballot.probe() for watch in asking), strict=True)
        answers = gallery.nearest(np.stack(probes), k=max(CANDIDATES, len(watches) + 1))
        for watch, length, found in zip(asking, lengths, answers, strict=True):
            watch.candidates = tuple(replace(item, similarity=item.similarity * length) for item in found)
            watch.index = gallery.version

    def _explain(self, watch: Watch, verdict: Verdict, frame: Frame, rules: Rules, gallery: Memory) -> Judged:
        return Judged(
            track=watch.track.id,
            verdict=verdict,
            face=watch.ballot.probe()[0] if watch.votes else None,
            crops=tuple(vote.crop for vote in watch.votes),
            shot=watch.shot,
            confidence=Scale.of(self._sight.curve, gallery).confidence(verdict.similarity) if verdict.best else 0.0,
            model=self._sight.model.digest,
            index=gallery.version,
            config=rules.version,
            at=frame.at,
            liveness=watch.liveness,
        )


def _names_someone(judged: tuple[Watch, Verdict | None]) -> bool:
    _, verdict = judged
    return verdict is not None and verdict.named is not None


def _sighting(face: Face, watch: Watch, embedding: NDArray[np.float32] | None) -> Sighting:
    verdict = None if watch.in_doubt else watch.standing
    return Sighting(
        track=watch.track.id,
        box=watch.track.box,
        landmarks=face.landmarks,
        outcome=verdict.outcome if verdict else None,
        person=verdict.named if verdict else None,
        similarity=verdict.similarity if verdict else 0.0,
        margin=verdict.margin if verdict else 0.0,
        threshold=verdict.threshold if verdict else 0.0,
        confidence=watch.visit.judged.confidence if verdict and watch.visit else 0.0,
        visit=watch.visit.id if verdict and watch.visit else "",
        face=embedding,
        flaw=watch.flaw,
        liveness=watch.liveness,
        quality=watch.quality,
    )
