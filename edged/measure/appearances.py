"""A real face that is in the picture, whole and at rest, from one frame to the next, and gone again."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edged.cameras.demo import DemoScene
from edged.config.cameras import DemoCamera
from edged.domain.frame import Image

_SLIDE_S: Final = 1.0
"""For so long the demo scene's face slides in, and out; that part is left out here."""
_SHORTEST_S: Final = 4.0
"""A demo scene that shows the face for less slides faster."""


class Appearances:
    """The demo scene with cuts: it is certain which frame is the first that shows the face.

    Each round begins with the empty picture for `empty_s`, then the face is there for `shown_s`, each time at another
    place, in another size and light.

    Args:
        photo: as for the demo camera.

    Raises:
        Unavailable: the photograph cannot be read.
    """

    def __init__(self, photo: Path, *, width: int, height: int, shown_s: float, empty_s: float) -> None:
        self._shown_s = shown_s
        self._empty_s = empty_s
        appear_s = max(shown_s + 2 * _SLIDE_S, _SHORTEST_S)
        self._round_s = empty_s + appear_s
        self._scene = DemoScene(
            DemoCamera(
                kind="demo", photo=photo.resolve(), width=width, height=height, appear_s=appear_s, absent_s=empty_s
            )
        )

    def picture(self, t: float) -> Image:
        """The picture `t` seconds after the beginning: BGR, shape (height, width, 3)."""
        number, since = divmod(t, self._empty_s + self._shown_s)
        shown = since >= self._empty_s
        return self._scene.render(number * self._round_s + since + (_SLIDE_S if shown else 0.0))

    def number(self, t: float) -> int | None:
        """Which appearance the picture shows, from 0; None for the empty one."""
        number, since = divmod(t, self._empty_s + self._shown_s)
        return int(number) if since >= self._empty_s else None
