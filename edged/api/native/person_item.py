"""A person as devices get them."""

from __future__ import annotations

from edged.api.fleet import Fed, FedFace
from edged.wire.feed import FaceItem, PersonItem, written
from edged.wire.payload import instant


def person_item(item: Fed) -> PersonItem:
    """Somebody who is not gone."""
    fields = item.fields
    return PersonItem(
        id=item.id,
        customer_person_id=item.key,
        first_name=fields.first_name,
        last_name=fields.last_name,
        email=fields.email,
        phone=fields.phone,
        groups=item.galleries,
        faces=tuple(_face(face) for face in item.faces),
    )


def _face(face: FedFace) -> FaceItem:
    return FaceItem(
        number=face.number,
        photo_hash=face.photo_hash,
        created=instant(face.created),
        quality=round(face.quality, 4),
        vector=None if face.vector is None else written(face.vector),
    )
