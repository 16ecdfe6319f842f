"""What the booth's screen is told, and what it may send."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from edged.api.asked import Form
from edged.api.booth_round import Purpose
from edged.api.kiosk_message import Corners, corners_of
from edged.config.photos import PhotoSettings
from edged.domain.screen import Prompt, Screen
from edged.photos.album import PhotoEvent
from edged.photos.photo import Photo, PhotoPage
from edged.wire.payload import Instant, Part, Payload, instant

_DECIMALS: Final = 3

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]


class BoothLook(Payload):
    """How things stand at the booth, and what it may offer."""

    language: str
    countdown_s: int
    trouble: str
    """`no_event`, `no_camera`, `camera_away`; empty where all is well."""
    event: str
    """Its id; empty without one."""
    name: str
    """The event's, for people."""
    consent: str
    """What the organiser tells guests before they agree; may be empty."""
    consent_version: int
    keeps_selfies: bool
    expires: Instant | None
    """When the event ends for guests; null: when somebody ends it."""
    is_moderated: bool
    """Photographs are shown once somebody has let them through."""
    can_find: bool
    """The event lets guests look for themselves."""
    has_phones: bool
    """Guests' phones can reach this device."""
    mirrored: bool
    """The camera's pictures are mirrored already."""


class BoothGuide(Payload):
    """What would help whoever looks into the mirror. Nothing in it says who that is."""

    prompt: Prompt
    progress: float
    face: Corners | None


class BeginForm(Form):
    """A guest has agreed: a round begins, or goes on to something else that needs its own consent."""

    event: Id
    consent: int = Field(ge=1)
    purpose: Purpose


class NothingForm(Form):
    """Nothing need be said."""


class BegunRound(Payload):
    """A round."""

    round: str = Field(repr=False)


class PhotoPart(Part):
    """A photograph that may be shown in this round."""

    id: str
    width: int
    height: int


class TakenPhoto(Payload):
    """The photograph that was taken."""

    photo: PhotoPart


class PhoneCode(Part):
    """A guest's link, to be scanned."""

    picture: tuple[str, ...] = Field(repr=False)
    """As a QR code: rows of `0` and `1` (dark), with the margin that readers need."""
    until: Instant


class FoundPhotos(Payload):
    """Some of the photographs in which a guest was found, the likest first."""

    total: int
    offset: int
    photos: tuple[PhotoPart, ...]


class FoundGuest(FoundPhotos):
    """What a search has found, its first page."""

    has_face: bool
    """Somebody was seen; else there was nothing to look for."""
    code: PhoneCode | None
    """Null without a face, and where there is no address that a phone could reach."""


def look_of(settings: PhotoSettings, event: PhotoEvent | None, trouble: str, *, mirrored: bool) -> BoothLook:
    """How things stand, as the screen is told it."""
    plan = event.plan if event else None
    return BoothLook(
        language=settings.language,
        countdown_s=settings.countdown_s,
        trouble=trouble,
        event=event.id if event else "",
        name=plan.name if plan else "",
        consent=plan.terms.consent if plan else "",
        consent_version=event.consent_version if event else 1,
        keeps_selfies=bool(plan and plan.terms.keeps_selfies),
        expires=instant(plan.terms.expires) if plan and plan.terms.expires is not None else None,
        is_moderated=bool(plan and plan.terms.is_moderated),
        can_find=bool(plan and plan.features.enabled and plan.features.selfie_search),
        has_phones=settings.guests.is_reachable,
        mirrored=mirrored,
    )


def guide_of(screen: Screen) -> BoothGuide:
    """What would help, as the screen is told it."""
    return BoothGuide(
        prompt=screen.prompt,
        progress=round(min(1.0, max(0.0, screen.progress)), _DECIMALS),
        face=corners_of(screen.face),
    )


def part_of(photo: Photo) -> PhotoPart:
    """A photograph, as the screen is told of it: no name of a file, no time."""
    return PhotoPart(id=photo.id, width=photo.width, height=photo.height)


def found_of(page: PhotoPage, offset: int) -> FoundPhotos:
    """A page of what was found."""
    return FoundPhotos(total=page.total, offset=offset, photos=tuple(map(part_of, page.photos)))
