"""Which dialect is spoken with the centre of a document: the one place that knows all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.central.port import Centre
from edged.config.central import CentralSettings
from edged.config.photos import PhotoSettings
from edged.domain.errors import Refused, Unavailable

if TYPE_CHECKING:
    from edged.central.album_hub import AlbumHub

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


def open_album_hub(
    central: CentralSettings,
    photos: PhotoSettings,
    *,
    now: Callable[[], float],
    sleep: Callable[[float], object],
) -> AlbumHub:
    """The hub as a booth follows its events; as `open_centre`.

    Args:
        central: where it is; photos: what it lets the booth in by, and whose events are followed.
    """
    from edged.central.album_hub import AlbumHub  # noqa: PLC0415  as above
    from edged.central.line import Line  # noqa: PLC0415  as above

    token = _read_token(photos.sync.token_file, "photos.sync.token_file")
    kbit_s = photos.sync.max_kbit_s
    line = Line(central.url, token, "Bearer", ca_file=central.ca_file, max_kbit_s=kbit_s, now=now, sleep=sleep)
    return AlbumHub(line, photos.organisation)


def _token(settings: CentralSettings) -> str:
    if settings.token is not None:
        return settings.token.get_secret_value().strip()
    return _read_token(settings.token_file, "central.token_file")


def _read_token(path: Path | None, setting: str) -> str:
    if path is None:
        raise Refused("bad_token", "there is no token for the centre", f"Set {setting}.")
    try:
        with path.open("rb") as file:
            return file.read(_MOST_TOKEN_BYTES).decode("ascii", "replace").strip()
    except OSError as error:
        raise Unavailable(f"the token {path} cannot be read: {error.strerror}", f"Look at {setting}.") from None
