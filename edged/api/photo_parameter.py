"""A photograph among the parameters: a file, or the address of one."""

from __future__ import annotations

from edged.api.brackets import BadParameter
from edged.api.centre import Centre
from edged.api.parameters import Parameters
from edged.api.photo_source import INTERNET, Network, fetch_photo
from edged.domain.errors import Refused
from edged.photos.photo_kind import photo_kind


def uploaded_photo(parameters: Parameters, name: str) -> bytes | None:
    """The photograph that was sent as a file; None where there is no file of this name. Nothing is decoded.

    Raises:
        Refused: `empty_file`; `not_an_image`: by its first bytes it is neither JPEG nor PNG nor WebP.
    """
    upload = parameters.uploads.get(name)
    if upload is None:
        return None
    return _photograph(upload.content)


async def photo_of(parameters: Parameters, name: str, centre: Centre, network: Network = INTERNET) -> bytes | None:
    """The photograph of this name, sent as a file or fetched from an address; None where neither was sent.

    Nothing is decoded; a fetch takes 5 s at most.

    Raises:
        Refused: `empty_file`, `not_an_image`, `too_large`; `bad_parameter`: it is some other text;
            `url_off`, `url_forbidden`, `url_unreachable`, see `edged.api.photo_source`.
    """
    sent = uploaded_photo(parameters, name)
    if sent is not None:
        return sent
    address = parameters.text(name).strip()
    if not address:
        return None
    if "://" not in address:
        raise BadParameter(name, f"{name} is neither a file nor an address", "Send the file itself", address)
    manners = centre.manners
    return _photograph(await fetch_photo(address, manners.photo_hosts, manners.max_photo_bytes, network))


def _photograph(content: bytes) -> bytes:
    if not content:
        raise Refused("empty_file", "the file is empty")
    if not photo_kind(content):
        raise Refused("not_an_image", "this is not a photograph in a known format", "Send JPEG, PNG or WebP")
    return content
