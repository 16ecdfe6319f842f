"""What organisations, events and photographs may be: the same for every store."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.domain.errors import Refused
from edged.domain.person import ModelRef
from edged.domain.text import is_storable
from edged.photos.album import EventPlan, EventState, PhotoEvent
from edged.photos.kept import ChangeKind, KeptEvent, KeptPhoto, KeptSearch
from edged.photos.photo import NewPhoto, Photo, Source, Standing
from edged.photos.photo_bundle import photo_id
from edged.photos.photo_format import clean_filename

MOST_CONSENT: Final = 8000
"""Characters: four pages; nobody reads more before they look into a camera."""
MOST_NAME: Final = 200
"""Characters of the name of an organisation or an event."""
LATEST: Final = 253_402_300_799.0
"""The last second of the year 9999, UTC."""
_UNIT: Final = 1e-3
"""Of a unit vector that somebody has rounded."""
_SLUG: Final = re.compile(r"[a-z0-9-]{1,64}", re.ASCII)


def is_slug(text: str) -> bool:
    """Whether something may have this name in addresses."""
    return _SLUG.fullmatch(text) is not None


def admit_slug(slug: str) -> None:
    """Raises Refused `bad_slug`."""
    if not is_slug(slug):
        raise Refused("bad_slug", f"{slug!r} cannot stand in an address", "Use 1 to 64 of a–z, 0–9 and hyphens")


def admit_name(name: str) -> None:
    """Raises Refused `bad_text` where an organisation or an event cannot be called so."""
    if not 1 <= len(name) <= MOST_NAME:
        raise Refused("bad_text", f"a name has 1 to {MOST_NAME} characters, this one {len(name):,}")
    if not is_storable(name):
        raise Refused("bad_text", "the name holds what is no character")


def admit_plan(plan: EventPlan) -> None:
    """Raises Refused `bad_text` where the name or the text of consent cannot be kept; `bad_time`: no clock shows it."""
    admit_name(plan.name)
    for seconds in (plan.terms.closes, plan.terms.expires):
        if seconds is not None and not 0 <= seconds <= LATEST:
            raise Refused("bad_time", "the event would close or expire before 1970 or after 9999", "Check the year")
    if len(plan.terms.consent) > MOST_CONSENT:
        raise Refused("bad_text", f"the text of consent is longer than {MOST_CONSENT:,} characters", "Shorten it")
    if not is_storable(plan.terms.consent):
        raise Refused("bad_text", "the text of consent holds what is no character")


def admit_photo(event: PhotoEvent, photo: NewPhoto, media_type: str, digest: str, now: float) -> Photo:
    """What is told of a photograph that an event takes.

    Args:
        event: as it is just now.
        media_type, digest: of the file as it came.
        now: UTC seconds since the epoch.

    Raises:
        Refused: `event_closed`: it takes no more, but what is exchanged with another store.
    """
    if event.state(now) is not EventState.OPEN and photo.source is not Source.SYNC:
        raise Refused(
            "event_closed",
            f"the event {event.organisation}/{event.slug} takes no more photographs",
            "Open it again, or choose another",
        )
    return Photo(
        id=photo_id(event.id, digest),
        filename=clean_filename(photo.filename, media_type),
        width=photo.width,
        height=photo.height,
        taken=photo.taken,
        added=now,
        size=len(photo.content),
        media_type=media_type,
        standing=Standing.WAITING if event.plan.terms.is_moderated else Standing.SHOWN,
        source=photo.source,
    )


def admit_kept_event(organisation: str, event: KeptEvent, known: PhotoEvent | None, named: PhotoEvent | None) -> None:
    """Whether an event of another store can be one of an organisation here.

    Args:
        known: the event of its id, whoever has it; named: the organisation's event of its slug.

    Raises:
        Refused: `taken`: another event has its slug, or another organisation has it.
    """
    if known is not None and known.organisation != organisation:
        raise Refused("taken", "another organisation has this event here")
    if named is not None and named.id != event.id:
        raise Refused("taken", f"{organisation} has another event {event.slug} here", "Rename one of them, or purge it")


def admit_kept_photo(event: PhotoEvent, photo: KeptPhoto) -> None:
    """Whether an event takes a photograph as another store keeps it.

    Raises:
        Refused: `bad_id`: it is not that of the event and the content; `bad_text`: of the filename or the model;
            `bad_vector`: of a face.
    """
    if photo.photo.id != photo_id(event.id, photo.digest):
        raise Refused("bad_id", "the photograph's id is not that of its event and content")
    if not is_storable(photo.photo.filename):
        raise Refused("bad_text", "the filename holds what is no character")
    for face in photo.faces:
        _admit_vector(face.vector, photo.model)


def admit_kept_search(search: KeptSearch) -> None:
    """Raises Refused `bad_text`, `bad_vector` where a search of another store cannot be kept."""
    if search.search.probe:
        _admit_vector(search.search.probe.vector, search.search.probe.model)


def admit_absent(kind: ChangeKind, thing: str, theirs: int, ours: int) -> None:
    """Whether something that another store has, and that is not here, may come in.

    Args:
        theirs: its revision there; ours: the last one here, 0: it never was here.

    Raises:
        Refused: `gone`: it was taken away here, and there is none that was added since. A guest who is forgotten
            stays so: a search has an id of its own.
    """
    if ours and (kind is ChangeKind.SEARCH or ours >= theirs):
        raise Refused("gone", f"the {kind} {thing} was taken away here")


def admit_model(model: ModelRef, dimension: int) -> None:
    """Raises Refused `bad_vector` where a model whose vectors have a dimension is said to have another."""
    if model.dimension != dimension:
        raise Refused("bad_vector", f"the vectors of {model.name} have {dimension} numbers, not {model.dimension}")


def no_event(event: PhotoEvent) -> Refused:
    """To raise where an event is gone."""
    return Refused("no_event", f"there is no event {event.organisation}/{event.slug}")


def _admit_vector(vector: NDArray[np.float32], model: ModelRef | None) -> None:
    """One that is longer than others would be like everybody, and one that is no number like nobody."""
    if model is None or not is_storable(model.name):
        raise Refused("bad_text", "nobody can tell which model made a vector")
    if vector.shape != (model.dimension,) or not abs(float(np.linalg.norm(vector)) - 1) <= _UNIT:
        raise Refused("bad_vector", "a vector is not of its model, or not of unit length")
