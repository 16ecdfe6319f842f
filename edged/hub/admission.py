"""What may be stored of people, and under which names: the same for every store."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Iterable
from typing import Final

from edged.api.directory import DEFAULT_GALLERY, Fields
from edged.domain.errors import Refused
from edged.domain.text import is_storable
from edged.photos.admission import is_slug

MOST_FACES: Final = 64
"""Of one person."""
_MOST_KEY: Final = 512
_MOST_FIELD: Final = 1024
_GALLERY: Final = re.compile(r"[a-zA-Z0-9_-]{1,48}")
_DEVICE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LETTERS: Final = string.ascii_letters + string.digits
_MARK: Final = 7
_MOST_STEM: Final = 64
_MOST_SUFFIX: Final = 8


def admit_text(key: str, fields: Fields | None = None) -> None:
    """Raises Refused `bad_text` where a key or a field is too long (512, 1024 characters) or cannot be stored."""
    texts = [("the key", key, _MOST_KEY)]
    if fields is not None:
        values = (fields.first_name, fields.last_name, fields.email, fields.phone)
        texts += [("a field", value, _MOST_FIELD) for value in values]
    for what, text, most in texts:
        if len(text) > most:
            raise Refused("bad_text", f"{what} is longer than {most} characters")
        if not is_storable(text):
            raise Refused("bad_text", f"{what} holds what is no character")


def admit_galleries(names: Iterable[str]) -> list[str]:
    """The galleries that a face joins, sorted, without `default`, where all are. Raises Refused `bad_gallery`."""
    wanted = set(names)
    for name in wanted:
        admit_gallery(name)
    return sorted(wanted - {DEFAULT_GALLERY})


def admit_gallery(name: str) -> None:
    """Raises Refused `bad_gallery` where the name is not 1 to 48 of the letters, digits, `_` and `-`."""
    if not is_gallery(name):
        raise Refused("bad_gallery", "the name of a gallery is 1 to 48 letters, digits, _ or -")


def is_gallery(name: str) -> bool:
    """Whether a gallery may have this name."""
    return _GALLERY.fullmatch(name) is not None


def admit_bounds(gallery: str | None, organisation: str | None, device: str) -> None:
    """Raises Refused where what a token is to be bound to has a name that nothing can have: the token would be good for
    nothing, or, with an empty name from a script, for more than was meant.
    """
    if gallery is not None:
        admit_gallery(gallery)
    if organisation is not None and not is_slug(organisation):
        raise Refused("bad_slug", "the slug of an organisation is 1 to 64 small letters, digits or -")
    if device and not _DEVICE.fullmatch(device):
        raise Refused("bad_device", "the name of a device is 1 to 64 letters, digits, _ or -")


def admit_count(faces: int) -> None:
    """Raises Refused `too_many_faces` where one person would have more than 64."""
    if faces > MOST_FACES:
        raise Refused(
            "too_many_faces", f"nobody has more than {MOST_FACES} faces", "Delete some of this person's faces first"
        )


def image_name(stem: str, suffix: str) -> str:
    """A name for the image of a face: `enroll/<stem>_<7 random characters>.<suffix>`.

    Args:
        stem, suffix: as somebody sent them; what is not a letter, a digit, `_` or `-` of ASCII becomes `_`, and what is
            too long is cut.
    """
    stem = re.sub(r"[^a-zA-Z0-9_-]", "_", stem)[:_MOST_STEM] or "image"
    suffix = re.sub(r"[^a-zA-Z0-9]", "", suffix)[:_MOST_SUFFIX].lower() or "jpg"
    return f"enroll/{stem}_{''.join(secrets.choice(_LETTERS) for _ in range(_MARK))}.{suffix}"
