"""Events that are worked at without end: `python -m edged.measure.booth_writer FOLDER [URL CA]`.

For each line of standard input, a seed, a child of this process adds photographs to the store in that folder, searches,
denies, forgets guests and purges events; where a hub is named, whose token is in EDGED_TOKEN, it tells that one of it
now and then. Everything is imported before, so that children are quick. They write to standard output what they begin
and what has returned; somebody kills them.
"""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from edged.domain.errors import EdgedError
from edged.measure.booth_ledger import Deed
from edged.measure.booth_store import BoothStore
from edged.measure.made_photo import GUESTS
from edged.photos.album import PhotoEvent
from edged.photos.photo import Photo

SLUGS: Final = ("afternoon", "evening")
_LIKELY: Final = {"add": 52, "again": 4, "delete": 5, "search": 20, "deny": 8, "forget": 5, "purge": 6}
_MOST: Final = 1_000_000_000
_ROUND: Final = 0.3
"""So often after a deed."""
TOKEN: Final = "EDGED_TOKEN"  # noqa: S105  a name
"""The variable that has the hub's token: on the command line everybody could read it."""


class BoothWriter:
    """Thinks of what to do next. Everything it knows of the store is what is in there."""

    def __init__(self, store: BoothStore, chance: random.Random) -> None:
        self._store = store
        self._chance = chance

    def next_deed(self) -> Deed:
        """Something that can be done now."""
        events = {event.slug: event for event in self._store.events()}
        missing = [slug for slug in SLUGS if slug not in events]
        if missing:
            return Deed("create", str(uuid.UUID(int=self._chance.getrandbits(128), version=4)), missing[0])
        event = events[self._chance.choice(SLUGS)]
        (word,) = self._chance.choices(list(_LIKELY), list(_LIKELY.values()))
        return self._deed(word, event) or self._new_photo(event)

    def _deed(self, word: str, event: PhotoEvent) -> Deed | None:
        photos = self._store.kept.albums.photos(event, 0, 10_000, None).photos
        if word == "purge" and len(photos) > 5:
            return Deed("purge", event.id)
        if word in {"again", "delete"} and photos:
            number = _number(self._chance.choice(photos))
            return Deed("add" if word == "again" else word, event.id, number)
        if word == "search":
            request = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
            return Deed("search", event.id, request=request, guest=self._chance.randrange(GUESTS))
        requests = self._store.kept.requests(event.id)
        if word == "forget" and requests:
            return Deed("forget", event.id, request=self._chance.choice(requests))
        if word == "deny" and requests:
            return self._denial(event, self._chance.choice(requests), photos)
        return None

    def _denial(self, event: PhotoEvent, request: str, photos: Sequence[Photo]) -> Deed | None:
        search = self._store.kept.albums.search(event, request)
        found = [photo for photo in photos if search and photo.id in search.photos]
        return Deed("deny", event.id, _number(self._chance.choice(found)), request) if found else None

    def _new_photo(self, event: PhotoEvent) -> Deed:
        return Deed("add", event.id, str(self._chance.randrange(_MOST)))


def write(folder: Path, seed: str, hub: Sequence[str]) -> None:
    """Never returns.

    Args:
        hub: URL and authority of one to tell; nothing: of none.
    """
    chance = random.Random(seed)  # noqa: S311  what happens when, no secrets
    with ExitStack() as stack:
        store = stack.enter_context(BoothStore.opened(folder))
        writer = BoothWriter(store, chance)
        follower = None
        if hub:
            follower = stack.enter_context(store.following(hub[0], Path(hub[1]), os.environ[TOKEN]))
        while True:
            deed = writer.next_deed()
            _do(store, deed)
            if deed.word == "purge":
                _do(store, Deed("finish", deed.event))
            if follower and chance.random() < _ROUND:
                with suppress(EdgedError):
                    follower.round()


def _do(store: BoothStore, deed: Deed) -> None:
    _say(f"begin {deed.line()}")
    store.do(deed)
    _say("done")


def _number(photo: Photo) -> str:
    return photo.filename.removesuffix(".jpg")


def _say(line: str) -> None:
    os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main() -> None:
    folder, *hub = sys.argv[1:]
    for line in sys.stdin:
        child = os.fork()
        if not child:
            write(Path(folder), line.strip(), hub)
        _say(f"child {child}")
        os.waitpid(child, 0)
        _say("ended")


if __name__ == "__main__":
    main()
