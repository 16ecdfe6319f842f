"""The figures of an event, signed by the device that counted them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edged.config.document import Document
from edged.photos.album import PhotoEvent
from edged.photos.sign_off import Evening, sign_off
from edged.runtime.state_dir import StateDir
from edged.vault.receipt import sign


def closing_report(
    state: StateDir,
    document: Document,
    evening: Evening,
    event: PhotoEvent,
    now: float,
    refused: Mapping[str, int] | None = None,
) -> Mapping[str, Any]:
    """See `edged.photos.sign_off.sign_off`; hours are the device's own. Blocks for the disk.

    Args:
        now: UTC seconds since the epoch. refused: files by the reason for which they were refused, where it is known.

    Raises:
        Unavailable, Corrupt: the key or the database cannot be read.
    """
    figures = sign_off(evening, event, now, device=document.device.name, refused=refused)
    return sign(figures, state.open_vault(document).signing_key())
