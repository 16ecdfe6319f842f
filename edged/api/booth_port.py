"""What the booth's page needs of the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from edged.config.photos import PhotoSettings
from edged.domain.frame import Frame
from edged.domain.screen import Screen
from edged.photos.album import PhotoEvent
from edged.photos.photo import Photo, PhotoFile, PhotoKind, PhotoPage
from edged.photos.search import Search


@dataclass(frozen=True, slots=True)
class BoothCamera:
    """The booth's camera. `mirrored`: its pictures are mirrored already, by its own settings."""

    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class PhoneLink:
    """What a guest takes along.

    Attributes:
        picture: the link as a QR code, rows of `0` and `1` (dark) with the margin that readers need.
        until: when it ends, UTC seconds since the epoch.
    """

    picture: tuple[str, ...]
    until: float


class BoothDesk(Protocol):
    """The device behind the booth. Any thread.

    `settings`, `camera`, `frame` and `guide` return at once, and are asked on the event loop; the others block.
    """

    def settings(self) -> PhotoSettings:
        """As they are now."""
        ...

    def camera(self) -> BoothCamera | None:
        """None where there is none, or it is not said which."""
        ...

    def frame(self) -> Frame | None:
        """The newest that the camera gave; None while it gives none."""
        ...

    def guide(self) -> Screen:
        """What would help whoever looks into the camera, with where the largest face is; `Stage.REST` without one."""
        ...

    def event(self) -> PhotoEvent | None:
        """The one that takes photographs now. Raises Unavailable."""
        ...

    def take(self, event: PhotoEvent) -> Photo:
        """Takes a photograph and adds it to the event.

        Raises:
            Unavailable: the camera gives no picture, the eyes are busy, or the disk does not let us.
            Refused: `full`: there is no room; `no_event`, `event_closed`.
        """
        ...

    def discard(self, photo: str) -> None:
        """Deletes a photograph that was just taken. Raises Unavailable."""
        ...

    def portrait(self) -> bytes:
        """A picture of whoever stands there, a JPEG; it is kept nowhere. Raises Unavailable."""
        ...

    async def search(self, event: PhotoEvent, request_id: str, portrait: bytes, consent: int) -> Search:
        """See `SelfieSearch.searched`."""
        ...

    def withdraw(self, event: PhotoEvent, request_id: str) -> None:
        """Removes a search as if it had never been done. Raises Unavailable."""
        ...

    def found(self, event: PhotoEvent, request_id: str, offset: int, limit: int) -> PhotoPage:
        """Of the photographs that a search has found, some of those that are shown now; and how many these are."""
        ...

    def deny(self, event: PhotoEvent, request_id: str, photo: str) -> None:
        """Notes that a guest is not in a photograph; see `Albums.deny`."""
        ...

    def picture(self, event: PhotoEvent, photo: str, kind: PhotoKind, *, own: bool) -> PhotoFile | None:
        """A photograph's file; None where it is gone, or not shown any more.

        Args:
            own: it was taken in this round, and is shown to whoever took it though nobody has let it through yet.
        """
        ...

    def link(self, event: PhotoEvent, request_id: str) -> PhoneLink | None:
        """The way to what was found, for a phone; None where no phone could reach this device."""
        ...
