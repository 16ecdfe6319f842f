"""People: enrolled, changed, shown, deleted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from edged.api.directory import FaceFilter, KnownPerson
from edged.api.miicloud.answers import bad_request, forbidden, unknown
from edged.api.miicloud.enquiry import Enquiry
from edged.domain.rect import Rect

PREFIX: Final = "/miicloud"


def enroll(enquiry: Enquiry) -> dict[str, Any]:
    """Somebody new, or one image more of somebody who is there, who keeps `miicloud_person_id`."""
    key = enquiry.key()
    fields = enquiry.fields
    face = enquiry.new_face(enquiry.needed_image())
    if enquiry.gallery is not None:
        known = enquiry.centre.directory.person(key)
        if known is not None:
            if enquiry.find(key) is None:
                raise forbidden(f"This {enquiry.gallery} token may not add to a person of another gallery")
            enquiry.check_own(known)
    person = enquiry.centre.directory.enroll(
        key, [face], by=enquiry.grant, fields=fields, galleries=_galleries(enquiry)
    )
    return {"status": "success", **_who(person), **_newest(person)}


def update(enquiry: Enquiry) -> dict[str, Any]:
    """Other fields, and one image more where one came; what is not sent of the fields is erased."""
    before = enquiry.person()
    enquiry.check_own(before)
    if not before.key:
        raise bad_request("This person has no customer_person_id, and can be changed through FindFace only")
    fields = enquiry.fields
    image = enquiry.image()
    faces = [enquiry.new_face(image)] if image is not None else []
    directory = enquiry.centre.directory
    if faces and enquiry.gallery is not None:
        # An update joins no gallery: the image comes first, so that it is never anywhere else.
        directory.enroll(before.key, faces, by=enquiry.grant, galleries=_galleries(enquiry))
        person = directory.update(before.key, fields, by=enquiry.grant)
    else:
        person = directory.update(before.key, fields, faces, by=enquiry.grant)
    if person is None:
        raise unknown(before.key)
    return {
        "status": "success",
        **_who(person),
        **(_newest(person) if faces else {}),
        "images": _images(enquiry, person),
    }


def show(enquiry: Enquiry) -> dict[str, Any]:
    person = enquiry.person()
    return {**_who(person), "images": _images(enquiry, person)}


def delete(enquiry: Enquiry) -> dict[str, Any]:
    """With all images."""
    person = enquiry.person()
    enquiry.check_own(person)
    directory = enquiry.centre.directory
    if person.key:
        gone = directory.delete_person(person.key, by=enquiry.grant) is not None
    else:
        gone = directory.delete_faces(FaceFilter(person=person.id), by=enquiry.grant) > 0
    if not gone:
        raise unknown(person.key or person.id)
    return {"status": "success", "customer_person_id": person.key, "miicloud_person_id": person.id}


def corners(box: Rect) -> dict[str, int]:
    """A box as the interface writes it."""
    return {"left_x": box.left, "left_y": box.top, "right_x": box.right, "right_y": box.bottom}


def _galleries(enquiry: Enquiry) -> tuple[str, ...]:
    """That a new face joins."""
    return () if enquiry.gallery is None else (enquiry.gallery,)


def _who(person: KnownPerson) -> dict[str, Any]:
    fields = person.fields
    return {
        "miicloud_person_id": person.id,
        "customer_person_id": person.key,
        "first_name": fields.first_name,
        "last_name": fields.last_name,
        "email": fields.email,
        "phone": fields.phone,
    }


def _newest(person: KnownPerson) -> dict[str, Any]:
    """Of the image that has just come."""
    return {"bounding_box": corners(person.faces[0].box), "image": person.faces[0].image}


def _images(enquiry: Enquiry, person: KnownPerson) -> list[dict[str, str]]:
    """The newest first, each with an address that tells whoever goes there that images are not given out."""
    seen = [face for face in person.faces if enquiry.gallery is None or enquiry.gallery in face.galleries]
    return [{"image": f"{enquiry.home}{PREFIX}/{quote(face.image)}", "created": written(face.created)} for face in seen]


def written(seconds: float) -> str:
    """UTC seconds since the epoch as `2019-04-06T17:49:05.550801Z`: always six digits."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
