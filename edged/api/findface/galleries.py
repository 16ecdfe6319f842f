"""Galleries, and the metas in them."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from edged.api.findface.answers import answer, nothing
from edged.api.findface.enquiry import Enquiry
from edged.api.findface.faults import about, bad_param


def list_galleries(enquiry: Enquiry) -> Response:
    return answer({"results": list(enquiry.view.galleries())})


def create_by_address(enquiry: Enquiry) -> Response:
    """The name is in the address."""
    return _created(enquiry, enquiry.segments["gallery"], HTTPStatus.CREATED)


def create_by_name(enquiry: Enquiry) -> Response:
    """The name is a parameter."""
    return _created(enquiry, enquiry.text("name"), enquiry.version.created)


def delete(enquiry: Enquiry) -> Response:
    """Its faces stay, but for `purge`."""
    enquiry.view.delete_gallery(enquiry.segments["gallery"], purge=enquiry.truth("purge"))
    return nothing()


def list_metas(enquiry: Enquiry) -> Response:
    """Each meta that has faces, how many, and the newest."""
    wanted = enquiry.view.wanted(enquiry.gallery)
    metas = enquiry.centre.directory.metas(wanted.gallery)
    results = [{"count": meta.count, "face": enquiry.rendered(meta.newest), "meta": meta.key} for meta in metas]
    return answer({"results": results})


def _created(enquiry: Enquiry, name: str, status: HTTPStatus) -> Response:
    """One that is there already is as good as a new one."""
    if not name:
        raise bad_param("name", None, "name is missing")
    with about("name", name):
        enquiry.view.create_gallery(name)
    return answer({"name": name}, status)
