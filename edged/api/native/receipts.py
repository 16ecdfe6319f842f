"""Receipts of devices: that they have forgotten whom they were told to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Right
from edged.api.centre import Centre
from edged.api.fleet import Fleet
from edged.api.native.answers import HEADERS
from edged.api.native.asking import as_device, device_name, let_in, read_json
from edged.domain.errors import Refused
from edged.vault.receipt import is_genuine
from edged.wire.feed import Receipts

_MOST_BYTES: Final = 512 * 1024
_MOST_STATEMENT_BYTES: Final = 4096
_KIND: Final = "edged.deletion"


def receipt_routes(centre: Centre, fleet: Fleet) -> Sequence[Route]:
    """The route of `POST devices/{name}/receipts`."""

    async def hand_in(request: Request) -> Response:
        """Keeps receipts; all of them are on the disk, or none."""
        device = device_name(request)
        as_device(await let_in(centre, request, Right.DEVICE), device)
        handed = await read_json(request, Receipts, _MOST_BYTES)
        receipts = await to_thread.run_sync(_checked, handed, device)
        if receipts:
            key = _common_key(handed, device)
            await to_thread.run_sync(partial(fleet.keep_receipts, device, key, receipts))
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    return (Route("/edged/v1/devices/{name}/receipts", hand_in, methods=["POST"]),)


def _checked(handed: Receipts, device: str) -> list[tuple[str, str]]:
    """Person and text of each."""
    return [(receipt.person, _text(place, receipt.statement, device)) for place, receipt in enumerate(handed.receipts)]


def _text(place: int, statement: Mapping[str, Any], device: str) -> str:
    if statement.get("kind") != _KIND or statement.get("device") != device:
        raise Refused("bad_receipt", f"{place}: it is no receipt of the device {device} for a deletion")
    if not is_genuine(statement):
        raise Refused("bad_receipt", f"{place}: its signature is not genuine")
    text = json.dumps(statement, separators=(",", ":"))
    if len(text) > _MOST_STATEMENT_BYTES:
        raise Refused("bad_receipt", f"{place}: it is longer than {_MOST_STATEMENT_BYTES} bytes")
    return text


def _common_key(handed: Receipts, device: str) -> str:
    """The key that signed all of them, in lower case: upper-case digits are the same key."""
    keys = {str(receipt.statement["public_key"]).lower() for receipt in handed.receipts}
    if len(keys) > 1:
        raise Refused("other_key", f"the device {device} signs with several keys")
    return keys.pop()
