"""Taking a person out of the events that are kept."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from edged.domain.event import Outcome
from edged.mqtt.event_file import connect, translated
from edged.wire.event import EventRecord
from edged.wire.passage import PassageRecord, without_person
from edged.wire.record import Kind


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done.

    Attributes:
        events: how many no longer name the person.
        pictured: ids of all events of the visits in which the person was recognised: their pictures show them.
    """

    events: int
    pictured: tuple[str, ...]


def forget_person(path: Path, person: str) -> Forgotten:
    """Takes a person out of every event, sent or not; the events themselves stay, and say no longer whom they meant.

    Works beside the outbox's writer, in this process or another. Nothing of the old rows is left in the file. Blocks
    for the disk.

    Args:
        path: of the outbox; none is an outbox that never named anybody.
        person: our id of theirs.

    Raises:
        Unavailable: the disk is full or failing, the file is locked, or a reader keeps the old log: try again.
    """
    if not path.exists():
        return Forgotten(0, ())
    with translated(path), closing(connect(path)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("BEGIN IMMEDIATE")
        named = connection.execute(
            "SELECT number, kind, record FROM event"
            " WHERE json_extract(record, '$.best.person.id') = ?1 OR json_extract(record, '$.person.id') = ?1",
            (person,),
        ).fetchall()
        visits = set()
        for number, kind, text in named:
            record = _record(kind, text)
            if record is None:
                connection.execute("DELETE FROM event WHERE number = ?", (number,))
                continue
            if record.outcome is Outcome.KNOWN and record.visit:
                visits.add(record.visit)
            anonymous = _anonymous(record).encoded().decode()
            connection.execute("UPDATE event SET record = ? WHERE number = ?", (anonymous, number))
        pictured = [
            event
            for visit in visits
            for (event,) in connection.execute(
                "SELECT id FROM event WHERE json_extract(record, '$.visit') = ?", (visit,)
            )
        ]
        connection.execute("COMMIT")
        return Forgotten(len(named), tuple(pictured))


def empty_log(path: Path) -> bool:
    """Copies SQLite's log into the file, so that it holds no former state; False while a reader is in the way."""
    if not path.exists():
        return True
    with translated(path), closing(connect(path)) as connection:
        (busy, *_pages) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy


def _anonymous(record: EventRecord | PassageRecord) -> EventRecord | PassageRecord:
    if isinstance(record, PassageRecord):
        return without_person(record)
    return record.model_copy(update={"best": None})


def _record(kind: str, text: str) -> EventRecord | PassageRecord | None:
    try:
        return (PassageRecord if kind == Kind.PASSAGE else EventRecord).model_validate_json(text)
    except ValidationError:
        return None
