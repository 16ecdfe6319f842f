"""Which faces of a photograph are meant: by a box, or by how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from edged.api.directory import Looked, SeenFace
from edged.api.findface.boxes import overlap, read_boxes, read_corners
from edged.api.findface.faults import bad_param, no_faces, too_many_faces
from edged.api.parameters import Parameters
from edged.domain.rect import Rect

_SAME_FACE: Final = 0.5
"""The overlap of two boxes from which they are one face's."""


class Selector(StrEnum):
    """What becomes of a photograph with several faces, `mf_selector`."""

    REJECT = "reject"
    """It is refused."""
    BIGGEST = "biggest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Selection:
    """The faces that are meant.

    Attributes:
        photo, param: names of the parameters with the photograph and the boxes, for complaints.
        boxes: where they are said to be; where there are any, the selector does not matter.
        most: of all, so many are meant, the largest; None: every one.
    """

    photo: str
    param: str
    boxes: tuple[Rect, ...]
    selector: Selector
    most: int | None = None

    def choose(self, found: Sequence[Rect]) -> Sequence[int]:
        """The places of those that are meant among those that were found, the largest first; each once.

        Raises:
            Fault: `NO_FACES`, `TOO_MANY_FACES`, or `BAD_PARAM`: there is no face where a box says.
        """
        return tuple(dict.fromkeys(self._places(found)))

    def faces(self, looked: Looked) -> Sequence[tuple[Rect, SeenFace]]:
        """The faces that were chosen, each by the box that it was asked for with, else by its own."""
        places = self._places(looked.boxes)
        seen = dict(zip(dict.fromkeys(places), looked.chosen, strict=True))
        names = self.boxes or [looked.boxes[place] for place in places]
        return [(name, seen[place]) for name, place in zip(names, places, strict=True)]

    def _places(self, found: Sequence[Rect]) -> Sequence[int]:
        if not found:
            raise no_faces(self.photo)
        if self.boxes:
            return [self._nearest(box, found) for box in self.boxes]
        if self.selector is Selector.ALL:
            return range(len(found[: self.most]))
        if self.selector is Selector.REJECT and len(found) > 1:
            raise too_many_faces(found)
        return [0]

    def _nearest(self, box: Rect, found: Sequence[Rect]) -> int:
        place = max(range(len(found)), key=lambda at: overlap(box, found[at]))
        if overlap(box, found[place]) < _SAME_FACE:
            shown = [box.left, box.top, box.right, box.bottom]
            raise bad_param(self.param, shown, f"There is no face at {shown}: take a box that detect gave")
        return place


def read_selection(
    parameters: Parameters, *, photo: str = "photo", param: str = "bbox", flat: bool = False, most: int | None = None
) -> Selection:
    """What a request says of the faces it means.

    Args:
        photo, param: names of the parameters with the photograph and the boxes.
        most: see `Selection`.
        flat: one face only is wanted, as in 2016: `all` means the biggest.

    Raises:
        Fault: `BAD_PARAM`.
    """
    boxes = read_boxes(parameters, param)
    if not boxes and param == "bbox":
        boxes = read_corners(parameters.values)
    selector = _selector(parameters.values.get("mf_selector"))
    if flat:
        boxes = boxes[:1]
        selector = Selector.BIGGEST if selector is Selector.ALL else selector
    return Selection(photo, param, boxes, selector, most)


def _selector(value: Any) -> Selector:
    if value is None or (isinstance(value, str) and not value.strip()):
        return Selector.BIGGEST
    if isinstance(value, str):
        word = value.strip().lower()
        if word in tuple(Selector):
            return Selector(word)
    raise bad_param("mf_selector", value, "mf_selector is one of reject, biggest, all")
