"""What the document's objectives ask for, and how a miss is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from edged.config.document import Document
from edged.domain.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Objective:
    """One that is set.

    Attributes:
        name: of its field in the section `objectives`.
        camera: whose it is; empty where it is the whole device's.
        limit: what may not be passed, or with `min_fps`, not be fallen below.
    """

    name: str
    camera: str
    limit: float

    @property
    def condition(self) -> str:
        """The name under which a miss is listed."""
        return f"objective.{self.name}.{self.camera}" if self.camera else f"objective.{self.name}"

    def missed(self, figure: float) -> bool:
        return figure < self.limit if self.name == "min_fps" else figure > self.limit

    def miss(self, figure: float) -> Unavailable:
        """What is listed while it is missed, with the figure and what to look at."""
        said = _WORDS[self.name]
        whose = f"camera {self.camera}: " if self.camera else ""
        return Unavailable(
            f"{whose}{said.what(figure)}, and {said.limit(self.limit)} is the objective",
            said.remedy.format(camera=self.camera),
        )


def objectives_of(document: Document) -> Iterator[Objective]:
    """All that are set, for every camera that is used."""
    settings = document.objectives
    for camera, own in document.cameras.items():
        if own.enabled:
            limits = {
                "decide_p95_ms": settings.decide_p95_ms,
                "min_fps": settings.min_fps if own.min_fps is None else own.min_fps,
                "frame_age_s": settings.frame_age_s,
            }
            yield from _set(limits, camera)
    if document.mqtt.enabled:
        yield from _set({"publish_p95_ms": settings.publish_p95_ms, "outbox_age_s": settings.outbox_age_s}, "")


def _set(limits: Mapping[str, float | None], camera: str) -> Iterator[Objective]:
    for name, limit in limits.items():
        if limit:  # 0 takes a camera out of what holds for all
            yield Objective(name, camera, limit)


@dataclass(frozen=True, slots=True)
class _Words:
    what: Callable[[float], str]
    limit: Callable[[float], str]
    remedy: str


_WORDS: Final = {
    "decide_p95_ms": _Words(
        lambda figure: f"of a minute's decisions, one in twenty took {figure:.0f} ms or more",
        lambda limit: f"{limit:.0f} ms",
        "Look at this camera's stages in the health: wait grows where all cameras together are too much "
        "(cameras.{camera}.fps and motion), look with models.detect_long_side or a hot processor",
    ),
    "publish_p95_ms": _Words(
        lambda figure: f"of a minute's events, one in twenty took {figure:.0f} ms or more to reach the broker",
        lambda limit: f"{limit:.0f} ms",
        "Look at the network, at the broker's load and disk, and at the disk of this device: edged doctor",
    ),
    "min_fps": _Words(
        lambda figure: f"{figure:.1f} frames a second",
        lambda limit: f"at least {limit:g}",
        "Look at the camera's light (a long exposure costs frames), its cable or network, and cameras.{camera}.fps",
    ),
    "frame_age_s": _Words(
        lambda figure: f"the newest frame was {figure:.1f} s old",
        lambda limit: f"at most {limit:g} s",
        "Look at the camera's cable or network, and at the condition camera.{camera}",
    ),
    "outbox_age_s": _Words(
        lambda figure: f"an event has been waiting for the broker for {figure:.0f} s",
        lambda limit: f"at most {limit:.0f} s",
        "Look at the condition broker, and at what the broker's log says of this device: edged doctor",
    ),
}
