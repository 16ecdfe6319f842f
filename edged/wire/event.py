"""An event: as the device keeps it, and as the world gets it."""

from __future__ import annotations

from typing import Final, TypeVar

from pydantic import Field, ValidationError

from edged.domain.errors import Refused
from edged.domain.event import Event, Outcome, Phase
from edged.domain.face import Box, Quality
from edged.domain.person import Person
from edged.wire.payload import DECIMALS, Instant, Part, Payload, instant

_Message = TypeVar("_Message", bound=Payload)

MAX_EVENT_BYTES: Final = 64 * 1024
"""An event is about 1 kB. Whatever is longer than this is no event of ours and is not parsed."""


class PersonPart(Part):
    """Somebody enrolled."""

    id: str
    """edged's own id, a UUIDv7, never reused."""
    customer_person_id: str
    """The customer's key."""
    name: str = Field(default="", exclude_if=lambda name: not name)
    """Display name; the key is absent where the person has none."""


class CandidatePart(Part):
    """The most similar person, whatever was decided. Kept on the device only."""

    person: PersonPart
    similarity: float


class QualityPart(Part):
    """What was measured of the best shot."""

    size: float
    """Pixels between the eyes."""
    sharpness: float
    """Variance of the Laplacian of the aligned grey face."""
    yaw: float
    """0 frontal, about ±1 at profile."""
    pitch: float
    """0 frontal, + looking up, same scale."""
    light: float
    """Mean grey, 0–255."""
    contrast: float
    """Standard deviation of the grey."""
    score: float
    """All of it in one number, 0–1."""


class BoxPart(Part):
    """A rectangle in pixels of the camera's view: x to the right, y down; may reach past the border."""

    x1: float
    y1: float
    x2: float
    y2: float


class SettledTimes(Part):
    """When it happened, as far as the device knows before it has spoken."""

    captured: Instant
    """The frame that settled it was taken."""
    decided: Instant
    """The decision was made."""


class EventTimes(SettledTimes):
    """When it happened and when it was told."""

    published: Instant
    """The event was handed to the broker; for a replayed one, this time."""


class Judgement(Payload):
    """What both forms of an event say."""

    id: str
    """A UUIDv7. Readers de-duplicate by it: every event arrives at least once."""
    type: Phase
    """Where in its life the visit is."""
    outcome: Outcome
    """What was decided."""
    camera: str
    track: int
    """Counts the faces followed since the daemon started."""
    visit: str
    """A UUIDv7, the same over the whole visit."""
    similarity: float
    """Cosine to the most similar person, -1…1; 0 where nobody was compared. Not a probability."""
    confidence: float
    """Calibrated probability that it is that person, 0–1. Not a cosine."""
    margin: float
    """Similarity less that of the second person."""
    threshold: float
    """The cosine that had to be reached."""
    frames: int
    """How many frames voted."""
    quality: QualityPart | None
    box: BoxPart | None
    """Of the best shot."""
    model: str
    """Digest of the embedding model it was judged by."""
    index: int
    """Version of the index of people it was judged by."""
    config: str
    """Digest of the configuration it was judged by."""
    by_centre: bool = Field(default=False, exclude_if=lambda by_centre: not by_centre)
    """The device does not know the person, its centre does: `confidence` is the centre's, and `person` has its key and
    no id; absent otherwise."""


class EventRecord(Judgement):
    """An event as the outbox keeps it: with its explanation, before it is told."""

    best: CandidatePart | None
    at: SettledTimes
    stranger: str = Field(default="", exclude_if=lambda stranger: not stranger)
    """The pseudonym of somebody unknown who is remembered for a while; absent otherwise."""
    stranger_visits: int = Field(default=0, exclude_if=lambda visits: not visits)
    """How often they came under it by then."""
    liveness: float | None = Field(default=None, exclude_if=lambda liveness: liveness is None)
    """Probability that a living face was there; absent where it was not checked."""


