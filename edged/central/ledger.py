"""What sync does to the people of the device, one transaction at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar

from edged.central import telling
from edged.central.account import Account, Hold, Queued
from edged.central.port import EVERY_FIELD, Outgoing, Page, RemoteFace, RemotePerson, Taken
from edged.central.progress import Progress
from edged.central.reconcile import Plan, difference, must_ask, reconcile
from edged.central.taking import Portraits, known_of, local_of, outgoing_of, take_step
from edged.gallery.face_book import FaceBook
from edged.gallery.links import Conflict, Link

_T = TypeVar("_T")

_MOST_REFUSED: Final = 1000
_AT_ONCE: Final = 100
"""Deletions in one transaction."""


class Change(Protocol):
    """Does something with people and faces in one transaction; on disk and searchable when it returns. Blocks.

    Raises:
        Unavailable: the disk is full or failing, or whoever does it is busy; nothing was changed, or all of it.
    """

    def __call__(self, work: Callable[[FaceBook], _T], /) -> _T: ...


class Ledger:
    """People, links and progress, as sync changes them. One thread; every method blocks for a transaction or two.

    Args:
        change: see there.
        keeps: what the centre keeps of a person beside faces, see `edged.central.port.Centre`.
    """

    def __init__(self, change: Change, keeps: frozenset[str] = EVERY_FIELD) -> None:
        self._change = change
        self._keeps = keeps

    def progress(self) -> Progress:
        return Progress.read(self._change(lambda book: book.links.progress()))

    def keep(self, progress: Progress) -> None:
        self._change(lambda book: book.links.keep_progress(progress.written()))

    def begin_with(self, centre: str) -> Progress:
        """Forgets the centre of before, and nobody: whoever is here is the device's own, and joined by their key."""

        def work(book: FaceBook) -> Progress:
            book.links.forget_centre()
            progress = Progress(centre=centre)
            book.links.keep_progress(progress.written())
            return progress

        return self._change(work)

    def wanted(self, people: Sequence[RemotePerson]) -> list[tuple[RemotePerson, RemoteFace]]:
        """The faces without a vector that the device does not have and has not refused."""
        if all(face.vector is not None for person in people for face in person.faces):
            return []

        def work(book: FaceBook) -> list[tuple[RemotePerson, RemoteFace]]:
            links = book.links.get([person.id for person in people])
            found = []
            for person in people:
                link = links.get(person.id)
                stored = None if link or not person.key else book.person(person.key)
                own = link.person if link else stored.person.id if stored else ""
                known = book.links.hashes(own, book.model) if own else frozenset()
                refused = link.refused.keys() if link else frozenset()
                found += [
                    (person, face)
                    for face in person.faces
                    if face.vector is None and face.photo_hash not in known and face.photo_hash not in refused
                ]
            return found

        return self._change(work)

    def take(self, page: Page, portraits: Portraits, progress: Progress) -> Progress:
        """Does what a page means, and keeps the progress; all of it or nothing.

        Args:
            page: of a hundred people or so: nobody else can write meanwhile.
            portraits: of faces without a vector.
            progress: with the cursor that is right once this page is done.

        Returns:
            the progress that was kept.
        """

        def work(book: FaceBook) -> Progress:
            telling.claim(book, page.people, progress)
            known = known_of(book, page, self._keeps)
            plan = reconcile(page, known, progress.listing, careful=progress.careful)
            refused = {own: why for own, why in progress.refused.items() if own not in set(page.gone)}
            book.links.mark(plan.gone)
            for step in plan.steps:
                why = take_step(book, step, known, portraits, self._keeps)
                refused.pop(step.remote.id, None)
                if why and len(refused) < _MOST_REFUSED:
                    refused[step.remote.id] = why
            for central, what in plan.conflicts:
                book.links.note(Conflict(book.now, central, what))
            after = replace(progress, refused=refused)
            if after != Progress.read(book.links.progress()):  # cards wear out
                book.links.keep_progress(after.written())
            return after

        return self._change(work)

    def end(self, progress: Progress, kept_s: float, *, absent_are_gone: bool) -> None:
        """All that the centre had to tell was read. After a whole list, whoever was not in it is gone at the centre.

        Args:
            absent_are_gone: the centre has no other way to say so. One that names whom it has deleted has lost those
                whom it has not named: they are removed only when a person says so.
            kept_s: where nothing has changed, that is written down so often only: cards wear out.
        """

        def work(book: FaceBook) -> None:
            absent = book.links.mark_absent(progress.listing) if progress.whole else 0
            careful = progress.careful or (absent > 0 and not absent_are_gone)
            kept = Progress.read(book.links.progress())
            decided = telling.decided(book, kept)
            is_news = progress.whole or kept.revision != progress.revision or bool(decided)
            if is_news or abs(book.now - kept.followed) >= kept_s:
                left = {own: noted for own, noted in kept.telling.items() if own not in decided}
                after = replace(progress, whole=False, careful=careful, followed=book.now, telling=left)
                book.links.keep_progress(after.written())

        self._change(work)

    def shared(self) -> dict[str, str]:
        """Everybody whom both have: the customer's key, or our id where there is none, by the centre's id."""

        def work(book: FaceBook) -> dict[str, str]:
            links = book.links.all()
            found = {link.central: book.person_by_id(link.person) for link in links}
            return {central: stored.key or stored.person.id for central, stored in found.items() if stored}

        return self._change(work)

    def plan(self, page: Page, listing: int, *, careful: bool) -> Plan:
        """What a page would mean; see `reconcile`. Nothing is changed."""
        return self._change(lambda book: reconcile(page, known_of(book, page, self._keeps), listing, careful=careful))

    def sweep(self, hold: Hold | None) -> int:
        """Removes whoever is deleted at the centre; returns how many wait for a person's word instead.

        Args:
            hold: when to wait; None: somebody has said that they are to be removed.
        """

        def work(book: FaceBook) -> int | None:
            """A hundred at once, so that nobody waits long; None: there are more, of whom the same is true."""
            links = book.links
            progress = Progress.read(links.progress())
            marked = links.marked(_AT_ONCE + 1)
            count = links.count_marked()
            asks = hold and (progress.careful or must_ask(count, links.count(), hold.share, hold.least))
            if count and asks:
                return count
            for link in marked[:_AT_ONCE]:
                if book.person_by_id(link.person):
                    book.remove_person(link.person)
                    links.owe(link)
                elif book.was_deleted(link.person):
                    links.owe(link)
                links.drop(link.central)
            if len(marked) > _AT_ONCE:
                return None
            if progress.careful and not progress.whole:
                links.keep_progress(replace(progress, careful=False).written())
            return 0

        held = None
        while held is None:
            held = self._change(work)
        return held

    def keep_held(self) -> int:
        """Whoever is deleted at the centre stays here, as if enrolled on the device; returns how many."""

        def work(book: FaceBook) -> int:
            links, marked = book.links, book.links.marked()
            for link in marked:
                links.drop(link.central)
                stored = book.person_by_id(link.person)
                if stored:  # as changed just now: to the centre it must not look like what made the one whom it deleted
                    book.store(stored.person, stored.first_name)
            progress = Progress.read(links.progress())
            links.keep_progress(replace(progress, careful=False).written())
            return len(marked)

        return self._change(work)

    def queued(self, after: int, limit: int) -> list[Queued]:
        """Some of those of whom the centre is to be told, in the order of their revisions."""
        return self._change(lambda book: self._queued(book, after, limit))

    def next_to_tell(self, after: int) -> Queued | None:
        """The first of them. Of somebody new it is kept that the centre is told, until it has answered."""

        def work(book: FaceBook) -> Queued | None:
            for item in self._queued(book, after, 1):
                if item.outgoing is None or item.outgoing.id:
                    return item
                key, own = item.outgoing.key, item.outgoing.request
                request, again = telling.begin(book, item.person, key, own)
                return replace(item, outgoing=replace(item.outgoing, request=request), again=again)
            return None

        return self._change(work)

    def _queued(self, book: FaceBook, after: int, limit: int) -> list[Queued]:
        found = []
        for revision, own in book.links.changed(after, limit):
            stored = book.person_by_id(own)
            assert stored is not None  # noqa: S101  in the same transaction
            link = book.links.of([own]).get(own)
            told = difference(link, local_of(book, stored, self._keeps))
            if not told and link is not None:
                book.links.put(link, settled=True)
                found.append(Queued(revision, None, own))
            elif not stored.key and link is None:
                found.append(Queued(revision, None, own, "no_key"))
            else:
                found.append(Queued(revision, outgoing_of(book, stored, link, told, revision), own))
        return found

    def not_taken(self, item: Queued, *, deleted: bool) -> None:
        """The centre has answered that it does not take somebody.

        Args:
            deleted: since it has deleted whom it made of them when it was told before: so are they here.
        """

        def work(book: FaceBook) -> None:
            telling.end(book, [item.person])
            if deleted and book.person_by_id(item.person):
                book.remove_person(item.person)

        if item.outgoing is not None and not item.outgoing.id:
            self._change(work)

    def told(self, person: str, outgoing: Outgoing, taken: Taken) -> None:
        """The centre has taken somebody over, or as much of them as it wants."""

        def work(book: FaceBook) -> None:
            stored = book.person_by_id(person)
            if stored:
                for name, other in taken.renamed.items():
                    book.rename_face(person, name, other)
            before = book.links.get([taken.id]).get(taken.id) or book.links.of([person]).get(person)
            here = local_of(book, stored, self._keeps) if stored else None
            # Only what both have: the centre may have more, which comes with the list.
            common = taken.faces & (here.faces if here else frozenset(face.photo_hash for face in outgoing.add))
            fields = taken.fields if outgoing.with_fields or before is None else before.fields
            refused = {**(before.refused if before else {}), **taken.refused}
            telling.end(book, [person])
            listing = Progress.read(book.links.progress()).listing
            if before is not None:
                common |= before.faces & taken.faces
                book.links.drop(before.central)
            link = Link(taken.id, person, fields, common, refused, listing)
            book.links.put(link, settled=here is None or not difference(link, here))

        self._change(work)

    def linked(self) -> dict[str, frozenset[str]]:
        """The hashes of the faces that both had, by the centre's id."""
        return self._change(lambda book: {link.central: link.faces for link in book.links.all() if not link.gone})

    def departed(self) -> list[Link]:
        """Who was deleted here and is to be deleted at the centre.

        A person who is not here and was never deleted was lost with a damaged database: the link is dropped, and the
        centre's list brings them back.
        """

        def work(book: FaceBook) -> list[Link]:
            found = []
            for link in book.links.orphans():
                if book.was_deleted(link.person):
                    found.append(link)
                else:
                    book.links.drop(link.central)
            return found

        return self._change(work)

    def departure_told(self, link: Link) -> None:
        """The centre has deleted them."""

        def work(book: FaceBook) -> None:
            book.links.owe(link)
            book.links.drop(link.central)

        self._change(work)

    def owed(self, limit: int) -> list[tuple[str, str]]:
        """Our id and the centre's of some whose receipt the centre is to have."""
        return self._change(lambda book: book.links.owed(limit))

    def paid(self, people: Collection[str]) -> None:
        """It has them."""
        self._change(lambda book: book.links.paid(people))

    def account(self, conflicts: int = 0) -> Account:
        """How things stand, with so many of the newest conflicts."""

        def work(book: FaceBook) -> Account:
            links = book.links
            pending = [link.central for link in links.marked() if book.person_by_id(link.person)]
            return Account(
                Progress.read(links.progress()),
                links.count(),
                links.count_changed(),
                tuple(pending),
                tuple(links.conflicts(conflicts)),
            )

        return self._change(work)
