"""What a camera sees of faces, as figures, and what would make it see them better, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.config.document import QualitySettings
from edged.domain.face import Flaw

_FEW: Final = 20
"""Faces below which a figure says little."""
_SOME: Final = 0.1
_MANY: Final = 0.3
"""Shares of faces from which a flaw is worth a word, and from which it is in the way."""
_GOOD_SIZE: Final = 24.0
"""Pixels between the eyes. SFace lost little down to 16 (LFW, degraded; `edged.vision.quality`); half as much again
leaves room for people who stop a step earlier."""
_CHALLENGE_SIZE: Final = 34.0
_CHALLENGE_FPS: Final = 10.0
"""What turning the head can be told by: docs/liveness.md."""
_OFF_YAW: Final = 0.35
_OFF_PITCH: Final = 0.22
"""Medians from which people look past a camera, on the scale of `Quality`: some 20 degrees."""


class Measure(StrEnum):
    """What is counted of each face; see `edged.domain.face.Quality`."""

    SIZE = "size"
    SHARPNESS = "sharpness"
    LIGHT = "light"
    YAW = "yaw"
    PITCH = "pitch"


EDGES: Final[Mapping[Measure, tuple[float, ...]]] = {
    Measure.SIZE: (0, 8, 12, 16, 20, 24, 34, 48, 64, 96, 128),
    Measure.SHARPNESS: (0, 4, 8, 15, 30, 60, 120, 250, 500, 1000),
    Measure.LIGHT: (0, 25, 50, 75, 100, 125, 150, 175, 210, 235),
    Measure.YAW: (-2, -0.9, -0.6, -0.35, -0.12, 0.12, 0.35, 0.6, 0.9),
    Measure.PITCH: (-2, -0.6, -0.4, -0.22, -0.08, 0.08, 0.22, 0.4, 0.6),
}
"""Where the bars of each histogram begin; the last reaches as far as there is anything."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often a measure had which values.

    Attributes:
        counts: one for each of `EDGES`; middle: the median; None where nothing was counted.
    """

    counts: tuple[int, ...]
    middle: float | None


@dataclass(frozen=True, slots=True)
class FaceFigures:
    """What was measured of the last faces in front of one camera.

    Attributes:
        count: how many faces.
        flaws: why so many of them were not good enough.
        contrast: median; None without a face.
    """

    count: int
    histograms: Mapping[Measure, Histogram]
    flaws: Mapping[Flaw, int]
    contrast: float | None

    @classmethod
    def of(cls, rows: NDArray[np.float32], flaws: Sequence[Flaw | None]) -> FaceFigures:
        """Those of some faces.

        Args:
            rows: a row each of size, sharpness, light, yaw, pitch and contrast; flaws: what was wrong with each.
        """
        histograms = {measure: _histogram(rows[:, column], EDGES[measure]) for column, measure in enumerate(Measure)}
        contrast = float(np.median(rows[:, len(Measure)])) if len(rows) else None
        return cls(len(rows), histograms, Counter(flaw for flaw in flaws if flaw), contrast)

    def share(self, flaw: Flaw) -> float:
        """The share of faces with this flaw, 0–1."""
        return self.flaws.get(flaw, 0) / self.count if self.count else 0.0

    def middle(self, measure: Measure) -> float:
        """The median; there must be a face."""
        middle = self.histograms[measure].middle
        assert middle is not None  # noqa: S101  whoever asks has looked
        return middle


class Tone(StrEnum):
    """How much a sentence of advice matters."""

    GOOD = "good"
    NOTE = "note"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing about a camera.

    Attributes:
        about: what it is about (`size`, `blur`, `light`, `pose`, `pace`, `faces`).
        what: what is so; do: what to do about it; empty where nothing is to be done.
    """

    about: str
    tone: Tone
    what: str
    do: str = ""


def advise(figures: FaceFigures, settings: QualitySettings, fps: float | None) -> tuple[Advice, ...]:
    """What there is to say of a camera, the most important first.

    Args:
        fps: frames a second that it gives now; None while it is away.
    """
    found = [_of_pace(fps)] if fps is not None else []
    if figures.count < _FEW:
        seen = "No face has" if not figures.count else f"Only {figures.count} faces have"
        found.append(
            Advice(
                "faces", Tone.NOTE, f"{seen} been measured yet", "Have some people walk up to the door as they would"
            )
        )
    if figures.count:
        found += [
            _of_size(figures, settings),
            _of_blur(figures, settings),
            _of_light(figures),
            _of_pose(figures),
        ]
    order = [Tone.BAD, Tone.WARN, Tone.NOTE, Tone.GOOD]
    return tuple(sorted(found, key=lambda advice: order.index(advice.tone)))


