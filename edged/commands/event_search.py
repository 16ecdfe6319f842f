"""`edged event search`: whose photographs these are, as a guest would ask."""

from __future__ import annotations

import argparse
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.event_store import EventStore, opened, own_eyes
from edged.commands.moment import local
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused, Unavailable
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from edged.api.selfie_search import SelfieSearch
    from edged.photos.album import Doer, PhotoEvent
    from edged.photos.photo import Photo
    from edged.photos.search import Search

_TEXT: Final = """\
Find the photographs of an event that somebody is in, as a guest finds them with a selfie. The largest
face of SELFIE counts. It is noted in the audit log; of the search the face's template is kept, and goes
with all others of that guest when they ask to be forgotten.
"""
_EPILOG: Final = """\
Exit codes: 0 it was searched, whatever was found, 1 it could not be.

Examples:
  sudo -u edged edged event search gala selfie.jpg
  sudo -u edged edged event search gala selfie.jpg --save /media/stick/anna
"""
_MOST_BYTES: Final = 16 * 1024 * 1024


def register(words: Words) -> None:
    """Adds `search`."""
    parser = add_word(words, "search", "the photographs that somebody is in", _TEXT, _EPILOG, _run)
    parser.add_argument("slug", metavar="SLUG", help="the event")
    parser.add_argument("selfie", metavar="SELFIE", type=Path, help="a photograph of them: JPEG, PNG or WebP")
    parser.add_argument("--save", metavar="FOLDER", type=Path, help="copy what was found there, as it came")


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.api.selfie_search import SelfieSearch  # noqa: PLC0415  not for `--help`
    from edged.audit.act import Act  # noqa: PLC0415

    selfie = read_selfie(args.selfie)
    with opened(args, out) as store:
        event = store.event(args.slug)
        out.progress("loading the models", 0.0)
        search = searched(SelfieSearch(store.albums, own_eyes(store.document)), event, selfie, store.by)
        about = f"{search.request_id} in {event.organisation}/{event.slug}, {len(search.photos)} found"
        store.scribe.note(Act.PHOTOS, by=store.by.id, about={"what": "selfie_search", "of": about})
        photos = store.albums.photos_by_id(event, search.photos)
        saved = _save(store, photos, args.save, out) if args.save else []
    rows = [(photo.filename, local(photo.taken), f"{photo.width} × {photo.height}", photo.id) for photo in photos]
    found = f"{len(photos)} photograph(s), the likest first (confidence {search.confidence:.1%})"
    if search.probe is None:
        found = "There is no face in that photograph."
    elif not photos:
        found = "They are in none of the photographs that guests are shown."
    copied = f"{len(saved)} copied to {args.save}." if args.save else ""
    table = columns((("FILE", "TAKEN", "SIZE", "ID"), *rows)) if rows else ""
    out.result(_document(search, photos, saved), "\n".join(filter(None, (found, table, copied))))
    return Exit.OK


def searched(guests: SelfieSearch, event: PhotoEvent, selfie: bytes, by: Doer) -> Search:
    """A new search of an event, kept like a guest's. Blocks for a second or two."""
    import anyio  # noqa: PLC0415  not for `--help`

    async def done() -> Search:
        return await guests.searched(event, str(uuid.uuid4()), selfie, by=by)

    return anyio.run(done)


def read_selfie(path: Path) -> bytes:
    """Raises Refused `no_file`, `too_large`."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Refused("no_file", f"{path} cannot be read: {error.strerror}", "Check the path") from error
    if len(content) > _MOST_BYTES:
        raise Refused("too_large", f"{path} has more than {_MOST_BYTES:,} bytes", "Save it smaller")
    return content


def _save(store: EventStore, photos: Sequence[Photo], folder: Path, out: Console) -> list[str]:
    """Copies them; nothing that is there is written over. The paths."""
    from edged.photos.photo import PhotoKind  # noqa: PLC0415  not for `--help`

    saved = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for at, photo in enumerate(photos):
            out.progress(f"copying {photo.filename}", at / len(photos))
            file = store.albums.content(photo.id, PhotoKind.ORIGINAL)
            if file is not None:
                saved.append(str(_written(folder, photo.filename, file.content)))
    except OSError as error:
        raise Unavailable(f"cannot write to {folder}: {error.strerror}", "Check the folder and its space") from error
    return saved


def _written(folder: Path, name: str, content: bytes) -> Path:
    stem, dot, suffix = name.rpartition(".")
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{stem}-{number}{dot}{suffix}")
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            number += 1
        else:
            return path


def _document(search: Search, photos: Sequence[Photo], saved: Sequence[str]) -> dict[str, Any]:
    return {
        "request_id": search.request_id,
        "face": search.probe is not None,
        "confidence": search.confidence,
        "photos": [
            {"id": photo.id, "filename": photo.filename, "taken": utc(photo.taken), "bytes": photo.size}
            for photo in photos
        ],
        "saved": list(saved),
    }
