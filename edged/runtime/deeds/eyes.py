"""The cameras as requests see them: which one is meant, and its frames as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from edged.domain.errors import Refused, Unavailable
from edged.domain.frame import Frame
from edged.runtime.deed import Call
from edged.runtime.eye import Eye

_LOOK_S: Final = 0.03
_STALE_S: Final = 5.0
"""A camera that has given no new frame for so long shows what was, not what is."""


class Eyes:
    """Args:
    eyes: gives the cameras in use.
    """

    def __init__(self, eyes: Callable[[], Mapping[str, Eye]]) -> None:
        self._eyes = eyes

    def named(self, camera: str) -> Eye:
        """The camera with this name; empty: the only one there is.

        Raises:
            Refused: `no_camera`, `no_such_camera`, `which_camera`.
        """
        eyes = self._eyes()
        names = ", ".join(sorted(eyes))
        if not eyes:
            raise Refused("no_camera", "no camera is in use", "See cameras in the configuration")
        if camera:
            if camera not in eyes:
                raise Refused("no_such_camera", f"no camera {camera} is in use", f"There are: {names}")
            return eyes[camera]
        if len(eyes) > 1:
            raise Refused("which_camera", f"{len(eyes)} cameras are in use", f"Name one: {names}")
        return next(iter(eyes.values()))

    def newest(self, eye: Eye, call: Call) -> Frame:
        """Its latest frame.

        Raises:
            Unavailable: it gives none.
        """
        frame = eye.newest
        if frame is None or call.clock.now().mono - frame.at.mono > _STALE_S:
            raise _no_pictures(eye)
        return frame

    def frames(self, eye: Eye, seconds: float, call: Call) -> Iterator[Frame]:
        """Its frames for so long, each once and only those that there is time for. Blocks between them.

        Raises:
            Unavailable: it has given none at all, or edged ends.
        """
        last: Frame | None = None
        end = call.clock.now().mono + min(seconds, call.left_s())
        while call.clock.now().mono < end:
            frame = eye.newest
            if frame is not None and (last is None or frame.at != last.at):
                last = frame
                yield frame
            else:
                call.wait(_LOOK_S)
        if last is None:
            raise _no_pictures(eye)


def _no_pictures(eye: Eye) -> Unavailable:
    return Unavailable(f"the camera {eye.name} gives no pictures", f"See cam/{eye.name}/status for the reason")
