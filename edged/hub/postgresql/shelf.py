"""What the shelves of events, photographs and searches have in common: the server, the files, the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

from edged.hub.postgresql import album_changes, album_photos
from edged.hub.postgresql.audit import record
from edged.hub.postgresql.database import Database, Session
from edged.photos.album import Doer
from edged.photos.event_faces import KeptFaces
from edged.photos.kept import ChangeKind, Outcome
from edged.photos.photo_files import PhotoFiles

_BATCH: Final = 100


class Shelf:
    """A part of `edged.hub.postgresql.albums.PostgresAlbums`.

    Args:
        database: whose tables are prepared, see `edged.hub.postgresql.schema.prepare`.
        files: has the photographs.
        now: UTC seconds since the epoch; new_id: a new UUIDv7.
    """

    def __init__(
        self, database: Database, files: PhotoFiles, now: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self._database = database
        self._files = files
        self._now = now
        self._new_id = new_id
        self._faces = KeptFaces()

    def _record(self, session: Session, by: Doer, act: str, about: str) -> None:
        record(session, by, act, about, self._now())

    def _note(self, session: Session, event: str, kind: ChangeKind, *things: str, by: Doer) -> None:
        """Last of all in a transaction, see `edged.hub.postgresql.album_changes.note`."""
        album_changes.note(session, event, kind, things, by.id, self._now())

    def _note_taken(
        self,
        session: Session,
        event: str,
        kind: ChangeKind,
        thing: str,
        by: Doer,
        revision: int,
        outcome: Outcome,
    ) -> None:
        """Notes that something was taken from another store; last of all, as `_note`.

        Args:
            by: who brought it; revision: theirs; outcome: what came of it.
        """
        if outcome.is_to_be_told:
            teller = outcome.teller(by.id)
            album_changes.note(session, event, kind, [thing], teller, self._now(), step=0, least=revision)
        else:
            album_changes.raise_revision(session, event, kind, thing, revision)

    def _sweep(self, digests: Iterable[str]) -> int:
        """Deletes those files that nobody has any more; how many. Some at a time: others write meanwhile."""
        left, deleted = iter(digests), 0
        while batch := list(islice(left, _BATCH)):
            deleted += self._swept(batch)
        return deleted

    def _swept(self, digests: list[str]) -> int:
        candidates = self._database.read(lambda session: album_photos.unused(session, digests))
        if not candidates:
            return 0

        def work(session: Session) -> int:
            album_photos.hold_files(session, candidates)
            leftover = album_photos.unused(session, candidates)
            for digest in leftover:
                self._files.delete(digest)
            return len(leftover)

        return self._database.change(work)
