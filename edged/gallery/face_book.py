"""People, faces and galleries as the dialects change them, one transaction at a time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edged.domain.errors import Refused
from edged.domain.person import ModelRef, Origin, Person, Template
from edged.gallery.admission import MAX_TEMPLATES, clean_person, clean_template
from edged.gallery.audit import record, strike_out
from edged.gallery.departures import Departure, Departures
from edged.gallery.faces import (
    NAMELESS,
    StoredFace,
    StoredPerson,
    Which,
    gallery_names,
    is_gallery_name,
    stored_face,
    stored_faces,
    stored_person,
)
from edged.gallery.happening import Happenings, changed_fields
from edged.gallery.index_directory import forget_index
from edged.gallery.keepsakes import Keepsakes
from edged.gallery.links import Links
from edged.gallery.open_packs import OpenPacks
from edged.gallery.packs import PersonKeys, lock
from edged.gallery.rows import COLUMNS, Owner, insert_person, person_of, store_templates, update_person


@dataclass(frozen=True, slots=True)
class Stores:
    """What a change needs beside the connection.

    Attributes:
        state: the directory of the database; keep_crops: whether faces are kept for models to come.
    """

    state: Path
    keys: PersonKeys
    keepsakes: Keepsakes
    departures: Departures
    keep_crops: bool
    now: Callable[[], float]
    new_id: Callable[[], str]


class FaceBook:
    """What may be done in one transaction, which is the caller's: it is all done, or nothing.

    A person who is deleted departs as everywhere on this device: see `edged.gallery.departures`. So does a face whose
    person stays, by the id of its template.

    Args:
        connection: in a transaction that writes.
        model: whose templates are the faces.
    """

    def __init__(self, connection: sqlite3.Connection, model: ModelRef, stores: Stores) -> None:
        self._connection = connection
        self._model = model
        self._stores = stores
        self._packs = OpenPacks(connection, stores.keys)
        self._revision: int | None = None
        self._departures: list[Departure] = []
        self.happenings = Happenings()
        """What was done so far."""
        self._orphans: list[tuple[str, str | None]] = []
        """Whose kept faces are to be removed: the id, and the hash of one photograph or None for all."""
        self._renamed: list[tuple[str, str]] = []
        """Kept faces under a hash that their photograph had before: nobody is forgotten with them."""

    @property
    def links(self) -> Links:
        """What the centre knows of them; part of the same transaction."""
        return Links(self._connection)

    @property
    def model(self) -> ModelRef:
        return self._model

    @property
    def now(self) -> float:
        """UTC seconds since the epoch."""
        return self._stores.now()

    def person(self, key: str) -> StoredPerson | None:
        """Somebody by the customer's key."""
        return stored_person(self._connection, self._model, key=key)

    def person_by_id(self, person: str) -> StoredPerson | None:
        return stored_person(self._connection, self._model, person=person)

    def face(self, number: int) -> StoredFace | None:
        return stored_face(self._connection, self._model, number)

    def faces(self, which: Which) -> list[StoredFace]:
        return stored_faces(self._connection, self._model, which)

    def galleries(self) -> list[str]:
        return gallery_names(self._connection)

    def store(self, person: Person, first_name: str | None) -> Person:
        """A person with exactly these values: a new one where the id is empty, without a key where that is.

        Raises:
            Refused: a field is unfit, see `clean_person`; `customer_person_id`: it looks like one that we make up, or
                is somebody else's.
        """
        own_id = person.id or self._stores.new_id()
        key = person.customer_person_id or NAMELESS + own_id
        if key.startswith(NAMELESS) and key != NAMELESS + own_id:
            raise Refused("customer_person_id", f"keys that begin with {NAMELESS} are ours", "Choose another one.")
        person = clean_person(replace(person, id=own_id, customer_person_id=key))
        row = self._execute(f"SELECT number, key, {COLUMNS} FROM people WHERE id = ?", own_id).fetchone()  # noqa: S608  ours
        if row:
            update_person(self._connection, row[0], person, row[1], self._next())
            if fields := changed_fields(person_of(row[2:]), person):
                self.happenings.touch(own_id, changed=fields)
        else:
            if self._execute("SELECT 1 FROM people WHERE customer_person_id = ?", person.customer_person_id).fetchone():
                raise Refused("customer_person_id", "somebody else has this key", "Choose another one.")
            sealed = self._stores.keys.new(own_id)
            insert_person(self._connection, person, sealed, self._next(), self._stores.now())
            self.happenings.touch(own_id, is_new=True)
        self._execute("UPDATE people SET first_name = ? WHERE id = ?", first_name, own_id)
        for group in person.groups:
            if is_gallery_name(group):
                self.make_gallery(group)
        return person

    def add(self, person: Person, templates: Sequence[Template]) -> None:
        """Faces of somebody who is stored, each a new one, in the order given.

        Raises:
            Refused: `too_many_templates`; or a template is unfit.
        """
        owner, stores = self._owner(person.id), self._stores
        self._see_room(owner, len(templates))
        cleaned = [clean_template(template, self._model) for template in templates]
        if cleaned:
            self.happenings.touch(person.id, len(cleaned))
            store_templates(self._connection, owner, cleaned, self._model, self._next(), stores.new_id, stores.now())
            self._execute("UPDATE people SET revision = ? WHERE number = ?", self._next(), owner.number)
        for template in cleaned:
            if template.crop is not None and stores.keep_crops:
                stores.keepsakes.save(person.id, owner.seal, template.photo_hash, template.crop)

    def move(self, number: int, heir: Person) -> None:
        """Gives a face to somebody else who is stored, with all that any model made of it; it keeps its number.

        Raises:
            Refused: `too_many_templates`.
        """
        before, after = self._owner_of(number), self._owner(heir.id)
        self._see_room(after, 1)
        self.happenings.touch(before.person.id, -1)
        self.happenings.touch(heir.id, 1)
        rows = self._execute("SELECT number, photo_hash FROM templates WHERE face = ?", number).fetchall()
        old_hash = new_hash = rows[0][1]
        query = "SELECT 1 FROM templates WHERE person = ? AND photo_hash = ?"
        if self._execute(query, after.number, old_hash).fetchone():
            new_hash = hashlib.sha256(b"%s %d" % (old_hash, number)).digest()
        kept = self._stores.keepsakes.load_encoded(before.person.id, before.seal, old_hash.hex())
        for row, _hash in rows:
            pack = self._packs.opened(row)
            vector = pack.vectors[pack.rows.index(row)]
            sealed = lock(after.seal, heir.id, after.person.customer_person_id, [vector], pack.model)
            (new_pack,) = self._execute(
                "INSERT INTO packs (person, model, templates, sealed, revision)"
                " SELECT ?, number, 1, ?, ? FROM models WHERE digest = ? RETURNING number",
                *(after.number, sealed, self._next(), pack.model.digest),
            ).fetchone()
            self._execute(
                "UPDATE templates SET person = ?, pack = ?, photo_hash = ? WHERE number = ?",
                *(after.number, new_pack, new_hash, row),
            )
            self._packs.reseal(before, pack, without=row)
        self._execute("UPDATE people SET revision = ? WHERE number = ?", self._next(), after.number)
        if kept is not None and self._stores.keep_crops:
            self._stores.keepsakes.save(heir.id, after.seal, new_hash.hex(), kept)
        self._orphans.append((before.person.id, old_hash.hex()))
        self._settle(before.person.id)

    def remove(self, numbers: Collection[int]) -> None:
        """Deletes faces, and each person whose last face that was."""
        owned: dict[str, list[int]] = {}
        for number in numbers:
            owned.setdefault(self._owner_of(number).person.id, []).append(number)
        for person, own in owned.items():
            if self._count(person) == len(own):
                self.remove_person(person)
                continue
            for number in own:
                self.remove_face(number)
            self._settle(person)

    def templates(self, person: str, photo_hashes: Collection[str]) -> list[Template]:
        """Faces of somebody by what names them, with their vectors and, where they are kept, their crops."""
        owner = self._owner(person)
        rows = self._execute(
            "SELECT number, quality, photo_hash, photo, box_left, box_top, box_right, box_bottom, image FROM templates"
            " WHERE person = ? AND model = (SELECT number FROM models WHERE digest = ?) ORDER BY number",
            *(owner.number, self._model.digest),
        ).fetchall()
        found = []
        for row, quality, photo_hash, photo, left, top, right, bottom, image in rows:
            if (name := photo_hash.hex()) in photo_hashes:
                pack = self._packs.opened(row)
                crop = self._stores.keepsakes.load_encoded(person, owner.seal, name)
                origin = Origin(photo.hex(), (left, top, right, bottom), image)
                found.append(Template(pack.vectors[pack.rows.index(row)], quality, name, crop=crop, origin=origin))
        return found

    def rename_face(self, person: str, photo_hash: str, other: str) -> None:
        """Gives a face of somebody another hash; where they have one of that hash already, the first is deleted."""
        owner = self._owner(person)
        taken = self._execute(
            "SELECT 1 FROM templates WHERE person = ? AND photo_hash = ?", owner.number, bytes.fromhex(other)
        ).fetchone()
        if taken:
            self.strip(person, [photo_hash])
            return
        kept = self._stores.keepsakes.load_encoded(person, owner.seal, photo_hash)
        if kept is not None and self._stores.keep_crops:
            self._stores.keepsakes.save(person, owner.seal, other, kept)
        self._execute(
            "UPDATE templates SET photo_hash = ? WHERE person = ? AND photo_hash = ?",
            *(bytes.fromhex(other), owner.number, bytes.fromhex(photo_hash)),
        )
        self._renamed.append((person, photo_hash))

    def was_deleted(self, person: str) -> bool:
        """Whether somebody with this id was deleted here on purpose."""
        return self._stores.departures.knows(person)

    def strip(self, person: str, photo_hashes: Collection[str]) -> None:
        """Deletes faces of somebody by what names them. The person stays, also without any."""
        number = self._owner(person).number
        for photo_hash in photo_hashes:
            (face,) = self._execute(
                "SELECT max(face) FROM templates WHERE person = ? AND photo_hash = ?", number, bytes.fromhex(photo_hash)
            ).fetchone()
            if face is not None:
                self.remove_face(face)
        self._renumber(person)

    def remove_person(self, person: str) -> None:
        """Deletes somebody by our id, with all faces."""
        owner = self._owner(person)
        self.happenings.delete(person)
        (templates,) = self._execute("SELECT count(*) FROM templates WHERE person = ?", owner.number).fetchone()
        crops = len(self._stores.keepsakes.hashes(person))
        self._depart(person, owner.person.customer_person_id, templates, crops)
        strike_out(self._connection, owner.person)
        self._gone(owner.number)
        self._execute("DELETE FROM people WHERE number = ?", owner.number)
        self._orphans.append((person, None))

    def remove_departed(self, template: str) -> bool:
        """Deletes the face that departed by the id of this template; False where there is none."""
        row = self._execute("SELECT face FROM templates WHERE id = ?", template).fetchone()
        if row:
            person = self._owner_of(row[0]).person.id
            self.remove_face(row[0])
            self._settle(person)
        return bool(row)

    def make_gallery(self, name: str) -> None:
        self._execute("INSERT OR IGNORE INTO galleries VALUES (?)", name)

    def drop_gallery(self, name: str) -> None:
        """Takes everybody out of it."""
        rows = self._execute(
            f"SELECT first_name, {COLUMNS} FROM people WHERE instr(groups, ?) > 0",  # noqa: S608  ours
            name,
        ).fetchall()
        for first_name, *row in rows:
            person = person_of(row)
            left = tuple(group for group in person.groups if group != name)
            if left != person.groups:
                self.store(replace(person, groups=left), first_name)
        self._execute("DELETE FROM galleries WHERE name = ?", name)

    def record(self, by: str, name: str, act: str, about: str) -> None:
        """An entry of the audit."""
        record(self._connection, self._stores.now(), by, name, act, about)

    def begin_departures(self) -> None:
        """Writes down who departs. The last that is done in the transaction; what fails after it leaves them to be
        deleted.
        """
        for departure in self._departures:
            self._stores.departures.begin(departure)

    def clean_up(self) -> None:
        """Removes what lies beside the database of whoever was deleted. To be called when the transaction is over."""
        if self._orphans:
            forget_index(self._stores.state)
        for person, former in self._renamed:
            self._stores.keepsakes.forget_one(person, former)
        for person, photo_hash in self._orphans:
            if photo_hash is None:
                self._stores.keepsakes.forget(person)
            else:
                self._stores.keepsakes.forget_one(person, photo_hash)

    def remove_face(self, number: int) -> None:
        """Deletes one of several faces of a person, who must be settled after it."""
        owner = self._owner_of(number)
        self.happenings.touch(owner.person.id, -1)
        rows = self._execute(
            "SELECT number, id, photo_hash FROM templates WHERE face = ? ORDER BY number", number
        ).fetchall()
        photo_hash = rows[0][2].hex()
        crops = int(photo_hash in self._stores.keepsakes.hashes(owner.person.id))
        self._depart(rows[0][1], str(number), len(rows), crops)
        for row, _id, _hash in rows:
            pack = self._packs.opened(row)
            self._execute("DELETE FROM templates WHERE number = ?", row)
            self._packs.reseal(owner, pack, without=row)
        self._orphans.append((owner.person.id, photo_hash))

    def _settle(self, person: str) -> None:
        """Of somebody who has lost a face: without any they are deleted."""
        if self._count(person):
            self._renumber(person)
        else:
            self.remove_person(person)

    def _renumber(self, person: str) -> None:
        """Gives somebody who has lost a face a new number: readers take over that a number is gone and that another
        came, but not that a number has less than before.
        """
        number, revision = self._owner(person).number, self._next()
        self._execute("PRAGMA defer_foreign_keys = ON")
        (new,) = self._execute(
            "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'people' RETURNING seq"
        ).fetchone()
        self._gone(number)
        self._execute("UPDATE people SET number = ?, revision = ? WHERE number = ?", new, revision, number)
        self._execute("UPDATE packs SET person = ?, revision = ? WHERE person = ?", new, revision, number)
        self._execute("UPDATE templates SET person = ? WHERE person = ?", new, number)

    def _depart(self, departing: str, key: str, templates: int, crops: int) -> None:
        self._departures.append(Departure.of(departing, key, self._stores.now(), templates, crops))

    def _gone(self, number: int) -> None:
        self._execute("INSERT OR REPLACE INTO departed VALUES (?, ?)", number, self._next())

    def _see_room(self, owner: Owner, more: int) -> None:
        if self._count(owner.person.id) + more > MAX_TEMPLATES:
            raise Refused(
                "too_many_templates",
                f"nobody has more than {MAX_TEMPLATES} faces",
                "Delete some of this person's faces first; a few good ones recognise as well.",
            )

    def _count(self, person: str) -> int:
        """How many faces somebody has by this model."""
        (count,) = self._execute(
            "SELECT count(*) FROM templates JOIN people ON people.number = templates.person"
            " WHERE people.id = ? AND templates.model = (SELECT number FROM models WHERE digest = ?)",
            *(person, self._model.digest),
        ).fetchone()
        return int(count)

    def _owner(self, person: str) -> Owner:
        return self._owner_where("id = ?", person)

    def _owner_of(self, face: int) -> Owner:
        return self._owner_where("number = (SELECT person FROM templates WHERE face = ?)", face)

    def _owner_where(self, term: str, value: object) -> Owner:
        number, key, *row = self._execute(f"SELECT number, key, {COLUMNS} FROM people WHERE {term}", value).fetchone()  # noqa: S608  ours
        person = person_of(row)
        return Owner(number, person, self._stores.keys.open(person.id, key))

    def _next(self) -> int:
        """The revision of this transaction."""
        if self._revision is None:
            (self._revision,) = self._execute("UPDATE revision SET number = number + 1 RETURNING number").fetchone()
        return self._revision

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)
