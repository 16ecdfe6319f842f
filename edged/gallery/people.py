"""People and their templates on disk: the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final, Self

from edged.domain.audit import AuditEntry
from edged.domain.errors import EdgedError, Refused
from edged.domain.frame import Image
from edged.domain.person import ModelRef, Person, PersonSummary, Template
from edged.gallery.admission import clean_key, clean_person, clean_template
from edged.gallery.audit import entries, strike_out
from edged.gallery.backup import DIRECTORY, Backups
from edged.gallery.changes import Changes, read_changes
from edged.gallery.database import open_database, reading, translated, writing
from edged.gallery.departures import Departure, Departures
from edged.gallery.face_book import FaceBook, Stores
from edged.gallery.happening import Done, Happening, Witness, changed_fields
from edged.gallery.index_directory import forget_index
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.migration import migrate
from edged.gallery.pace import Beside, at_once
from edged.gallery.packs import PersonKeys
from edged.gallery.rows import (
    COLUMNS,
    SUMMARY,
    Owner,
    fresh_templates,
    insert_person,
    merged,
    person_of,
    store_templates,
    summary_of,
    update_person,
)
from edged.vault.seal import Seal
from edged.vault.vault import Vault

KEEPSAKES: Final = "crops"
"""Beside the database: the aligned faces of enrolled photographs."""


class People:
    """The database of people. One thread at a time; other processes may read and write it meanwhile.

    Every method blocks on the disk, and raises Unavailable when it is full, failing or locked for 5 s (nothing is
    changed then) and Corrupt when it is damaged.

    Attributes:
        verdict: waits until the file has been read for damage, and raises Corrupt where there is some.
        path: of the database; keepsakes, departures, backups: what lies beside it.
        keep_crops: whether the faces that come with templates are kept; may be changed at any time.
        witness: told of everything that is done to people; may be changed at any time.
    """

    def __init__(
        self, path: Path, vault: Vault, *, now: Callable[[], float], new_id: Callable[[], str], beside: Beside
    ) -> None:
        self.path = path
        self.keep_crops = True
        self.witness: Witness = _unseen
        self.keepsakes = Keepsakes(path.parent / KEEPSAKES)
        self.departures = Departures(path.parent)
        self.backups = Backups(path.parent / DIRECTORY, vault.seal_for("backups"))
        self._keys = PersonKeys(vault.seal_for("people"))
        self._now = now
        self._new_id = new_id
        before = partial(self.backups.make, now=now())
        self._connection, self.verdict = open_database(
            path, partial(migrate, path=path, keys=self._keys, backup=before), beside
        )

    @classmethod
    def open(
        cls,
        path: Path,
        vault: Vault,
        *,
        now: Callable[[], float],
        new_id: Callable[[], str],
        beside: Beside = at_once,
    ) -> Self:
        """Opens the database at `path`, or makes it; see `open_database`. A deletion that was cut off is finished.

        Where the file is read for damage beside this, ask for the `verdict` before anything is written.

        Args:
            path: of the database.
            vault: of the same state directory.
            now: seconds since the Unix epoch.
            new_id: a new UUIDv7 as text.
            beside: has the file read for damage.
        """
        people = cls(path, vault, now=now, new_id=new_id, beside=beside)
        try:
            people.finish_deletions()
        except BaseException:
            people.close()
            raise
        return people

    def close(self) -> None:
        """Waits for the verdict, too: nobody reads the file any more when this returns."""
        self._connection.close()
        with suppress(EdgedError):
            self.verdict()

    def enroll(self, person: Person, templates: Sequence[Template], model: ModelRef, *, by: str = "") -> Person:
        """Stores a person, or adds to one whose customer_person_id is known.

        A known person keeps their id, and every field that is empty in `person` keeps its value. A photograph that
        the person already has for this model is passed over, so that doing it twice is doing it once. `by`: for the
        witness.

        Returns:
            the person as stored; on the disk when this returns.

        Raises:
            Refused: a field or template is unfit, the id belongs to somebody else, or it would be more than 64
                templates of this model.
        """
        person = clean_person(person)
        templates = [clean_template(template, model) for template in templates]
        with translated(self.path), writing(self._connection):
            number, before, key = self._lookup(person.customer_person_id)
            after = merged(before, person) if before else replace(person, id=person.id or self._new_id())
            fresh = fresh_templates(self._connection, number, templates, model)
            if after != before or fresh:
                key = key or self._keys.new(after.id)
                revision = self._next_revision()
                number = self._store_person(number, after, key, revision)
                if fresh:
                    seal = self._keys.open(after.id, key)
                    store_templates(
                        self._connection, Owner(number, after, seal), fresh, model, revision, self._new_id, self._now()
                    )
                    self._keep_crops(after.id, seal, fresh)
        if after != before or fresh:
            done = Done.ENROLLED if fresh or before is None else Done.CHANGED
            fields = changed_fields(before, after) if before else ()
            self.witness(Happening(done, after.id, len(fresh), before is None, by, fields))
        return after

    def delete(self, customer_person_id: str, *, by: str = "") -> bool:
        """Deletes a person with all templates, kept faces and index files; False where there was none.

        When this returns, their key is gone from the database, and nothing sealed with it can be read any more. What
        else holds them (events, pictures, backups, the log of the database) is for `departures.pending()` to name
        until somebody has cleaned up there too. `by`: for the witness.
        """
        key = clean_key(customer_person_id)
        with translated(self.path), writing(self._connection):
            number, person, _key = self._lookup(key)
            if number is None or person is None:
                return False
            (templates,) = self._execute("SELECT count(*) FROM templates WHERE person = ?", number).fetchone()
            crops = len(self.keepsakes.hashes(person.id))
            self.departures.begin(Departure.of(person.id, key, self._now(), templates, crops))
            try:
                strike_out(self._connection, person)
                self._remove(number)
            except sqlite3.Error:
                self.departures.cancel(person.id)
                raise
        self.witness(Happening(Done.DELETED, person.id, 0, is_new=False, by=by))
        if templates:
            forget_index(self.path.parent)
        self.keepsakes.forget(person.id)
        return True

    def finish_deletions(self) -> None:
        """Deletes whoever was to be deleted when a process was killed."""
        for departure in self.departures.pending():
            self.verdict()
            with translated(self.path), writing(self._connection):
                row = self._execute(f"SELECT number, {COLUMNS} FROM people WHERE id = ?", departure.person).fetchone()  # noqa: S608  names
                if row:
                    strike_out(self._connection, person_of(row[1:]))
                    self._remove(row[0])
            if row:
                forget_index(self.path.parent)
            self.keepsakes.forget(departure.person)
            self._finish_face(departure.person)

    def audit(self, limit: int) -> list[AuditEntry]:
        """What was done through the device's interfaces, the newest first."""
        with translated(self.path):
            return entries(self._connection, limit)

    @contextmanager
    def changing(self, model: ModelRef, *, by: str = "") -> Iterator[FaceBook]:
        """A transaction for whatever the dialects change; on the disk when it ends.

        Args:
            model: whose templates are the faces.
            by: who has it done, for the witness.
        """
        with translated(self.path):
            with writing(self._connection):
                book = FaceBook(self._connection, model, self._stores())
                yield book
                book.begin_departures()
            for happening in book.happenings.by(by):
                self.witness(happening)
            book.clean_up()

    def empty_log(self) -> bool:
        """Copies SQLite's log into the database: it holds no former state then. False while a reader is in the way."""
        with translated(self.path):
            (busy, *_pages) = self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def find(self, customer_person_id: str) -> PersonSummary | None:
        """One person by the customer's key."""
        with translated(self.path):
            row = self._execute(
                f"SELECT {SUMMARY} FROM people WHERE customer_person_id = ?",  # noqa: S608  names
                clean_key(customer_person_id),
            ).fetchone()
        return summary_of(row) if row else None

    def page(self, *, after: str = "", limit: int = 100) -> list[PersonSummary]:
        """A page of people in the order of their customer_person_id, beginning after `after`."""
        with translated(self.path):
            rows = self._execute(
                f"SELECT {SUMMARY} FROM people"  # noqa: S608  only our own column names
                " WHERE customer_person_id > ? ORDER BY customer_person_id LIMIT ?",
                after,
                limit,
            ).fetchall()
        return [summary_of(row) for row in rows]

    def count(self) -> int:
        """How many people there are."""
        with translated(self.path):
            return int(self._execute("SELECT count(*) FROM people").fetchone()[0])

    def count_templates(self, model: ModelRef) -> int:
        """How many templates of this model there are."""
        with translated(self.path):
            (count,) = self._execute(
                "SELECT count(*) FROM templates WHERE model = (SELECT number FROM models WHERE digest = ?)",
                model.digest,
            ).fetchone()
        return int(count)

    def crops(self, customer_person_id: str) -> list[tuple[str, float, Image]]:
        """The kept faces of a person: hash and quality of the photograph, and the face, see
        `edged.vision.align.keepsake`.
        """
        with translated(self.path):
            number, person, key = self._lookup(clean_key(customer_person_id))
            if person is None:
                return []
            seal = self._keys.open(person.id, key)
            rows = self._execute(
                "SELECT DISTINCT photo_hash, quality FROM templates WHERE person = ? ORDER BY number", number
            ).fetchall()
        found = [(row[0].hex(), row[1], self.keepsakes.load(person.id, seal, row[0].hex())) for row in rows]
        return [(photo_hash, quality, crop) for photo_hash, quality, crop in found if crop is not None]

    def incomplete(self, model: ModelRef) -> list[Person]:
        """Who has a photograph of which there is a template of another model, but none of this one."""
        with translated(self.path):
            rows = self._execute(
                f"SELECT {COLUMNS} FROM people WHERE number IN (SELECT person FROM templates AS other"  # noqa: S608  names
                " WHERE NOT EXISTS (SELECT 1 FROM templates JOIN models ON models.number = templates.model"
                " WHERE digest = ? AND person = other.person AND photo_hash = other.photo_hash))"
                " ORDER BY customer_person_id",
                model.digest,
            ).fetchall()
        return [person_of(row) for row in rows]

    def without(self, model: ModelRef) -> list[Person]:
        """Who has no template of this model, in the order of their customer_person_id."""
        with translated(self.path):
            rows = self._execute(
                f"SELECT {COLUMNS} FROM people WHERE number NOT IN"  # noqa: S608  names
                " (SELECT person FROM packs JOIN models ON models.number = packs.model WHERE digest = ?)"
                " ORDER BY customer_person_id",
                model.digest,
            ).fetchall()
        return [person_of(row) for row in rows]

    def forget_model(self, model_digest: str) -> int:
        """Deletes all templates of a model that is no longer wanted; returns how many."""
        with translated(self.path), writing(self._connection):
            (number,) = self._execute("SELECT max(number) FROM models WHERE digest = ?", model_digest).fetchone()
            (count,) = self._execute("SELECT count(*) FROM templates WHERE model = ?", number).fetchone()
            self._execute("DELETE FROM packs WHERE model = ?", number)
            self._execute("DELETE FROM models WHERE number = ?", number)
        return int(count)

    def models(self) -> list[tuple[ModelRef, int]]:
        """The models that there are templates of, and of how many people."""
        with translated(self.path):
            rows = self._execute(
                "SELECT name, digest, dimension, count(DISTINCT person) FROM models JOIN packs"
                " ON packs.model = models.number GROUP BY models.number ORDER BY models.number"
            ).fetchall()
        return [(ModelRef(name, digest, dimension), people) for name, digest, dimension, people in rows]

    def revision(self) -> int:
        """Of the database; every change raises it."""
        with translated(self.path):
            return int(self._execute("SELECT number FROM revision").fetchone()[0])

    def ids(self) -> frozenset[str]:
        """Our ids of everybody."""
        with translated(self.path):
            return frozenset(person for (person,) in self._execute("SELECT id FROM people"))

    def foreign_writes(self) -> int:
        """A number that differs from the last one when another connection has written meanwhile. Takes microseconds."""
        with translated(self.path):
            return int(self._execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def changes(self, since: int, model: ModelRef) -> Iterator[Changes]:
        """All that was changed after revision `since`, as one state of the database, with the templates of `model`."""
        with translated(self.path), reading(self._connection):
            yield read_changes(self._connection, since, model, self._keys)

    def back_up(self, most: int) -> None:
        """Makes a backup and keeps the newest `most`. Blocks for seconds where there are many people."""
        with translated(self.path):
            self.backups.make(self._connection, self._now())
            self.backups.keep(most)

    def back_up_anew(self) -> int:
        """Makes a backup and removes all others, which may hold somebody who is deleted; returns how many."""
        with translated(self.path):
            return self.backups.keep_only(self.backups.make(self._connection, self._now()))

    def _stores(self) -> Stores:
        return Stores(
            self.path.parent,
            self._keys,
            self.keepsakes,
            self.departures,
            self.keep_crops,
            self._now,
            self._new_id,
        )

    def _finish_face(self, template: str) -> None:
        """Deletes a face that departed by this template's id, where it is still there."""
        row = self._execute(
            "SELECT name, digest, dimension FROM templates JOIN models ON models.number = model WHERE templates.id = ?",
            template,
        ).fetchone()
        if row:
            with self.changing(ModelRef(*row)) as book:
                book.remove_departed(template)

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _next_revision(self) -> int:
        (revision,) = self._execute("UPDATE revision SET number = number + 1 RETURNING number").fetchone()
        return int(revision)

    def _lookup(self, key: str) -> tuple[int | None, Person | None, bytes]:
        row = self._execute(
            f"SELECT number, key, {COLUMNS} FROM people WHERE customer_person_id = ?",  # noqa: S608  our own column names
            key,
        ).fetchone()
        return (row[0], person_of(row[2:]), row[1]) if row else (None, None, b"")

    def _remove(self, number: int) -> None:
        self._execute("INSERT OR REPLACE INTO departed VALUES (?, ?)", number, self._next_revision())
        self._execute("DELETE FROM people WHERE number = ?", number)

    def _store_person(self, number: int | None, person: Person, key: bytes, revision: int) -> int:
        if number is not None:
            update_person(self._connection, number, person, key, revision)
            return number
        taken = self._execute("SELECT 1 FROM people WHERE id = ?", person.id).fetchone()
        if taken or self.departures.knows(person.id):
            raise Refused("id", f"the id {person.id} belongs to somebody else", "Leave it out to get a new one.")
        return insert_person(self._connection, person, key, revision, self._now())

    def _keep_crops(self, person: str, seal: Seal, templates: Sequence[Template]) -> None:
        for template in templates:
            if template.crop is not None and self.keep_crops:
                self.keepsakes.save(person, seal, template.photo_hash, template.crop)


def _unseen(_happening: Happening) -> None:
    """Nobody takes notes."""
