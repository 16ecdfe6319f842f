"""Another embedder without enrolling anybody again: re-made templates, and how the two models agree."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from edged.config.document import Document
from edged.config.store import read_kept, write_kept
from edged.domain.errors import Refused
from edged.domain.event import Outcome, Phase
from edged.domain.frame import Image
from edged.domain.person import Person, Template
from edged.domain.progress import Progress
from edged.gallery.build import build
from edged.gallery.snapshot import Snapshot
from edged.mqtt.outbox_reader import OutboxReader
from edged.recognition.decide import Verdict
from edged.recognition.identification import replay
from edged.recognition.recognizer import Rules
from edged.runtime.state_dir import StateDir
from edged.vision.align import align
from edged.vision.manifest import read_embedder, verified_file
from edged.vision.sight import Sight, open_sight
from edged.wire.event import EventRecord

_DECIDED: Final = (Phase.NEW, Phase.UPDATE)
_FORMER: Final = "former-embedder.json"
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made for another model.

    Attributes:
        made: templates re-made now; people: who can be recognised with the model.
        left_out: who cannot: no face of theirs is kept, so that they must be photographed again.
    """

    made: int
    people: int
    left_out: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model says of an event: the outcome, whom it names, and how sure that is."""

    outcome: Outcome
    person: str
    similarity: float
    threshold: float


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An event that two models decide differently."""

    event: EventRecord
    current: Answer
    other: Answer


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two models decide the same live traffic.

    Attributes:
        events: how many were decided by both; same: of these, alike.
        disagreements: the others, the newest first.
    """

    events: int
    same: int
    disagreements: tuple[Disagreement, ...]


def with_model(document: Document, name: str) -> Document:
    """The document as if it named this embedder."""
    return document.model_copy(update={"models": document.models.model_copy(update={"embedder": name})})


def prepare(state: StateDir, document: Document, name: str, progress: Progress) -> Prepared:
    """Makes the templates that another embedder lacks from the kept faces, and its index beside the one in use.

    Nothing that is in use changes: a running daemon goes on. May be cut off at any time and begun again: who is done
    is done. Blocks for about 10 ms a photograph.

    Args:
        state: the state directory.
        document: in force.
        name: of the embedder's manifest.
        progress: told of each step.

    Raises:
        Unavailable, Corrupt: the model, the database or a kept face cannot be used.
    """
    progress(f"loading {name}", 0.0)
    sight = open_sight(document.models.model_copy(update={"embedder": name}))
    made = 0
    with closing(state.open_people(document)) as people:
        waiting = people.incomplete(sight.model)
        for number, person in enumerate(waiting):
            progress(f"person {number + 1:,} of {len(waiting):,}", number / (len(waiting) + 1))
            templates = _remade(sight, people.crops(person.customer_person_id))
            if templates:
                people.enroll(person, templates, sight.model)
                made += len(templates)
        left_out = tuple(people.without(sight.model))
        there = people.count() - len(left_out)
    progress("building the index", 0.97)
    with closing(state.open_gallery(with_model(document, name), sight.model)) as gallery:
        if gallery.needs_rebuild:
            gallery.adopt(build(gallery.begin_build()))
    progress("done", 1.0)
    return Prepared(made, there, left_out)


def check(document: Document, name: str) -> None:
    """That there is such an embedder and it is built, before minutes of work.

    Raises:
        Unavailable, Corrupt: it is not.
    """
    directory = document.models.directory
    verified_file(read_embedder(directory, name), directory)


def prepare_switch(state: StateDir, document: Document, name: str, *, leave_out: bool, progress: Progress) -> Prepared:
    """`prepare` for an embedder that is to be used next.

    Args:
        leave_out: even if there are people who could not be recognised with it.

    Raises:
        Refused: `left_out`: there are. What was prepared stays.
        Unavailable, Corrupt: as `prepare`, or there is no such embedder.
    """
    check(document, name)
    prepared = prepare(state, document, name, progress)
    if prepared.left_out and not leave_out:
        some = ", ".join(person.customer_person_id for person in prepared.left_out[:_NAMED])
        raise Refused(
            "left_out",
            f"{len(prepared.left_out)} people could not be recognised with {name}: no face of theirs is kept",
            f"Photograph them again ({some} …), or leave them out: --leave-out, `leave_out` in a request.",
        )
    return prepared


def remember_former(document: Document, name: str) -> None:
    """Keeps the embedder that was in use, for `former`.

    Raises:
        Unavailable: the state directory cannot be written.
    """
    write_kept(document.device.state / _FORMER, {"embedder": name})


def former(document: Document) -> str:
    """The embedder that was in use before the last switch; empty where there was none.

    Raises:
        ConfigInvalid: the file is damaged.
        Unavailable: it cannot be read.
    """
    return str((read_kept(document.device.state / _FORMER) or {}).get("embedder") or "")


def compare(state: StateDir, document: Document, name: str, most: int, progress: Progress) -> Comparison:
    """Decides the latest events again, by the embedder in use and by another, each with its own templates.

    Args:
        state: the state directory, whose kept events and pictures are the live traffic.
        document: in force.
        name: of the other embedder; `prepare` it first.
        most: events at most, the newest first.
        progress: told of each step.

    Raises:
        Unavailable, Corrupt: a model, the events or the gallery cannot be used.
    """
    progress("loading the models", 0.0)
    both = [_Side.open(state, document), _Side.open(state, with_model(document, name))]
    with closing(OutboxReader.open(state.events)) as reader:
        records = [kept.record for kept in reader.recent(most) if kept.record.type in _DECIDED]
    shots = state.open_shots(document)
    events, differing = 0, []
    for number, record in enumerate(records):
        progress(f"event {number + 1:,} of {len(records):,}", number / (len(records) + 1))
        crops = shots.crops(record.id)
        if crops:
            current, other = (side.answer(crops, both[0].sight) for side in both)
            events += 1
            if (current.outcome, current.person) != (other.outcome, other.person):
                differing.append(Disagreement(record, current, other))
    progress("done", 1.0)
    return Comparison(events, events - len(differing), tuple(differing))


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    sight: Sight
    snapshot: Snapshot
    rules: Rules

    @classmethod
    def open(cls, state: StateDir, document: Document) -> _Side:
        sight = open_sight(document.models)
        with closing(state.open_gallery(document, sight.model)) as gallery:
            return cls(sight, gallery.snapshot(), Rules.of(document, ""))

    def answer(self, crops: Sequence[Image], taken_by: Sight) -> Answer:
        verdict = replay(self.sight, [_as_for(self.sight, crop, taken_by) for crop in crops], self.rules, self.snapshot)
        return Answer(verdict.outcome, _named(verdict), verdict.similarity, verdict.threshold)


def _as_for(sight: Sight, crop: Image, taken_by: Sight) -> Image:
    """A face that was aligned for one embedder, as another wants it."""
    mine, theirs = sight.embedder, taken_by.embedder
    if mine.crop_size == theirs.crop_size and (mine.template == theirs.template).all():
        return crop
    return align(crop, theirs.template, mine.template, mine.crop_size)


def _named(verdict: Verdict) -> str:
    return verdict.named.customer_person_id if verdict.named else ""


def _remade(sight: Sight, kept: Sequence[tuple[str, float, Image]]) -> list[Template]:
    vectors = sight.embed([sight.crop_again(crop) for _hash, _quality, crop in kept])
    return [
        Template(vector, quality, photo_hash)
        for (photo_hash, quality, _crop), vector in zip(kept, vectors, strict=True)
    ]
