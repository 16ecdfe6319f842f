"""A stage for the recogniser: faces that a script moves about, at the seam where the real ones come in.

Everything is deterministic. A face's crop carries in its first pixels whose it is and which frame it is from, so that
embedding is a function of pixels here as it is in life.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import DecisionSettings, Document, StrangerSettings, VisitSettings
from edged.domain.curve import Curve
from edged.domain.event import Event
from edged.domain.face import Box, Face
from edged.domain.frame import Frame, Image, Moment
from edged.domain.identity import uuid7
from edged.domain.person import Candidate, ModelRef, Person
from edged.domain.survey import NO_SURVEY, Survey
from edged.recognition.recognizer import Look, Recognizer, Rules

CURVE: Final = Curve(((1e-2, 0.26), (1e-3, 0.36), (1e-4, 0.42), (1e-5, 0.47)), 20.0, -6.0)
DIMENSION: Final = 128
UTC: Final = 1_767_268_800.0
_SIDE: Final = 112
_NOISE: Final = 0.5
"""Length of the noise added to a unit vector: two frames of one face have a cosine of about 0.8 then."""

_dice = np.random.default_rng(11)
_VECTORS: Final = np.linalg.qr(_dice.standard_normal((DIMENSION, DIMENSION)))[0].astype(np.float32)
_SKIN: Final = _dice.integers(40, 200, (_SIDE, _SIDE, 3), dtype=np.uint8)
_PICTURE: Final = np.zeros((480, 1280, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody in a frame.

    Attributes:
        who: number of the identity; below DIMENSION they are entirely unlike each other.
        x, y: centre; size: of the box's side; all in pixels.
        turned: the face is turned away, which is a flaw; yaw: how far it is turned otherwise, as in `Quality`.
        like, likeness: another identity whose features it shares, and their cosine.
    """

    who: int
    x: float
    y: float = 240.0
    size: float = 100.0
    turned: bool = False
    yaw: float = 0.0
    score: float = 0.9
    like: int = 0
    likeness: float = 0.0

    @property
    def box(self) -> Box:
        half = self.size / 2
        return Box(self.x - half, self.y - half, self.x + half, self.y + half)


@dataclass(frozen=True, slots=True, eq=False)
class _StagedFace(Face):
    """A face that knows which figure it is: what `crop` sees where the real one sees pixels."""

    figure: Figure = field(default_factory=lambda: Figure(0, 0.0))


class StagedLife:
    """A liveness model that says of all faces what it was told to.

    Attributes:
        says: the score from now on; asked: of how many faces, each time.
    """

    threshold = 0.5

    def __init__(self, says: float) -> None:
        self.says = says
        self.asked: list[int] = []

    def score(self, image: Image, faces: Sequence[Face]) -> NDArray[np.float32]:
        self.asked.append(len(faces))
        return np.full(len(faces), self.says, np.float32)


class StagedSight:
    """A `Sight` that finds the figures it has been told of.

    Attributes:
        figures: in the picture now.
        embedded: how many faces each embedding run had.
        life: scores how alive they look, where a test wants that.
    """

    def __init__(self) -> None:
        self.figures: tuple[Figure, ...] = ()
        self.embedded: list[int] = []
        self.life: StagedLife | None = None
        self._frames = 0

    @property
    def model(self) -> ModelRef:
        return ModelRef("staged", "ab" * 32, DIMENSION)

    @property
    def curve(self) -> Curve:
        return CURVE

    @property
    def liveness(self) -> StagedLife | None:
        return self.life

    def detect(self, image: Image) -> tuple[Face, ...]:
        self._frames += 1
        faces = [_StagedFace(figure.box, figure.score, _landmarks(figure), figure) for figure in self.figures]
        return tuple(sorted(faces, key=lambda face: -face.score))

    def crop(self, image: Image, face: Face) -> Image:
        assert isinstance(face, _StagedFace)
        figure = face.figure
        crop = _SKIN.copy()
        crop[0, 0] = (figure.who, figure.like, round(255 * figure.likeness))
        crop[0, 1] = (self._frames & 255, self._frames >> 8 & 255, figure.who)
        return crop

    def embed(self, crops: Sequence[Image]) -> NDArray[np.float32]:
        self.embedded.append(len(crops))
        return np.array([_embedding(crop) for crop in crops], np.float32).reshape(len(crops), DIMENSION)


def identity(who: int, like: int = 0, likeness: float = 0.0) -> NDArray[np.float32]:
    """The face of an identity without noise, a unit vector; like that of another by the given cosine."""
    own = float(np.sqrt(1 - likeness**2))
    return np.asarray(own * _VECTORS[who % DIMENSION] + likeness * _VECTORS[like % DIMENSION], np.float32)


