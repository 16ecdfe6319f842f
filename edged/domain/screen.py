"""What the screen at a door shows: the controller's verdict, never the recogniser's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edged.domain.face import Box
from edged.domain.passage import Factor


class Stage(StrEnum):
    """What is going on at the door."""

    REST = "rest"
    """Nobody is there."""
    GUIDE = "guide"
    """Somebody is, and `prompt` says what would help."""
    CHALLENGE = "challenge"
    """They are to turn their head, to where `prompt` says."""
    ASK_FACTOR = "ask_factor"
    """A card, PIN or QR code is waited for."""
    ASK_SECOND = "ask_second"
    """A second person is waited for."""
    GRANTED = "granted"
    REFUSED = "refused"
    OPEN = "open"
    """The door stands open: nobody is asked."""
    CLOSED = "closed"
    """The door opens for nobody now."""
    AWAY = "away"
    """There is no picture, or no relay: `prompt` says which."""


class Prompt(StrEnum):
    """One short thing said to whoever stands there. Language files have a sentence for each."""

    NONE = ""
    LOOK_HERE = "look_here"
    COME_CLOSER = "closer"
    STEP_BACK = "step_back"
    TO_THE_MIDDLE = "middle"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    FACE_ME = "face_me"
    HOLD_STILL = "hold_still"
    ONE_AT_A_TIME = "one_at_a_time"
    TURN_LEFT = "turn_left"
    """To the left of whoever stands there, which a mirror shows on its left."""
    TURN_RIGHT = "turn_right"
    TURN_BACK = "turn_back"
    """Look straight ahead again."""
    CAMERA_AWAY = "camera_away"
    RELAY_AWAY = "relay_away"


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown now.

    Attributes:
        progress: how far a good face, or the step of a challenge, has come, 0–1.
        step, steps: of a challenge, from 1; 0 otherwise.
        name: whom to greet, where the door was opened for them; else empty. Never anybody else.
        reason: a stable word that may be shown: why not (`outside_hours`, `not_recognised`, …); language files have a
            sentence for each, and one for whatever they do not know.
        face: where the face is, in parts of the picture's width and height (0–1, unmirrored); None without one.
        accepts: what may be shown or typed now.
        until: when this verdict gives way, UTC seconds since the epoch; None: when something happens.
        door: its name; number: rises by one with every change there. Both are set by whoever keeps the door.
    """

    stage: Stage
    prompt: Prompt = Prompt.NONE
    progress: float = 0.0
    step: int = 0
    steps: int = 0
    name: str = ""
    reason: str = ""
    face: Box | None = None
    accepts: frozenset[Factor] = frozenset()
    until: float | None = None
    door: str = ""
    number: int = 0
