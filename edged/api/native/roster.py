"""The digest of whom a device is to know, so that it finds out when it has gone astray."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, TypeAlias

import anyio
from anyio import to_thread

from edged.api.cursor import read_cursor
from edged.api.directory import Fields
from edged.api.fleet import Fleet, Place
from edged.domain.person import ModelRef
from edged.wire.roster import RosterDigest, distinct_hashes, fields_digest

NO_MODEL: Final = ModelRef("", "", 0)
"""Of which there are no vectors to read."""
_AT_ONCE: Final = 2000
_MOST_KEPT: Final = 64

_Key: TypeAlias = tuple[str, int, tuple[str, ...] | None]


class RosterBook:
    """Digests of rosters, each computed once for a revision and a choice of galleries. On the event loop only."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._kept: OrderedDict[_Key, str] = OrderedDict()
        self._turn = anyio.Lock()

    async def digest(self, cursor: str, galleries: tuple[str, ...] | None) -> str | None:
        """The digest of everybody in these galleries, None: of everybody; see `edged.wire.roster`.

        Args:
            cursor: of the device; only where it is the newest place in the list there is an answer.
        """
        key = await to_thread.run_sync(self._newest, cursor, galleries)
        if key is None:
            return None
        async with self._turn:  # whoever else waits for the same finds it done
            if key not in self._kept:
                digest = await to_thread.run_sync(self._computed, key)
                if digest is None:
                    return None
                self._kept[key] = digest
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _newest(self, cursor: str, galleries: tuple[str, ...] | None) -> _Key | None:
        read = read_cursor(cursor)
        if read is None:
            return None
        epoch, place = read
        feed = self._fleet.changes(place, NO_MODEL, 0, galleries)
        return None if feed.epoch != epoch or feed.more else (epoch, feed.revision, galleries)

    def _computed(self, key: _Key) -> str | None:
        """None where the list changed meanwhile."""
        roster, place = RosterDigest(), Place()
        while True:
            feed = self._fleet.changes(place, NO_MODEL, _AT_ONCE, key[2])
            if (feed.epoch, feed.revision) != key[:2]:
                return None
            for item in feed.items:
                if not item.gone:
                    fields = fields_digest(_name(item.fields), item.fields.email, item.fields.phone, item.galleries)
                    hashes = distinct_hashes([face.photo_hash for face in item.faces])
                    roster.add(item.id, item.key, fields, hashes)
            if not feed.more:
                return roster.value()
            place = feed.items[-1].place


def _name(fields: Fields) -> str:
    return " ".join(part for part in (fields.first_name, fields.last_name) if part)