class EventMessage(Judgement):
    """An event as it is published under `event`, QoS 1, never retained."""

    seq: int
    """Counts this boot's events from 1 without gaps: a missing number is a lost event."""
    boot: str
    """Names the boot that `seq` counts in."""
    device: str
    person: PersonPart | None
    """Only where the outcome is `known`: whom a stranger resembles is nobody's business outside the device."""
    liveness: float | None = None
    """Probability that a living face was there; null where it was not checked."""
    zones: tuple[str, ...] = ()
    """Names of the zones the face was in; empty where none are set up."""
    at: EventTimes
    replayed: bool
    """It waited in the outbox: accepted before the connection that brought it was there."""


def record_of(event: Event) -> EventRecord:
    """What is kept of an event; its pictures are not."""
    best = event.best
    return EventRecord(
        id=event.id,
        type=event.phase,
        outcome=event.outcome,
        camera=event.camera,
        track=event.track,
        visit=event.visit,
        similarity=round(event.similarity, DECIMALS),
        confidence=round(event.confidence, DECIMALS),
        margin=round(event.margin, DECIMALS),
        threshold=round(event.threshold, DECIMALS),
        frames=event.frames,
        quality=None if event.quality is None else _quality(event.quality),
        box=None if event.box is None else _box(event.box),
        model=event.model,
        index=event.index,
        config=event.config,
        best=best and CandidatePart(person=person_part(best.person), similarity=round(best.similarity, DECIMALS)),
        at=SettledTimes(captured=instant(event.captured.utc), decided=instant(event.decided.utc)),
        stranger=event.stranger,
        stranger_visits=event.stranger_visits,
        by_centre=event.by_centre,
        liveness=None if event.liveness is None else round(event.liveness, DECIMALS),
    )


def message_of(
    record: EventRecord, *, device: str, boot: str, seq: int, published: float, replayed: bool
) -> EventMessage:
    """What is told of a kept event.

    Args:
        record: the event.
        device: the device's name.
        boot: the boot that accepted it, and its number there.
        seq: see `boot`.
        published: now, UTC seconds since the epoch.
        replayed: whether it waited in the outbox.
    """
    known = record.outcome is Outcome.KNOWN and record.best is not None
    return EventMessage(
        **{name: getattr(record, name) for name in Judgement.model_fields},
        seq=seq,
        boot=boot,
        device=device,
        person=record.best.person if known and record.best else None,
        liveness=record.liveness,
        at=EventTimes(captured=record.at.captured, decided=record.at.decided, published=instant(published)),
        replayed=replayed,
    )


def parse_event(payload: bytes) -> EventMessage:
    """Reads a published event back.

    Raises:
        Refused: `too_large` or `bad_event`, with the first thing wrong.
    """
    return read_back(payload, EventMessage, "event")


def read_back(payload: bytes, model: type[_Message], what: str) -> _Message:
    """Reads back what was published; `what`: it is called, in the words of an error. Raises as `parse_event`."""
    if len(payload) > MAX_EVENT_BYTES:
        article = "an" if what[0] in "aeiou" else "a"
        raise Refused("too_large", f"{article} {what} of {len(payload)} bytes is longer than {MAX_EVENT_BYTES}")
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the payload"
        raise Refused("bad_event", f"this is no {what} of version 1: {where}: {first['msg']}") from error


def person_part(person: Person) -> PersonPart:
    """How somebody enrolled is told."""
    return PersonPart(id=person.id, customer_person_id=person.customer_person_id, name=person.name)


def _quality(quality: Quality) -> QualityPart:
    return QualityPart(
        size=round(quality.size, 1),
        sharpness=round(quality.sharpness, 1),
        yaw=round(quality.yaw, 3),
        pitch=round(quality.pitch, 3),
        light=round(quality.light, 1),
        contrast=round(quality.contrast, 1),
        score=round(quality.score, 3),
    )


def _box(box: Box) -> BoxPart:
    return BoxPart(x1=round(box.x1, 1), y1=round(box.y1, 1), x2=round(box.x2, 1), y2=round(box.y2, 1))
