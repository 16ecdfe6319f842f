"""What the screen at a door is told, and what it may send."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from edged.config.kiosk import KioskSettings
from edged.domain.face import Box
from edged.domain.passage import Factor
from edged.domain.screen import Prompt, Screen, Stage
from edged.wire.payload import Payload

_DECIMALS: Final = 3
"""Of fractions: finer than any screen shows."""

Corners = tuple[float, float, float, float]


class KioskLook(Payload):
    """How the screen looks and what it speaks: section `kiosk` of the document, and the door's camera."""

    language: str
    greeting: str
    sounds: bool
    theme: str
    has_camera: bool
    """False: the door takes codes only, and there is no mirror."""
    mirrored: bool
    """The camera's pictures are mirrored already."""


class KioskScreen(Payload):
    """What to show now. Nothing in it says who was recognised, but for whom the door was just opened."""

    number: int
    door: str
    stage: Stage
    prompt: Prompt
    progress: float
    step: int
    steps: int
    name: str
    """Whom to greet; empty where nobody is, or where names are not shown."""
    reason: str
    face: Corners | None
    """Left, top, right and bottom, in fractions of the unmirrored picture."""
    accepts: tuple[Factor, ...]
    left_s: float | None
    """For so long this stands; None: until something happens."""


class KioskClosed(Payload):
    """Why there is nothing to show, for whoever sets it up."""

    what: str
    remedy: str


class CodeRequest(BaseModel):
    """A code that was typed, or that a reader typed. It is not kept, and never logged."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    factor: Literal["pin", "card", "qr"]
    code: Annotated[str, StringConstraints(min_length=1, max_length=512, pattern=r"^[\x20-\x7e]+$")]


def look_of(settings: KioskSettings, *, has_camera: bool, mirrored: bool) -> KioskLook:
    """The settings, as the screen is told them."""
    return KioskLook(
        language=settings.language,
        greeting=settings.greeting,
        sounds=settings.sounds,
        theme=settings.theme,
        has_camera=has_camera,
        mirrored=mirrored,
    )


def message_of(screen: Screen, settings: KioskSettings, now: float) -> KioskScreen:
    """A screen, as it is sent. `now`: UTC seconds, by the clock that `Screen.until` was set by."""
    greeted = screen.stage is Stage.GRANTED and settings.show_names
    return KioskScreen(
        number=screen.number,
        door=screen.door,
        stage=screen.stage,
        prompt=screen.prompt,
        progress=round(min(1.0, max(0.0, screen.progress)), _DECIMALS),
        step=screen.step,
        steps=screen.steps,
        name=screen.name if greeted else "",
        reason=screen.reason,
        face=corners_of(screen.face),
        accepts=tuple(sorted(screen.accepts - {Factor.FACE})),
        left_s=None if screen.until is None else round(max(0.0, screen.until - now), _DECIMALS),
    )


def corners_of(box: Box | None) -> Corners | None:
    """A box in fractions of the picture, as it is sent."""
    if box is None:
        return None
    return (
        round(box.x1, _DECIMALS),
        round(box.y1, _DECIMALS),
        round(box.x2, _DECIMALS),
        round(box.y2, _DECIMALS),
    )
