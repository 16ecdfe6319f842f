"""The photographs of a request: files, or addresses of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edged.api.centre import Manners
from edged.api.findface.faults import bad_param
from edged.api.parameters import Parameters, Upload


async def read_photos(parameters: Parameters, names: Sequence[str], manners: Manners) -> Mapping[str, Upload]:
    """All photographs that an operation needs, by parameter.

    Raises:
        Fault: `BAD_PARAM`: one is missing, or its address is not one to fetch from.
    """
    return {name: await _read(parameters, name, manners) for name in names}


async def _read(parameters: Parameters, name: str, manners: Manners) -> Upload:
    upload = parameters.uploads.get(name)
    if upload is not None:
        return upload
    value = parameters.values.get(name)
    if value is None:
        raise bad_param(name, None, f"{name} is missing: send a file")
    raise bad_param(name, value, f"{name} is not a file")
