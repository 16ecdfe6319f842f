"""The photographs of a request: files, or addresses of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edged.api.centre import Centre
from edged.api.findface.faults import about, bad_param
from edged.api.parameters import Parameters
from edged.api.photo_parameter import photo_of


async def read_photos(parameters: Parameters, names: Sequence[str], centre: Centre) -> Mapping[str, bytes]:
    """All photographs that an operation needs, by parameter. Fetches those that were sent as addresses.

    Raises:
        Fault: `BAD_PARAM`: one is missing, or its address is not one to fetch from; `BAD_IMAGE`.
    """
    return {name: await _read(parameters, name, centre) for name in names}


async def _read(parameters: Parameters, name: str, centre: Centre) -> bytes:
    sent = parameters.values.get(name)
    with about(name, sent):
        photo = await photo_of(parameters, name, centre)
    if photo is None:
        raise bad_param(name, sent, f"{name} is missing: send a file")
    return photo
