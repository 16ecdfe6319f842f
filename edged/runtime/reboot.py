"""Starting the machine again: asked of systemd through a socket that only edged may knock at."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Final

from edged.domain.errors import Refused

SOCKET: Final = Path("/run/edged-reboot.sock")
"""Of `edged-reboot.socket`: systemd starts the machine again when somebody connects. It is there where that unit is
enabled, and belongs to the user of the service.
"""
_PATIENCE_S: Final = 5.0


def reboot(path: Path = SOCKET) -> None:
    """Has the machine start again; returns when systemd has been told. Blocks for a moment.

    Raises:
        Refused: `not_permitted`: nobody has enabled it on this device.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.settimeout(_PATIENCE_S)
        try:
            knocking.connect(str(path))
        except OSError as error:
            raise Refused(
                "not_permitted",
                f"edged may not start this machine again: {path} is not to be reached ({error.strerror or error})",
                "Let it, on the device: sudo systemctl enable --now edged-reboot.socket",
            ) from error
