"""Events and photographs as another store of the same ones follows them: a device's and its hub's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edged.photos.album import Doer, PhotoEvent
from edged.photos.kept import Change, KeptEvent, KeptPhoto, KeptSearch


class AlbumFeed(Protocol):
    """Threads, durability and errors are those of `edged.api.albums.Albums`, whose events these are.

    Whatever is taken twice is as if it were taken once, and nothing that is gone comes back with what is taken later:
    of an event that was purged nothing is taken, and of a face that somebody took out of a photograph neither.
    """

    def changes(self, organisation: str, after: int, limit: int, *, but: str = "") -> tuple[int, Sequence[Change]]:
        """What has changed after a number, oldest first; and the number to go on from.

        Args:
            limit: so many are looked through at most; fewer may be told.
            but: id of somebody whose own changes are not told; empty: all are.
        """
        ...

    def event_by_id(self, event: str) -> PhotoEvent | None: ...

    def kept_event(self, event: str) -> KeptEvent | None:
        """By its id."""
        ...

    def is_purged(self, event: str) -> bool:
        """Whether there was one of that id."""
        ...

    def take_event(self, organisation: str, event: KeptEvent, *, by: Doer) -> PhotoEvent:
        """Makes an event, or makes it as it is elsewhere, where it was changed more often there; see `KeptEvent`.

        Raises:
            Refused: `purged`; `taken`: another event has its slug; `no_organisation`, `bad_slug`.
        """
        ...

    def photo(self, event: PhotoEvent, photo: str) -> KeptPhoto | None: ...

    def missing_files(self, event: PhotoEvent, photo: str, *, original: bool) -> Sequence[str]:
        """Which files (`PhotoKind` values) of a photograph are not here. `original`: that one is wanted, too."""
        ...

    def take_photo(self, event: PhotoEvent, photo: KeptPhoto, files: Sequence[tuple[str, bytes]], *, by: Doer) -> None:
        """Takes a photograph with its files, or of one that is here how it stands, and which faces are gone from it.

        See `KeptPhoto`: what comes of it may be neither what was here nor what was told.

        Args:
            files: `PhotoKind` values with their content; those that are here already may be left out.

        Raises:
            Refused: `incomplete`: it is not here, and preview or thumbnail are missing; `bad_digest`: the original is
                not what it is said to be; `bad_id`: the photograph's id is not of its event and content; `gone`: it was
                deleted here, as it is there.
        """
        ...

    def take_original(self, event: PhotoEvent, photo: str, content: bytes, *, by: Doer) -> bool:
        """Takes the file as it came of a photograph that is here, and nothing else; False where it is not here.

        Raises:
            Refused: `bad_digest`: it is another one's.
        """
        ...

    def kept_search(self, event: PhotoEvent, request_id: str) -> KeptSearch | None:
        """One that is done."""
        ...

    def take_search(self, event: PhotoEvent, search: KeptSearch, *, by: Doer) -> None:
        """Raises Refused `gone`: the guest was forgotten here."""
        ...

    def remove_search(self, event: PhotoEvent, request_id: str, *, by: Doer) -> bool:
        """A guest was forgotten elsewhere: their search goes with all that belongs to it."""
        ...
