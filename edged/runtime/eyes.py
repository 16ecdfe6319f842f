"""All cameras of the document, opened and closed as it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from edged.config.cameras import CameraSettings
from edged.config.plan import Plan
from edged.domain.frame import Moment
from edged.runtime.eye import Eye, EyeState

log = logging.getLogger(__name__)


class Eyes:
    """Belongs to the main thread; `now` may be read by any.

    Args:
        make_eye: makes an eye for a camera, by its name and settings; it is not started yet.

    Attributes:
        now: the cameras in use, by name; replaced as a whole.
    """

    def __init__(self, make_eye: Callable[[str, CameraSettings], Eye]) -> None:
        self._make_eye = make_eye
        self.now: Mapping[str, Eye] = {}

    def open(self, cameras: Mapping[str, CameraSettings]) -> None:
        """Opens those that are switched on, besides the others; does not wait for pictures."""
        fresh = {name: self._make_eye(name, item) for name, item in cameras.items() if item.enabled}
        self.now = {**self.now, **fresh}
        for eye in fresh.values():
            eye.start()

    def follow(self, plan: Plan, cameras: Mapping[str, CameraSettings]) -> None:
        """Closes and opens what a change of the document touches, and gives the others their new settings."""
        gone = plan.removed | plan.cameras
        for name in gone & self.now.keys():
            self.now[name].stop()
        self.now = {name: eye for name, eye in self.now.items() if name not in gone}
        for name, eye in self.now.items():
            eye.settings = cameras[name]
        self.open({name: cameras[name] for name in plan.added | plan.cameras})

    def watch(self, moment: Moment) -> None:
        """Now and then: abandons whoever hangs in its driver."""
        for eye in self.now.values():
            eye.watch(moment)

    def states(self, moment: Moment) -> dict[str, EyeState]:
        """What each does."""
        return {name: eye.status(moment).state for name, eye in self.now.items()}

    def stop(self) -> None:
        """Has all of them end; does not wait."""
        for eye in self.now.values():
            eye.stop()

    def join(self, seconds: float) -> None:
        """Waits so long for each to end; names those that do not."""
        hung = [eye.name for eye in self.now.values() if not eye.join(seconds)]
        if hung:
            log.warning("left behind, hanging in the driver: %s", ", ".join(hung))
