"""Those new here whom the centre was told of, from before that until its answer is here.

If the answer is lost, the centre may know somebody, and the device not know by which id. Deleted on either side
meanwhile, they would come back from the other: so it is kept who they were, and what they were told under.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from edged.central.port import RemotePerson
from edged.central.progress import Progress
from edged.central.reconcile import shared_fields
from edged.gallery.face_book import FaceBook
from edged.gallery.links import Link


def begin(book: FaceBook, person: str, key: str, request: str) -> tuple[str, bool]:
    """Notes that the centre is told of somebody new; under which request, and whether it was told before."""
    progress = Progress.read(book.links.progress())
    if person in progress.telling:
        return progress.telling[person][1], True
    telling = {**progress.telling, person: (_digest(key), request)}
    book.links.keep_progress(replace(progress, telling=telling).written())
    return request, False


def end(book: FaceBook, people: Collection[str]) -> None:
    """Of these it is known what became of them."""
    progress = Progress.read(book.links.progress())
    left = {own: noted for own, noted in progress.telling.items() if own not in people}
    if left != progress.telling:
        book.links.keep_progress(replace(progress, telling=left).written())


def claim(book: FaceBook, people: Sequence[RemotePerson], progress: Progress) -> None:
    """Links whoever of the centre's people was told of and then deleted here: they are to be deleted there, too."""
    for own, (digest, _request) in progress.telling.items():
        if book.links.of([own]) or not book.was_deleted(own):
            continue
        for remote in people:
            if remote.key and _digest(remote.key) == digest and not book.links.get([remote.id]):
                faces = frozenset(face.photo_hash for face in remote.faces)
                link = Link(remote.id, own, shared_fields(remote), faces, {}, progress.listing)
                book.links.put(link, settled=True)


def decided(book: FaceBook, progress: Progress) -> frozenset[str]:
    """Of whom it is known what became of them, once everything that the centre had to tell was read: whoever was
    deleted here and was not in it, it never got to know.
    """
    return frozenset(own for own in progress.telling if book.person_by_id(own) is None or book.links.of([own]))


def _digest(key: str) -> str:
    """Whoever was deleted is not to be named by it."""
    return hashlib.sha256(key.encode()).hexdigest()
