"""The gallery: the truth on disk and the snapshot of it that lookups are made in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeVar

from edged.config.document import GallerySettings
from edged.domain.person import ModelRef, Person, PersonSummary, Template
from edged.domain.survey import NO_SURVEY
from edged.gallery.base import open_base
from edged.gallery.build import Built, Plan
from edged.gallery.database import translated
from edged.gallery.face_book import FaceBook
from edged.gallery.happening import Witness
from edged.gallery.index_directory import directory_of, forget_flat_index, forget_index, reserve, settle, sweep_index
from edged.gallery.pace import Beside, at_once, uncollected
from edged.gallery.people import People
from edged.gallery.roll import Roll
from edged.gallery.snapshot import Snapshot
from edged.gallery.survey import Surveyed
from edged.gallery.survey_file import read_survey, save_survey
from edged.gallery.trial import Trial, read_trial
from edged.vault.seal import Seal
from edged.vault.vault import Vault

_T = TypeVar("_T")

_GROWN: Final = 1.25
"""How much larger a gallery must be than when an index was found useless, for another try."""
_FEW_DEAD: Final = 1024


class Gallery:
    """People, their templates, and who is nearest to a face.

    One thread, the keeper, calls everything but `snapshot`, which any thread may call at any time. Methods that touch
    the disk raise as those of `People` do.

    A new index is made in three steps, so that nobody waits for it: `plan = gallery.begin_build()`, then
    `built = build(plan)` on any thread while lookups and enrolments go on, then `gallery.adopt(built)`. One build at a
    time: adopting removes every index file but the adopted ones.

    Index files never outlive whom they were made from: with a deletion they are removed, of every model. The index in
    memory stays in use, and whoever was deleted is passed over.
    """

    def __init__(
        self, people: People, settings: GallerySettings, model: ModelRef, seal: Seal, beside: Beside = at_once
    ) -> None:
        self._people = people
        self._settings = settings
        self._model = model
        self._seal = seal
        self._state = people.path.parent
        self._directory = directory_of(self._state, model)
        self._seen = people.foreign_writes()
        self._snapshot = Snapshot(model, Roll.empty(model.dimension))
        self._surveyed = Surveyed.nothing(model.dimension)
        self._survey, self._survey_revision = read_survey(self._state, model, seal) or (NO_SURVEY, -1)
        self._forgotten = False
        forget_flat_index(self._state)
        sweep_index(self._state)
        self._trial = read_trial(self._directory, model, seal)
        opened = beside(partial(open_base, self._directory, self._trial, seal)) if self._trial else None
        roll = self._changed_roll(self._snapshot.roll)
        base = opened() if opened else None
        self._narrowing = base.fitted(roll) if base else None
        if self._narrowing and not self._narrowing.intact.all():
            self._forget_index()
        self._publish(roll)

    @classmethod
    def open(
        cls,
        path: Path,
        settings: GallerySettings,
        model: ModelRef,
        vault: Vault,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        beside: Beside = at_once,
    ) -> Self:
        """Opens the gallery at `path`, or makes an empty one, and reads every template of `model` into memory.

        Index files that are whole are unsealed into memory; damaged or missing ones are made again by the next build,
        and until then everything is compared. Blocks; a second or two for 200,000 templates.

        Args:
            path: of the database.
            settings: of the index.
            model: whose templates are searched.
            vault: of the state directory that the database lies in.
            now: seconds since the Unix epoch.
            new_id: a new UUIDv7 as text.
            beside: has the database read for damage and the index unsealed while the templates are.

        Raises:
            Corrupt, Unsupported, Unavailable: see `edged.gallery.database.open_database`.
        """
        people = People.open(path, vault, now=now, new_id=new_id, beside=beside)
        try:
            with uncollected():
                gallery = cls(people, settings, model, vault.seal_for("index"), beside)
            people.verdict()
        except BaseException:
            people.close()
            raise
        return gallery

    def be_seen_by(self, witness: Witness) -> None:
        """Tells somebody of everything that is done to people from now on."""
        self._people.witness = witness

    def close(self) -> None:
        """Closes the database. Snapshots that were handed out stay usable."""
        self._people.close()

    def snapshot(self) -> Snapshot:
        """The gallery as it is now. Any thread; never blocks."""
        return self._snapshot

    @property
    def trial(self) -> Trial | None:
        """What the last build of an index found; None where there was none."""
        return self._trial

    def configure(self, settings: GallerySettings, *, keep_crops: bool = True) -> None:
        """Goes by other settings from the next lookup and the next enrolment on."""
        self._settings = settings
        self._people.keep_crops = keep_crops
        self._publish(self._snapshot.roll)

    def departed(self) -> frozenset[str]:
        """Our ids of everybody who was ever deleted here; a file each is looked for."""
        return self._people.departures.everybody()

    def enroll(self, person: Person, templates: Sequence[Template], *, by: str = "") -> Person:
        """Stores a person or adds to one, see `People.enroll`; on disk and in the snapshot when it returns."""
        stored = self._people.enroll(person, templates, self._model, by=by)
        self._follow()
        return stored

    def delete(self, customer_person_id: str, *, by: str = "") -> bool:
        """Deletes a person, gone from disk and snapshot when it returns; False where there was none."""
        deleted = self._people.delete(customer_person_id, by=by)
        self._follow()
        return deleted

    def change(self, work: Callable[[FaceBook], _T], *, by: str = "") -> _T:
        """Does something with people and faces in one transaction; on disk and in the snapshot when it returns. `by`:
        who has it done, for the witness.
        """
        with self._people.changing(self._model, by=by) as book:
            done = work(book)
        self._follow()
        return done

    def find(self, customer_person_id: str) -> PersonSummary | None:
        return self._people.find(customer_person_id)

    def people(self, *, after: str = "", limit: int = 100) -> list[PersonSummary]:
        """A page of people in the order of their customer_person_id, beginning after `after`."""
        return self._people.page(after=after, limit=limit)

    def refresh(self) -> bool:
        """Takes over what another process has written, if anything; whether there was something. Cheap when not."""
        seen = self._people.foreign_writes()
        if seen == self._seen:
            return False
        before = self._snapshot
        self._follow()
        self._seen = seen
        return self._snapshot is not before

    @property
    def needs_rebuild(self) -> bool:
        """Whether a build would make lookups faster, give memory back, or put an index on the disk again."""
        return self._is_outdated or self._forgotten

    @property
    def rebuild_can_wait(self) -> bool:
        """Whether a build is needed for nothing but that a deletion has removed the index files.

        Whoever waits a little before building does so once for many deletions. Lookups lose nothing meanwhile.
        """
        return self._forgotten and not self._is_outdated

    def begin_build(self) -> Plan:
        """What `edged.gallery.build.build` needs. Takes a moment: it makes the empty files of the index."""
        roll = self._snapshot.roll
        large = roll.templates > self._settings.exact_below
        name = reserve(self._directory, self._trial) if large else ""
        return Plan(roll, self._model, self._settings, self._directory, self._seal, name)

    def adopt(self, built: Built) -> None:
        """Puts a new index to use. What changed since its plan is found as before: the index only narrows.

        Raises:
            Unavailable: the disk is full or failing. The new index is in use all the same, until edged ends.
        """
        self._follow()
        roll = self._changed_roll(built.packed) if built.packed else self._snapshot.roll
        trial = built.trial
        self._narrowing = built.narrowing
        if len(roll.dead):  # somebody was deleted since the plan was made
            self._forget_index()
            trial = trial and trial.model_copy(update={"files": None})
        else:
            self._forgotten = built.was_forgotten
        self._trial = trial
        self._publish(roll)
        settle(self._directory, trial, self._seal)
        if built.fault:
            raise built.fault

    @property
    def _is_outdated(self) -> bool:
        roll, trial = self._snapshot.roll, self._trial
        if len(roll.dead) > roll.templates // 4 + _FEW_DEAD:
            return True
        if roll.templates <= self._settings.exact_below:
            return False
        if trial is None or (trial.trees, trial.min_recall) != (self._settings.trees, self._settings.min_recall):
            return True
        if not trial.used:
            return roll.templates > _GROWN * trial.templates
        return self._narrowing is None or self._narrowing.changes_in(roll) > self._settings.rebuild_after

    @property
    def surveyed(self) -> Surveyed:
        """The last survey of how alike the people are; of nothing until one is adopted."""
        return self._surveyed

    @property
    def is_surveyed(self) -> bool:
        """Whether lookups see a survey of the people as they are now, of this or an earlier process."""
        return self._survey_revision == self._snapshot.version

    def adopt_survey(self, surveyed: Surveyed) -> None:
        """Lets lookups see a survey, `gallery.surveyed.after(gallery.snapshot().roll, …)` made on any thread.

        Raises:
            Unavailable: the disk is full or failing; lookups see it all the same, until edged ends.
        """
        self._surveyed, self._survey, self._survey_revision = surveyed, surveyed.survey, surveyed.roll.revision
        self._publish(self._snapshot.roll)
        with translated(self._people.path):
            save_survey(self._state, self._survey, self._model, self._survey_revision, self._seal)

    def _follow(self) -> None:
        before = self._snapshot.roll
        roll = self._changed_roll(before)
        if len(roll.dead) > len(before.dead):
            self._forget_index()
        if roll is not before:
            self._publish(roll)

    def _forget_index(self) -> None:
        self._forgotten = self._narrowing is not None
        forget_index(self._state)

    def _changed_roll(self, roll: Roll) -> Roll:
        """This roll with everything that the database has and it has not."""
        with self._people.changes(roll.revision, self._model) as changes:
            if changes.revision == roll.revision:
                return roll
            return roll.with_room(changes.templates).after(
                changes.revision, changes.gone, changes.people, changes.blocks, changes.prints
            )

    def _publish(self, roll: Roll) -> None:
        """Lets lookups see this roll, from one instruction to the next."""
        large = roll.templates > self._settings.exact_below
        self._snapshot = Snapshot(self._model, roll, self._narrowing if large else None, self._survey)
