"""Between the cameras and the one who looks: the newest frame of each camera, and no queue."""

from __future__ import annotations

import threading
from collections import Counter

from edged.domain.frame import Frame


class Intake:
    """One slot a camera. A newer frame replaces one that nobody took, and the drop is counted: a queue would only make
    every answer late.

    Any number of cameras put; one thread takes.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[str, Frame] = {}
        self.dropped: Counter[str] = Counter()

    def put(self, frame: Frame) -> None:
        """Never blocks for longer than a dictionary access."""
        with self._changed:
            # Taken out and put in again, so that cameras are served in the order in which their frames came.
            if self._waiting.pop(frame.camera, None) is not None:
                self.dropped[frame.camera] += 1
            self._waiting[frame.camera] = frame
            self._changed.notify()

    def wake(self) -> None:
        """Whoever waits in `take` comes back at once, with nothing if there is nothing."""
        with self._changed:
            self._changed.notify()

    def take(self, seconds: float) -> Frame | None:
        """The frame that has waited longest, or None when none came for so long or somebody called `wake`."""
        with self._changed:
            if not self._waiting:
                self._changed.wait(seconds)
            for camera in self._waiting:
                return self._waiting.pop(camera)
            return None