def whose(crop: Image) -> int:
    """The identity in a crop."""
    return int(crop[0, 0, 0])


def _embedding(crop: Image) -> NDArray[np.float32]:
    who, like, likeness = (int(value) for value in crop[0, 0])
    noise = np.random.default_rng(crop[0, 1].tolist()).standard_normal(DIMENSION).astype(np.float32)
    vector = identity(who, like, likeness / 255) + np.float32(_NOISE) * noise / np.linalg.norm(noise)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def _landmarks(figure: Figure) -> NDArray[np.float32]:
    nose = 0.5 + 0.185 * (-1.1 if figure.turned else figure.yaw)
    points = np.array([(0.3, 0.35), (0.7, 0.35), (nose, 0.55), (0.33, 0.75), (0.67, 0.75)])
    corner = np.array([figure.box.x1, figure.box.y1])
    return np.asarray(corner + points * figure.size, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class StagedMemory:
    """A gallery that compares with everybody. One template a person."""

    version: int
    people: tuple[tuple[Person, NDArray[np.float32]], ...]
    survey: Survey = NO_SURVEY

    @classmethod
    def of(cls, *enrolled: int) -> StagedMemory:
        return cls(1, tuple((person(who), identity(who)) for who in enrolled))

    @property
    def persons(self) -> int:
        return len(self.people)

    @property
    def templates(self) -> int:
        return len(self.people)

    def nearest(self, probes: NDArray[np.float32], k: int = 2) -> tuple[tuple[Candidate, ...], ...]:
        found = []
        for probe in probes:
            everybody = [Candidate(person, float(probe @ template)) for person, template in self.people]
            found.append(tuple(sorted(everybody, key=lambda candidate: -candidate.similarity)[:k]))
        return tuple(found)

    def with_person(self, who: int, template: NDArray[np.float32] | None = None) -> StagedMemory:
        """One more; with the face of `who` unless another is given."""
        entry = person(who), identity(who) if template is None else template
        return StagedMemory(self.version + 1, (*self.people, entry))

    def without(self, who: int) -> StagedMemory:
        return StagedMemory(self.version + 1, tuple(entry for entry in self.people if entry[0] != person(who)))


def person(who: int) -> Person:
    """The person enrolled with this identity."""
    return Person(id=f"person-{who}", customer_person_id=f"c{who}", name=f"Name {who}")


def rules(*, decision: DecisionSettings | None = None, visits: VisitSettings | None = None) -> Rules:
    """The default rules but for what is given."""
    document = Document()
    return replace(
        Rules.of(document, "cd" * 32),
        decision=decision or document.decision,
        visits=visits or document.visits,
    )


class Stage:
    """One camera in front of which figures are put.

    Attributes:
        events: all so far, in the order they came.
        now: seconds since the beginning.
        utc_jump: added to the wall clock's time; the recogniser must not care.
    """

    def __init__(self, *enrolled: int, rules: Rules | None = None, fps: float = 10.0) -> None:
        self.sight = StagedSight()
        self.memory = StagedMemory.of(*enrolled)
        self.rules = rules or Rules.of(Document(), "cd" * 32)
        self.strangers = StrangerSettings()
        self.fps = fps
        self.events: list[Event] = []
        self.now = 0.0
        self.utc_jump = 0.0
        entropy = itertools.count(1)
        self.recognizer = Recognizer(
            self.sight,
            lambda at: uuid7(at.utc, next(entropy).to_bytes(10, "big")),
            lambda: next(entropy).to_bytes(32, "big"),
        )

    def show(self, *figures: Figure, camera: str = "door") -> Look:
        """One frame with these figures; time goes on by one frame."""
        self.sight.figures = figures
        self.recognizer.mind_strangers(self.moment, self.strangers, self.memory)
        look = self.recognizer.look(Frame(camera, 0, self.moment, _PICTURE), self.rules, self.memory)
        self.events += look.events
        self.now += 1 / self.fps
        return look

    def hold(self, seconds: float, *figures: Figure) -> list[Event]:
        """The same figures for so long; the events of that time."""
        before = len(self.events)
        for _ in range(round(seconds * self.fps)):
            self.show(*figures)
        return self.events[before:]

    def walk(self, seconds: float, *figures: Figure, speeds: Sequence[float]) -> list[Event]:
        """The figures move sideways, each at its own speed in pixels a second."""
        before, begun = len(self.events), self.now
        for _ in range(round(seconds * self.fps)):
            gone = self.now - begun
            moved = [replace(figure, x=figure.x + speed * gone) for figure, speed in zip(figures, speeds, strict=True)]
            self.show(*moved)
        return self.events[before:]

    @property
    def moment(self) -> Moment:
        return Moment(1000.0 + self.now, UTC + self.now + self.utc_jump)
