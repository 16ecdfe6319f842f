"""The versions of FindFace's interface, and where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from edged.api.centre import Manners


@dataclass(frozen=True, slots=True)
class Version:
    """What a client speaks, told by the address.

    Attributes:
        prefix: of its addresses: `/v1`, or empty.
        first: version 0 and what was before: another threshold, another status for a new gallery, no attributes.
        flat: the dialect of 2016: one face, one list.
    """

    prefix: str
    first: bool = False
    flat: bool = False

    def threshold(self, manners: Manners) -> float:
        """The confidence, 0–1, where none is sent."""
        return manners.v0_threshold if self.first else manners.v1_threshold

    @property
    def created(self) -> HTTPStatus:
        """The status of a gallery whose name came as a parameter."""
        return HTTPStatus.OK if self.first else HTTPStatus.CREATED


V0: Final = Version("/v0", first=True)
V1: Final = Version("/v1")
UNVERSIONED: Final = Version("")
"""Is version 1."""
OF_2016: Final = Version("", first=True, flat=True)
"""`POST /face` and `POST /identify` without a version."""
