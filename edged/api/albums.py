"""Events and photographs: what the dialects, the native interface and the pages ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edged.domain.person import ModelRef
from edged.photos.album import Doer, EventPlan, Organisation, PhotoEvent, Purge, Tally
from edged.photos.likeness import NEVER
from edged.photos.photo import NewPhoto, Photo, PhotoFile, PhotoKind, PhotoPage, Standing
from edged.photos.report import Report, ReportReason
from edged.photos.search import Found, Removal, Search, Turn


class Albums(Protocol):
    """Events and photographs on the disk.

    Threads, durability, audit and errors are those of `edged.api.directory.Directory`.
    """

    def create_organisation(self, slug: str, name: str, *, by: Doer) -> bool:
        """False where it is there. Raises Refused `bad_slug`."""
        ...

    def organisations(self) -> Sequence[Organisation]: ...

    def organisation(self, slug: str) -> Organisation | None: ...

    def create_event(
        self, organisation: str, slug: str, plan: EventPlan, *, by: Doer, event_id: str = ""
    ) -> PhotoEvent:
        """Makes an event.

        Args:
            event_id: its id where it was made elsewhere; empty: a new one.

        Raises:
            Refused: `bad_slug`, `taken`, `no_organisation`; `purged`: an event of this id was, and stays so.
        """
        ...

    def events(self, organisation: str, offset: int, limit: int) -> tuple[int, Sequence[PhotoEvent]]:
        """How many there are, and some, the newest first."""
        ...

    def event(self, organisation: str, slug: str) -> PhotoEvent | None: ...

    def change_event(self, organisation: str, slug: str, plan: EventPlan, *, by: Doer) -> PhotoEvent | None:
        """Gives it another plan; another text of consent is another version of it."""
        ...

    def close_event(self, organisation: str, slug: str, closed: bool, *, by: Doer) -> PhotoEvent | None:
        """Closes it, or opens it again."""
        ...

    def purge_event(self, organisation: str, slug: str, *, by: Doer) -> Purge | None:
        """Removes it with all photographs, vectors, searches and selfies; that it was there is remembered."""
        ...

    def purges(self, organisation: str | None = None) -> Sequence[Purge]:
        """The events that were purged, the latest first."""
        ...

    def purged_events(self) -> Sequence[str]:
        """The ids of all events that were purged, in any order."""
        ...

    def sign_purge(self, event_id: str, report: str) -> None:
        """Keeps what was signed of a purge."""
        ...

    def add_photo(self, event: PhotoEvent, photo: NewPhoto, *, by: Doer) -> Photo:
        """The same bytes again in the same event are the same photograph, which is returned.

        Raises:
            Refused: `no_event`: it is gone; `event_closed`: it takes no more photographs.
        """
        ...

    def photos(
        self, event: PhotoEvent, offset: int, limit: int, standing: Standing | None = Standing.SHOWN
    ) -> PhotoPage:
        """By the time they were taken, those without one last, then by the time they were added.

        Args:
            standing: only those; None for all.
        """
        ...

    def photos_by_id(self, event: PhotoEvent, ids: Sequence[str]) -> Sequence[Photo]:
        """Those that there are and that are shown, in the order asked."""
        ...

    def any_photo(self, event: PhotoEvent, photo: str) -> Photo | None:
        """A photograph, whether it is shown or not."""
        ...

    def set_standing(self, event: PhotoEvent, photo: str, standing: Standing, *, by: Doer) -> bool:
        """Shows a photograph, or takes it away from guests; False where there is none."""
        ...

    def content(self, photo: str, kind: PhotoKind, *, for_guests: bool = False) -> PhotoFile | None:
        """A file of a photograph; None where the photograph is gone.

        Args:
            for_guests: None, too, where it is not shown, or its event has expired or is not enabled.
        """
        ...

    def delete_photo(self, photo: str, *, by: Doer) -> bool: ...

    def like(
        self, event: PhotoEvent, model: ModelRef, vector: NDArray[np.float32], least: float, *, sure: float = NEVER
    ) -> Sequence[Found]:
        """The photographs that are shown and hold a face of this cosine or a higher one, each once, the best first.

        Those of which somebody like this has said that it is not them are left out.

        Args:
            sure: the cosine from which a face is the person beyond doubt: it is joined to the vector, see
                `edged.photos.likeness`, and the similarities are those with both.
        """
        ...

    def faces(self, event: PhotoEvent) -> int:
        """How many faces the photographs of an event have."""
        ...

    def search(self, event: PhotoEvent, request_id: str) -> Search | None: ...

    def searches_by_id(self, request_id: str) -> Sequence[tuple[PhotoEvent, Search]]:
        """The searches of this id that were done, each in an event of its own."""
        ...

    def selfie(self, event: PhotoEvent, request_id: str) -> bytes | None:
        """The photograph that was searched with, where it is kept."""
        ...

    def begin_search(self, event: PhotoEvent, request_id: str) -> Search | Turn:
        """The search where it is done; else whose turn it is. A turn not ended within a minute is given away."""
        ...

    def finish_search(self, event: PhotoEvent, search: Search, *, by: Doer, selfie: bytes = b"") -> None:
        """Keeps what was found. Where somebody else was quicker, because a turn was given away, theirs stays.

        Args:
            selfie: the photograph that was searched with, a JPEG; kept where the event keeps them.
        """
        ...

    def drop_search(self, event: PhotoEvent, request_id: str) -> None:
        """It failed: the next who asks has the turn."""
        ...

    def renew_search(self, event: PhotoEvent, search: Search, *, by: Doer) -> None:
        """Puts what was found now in the place of what was found before, for a search that is done."""
        ...

    def deny(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool:
        """Notes that a guest is not in a photograph: it leaves this search, and is not found by their face again.

        False where there is no such search, or it never found the photograph.
        """
        ...

    def withdraw_denial(self, event: PhotoEvent, request_id: str, photo: str, *, by: Doer) -> bool:
        """Takes a denial back: the photograph is the last one of the search again, until it is done again.

        False where this guest did not deny it, or the search or the photograph is gone.
        """
        ...

    def report(
        self, event: PhotoEvent, request_id: str, photo: str, reason: ReportReason, *, by: Doer
    ) -> Report | None:
        """Notes that a guest thinks a photograph of their search should not be shown.

        The first report takes it away from all guests until somebody has looked at it: its standing is WAITING then.
        What was let through after that stays, whoever reports it; and so does what is reported by a search that has
        reported `MOST_HIDING` before.

        Returns:
            It; the first one where this search has reported the photograph before; None where there is no such search,
            it did not find the photograph, or it has reported `MOST_REPORTS`.
        """
        ...

    def reports(self, event: PhotoEvent) -> Sequence[Report]:
        """What guests reported, the latest first."""
        ...

    def forget_guest(
        self, event: PhotoEvent, request_id: str, least: float, *, by: Doer, sure: float = NEVER
    ) -> Removal | None:
        """Forgets whoever did a search: it, and every other that was done with a face like theirs; and their faces.

        Args:
            least, sure: as `like`: whatever it finds is theirs, and in the photographs of the search every face that is
                as near by itself. Another search is theirs from `sure` on, or from `least` where nothing is sure.

        Returns:
            What was removed; None where there is no such search. Where the event lets guests, the templates of the
            faces that are theirs are gone from the photographs, too. What they reported stays, and nobody knows whose
            it was.
        """
        ...

    def tally(self, event: PhotoEvent) -> Tally:
        """What there is of it. Blocks for some milliseconds."""
        ...
