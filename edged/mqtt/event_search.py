"""Looking for what happened among the kept records: the newest first, page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from edged.domain.event import Outcome
from edged.domain.passage import Verdict
from edged.mqtt.event_file import open_to_read, translated
from edged.mqtt.outbox_reader import KeptEvents, Stored, StoredEvent, StoredPassage
from edged.wire.door import AlarmRecord
from edged.wire.event import EventRecord
from edged.wire.record import Kind, Record

_STEPS: Final = 64
"""Events of one visit that are read at most: the first one and the newest."""
_COUNTS: Final = (
    "(kind <> 'event' OR NOT EXISTS (SELECT 1 FROM event AS later INDEXED BY event_visit"
    " WHERE later.visit = event.visit AND later.kind = 'event' AND later.number > event.number))"
)
"""Of the events of a visit only the newest."""
_ON_ITS_OWN: Final = (
    "NOT (kind = 'passage' AND EXISTS (SELECT 1 FROM event AS own INDEXED BY event_visit"
    " WHERE own.visit = event.visit AND own.kind = 'event' AND event.visit <> ''))"
)
"""No passage of a visit that is kept."""


@dataclass(frozen=True, slots=True)
class TimelineQuery:
    """What is looked for; what is empty does not matter.

    Attributes:
        text: part of a name, of a customer's key, of a stranger's pseudonym or of a pass, in any case.
        people: ids of people whom the text means, too; visits: visits that it means, too.
        person: our id of the one person it was about.
        kind: visits (`event`), passages or alarms only. Without it a passage whose visit is kept is part of the visit,
            unless something is asked that a passage may answer otherwise than its visit: who, which door, what verdict.
        camera, door: their names. outcome: how a visit ended, or stands now; verdict: of a passage.
        since, until: when it was decided, UTC seconds since the epoch; `until` is not part of it.
    """

    text: str = ""
    people: frozenset[str] = frozenset()
    visits: frozenset[str] = frozenset()
    person: str = ""
    kind: Kind | None = None
    camera: str = ""
    door: str = ""
    outcome: Outcome | None = None
    verdict: Verdict | None = None
    since: float | None = None
    until: float | None = None


EVERYTHING: Final = TimelineQuery()


@dataclass(frozen=True, slots=True)
class KeptVisit:
    """A visit as it is kept.

    Attributes:
        steps: its events, the oldest first; at least one.
    """

    steps: tuple[StoredEvent, ...]

    @property
    def newest(self) -> StoredEvent:
        return self.steps[-1]

    @property
    def number(self) -> int:
        """Its place in the timeline: that of its newest event."""
        return self.steps[-1].number


StoredAlarm = Stored[AlarmRecord]
Found = KeptVisit | StoredPassage | StoredAlarm


class EventSearch(KeptEvents):
    """The outbox over a read-only connection of its own, like `OutboxReader`.

    A page of 50 out of 50,000 takes some tens of milliseconds whatever is looked for, also where nothing fits: see
    `edged bench timeline`. Belongs to one thread at a time.
    """

    @classmethod
    def open(cls, path: Path) -> EventSearch:
        """Opens an outbox that its writer has opened before.

        Raises:
            Unavailable: there is none, or it cannot be read.
        """
        return cls(open_to_read(path), path)

    def timeline(self, query: TimelineQuery = EVERYTHING, *, below: int | None = None, limit: int) -> list[Found]:
        """What fits, the newest first; a visit is as new as its newest event.

        Args:
            query: what fits.
            below: only what has a lower number than this: that of the last one of the page before.
            limit: so many at most.

        Raises:
            Unavailable, Corrupt: the file cannot be read.
        """
        with translated(self._path):
            terms, values = self._terms(query, below)
            rows = self._connection.execute(
                f"SELECT number FROM event INDEXED BY event_timeline WHERE {terms}"  # noqa: S608  ours
                f" AND {_COUNTS} ORDER BY number DESC LIMIT ?",
                (*values, limit),
            ).fetchall()
        chosen = self._select(
            "WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number DESC",
            (json.dumps([number for (number,) in rows]),),
        )
        return [self._whole(stored) for stored in chosen]

    def visit(self, visit: str) -> KeptVisit | None:
        """One visit; None where there is none. Raises as `timeline`."""
        which = "INDEXED BY event_visit WHERE visit = ? AND kind = 'event' ORDER BY number"
        newest = self._select(f"{which} DESC LIMIT ?", (visit, _STEPS))[::-1]
        if len(newest) == _STEPS:
            newest = [*self._select(f"{which} LIMIT 1", (visit,)), *newest[1:]]
        return KeptVisit(tuple(cast("list[StoredEvent]", newest))) if newest else None

    def passages_of(self, visit: str) -> list[StoredPassage]:
        """The newest passages of a visit, the oldest of them first. Raises as `timeline`."""
        which = "INDEXED BY event_visit WHERE visit = ? AND kind = 'passage' ORDER BY number DESC LIMIT ?"
        return cast("list[StoredPassage]", self._select(which, (visit, _STEPS))[::-1])

    def find_alarm(self, alarm: str) -> StoredAlarm | None:
        """An alarm by its id; None where there is none. Raises as `timeline`."""
        found = self._select("WHERE id = ? AND kind = 'alarm'", (alarm,))
        return cast("StoredAlarm", found[0]) if found else None

    def count_of(self, person: str) -> int:
        """How many records name somebody, by our id. Raises as `timeline`."""
        with translated(self._path):
            (count,) = self._connection.execute(
                "SELECT count(*) FROM event INDEXED BY event_timeline WHERE substr(who, 1, ?) = ?",
                (len(person) + 1, f"{person}\n"),
            ).fetchone()
        return int(count)

    def places(self) -> tuple[list[str], list[str]]:
        """The cameras and the doors that anything is kept of, each in their order. Raises as `timeline`."""
        with translated(self._path):
            rows = self._connection.execute(
                "SELECT DISTINCT camera, door FROM event INDEXED BY event_timeline"
            ).fetchall()
        return sorted({row[0] for row in rows if row[0]}), sorted({row[1] for row in rows if row[1]})

    def _whole(self, stored: Stored[Record]) -> Found:
        if isinstance(stored.record, EventRecord):
            return self.visit(stored.record.visit) or KeptVisit((cast("StoredEvent", stored),))
        return cast("StoredPassage | StoredAlarm", stored)

    def _terms(self, query: TimelineQuery, below: int | None) -> tuple[str, list[object]]:
        exact = {
            "number < ?": below,
            "decided >= ?": query.since,
            "decided < ?": query.until,
            "kind = ?": query.kind,
            "camera = ?": query.camera or None,
            "door = ?": query.door or None,
            "kind = 'event' AND outcome = ?": query.outcome,
            "verdict = ?": query.verdict,
        }
        terms = ["TRUE", *(term for term, value in exact.items() if value is not None)]
        values: list[object] = [value for value in exact.values() if value is not None]
        if query.person:
            terms.append("substr(who, 1, ?) = ?")
            values += [len(query.person) + 1, f"{query.person}\n"]
        if query.kind is None and not (query.text or query.person or query.door or query.verdict):
            terms.append(_ON_ITS_OWN)
        if query.text:
            terms.append("(who IN (SELECT value FROM json_each(?)) OR visit IN (SELECT value FROM json_each(?)))")
            values += [_as_list(self._meant(query.text, query.people)), _as_list(query.visits)]
        return " AND ".join(terms), values

    def _meant(self, text: str, people: frozenset[str]) -> list[str]:
        """The values of `who` that a text means. Python compares: SQLite folds the case of ASCII only."""
        rows = self._connection.execute("SELECT DISTINCT who FROM event INDEXED BY event_timeline WHERE who NOT NULL")
        part = text.casefold()
        named = ((who, *who.partition("\n")[::2]) for (who,) in rows)
        return [who for who, person, words in named if part in words.casefold() or person in people]


def _as_list(values: Iterable[str]) -> str:
    return json.dumps(sorted(values))