def _of_pace(fps: float) -> Advice:
    if fps >= _CHALLENGE_FPS:
        return Advice("pace", Tone.GOOD, f"It gives {fps:.0f} frames a second")
    return Advice(
        "pace",
        Tone.NOTE if fps >= _CHALLENGE_FPS / 2 else Tone.WARN,
        f"It gives {fps:.1f} frames a second; turning the head (liveness: challenge) takes {_CHALLENGE_FPS:.0f}",
        "Set a smaller picture or a faster rate in the camera, or give the place more light: many cameras slow down in"
        " the dark",
    )


def _of_size(figures: FaceFigures, settings: QualitySettings) -> Advice:
    middle, small = figures.middle(Measure.SIZE), figures.share(Flaw.TOO_SMALL)
    what = f"Faces are {middle:.0f} px between the eyes at the middle"
    nearer = "Have people come closer, use a longer lens, or set a larger picture"
    if small >= _SOME:
        what += f"; {small * 100:.0f} % are smaller than {settings.min_eye_distance:.0f} px and are not judged"
        return Advice("size", Tone.BAD if small >= _MANY else Tone.WARN, what, nearer)
    if middle < _GOOD_SIZE:
        return Advice("size", Tone.WARN, f"{what}; {_GOOD_SIZE:.0f} px and more are recognised best", nearer)
    if middle < _CHALLENGE_SIZE:
        what += f": enough to recognise; turning the head (liveness: challenge) takes {_CHALLENGE_SIZE:.0f}"
        return Advice("size", Tone.NOTE, what, f"{nearer}, if the door shall ask for it")
    return Advice("size", Tone.GOOD, f"{what}: large enough for everything")


def _of_blur(figures: FaceFigures, settings: QualitySettings) -> Advice:
    share, middle = figures.share(Flaw.BLURRED), figures.middle(Measure.SHARPNESS)
    if share < _SOME and middle >= 2 * settings.min_sharpness:
        return Advice("blur", Tone.GOOD, "Faces are sharp")
    what = f"{share * 100:.0f} % of the faces are too blurred to judge" if share >= _SOME else "Faces are a little soft"
    do = (
        "Wipe the lens and focus it on where people stand; if they blur while they walk, give more light or set a"
        " shorter exposure"
    )
    return Advice("blur", _tone(share), what, do)


def _of_light(figures: FaceFigures) -> Advice:
    middle = figures.middle(Measure.LIGHT)
    dark, bright = figures.share(Flaw.TOO_DARK), figures.share(Flaw.TOO_BRIGHT)
    flat = figures.share(Flaw.LOW_CONTRAST)
    grey = f"(mean grey {middle:.0f} of 255)"
    if max(dark, bright, flat) < _SOME and 60 <= middle <= 190:
        return Advice("light", Tone.GOOD, f"Faces are well lit {grey}")
    if dark >= bright and (dark >= _SOME or middle < 60):
        what = (
            f"{dark * 100:.0f} % of the faces are too dark to judge {grey}"
            if dark >= _SOME
            else f"Faces are dark {grey}"
        )
        do = (
            "Put a lamp in front of people, not behind them; against a bright door, switch on the camera's backlight"
            " mode (WDR)"
        )
        return Advice("light", _tone(dark), what, do)
    if bright >= _SOME or middle > 190:
        what = (
            f"{bright * 100:.0f} % of the faces are too bright to judge {grey}"
            if bright >= _SOME
            else f"Faces are very bright {grey}"
        )
        return Advice("light", _tone(bright), what, "Shade the lamp or the sun, or lower the camera's exposure")
    what = f"{flat * 100:.0f} % of the faces have too little contrast to judge"
    return Advice("light", _tone(flat), what, "Clean the lens or the glass before it, and turn off fog or night modes")


def _of_pose(figures: FaceFigures) -> Advice:
    yaw, pitch = figures.middle(Measure.YAW), figures.middle(Measure.PITCH)
    share = figures.share(Flaw.TURNED_AWAY)
    tone = _tone(share)
    if abs(yaw) >= _OFF_YAW:
        side = "right" if yaw > 0 else "left"
        what = f"People look to the {side} of the picture, past the camera"
        return Advice("pose", tone, what, f"Move the camera to where they look, towards the picture's {side}")
    if abs(pitch) >= _OFF_PITCH:
        where, there = ("up", "low: raise it") if pitch > 0 else ("down", "high: lower it")
        what = f"People's faces point {where} as the camera sees them"
        return Advice("pose", tone, what, f"It hangs too {there} to the height of their eyes, or move it farther away")
    if share >= _SOME:
        what = f"{share * 100:.0f} % of the faces are turned too far to judge"
        return Advice(
            "pose", tone, what, "Put something to look at beside the camera: the screen, a light, the card reader"
        )
    return Advice("pose", Tone.GOOD, "People look at the camera")


def _tone(share: float) -> Tone:
    return Tone.BAD if share >= _MANY else Tone.WARN


def _histogram(values: NDArray[np.float32], edges: Sequence[float]) -> Histogram:
    if not len(values):
        return Histogram((0,) * len(edges), None)
    places = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 1)
    counts = np.bincount(places, minlength=len(edges))
    return Histogram(tuple(int(count) for count in counts), float(np.median(values)))
