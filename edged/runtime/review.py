"""The review of unknown visits: what the page may have done with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.accounts.note import Note
from edged.api.port import Closed, Enrolled, Unknown, Unknowns
from edged.audit.entry import Fact
from edged.config.document import HttpSettings, QualitySettings
from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.domain.person import Person, Template
from edged.gallery.dismissals import Dismissals
from edged.gallery.gallery import Gallery
from edged.gallery.pseudonyms import Pseudonyms, clean_pseudonym
from edged.gallery.shots import ShotStore
from edged.mqtt.outbox_reader import OutboxReader
from edged.recognition.enrolment import portray
from edged.recognition.review import group
from edged.runtime.clock import Clock
from edged.runtime.console.enrolling import VIA
from edged.runtime.judge import Judge
from edged.runtime.keeper import Keeper
from edged.runtime.review_queue import seen_in, unknown_visits
from edged.vision.sight import Sight

_VISITS: Final = 200
"""Visits that are listed at most; the rest comes when these are dealt with."""
_AT_ONCE: Final = 12
"""Visits whose faces are embedded for one answer: the page shows what it has, and asks again."""
_CROPS: Final = 2
"""Crops of a visit that are embedded, the latest: one run between two frames, about as long as the look at a frame."""
_ALIKE_RATE: Final = 1e-4
"""A picture shows the face that was judged from the cosine that strangers reach in one of so many comparisons."""
_PATIENCE_S: Final = 4.0


class ReviewDesk:
    """Does what the review asks for: `edged.api.port.Reviewer`. Any thread.

    It owns nothing of the models and the databases: faces are found and embedded on the judge's thread, one picture
    between two frames, and whatever is written is written on the keeper's.

    Args:
        sight: used on the judge's thread only.
        quality: what is asked of a picture now.
        note: gets into the audit what was done.
    """

    def __init__(
        self,
        sight: Sight,
        quality: Callable[[], QualitySettings],
        *,
        judge: Judge,
        keeper: Keeper,
        outbox: Path,
        shots: ShotStore,
        dismissals: Dismissals,
        pseudonyms: Pseudonyms,
        note: Note,
        clock: Clock,
    ) -> None:
        self._sight = sight
        self._quality = quality
        self._judge = judge
        self._keeper = keeper
        self._outbox = outbox
        self._shots = shots
        self._dismissals = dismissals
        self._pseudonyms = pseudonyms
        self._note = note
        self._clock = clock
        self._alike = sight.curve.cosine_at(_ALIKE_RATE)
        self._turn = threading.Lock()
        """One listing at a time: a second page would only ask for the same work."""
        self._faces: dict[str, NDArray[np.float32] | None] = {}
        """Mean embeddings by event, of what is listed only; None where there is nothing to embed."""

    def unknowns(self) -> Unknowns:
        """Raises: Unavailable, when another listing or the frames leave no time."""
        if not self._turn.acquire(timeout=_PATIENCE_S):
            raise Unavailable("another page is being answered", "Try again in a moment")
        try:
            listed = unknown_visits(self._outbox, self._shots, self._dismissals, _VISITS)
            self._faces = {record.id: self._faces[record.id] for record in listed if record.id in self._faces}
            fresh = [record.id for record in listed if record.id not in self._faces]
            for event_id in fresh[:_AT_ONCE]:
                self._faces[event_id] = self._embedded(event_id)
            seen = [seen_in(record, face) for record in listed if (face := self._faces.get(record.id)) is not None]
        finally:
            self._turn.release()
        names = self._pseudonyms.names()
        groups = [
            (
                [visit for visit in some.seen if visit.visit not in names],
                [names.get(visit.visit, "") for visit in some.seen],
            )
            for some in group(seen, self._sight.curve)
        ]
        listed_groups = [(fresh_ones, next(filter(None, called), "")) for fresh_ones, called in groups if fresh_ones]
        return Unknowns(
            tuple(tuple(Unknown(one.event, one.at, one.camera) for one in some) for some, _name in listed_groups),
            len(fresh[_AT_ONCE:]),
            tuple(name for _some, name in listed_groups),
        )

    def enroll_from_events(self, event_ids: Sequence[str], person: Person, *, known: bool, by: str) -> Enrolled:
        """Raises: Refused, Unavailable; see `edged.api.port.Reviewer`."""
        templates: list[Template] = []
        refusals: list[Refused] = []
        for event_id in dict.fromkeys(event_ids):
            try:
                templates.append(self._template(event_id))
            except Refused as error:
                refusals.append(error)
        if not templates:
            raise refusals[0]

        visits = self._visits_of(event_ids)

        def store(gallery: Gallery) -> Person:
            _see_who_is_there(gallery, person, known=known)
            stored = gallery.enroll(person, templates, by=f"account:{by}")
            gallery.change(lambda book: book.record(VIA, by, "enroll", stored.customer_person_id))
            self._dismissals.add(visits, self._clock.now().utc)
            self._pseudonyms.take_back(visits)
            return stored

        stored = self._keeper.ask(store).result(_PATIENCE_S)
        vectors = np.stack([template.vector for template in templates])
        self._judge.ask(lambda recognizer: recognizer.forget_strangers(vectors))
        return Enrolled(stored, len(templates), tuple(f"{error.what}" for error in refusals))

    def dismiss(self, event_ids: Sequence[str], *, undo: bool, by: str) -> None:
        """Raises: Unavailable, when the disk does not let us."""
        visits = self._visits_of(event_ids)

        def note(_gallery: Gallery) -> None:
            if undo:
                self._dismissals.take_back(visits)
            else:
                self._dismissals.add(visits, self._clock.now().utc)

        self._keeper.ask(note).result(_PATIENCE_S)
        self._note_done("listed_again" if undo else "ignored", visits, by)

    def name(self, event_ids: Sequence[str], name: str, *, by: str) -> str:
        """Raises: Refused, Unavailable; see `edged.api.port.Reviewer`."""
        name = clean_pseudonym(name) if name else ""
        visits = self._visits_of(event_ids)

        def give(_gallery: Gallery) -> None:
            if name:
                self._pseudonyms.give(visits, name, self._clock.now().utc)
            else:
                self._pseudonyms.take_back(visits)

        self._keeper.ask(give).result(_PATIENCE_S)
        self._note_done("named" if name else "name_removed", visits, by)
        return name

    def _note_done(self, done: str, visits: Collection[str], by: str) -> None:
        about: dict[str, Fact] = {"visits": len(visits), "visit": min(visits, default=""), "done": done}
        self._note("review", by=by, about=about)

    def _visits_of(self, event_ids: Sequence[str]) -> frozenset[str]:
        """The visits that these events belong to; an unknown event belongs to none."""
        with closing(OutboxReader.open(self._outbox)) as reader:
            found = [reader.find(event_id) for event_id in event_ids]
        return frozenset(stored.record.visit for stored in found if stored)

    def _embedded(self, event_id: str) -> NDArray[np.float32] | None:
        """The mean face of an event as a unit vector; None where no whole crops are kept."""
        try:
            crops = self._shots.crops(event_id)[-_CROPS:]
        except Corrupt:
            return None
        if not crops:
            return None
        embeddings = self._judge.ask(lambda _recognizer: self._sight.embed(crops)).result(_PATIENCE_S)
        mean = np.asarray(np.mean(embeddings, axis=0), np.float32)
        return np.asarray(mean / np.linalg.norm(mean), np.float32)

    def _template(self, event_id: str) -> Template:
        """What is to be remembered of an event's picture: of the face that was judged, not of a bystander's.

        Raises:
            Refused: it is gone, not good enough, or its largest face is another one.
        """
        try:
            picture = self._shots.picture(event_id)
        except Corrupt:
            picture = None
        face = self._faces.get(event_id)
        face = self._embedded(event_id) if face is None else face
        if picture is None or face is None:
            raise Refused("gone", "the picture is no longer there", "Load the page again")
        quality = self._quality()
        portrait = self._judge.ask(lambda _recognizer: portray(self._sight, picture, quality, largest=True))
        template = portrait.result(_PATIENCE_S).template
        if float(template.vector @ face) < self._alike:
            raise Refused(
                "another_face", "the largest face in the picture is somebody else's", "Use another picture of the visit"
            )
        return template


def closed_review(http: HttpSettings) -> Closed | None:
    """Why nobody can be enrolled from strangers on the page; None where they can."""
    if http.review:
        return None
    return Closed("the review is switched off", "Set http.review to true and restart edged to use it")


def _see_who_is_there(gallery: Gallery, person: Person, *, known: bool) -> None:
    """Raises: Refused, where the id is somebody's, or nobody's, and the form says otherwise."""
    there = gallery.find(person.customer_person_id)
    key = person.customer_person_id
    if there and not known:
        name = there.person.name or key
        raise Refused(
            "exists",
            f"the ID {key} belongs to {name} already",
            "Choose another ID, or tick the box to add the pictures to that person",
        )
    if known and not there:
        raise Refused("no_such_person", f"nobody with the ID {key} is enrolled", "Correct the ID, or untick the box")
