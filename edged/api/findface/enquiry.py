"""One request, read and let in: what an operation works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from edged.api.access import Cost, Grant, Right
from edged.api.centre import Centre
from edged.api.directory import KnownFace
from edged.api.findface.faults import bad_param, corners
from edged.api.findface.moment import written
from edged.api.findface.version import Version
from edged.api.findface.view import View
from edged.api.parameters import Parameters

_LONGEST_META: Final = 512
"""Characters."""


@dataclass(frozen=True, slots=True, eq=False)
class Enquiry:
    """A request whose sender may ask it.

    Attributes:
        parameters: of body and query; segments: of the address, decoded.
        photos: bytes of the photographs, by parameter.
        path: the address as the client wrote it, encoded, without a slash at the end.
        home: what addresses of ours begin with: `https://hub.example`.
    """

    centre: Centre
    version: Version
    grant: Grant
    parameters: Parameters
    segments: Mapping[str, str]
    photos: Mapping[str, bytes]
    path: str
    home: str

    @property
    def view(self) -> View:
        return View(self.centre.directory, self.grant)

    @property
    def gallery(self) -> str | None:
        """That the address names."""
        return self.segments.get("gallery")

    def integer(self, name: str) -> int | None:
        """Raises Refused `bad_parameter`."""
        return self.parameters.integer(name)

    def truth(self, name: str) -> bool:
        """Raises Refused `bad_parameter`."""
        return self.parameters.truth(name)

    def text(self, name: str) -> str:
        """Raises Refused `bad_parameter`, or Fault `BAD_PARAM`: no text, or one that no store keeps."""
        return storable(name, self.parameters.text(name))

    def meta_of_address(self) -> str | None:
        """The meta that the address names. Raises Fault `BAD_PARAM`."""
        meta = self.segments.get("meta")
        return None if meta is None else storable("meta", meta)

    def rendered(self, face: KnownFace) -> dict[str, Any]:
        """A face as the interface writes it.

        `photo` and `thumbnail` are addresses of ours, which tell a client with a good token that pictures are not given
        out: clients read them as addresses, and fail on none.
        """
        place = f"{self.home}{self.version.prefix}/face/id/{face.number}"
        return {
            "id": face.number,
            "timestamp": written(face.created),
            "photo_hash": face.photo_hash,
            **corners(face.box),
            "meta": face.key,
            "photo": f"{place}/photo",
            "thumbnail": f"{place}/thumbnail",
            "galleries": self.view.galleries_of(face),
        }


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done at an address.

    Attributes:
        run: does it, on a worker thread; may raise any EdgedError.
        right: what a token needs for it; None where every good token will do.
        photos: the parameters that are photographs; all of them are needed.
    """

    run: Callable[[Enquiry], Response]
    right: Right | None
    photos: tuple[str, ...] = ()

    @property
    def cost(self) -> Cost:
        return Cost.LOOKING if self.photos else Cost.READING


def storable(name: str, text: str) -> str:
    """The text, which every store keeps as it is.

    Raises:
        Fault: `BAD_PARAM`: too long, or with characters that are none.
    """
    if len(text) > _LONGEST_META:
        raise bad_param(name, text, f"{name} has more than {_LONGEST_META} characters")
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise bad_param(name, text, f"{name} has characters that cannot be stored")
    return text
