"""Which dialect is spoken with the centre of a document: the one place that knows all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from edged.central.port import Centre
from edged.config.central import CentralSettings
from edged.domain.errors import Refused, Unavailable

_MOST_TOKEN_BYTES: Final = 8192


def open_centre(
    settings: CentralSettings, device: str, *, now: Callable[[], float], sleep: Callable[[float], object]
) -> Centre:
    """The centre of a document; nothing is sent yet. What speaks HTTPS is imported here, and not before.

    Args:
        settings: of a kind other than `none`.
        device: the name that a hub knows the device by.
        now: seconds of a clock that never goes back; sleep: waits so many seconds, or less.

    Raises:
        Refused: `bad_token`: there is none, or none looks like it; `untrusted_centre`: `ca_file` cannot be used.
        Unavailable: `token_file` cannot be read.
    """
    from edged.central.line import Line  # noqa: PLC0415  a device without a centre has no use for any of them

    line = Line(
        settings.url,
        _token(settings),
        "Bearer" if settings.kind == "hub" else "Token",
        ca_file=settings.ca_file,
        max_kbit_s=settings.max_kbit_s,
        now=now,
        sleep=sleep,
    )
    match settings.kind:
        case "hub":
            from edged.central.hub import Hub  # noqa: PLC0415  as above

            return Hub(line, device)
        case "findface":
            from edged.central.findface import Findface  # noqa: PLC0415  as above

            return Findface(line, now)
        case "miicloud":
            from edged.central.miicloud import Miicloud  # noqa: PLC0415  as above

            return Miicloud(line)
        case "none":
            raise Refused("no_centre", "this device has no centre", "Set central.kind and central.url.")


def _token(settings: CentralSettings) -> str:
    if settings.token is not None:
        return settings.token.get_secret_value().strip()
    if settings.token_file is None:
        raise Refused("bad_token", "there is no token for the centre", "Set central.token or central.token_file.")
    try:
        with settings.token_file.open("rb") as file:
            return file.read(_MOST_TOKEN_BYTES).decode("ascii", "replace").strip()
    except OSError as error:
        raise Unavailable(
            f"the token {settings.token_file} cannot be read: {error.strerror}", "Look at central.token_file."
        ) from None
