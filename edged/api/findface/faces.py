"""Faces that are enrolled: made, listed, shown, changed, deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

from starlette.responses import Response

from edged.api.directory import MAX_FACE, GalleryChange, KnownFace, NewFace
from edged.api.findface.answers import answer, nothing
from edged.api.findface.enquiry import Enquiry, storable
from edged.api.findface.faults import bad_param, forbidden
from edged.api.findface.looking import look
from edged.api.findface.pages import PER_PAGE, Span, page
from edged.api.findface.selection import read_selection
from edged.api.parameters import Upload

_MOST_GALLERIES: Final = 100
"""Names in one request."""
_CHANGES: Final = ("add", "del", "set")


def create(enquiry: Enquiry) -> Response:
    """Enrols the faces of a photograph that are meant."""
    meta = enquiry.text("meta")
    if meta:
        enquiry.view.check_key(meta)
    galleries = enquiry.view.to_enrol_into(_names(enquiry.parameters.values.get("galleries")))
    selection = read_selection(enquiry.parameters, flat=enquiry.version.flat)
    looked = look(enquiry, "photo", selection.choose)
    digest = hashlib.sha256(enquiry.photos["photo"]).hexdigest()
    name = _file_name(enquiry.parameters.uploads.get("photo"))
    new = [NewFace(seen, enquiry.centre.eyes.model, digest, name.stem, name.suffix) for seen in looked.chosen]
    faces = _enrolled(enquiry, meta, new, galleries)
    if enquiry.version.flat:
        return answer(enquiry.rendered(faces[0]))
    return answer({"results": [enquiry.rendered(face) for face in faces]})


def list_faces(enquiry: Enquiry) -> Response:
    """Those that an address names, the newest first, a page of them."""
    span = Span(_bound(enquiry, "min_id"), _bound(enquiry, "max_id"))
    wanted = enquiry.view.wanted(enquiry.gallery, enquiry.meta_of_address())
    found = enquiry.centre.directory.faces(replace(wanted, least=span.least, below=span.below), PER_PAGE)
    links = page(enquiry.path, span, found)
    return answer({**links, "results": [enquiry.rendered(face) for face in found.faces]})


def show(enquiry: Enquiry) -> Response:
    return answer(enquiry.rendered(enquiry.view.face(enquiry.segments["id"])))


def show_in_list(enquiry: Enquiry) -> Response:
    """As older clients expect it: a list of one."""
    return answer([enquiry.rendered(enquiry.view.face(enquiry.segments["id"]))])


def update(enquiry: Enquiry) -> Response:
    """Another meta, other galleries, or both; what is not sent stays."""
    face = enquiry.view.face(enquiry.segments["id"])
    meta = enquiry.text("meta") or None
    sent = enquiry.parameters.values.get("galleries")
    galleries = _gallery_change(sent) if sent else None
    if meta is not None or galleries is not None:
        face = enquiry.view.change(face, meta, galleries)
    return answer(enquiry.rendered(face))


def delete(enquiry: Enquiry) -> Response:
    enquiry.view.remove(enquiry.view.face(enquiry.segments["id"]))
    return nothing()


def delete_by_meta(enquiry: Enquiry) -> Response:
    """All faces of a meta, in a gallery or anywhere; there may be none."""
    enquiry.view.remove_all(enquiry.view.wanted(enquiry.gallery, enquiry.meta_of_address()))
    return nothing()


def picture(_enquiry: Enquiry) -> Response:
    """Where `photo` and `thumbnail` of a face lead to."""
    raise forbidden("Photographs are not given out")


def _enrolled(enquiry: Enquiry, meta: str, new: Sequence[NewFace], galleries: tuple[str, ...]) -> list[KnownFace]:
    """In the order of `new`. Without a meta each face is a person of its own."""
    directory, by = enquiry.centre.directory, enquiry.grant
    if meta:
        person = directory.enroll(meta, new, by=by, galleries=galleries)
        return list(reversed(person.faces[: len(new)]))
    return [directory.enroll("", [face], by=by, galleries=galleries).faces[0] for face in new]


def _file_name(upload: Upload | None) -> PurePosixPath:
    """As the client called the photograph, without folders, those of Windows included."""
    sent = PurePosixPath(upload.name.replace("\\", "/")).name if upload else ""
    return PurePosixPath(sent or "image.jpg")


def _bound(enquiry: Enquiry, name: str) -> int | None:
    number = enquiry.integer(name)
    return None if number is None else max(0, min(number, MAX_FACE + 1))


def _gallery_change(sent: Any) -> GalleryChange:
    """From `{"add": […]}`, `{"del": […]}` or `{"set": […]}`; a plain list is what is set."""
    if not isinstance(sent, Mapping):
        return GalleryChange(exactly=_names(sent))
    if len(sent) != 1 or not sent.keys() <= {*_CHANGES}:
        raise bad_param("galleries", sent, "galleries has one of add, del, set")
    ((act, names),) = sent.items()
    some = _names(names)
    if act == "set":
        return GalleryChange(exactly=some)
    return GalleryChange(add=some) if act == "add" else GalleryChange(remove=some)


def _names(sent: Any) -> tuple[str, ...]:
    """Names of galleries: a list, a text with commas, or a text."""
    if sent is None:
        return ()
    if isinstance(sent, str):
        sent = sent.split(",")
    if not isinstance(sent, list) or len(sent) > _MOST_GALLERIES:
        raise bad_param("galleries", sent, f"galleries is a list of at most {_MOST_GALLERIES} names")
    names = []
    for name in sent:
        if isinstance(name, bool) or not isinstance(name, str | int):
            raise bad_param("galleries", sent, "Names of galleries are texts")
        names.append(storable("galleries", str(name).strip()))
    return tuple(dict.fromkeys(name for name in names if name))
