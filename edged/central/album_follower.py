"""One round between a booth and its hub: what changed here is told there, then what changed there is taken here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from edged.central.album_hub import AlbumHub
from edged.central.port import HOPELESS, OtherLife
from edged.domain.errors import Refused
from edged.photos.album import Doer, PhotoEvent, Purge
from edged.photos.feed import AlbumFeed
from edged.photos.kept import Change, ChangeKind, KeptPurge
from edged.photos.photo import PhotoFile, PhotoKind

_AT_ONCE: Final = 200
_SMALL: Final = (PhotoKind.PREVIEW, PhotoKind.THUMBNAIL)


class Shelf(Protocol):
    """The events here; see `edged.api.albums.Albums`."""

    def content(self, photo: str, kind: PhotoKind) -> PhotoFile | None: ...

    def delete_photo(self, photo: str, *, by: Doer) -> bool: ...

    def purge_event(self, organisation: str, slug: str, *, by: Doer) -> Purge | None: ...


class Bookmarks(Protocol):
    """How far was told and read, on the disk; several hubs' are apart by their names."""

    def place(self, name: str) -> str:
        """Empty where there is none yet."""
        ...

    def mark(self, name: str, place: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What a round did.

    Attributes:
        pushed, pulled: things that were told and taken; refused: what the other side, or this one, does not take: kind,
            id and reason.
        waiting: changes here that are still to be told.
    """

    pushed: int = 0
    pulled: int = 0
    refused: tuple[tuple[str, str, str], ...] = ()
    waiting: int = 0


class AlbumFollower:
    """Belongs to one thread; blocks for the network.

    Everything is told and taken one thing at a time, each as it is now; the place is marked after each page, so that
    whatever is cut off is done again, to no effect where it was done already.

    Args:
        by: who does here what was done there; its own changes are not told back.
        originals: the files as they came are told and fetched, too.
        heed: shown what the hub says of its copies of an event that is purged here, once it has none any more.
        stop: whether to end early, after a thing that was told or taken whole.
    """

    def __init__(
        self,
        organisation: str,
        hub: AlbumHub,
        feed: AlbumFeed,
        shelf: Shelf,
        bookmarks: Bookmarks,
        *,
        by: Doer,
        originals: Callable[[], bool],
        heed: Callable[[KeptPurge], None],
        stop: Callable[[], bool],
    ) -> None:
        self._organisation = organisation
        self._hub = hub
        self._feed = feed
        self._shelf = shelf
        self._bookmarks = bookmarks
        self._by = by
        self._originals = originals
        self._heed = heed
        self._stop = stop

    @property
    def has_refusals(self) -> bool:
        """Whether something was refused since all was last told from the beginning."""
        return bool(self._bookmarks.place("refused"))

    def begin_again(self) -> None:
        """Has the next rounds tell and take everything from the beginning: what was refused may be taken by now."""
        for name in ("pushed", "pulled", "refused"):
            self._bookmarks.mark(name, "")

    def round(self) -> Told:
        """Tells all, then takes all. What one side refuses is passed over and said; see `begin_again`.

        Raises:
            Unavailable: it goes on from where it was. Refused: of `HOPELESS`: nothing goes.
        """
        try:
            told = self._push(Told())
            return self._pull(told) if not self._stop() else told
        except OtherLife:
            # The hub has gone back in time: it is told of everything again, and read from the beginning.
            self.begin_again()
            return Told(waiting=1)

    def _push(self, told: Told) -> Told:
        while not self._stop():
            place = int(self._bookmarks.place("pushed") or 0)
            reached, changes = self._feed.changes(self._organisation, place, _AT_ONCE, but=self._by.id)
            if reached == place:
                return told
            for change in changes:
                if self._stop():
                    return replace(told, waiting=1)
                told = self._tried(told, change, self._tell, pushing=True)
            self._bookmarks.mark("pushed", str(reached))
        return replace(told, waiting=1)

    def _pull(self, told: Told) -> Told:
        more = True
        while more and not self._stop():
            page = self._hub.changes(self._bookmarks.place("pulled"), _AT_ONCE)
            for change in page.changes:
                if self._stop():
                    return told
                told = self._tried(told, change, self._take, pushing=False)
            self._bookmarks.mark("pulled", page.cursor)
            more = page.more
        return told

    def _tried(self, told: Told, change: Change, work: Callable[[Change], None], *, pushing: bool) -> Told:
        try:
            work(change)
        except Refused as refusal:
            if refusal.reason in HOPELESS or isinstance(refusal, OtherLife):
                raise
            if not told.refused:
                self._bookmarks.mark("refused", "yes")
            return replace(told, refused=(*told.refused, (change.kind.value, change.id, refusal.reason)))
        if pushing:
            return replace(told, pushed=told.pushed + 1)
        return replace(told, pulled=told.pulled + 1)

    def _tell(self, change: Change) -> None:
        event = self._feed.event_by_id(change.event)
        if event is None:
            if change.kind is ChangeKind.EVENT:
                _unless_gone(lambda: self._heed(self._hub.purge_event(change.event)))
            return
        match change.kind:
            case ChangeKind.EVENT:
                kept = self._feed.kept_event(event.id)
                if kept is not None:
                    self._hub.put_event(kept)
            case ChangeKind.PHOTO:
                self._tell_photo(event, change.id)
            case ChangeKind.SEARCH:
                search = self._feed.kept_search(event, change.id)
                if search is None:
                    _unless_gone(lambda: self._hub.delete_search(event.id, change.id))
                else:
                    try:
                        self._hub.put_search(event.id, search)
                    except Refused as refusal:
                        _check_unwanted(refusal)
                        self._feed.remove_search(event, change.id, by=self._by)

    def _tell_photo(self, event: PhotoEvent, photo: str) -> None:
        kept = self._feed.photo(event, photo)
        if kept is None:
            _unless_gone(lambda: self._hub.delete_photo(event.id, photo))
            return
        try:
            needs = self._hub.put_photo(event.id, kept)
        except Refused as refusal:
            _check_unwanted(refusal)
            self._shelf.delete_photo(photo, by=self._by)
            return
        small = [(kind.value, self._content(photo, kind)) for kind in _SMALL if kind.value in needs]
        if small:
            needs = self._hub.put_photo(event.id, kept, small)
        if PhotoKind.ORIGINAL.value in needs and self._originals() and self._has_original(event, photo):
            self._hub.put_original(event.id, photo, self._content(photo, PhotoKind.ORIGINAL))

    def _take(self, change: Change) -> None:
        if change.kind is ChangeKind.EVENT:
            self._take_event(change.event)
            return
        event = self._feed.event_by_id(change.event)
        if event is None:
            return  # it was purged since, or is refused here
        if change.kind is ChangeKind.SEARCH:
            try:
                search = self._hub.search(change.event, change.id)
            except Refused as refusal:
                _check_gone(refusal)
                self._feed.remove_search(event, change.id, by=self._by)
            else:
                self._feed.take_search(event, search, by=self._by)
            return
        try:
            photo = self._hub.photo(change.event, change.id)
        except Refused as refusal:
            _check_gone(refusal)
            if self._feed.photo(event, change.id) is not None:
                self._shelf.delete_photo(change.id, by=self._by)
            return
        wanted = self._originals() and event.plan.terms.keeps_originals
        missing = self._feed.missing_files(event, change.id, original=wanted)
        files = [(kind, self._fetched(change, PhotoKind(kind))) for kind in missing]
        self._feed.take_photo(event, photo, [(kind, file) for kind, file in files if file is not None], by=self._by)

    def _take_event(self, event_id: str) -> None:
        try:
            event = self._hub.event(event_id)
        except Refused as refusal:
            _check_gone(refusal)
            here = self._feed.event_by_id(event_id)
            if here is not None and refusal.reason == "purged":
                self._shelf.purge_event(here.organisation, here.slug, by=self._by)
                self._heed(self._hub.purge_event(event_id))
            return
        self._feed.take_event(self._organisation, event, by=self._by)

    def _fetched(self, change: Change, kind: PhotoKind) -> bytes | None:
        try:
            return self._hub.file(change.event, change.id, kind)
        except Refused as refusal:
            if refusal.reason not in {"not_found", "too_large"} or kind is not PhotoKind.ORIGINAL:
                raise
            return None  # what is shown of the photograph does

    def _has_original(self, event: PhotoEvent, photo: str) -> bool:
        return PhotoKind.ORIGINAL.value not in self._feed.missing_files(event, photo, original=True)

    def _content(self, photo: str, kind: PhotoKind) -> bytes:
        file = self._shelf.content(photo, kind)
        if file is None:
            raise Refused("no_file", f"the {kind.value} of the photograph {photo} is not here")
        return file.content


def _unless_gone(work: Callable[[], None]) -> None:
    try:
        work()
    except Refused as refusal:
        _check_gone(refusal)


def _check_unwanted(refusal: Refused) -> None:
    """Raises what does not say that something was deleted at the hub, and is not to come back."""
    if refusal.reason != "gone":
        raise refusal


def _check_gone(refusal: Refused) -> None:
    """Raises what does not say that something is gone."""
    if refusal.reason not in {"not_found", "purged"}:
        raise refusal
