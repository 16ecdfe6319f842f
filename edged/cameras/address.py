"""Addresses of cameras, as they may be shown."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from edged.domain.errors import Unavailable

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


def public_url(secret: str) -> str:
    """What may be shown of a URL: scheme, host and port.

    User, password, query and fragment are left out, and so is the path: some cameras and recorders take the password
    or a token in it (`/user=admin_password=…`, `/AbCdEf0123`).
    """
    try:
        parts = urlsplit(secret)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host:
        return "(an address that cannot be read)"
    shown = f"[{host}]" if ":" in host else host
    if port is not None:
        shown += f":{port}"
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{shown}{rest}"


def parsed(secret: str, *schemes: str) -> SplitResult:
    """A URL in its parts, with a host, a port that is a number or None, and one of the schemes.

    Raises:
        Unavailable: it is none of that.
    """
    try:
        parts = urlsplit(secret)
        sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise Unavailable(
            f"{public_url(secret)} cannot be opened", f"Give it as {schemes[0]}://user:password@host/path."
        )
    return parts


def public_text(text: str) -> str:
    """Another program's words with every URL in them reduced to what may be shown."""
    return _ADDRESS.sub(lambda found: public_url(found.group()), text)
