"""Organisations, events and photographs: how they come into the centre, since 9Pic's dialect has no word for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Cost, Denial, Denied, Grant, Right
from edged.api.addresses import segment
from edged.api.albums import Albums, Features, Organisation, Photo, PhotoEvent
from edged.api.centre import Centre
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import let_in, number, read_json
from edged.api.parameters import read_parameters
from edged.api.photo_intake import add_photo
from edged.domain.errors import Refused
from edged.wire.album import (
    EventItem,
    EventList,
    EventOrder,
    FeatureSet,
    OrganisationItem,
    OrganisationList,
    OrganisationOrder,
    PhotoItem,
    PhotoList,
)
from edged.wire.payload import instant

_AT_ONCE: Final = 100
_MOST_AT_ONCE: Final = 1000
_MOST_ORDER_BYTES: Final = 16 * 1024
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
