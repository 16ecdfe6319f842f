"""Addresses of cameras, as they may be shown."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")


def public_url(secret: str) -> str:
    """What may be shown of a URL: scheme, host and port.

    User, password, query and fragment are left out, and so is the path: some cameras and recorders take the password
    or a token in it (`/user=admin_password=…`, `/AbCdEf0123`).
    """
    try:
        parts = urlsplit(secret)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "(an address that cannot be read)"
    if not parts.scheme or not host:
        return "(an address that cannot be read)"
    shown = f"[{host}]" if ":" in host else host
    if port is not None:
        shown += f":{port}"
    rest = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{shown}{rest}"


def public_text(text: str) -> str:
    """Another program's words with every URL in them reduced to what may be shown."""
    return _ADDRESS.sub(lambda found: public_url(found.group()), text)
