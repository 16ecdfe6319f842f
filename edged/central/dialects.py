"""Opens the centre that the document names."""

from __future__ import annotations

from collections.abc import Callable

from edged.central.port import Centre
from edged.config.central import CentralSettings


def open_centre(
    settings: CentralSettings, device: str, *, now: Callable[[], float], sleep: Callable[[float], object]
) -> Centre:
    raise NotImplementedError
