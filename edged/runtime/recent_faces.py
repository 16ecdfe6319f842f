"""What was measured of the last faces in front of each camera, for the camera doctor."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

import numpy as np

from edged.domain.face import Flaw
from edged.domain.frame import Moment
from edged.recognition.recognizer import Sighting
from edged.vision.camera_advice import FaceFigures

_KEPT: Final = 1024
"""Faces of a camera: 24 KB of figures, a busy hour or a quiet day."""
_EACH_S: Final = 1.0
"""Of one face that stays, one in so long counts: somebody who waits must not outvote everybody who passes."""
_FLAWS: Final = tuple(Flaw)
_COLUMNS: Final = 6


class _Ring:
    """The last faces of one camera; figures only, nothing of what anybody looks like."""

    def __init__(self) -> None:
        self.rows = np.zeros((_KEPT, _COLUMNS), np.float32)
        self.flaws = np.full(_KEPT, -1, np.int8)
        self.count = 0
        self.last: dict[int, float] = {}


class RecentFaces:
    """Counts. Safe from any thread; written by the inference thread alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rings: dict[str, _Ring] = {}

    def add(self, camera: str, at: Moment, sightings: Sequence[Sighting]) -> None:
        """Takes over what was measured in a frame."""
        measured = [sighting for sighting in sightings if sighting.quality is not None]
        if not measured:
            return
        with self._lock:
            ring = self._rings.setdefault(camera, _Ring())
            ring.last = {track: mono for track, mono in ring.last.items() if at.mono - mono < _EACH_S}
            for sighting in measured:
                quality = sighting.quality
                if quality is None or sighting.track in ring.last:
                    continue
                ring.last[sighting.track] = at.mono
                place = ring.count % _KEPT
                ring.rows[place] = (
                    quality.size,
                    quality.sharpness,
                    quality.light,
                    quality.yaw,
                    quality.pitch,
                    quality.contrast,
                )
                ring.flaws[place] = -1 if sighting.flaw is None else _FLAWS.index(sighting.flaw)
                ring.count += 1

    def forget(self, camera: str) -> None:
        """The camera is gone."""
        with self._lock:
            self._rings.pop(camera, None)

    def figures(self, camera: str) -> FaceFigures:
        """What is known of a camera; nothing where no face has come."""
        with self._lock:
            ring = self._rings.get(camera)
            kept = min(ring.count, _KEPT) if ring else 0
            rows = ring.rows[:kept].copy() if ring else np.zeros((0, _COLUMNS), np.float32)
            flaws = ring.flaws[:kept].tolist() if ring else []
        return FaceFigures.of(rows, [_FLAWS[flaw] if flaw >= 0 else None for flaw in flaws])
