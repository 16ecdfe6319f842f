"""The gallery: the truth on disk and the snapshot of it that lookups are made in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from edged.config.document import GallerySettings
from edged.domain.person import ModelRef, Person, PersonSummary, Template
from edged.gallery.people import People
from edged.gallery.roll import Roll
from edged.gallery.snapshot import Snapshot


class Gallery:
    """People, their templates, and who is nearest to a face.

    One thread, the keeper, calls everything but `snapshot`, which any thread may call at any time.
    """

    def __init__(self, people: People, settings: GallerySettings, model: ModelRef) -> None:
        self._people = people
        self._settings = settings
        self._model = model
        self._seen = people.foreign_writes()
        self._snapshot = Snapshot(model, Roll.empty(model.dimension))
        self._follow()

    @classmethod
    def open(
        cls,
        path: Path,
        settings: GallerySettings,
        model: ModelRef,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
    ) -> Self:
        return cls(People.open(path, now=now, new_id=new_id), settings, model)

    def close(self) -> None:
        self._people.close()

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def enroll(self, person: Person, templates: Sequence[Template]) -> Person:
        stored = self._people.enroll(person, templates, self._model)
        self._follow()
        return stored

    def delete(self, customer_person_id: str) -> bool:
        deleted = self._people.delete(customer_person_id)
        self._follow()
        return deleted

    def find(self, customer_person_id: str) -> PersonSummary | None:
        return self._people.find(customer_person_id)

    def people(self, *, after: str = "", limit: int = 100) -> list[PersonSummary]:
        return self._people.page(after=after, limit=limit)

    def refresh(self) -> bool:
        seen = self._people.foreign_writes()
        if seen == self._seen:
            return False
        before = self._snapshot.version
        self._follow()
        self._seen = seen
        return self._snapshot.version != before

    def _follow(self) -> None:
        roll = self._snapshot.roll
        with self._people.changes(roll.revision, self._model) as changes:
            if changes.revision == roll.revision:
                return
            if roll.matrix.count == 0:
                roll = Roll.empty(self._model.dimension, changes.templates)
            roll = roll.after(changes.revision, changes.gone, changes.people, changes.blocks)
        self._snapshot = Snapshot(self._model, roll, self._snapshot.narrowing)
