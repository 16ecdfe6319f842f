"""One request, read and let in: what an operation works on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from edged.api.access import Cost, Grant, Right
from edged.api.centre import Centre
from edged.api.directory import DEFAULT_GALLERY, Choose, Fields, KnownPerson, Looked, NewFace
from edged.api.miicloud.answers import Failure, bad_request, forbidden, unknown
from edged.api.parameters import Parameters, Upload
from edged.photos.photo_kind import SNIFFED_BYTES, photo_kind

IMAGE: Final = "image_path"
"""The parameter that is the photograph."""
KEY: Final = "customer_person_id"
_IDS: Final = (KEY, "miicloud_person_id", "person_id", "id")
"""The parameters that may say whom a request is about; the first one that is there counts."""


@dataclass(frozen=True, slots=True, eq=False)
class Enquiry:
    """A request whose sender may ask it. Its methods block; any thread.

    For a grant that is bound to a gallery, whoever has no face in it is unknown, and whoever has one elsewhere, too,
    can be seen and not changed.

    Attributes:
        named: whom the address names, decoded; empty where it names nobody.
        home: what addresses of ours begin with: `https://hub.example`.
    """

    centre: Centre
    grant: Grant
    parameters: Parameters
    named: str
    home: str

    @property
    def gallery(self) -> str | None:
        """That the token is bound to."""
        return None if self.grant.gallery == DEFAULT_GALLERY else self.grant.gallery

    @property
    def fields(self) -> Fields:
        """Raises Refused `bad_parameter`."""
        return Fields(**{name: self._text(name) for name in ("first_name", "last_name", "email", "phone")})

    @property
    def names_somebody(self) -> bool:
        """Whether it is about one person. Raises Refused `bad_parameter`."""
        return bool(self.named) or any(self._text(name) for name in _IDS)

    def key(self) -> str:
        """The customer's id that was sent; it must be there.

        Raises:
            Failure: 400.
        """
        key = self._text(KEY)
        if not key:
            raise bad_request(f"{KEY} is missing")
        return key

    def person(self) -> KnownPerson:
        """Whom the request is about, by the customer's id or else by ours.

        Raises:
            Failure: 400: it names nobody, or the address one and the parameters another; 404: nobody has the id.
        """
        sent = next((text for text in map(self._text, _IDS) if text), "")
        wanted = self.named or sent
        if not wanted:
            raise bad_request(f"{KEY} is missing")
        person = self.find(wanted)
        if sent not in {"", wanted} and (person is None or sent not in {person.key, person.id}):
            raise bad_request(f"{KEY} is another one than the address names")
        if person is None:
            raise unknown(wanted)
        return person

    def find(self, wanted: str) -> KnownPerson | None:
        """By the customer's id or else by ours; None where nobody has it, or nobody that may be seen."""
        directory = self.centre.directory
        person = directory.person(wanted) or directory.person_by_id(wanted)
        if person is None or self.gallery is None:
            return person
        return person if any(self.gallery in face.galleries for face in person.faces) else None

    def check_own(self, person: KnownPerson) -> None:
        """Raises Failure 403 where a person is not the token's to change."""
        if self.gallery is not None and any(
            set(face.galleries) != {DEFAULT_GALLERY, self.gallery} for face in person.faces
        ):
            raise forbidden(f"This token is for the gallery {self.gallery} only, and this person is not in it alone")

    def image(self) -> Upload | None:
        """The photograph; None where none was sent.

        Raises:
            Failure: 400: it is no file, or an empty one.
        """
        upload = self.parameters.uploads.get(IMAGE)
        if upload is None and IMAGE in self.parameters.values:
            raise bad_request(f"{IMAGE} is not a file")
        if upload is None or not (upload.name or upload.content):  # a browser's field in which no file was chosen
            return None
        if not upload.content:
            raise bad_request(f"The file {IMAGE} is empty")
        return upload

    def needed_image(self) -> Upload:
        """Raises Failure 400, as `image` and where none was sent."""
        image = self.image()
        if image is None:
            raise bad_request(f"{IMAGE} is missing: send a file")
        return image

    def look(self, image: Upload, choose: Choose) -> Looked:
        """Raises what `Eyes.look` raises; a fault of theirs is one of the service."""
        return self.centre.eyes.look(image.content, choose)

    def new_face(self, image: Upload) -> NewFace:
        """The largest face of a photograph, of equal ones the leftmost.

        Raises:
            Failure: 400: there is none; and what `Eyes.look` raises.
        """
        looked = self.look(image, lambda boxes: range(min(1, len(boxes))))
        if not looked.chosen:
            raise Failure(HTTPStatus.BAD_REQUEST, "No face was found in the image")
        stem, suffix = _name(image)
        digest = hashlib.sha256(image.content).hexdigest()
        return NewFace(looked.chosen[0], self.centre.eyes.model, digest, stem, suffix)

    def _text(self, name: str) -> str:
        text = self.parameters.text(name)
        return text if text.strip() else ""


@dataclass(frozen=True, slots=True)
class Operation:
    """What is done at an address.

    Attributes:
        run: does it, on a worker thread, and returns the answer's document; may raise any EdgedError.
        right: what a token needs for it.
    """

    run: Callable[[Enquiry], Any]
    right: Right
    cost: Cost = Cost.READING


def _name(image: Upload) -> tuple[str, str]:
    """Stem and suffix of the name that a file was sent under, without folders; the suffix it should have without."""
    name = image.name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        stem, suffix = name, photo_kind(image.content[:SNIFFED_BYTES]).replace("jpeg", "jpg")
    return stem, suffix
