"""Finding faces."""

from __future__ import annotations

from typing import Protocol

from edged.domain.face import Face
from edged.domain.frame import Image
from edged.vision.blazeface import BlazeFace
from edged.vision.manifest import DetectorManifest
from edged.vision.scrfd import Scrfd
from edged.vision.session import Session
from edged.vision.yunet import YuNet


class Detector(Protocol):
    """Finds faces in a picture. Belongs to the thread that uses it."""

    @property
    def certain(self) -> float:
        """The certainty from which on an answer is taken for a face."""
        ...

    @property
    def side(self) -> int | None:
        """Pixels of the shorter side of a model of one fixed size; None where it takes any size."""
        ...

    def detect(self, image: Image, long_side: int, least: float | None = None) -> tuple[Face, ...]:
        """All faces, the most certain first, boxes and landmarks in the image's own pixels.

        Args:
            image: BGR; not written to.
            long_side: the picture is scaled down so that its longer side has at most so many pixels. It is never
                scaled up. A model of one fixed size ignores it.
            least: answers that are less certain are left out; by default those below `certain`.

        Blocks the calling thread for one inference.
        """
        ...


def make_detector(manifest: DetectorManifest, session: Session) -> Detector:
    """The decoder that fits the manifest's family."""
    match manifest.family:
        case "yunet":
            return YuNet(manifest, session)
        case "blazeface":
            return BlazeFace(manifest, session)
        case "scrfd":
            return Scrfd(manifest, session)
