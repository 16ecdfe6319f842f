"""Somebody before a camera who is to be enrolled: the best of the frames that differ from each other."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Final

import numpy as np

from edged.config.document import QualitySettings
from edged.domain.errors import Refused
from edged.domain.frame import Image
from edged.recognition.enrolment import Portrait, portray_image
from edged.vision.sight import Sight

_TOO_ALIKE: Final = 0.92
"""Two frames of one pose in one light have a cosine above this; a second template of it would say nothing new."""
_SOMEBODY_ELSE: Final = 1e-2
"""A face is somebody else's below the cosine that strangers reach in one of so many comparisons."""
_BETTER: Final = 0.02
"""By how much more quality a frame takes the place of one that is like it."""


class Sitting:
    """Frames of one person, looked at one by one. Belongs to one thread.

    Args:
        sight: looks.
        settings: when a face is good enough.
        shots: how many portraits are wanted.
        largest, covered_eyes: see `portray`.
    """

    def __init__(
        self,
        sight: Sight,
        settings: QualitySettings,
        shots: int,
        *,
        largest: bool = False,
        covered_eyes: bool = False,
    ) -> None:
        self._sight = sight
        self._settings = settings
        self._shots = shots
        self._largest = largest
        self._covered_eyes = covered_eyes
        self._kept: list[Portrait] = []
        self._wrong: Counter[str] = Counter()

    @property
    def portraits(self) -> tuple[Portrait, ...]:
        """Those kept so far."""
        return tuple(self._kept)

    @property
    def complete(self) -> bool:
        """Whether there are as many as are wanted."""
        return len(self._kept) >= self._shots

    @property
    def trouble(self) -> str:
        """What was wrong with most of the frames that could not be used; empty where nothing was."""
        return self._wrong.most_common(1)[0][0] if self._wrong else ""

    def look(self, image: Image) -> str:
        """Takes a frame's face where it is good and new; says in a few words what to do. Blocks for two inferences."""
        digest = hashlib.sha256(image.tobytes()).hexdigest()
        try:
            portrait = portray_image(
                self._sight, image, digest, self._settings, largest=self._largest, covered_eyes=self._covered_eyes
            )
        except Refused as refusal:
            self._wrong[refusal.what] += 1
            return refusal.what
        likeness = [float(kept.template.vector @ portrait.template.vector) for kept in self._kept]
        if likeness and max(likeness) < self._sight.curve.cosine_at(_SOMEBODY_ELSE):
            return "this looks like somebody else: one person at a time, please"
        alike = int(np.argmax(likeness)) if likeness and max(likeness) > _TOO_ALIKE else None
        if alike is None:
            self._kept.append(portrait)
        elif portrait.quality.score > self._kept[alike].quality.score + _BETTER:
            self._kept[alike] = portrait
        return f"{len(self._kept)} of {self._shots}" + ("" if self.complete else ": turn the head a little")
