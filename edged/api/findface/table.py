"""Which operation is at which address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edged.api.access import Right
from edged.api.findface import faces, galleries, looking
from edged.api.findface.enquiry import Operation
from edged.api.findface.version import OF_2016, Version

NOTHING_THERE: Final = Operation(faces.picture, None)
"""Stands for what there is not: whoever has a good token is told."""

DETECT: Final = Operation(looking.detect, None, ("photo",))
VERIFY: Final = Operation(looking.verify, Right.MATCH, ("photo1", "photo2"))
IDENTIFY: Final = Operation(looking.identify, Right.MATCH, ("photo",))
CREATE: Final = Operation(faces.create, Right.ENROLL, ("photo",))
LIST: Final = Operation(faces.list_faces, Right.READ)
SHOW: Final = Operation(faces.show, Right.READ)
SHOW_IN_LIST: Final = Operation(faces.show_in_list, Right.READ)
UPDATE: Final = Operation(faces.update, Right.ENROLL)
DELETE: Final = Operation(faces.delete, Right.ENROLL)
DELETE_BY_META: Final = Operation(faces.delete_by_meta, Right.ENROLL)
PICTURE: Final = Operation(faces.picture, None)
METAS: Final = Operation(galleries.list_metas, Right.READ)
GALLERIES: Final = Operation(galleries.list_galleries, Right.READ)
CREATE_BY_NAME: Final = Operation(galleries.create_by_name, Right.ENROLL)
CREATE_BY_ADDRESS: Final = Operation(galleries.create_by_address, Right.ENROLL)
DELETE_GALLERY: Final = Operation(galleries.delete, Right.ENROLL)

_BY_META: Final[Mapping[str, Operation]] = {"GET": LIST, "DELETE": DELETE_BY_META}
TABLE: Final[Mapping[str, Mapping[str, Operation]]] = {
    "/detect": {"POST": DETECT},
    "/verify": {"POST": VERIFY},
    "/identify": {"POST": IDENTIFY},
    "/faces/gallery/{gallery}/identify": {"POST": IDENTIFY},
    "/face/gallery/{gallery}/identify": {"POST": IDENTIFY},
    "/face": {"POST": CREATE},
    "/faces": {"GET": LIST},
    "/faces/gallery/{gallery}": {"GET": LIST},
    "/faces/meta/{meta}": _BY_META,
    "/face/meta/{meta}": _BY_META,
    "/faces/gallery/{gallery}/meta/{meta}": _BY_META,
    "/face/gallery/{gallery}/meta/{meta}": _BY_META,
    "/face/id/{id}": {"GET": SHOW, "PUT": UPDATE, "DELETE": DELETE},
    "/faces/id/{id}": {"GET": SHOW_IN_LIST, "PUT": UPDATE, "DELETE": DELETE},
    "/face/id/{id}/photo": {"GET": PICTURE},
    "/face/id/{id}/thumbnail": {"GET": PICTURE},
    "/meta": {"GET": METAS},
    "/meta/gallery/{gallery}": {"GET": METAS},
    "/galleries": {"GET": GALLERIES, "POST": CREATE_BY_NAME},
    "/galleries/{gallery}": {"POST": CREATE_BY_ADDRESS, "DELETE": DELETE_GALLERY},
}
"""Addresses below the prefix of a version, each with an operation a method."""

_OF_2016: Final = frozenset({"/face", "/identify"})


def operations(version: Version) -> Mapping[str, Mapping[str, tuple[Version, Operation]]]:
    """The table as a version speaks it: without a prefix, two addresses speak as in 2016."""
    return {
        path: {
            method: (OF_2016 if not version.prefix and path in _OF_2016 else version, operation)
            for method, operation in methods.items()
        }
        for path, methods in TABLE.items()
    }
