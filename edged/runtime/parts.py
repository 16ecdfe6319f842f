"""What a daemon is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edged.config.cameras import CameraSettings
    from edged.runtime.auditor import Auditor
    from edged.runtime.clerk import Clerk
    from edged.runtime.eye import Eye
    from edged.runtime.gatehouse import Gatehouse
    from edged.runtime.interface import Interface
    from edged.runtime.judge import Judge
    from edged.runtime.keeper import Keeper
    from edged.runtime.liaison import Liaison
    from edged.runtime.page import Page
    from edged.runtime.photo_house import PhotoHouse
    from edged.runtime.rounds import Rounds
    from edged.runtime.sentinel import Sentinel
    from edged.runtime.talker import Talker
    from edged.runtime.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class Parts:
    """What `build` put together. What is None is switched off in the document."""

    auditor: Auditor
    judge: Judge
    keeper: Keeper
    upkeep: Upkeep
    talker: Talker | None
    page: Page | None
    interface: Interface | None
    liaison: Liaison
    clerk: Clerk | None
    gatehouse: Gatehouse
    photos: PhotoHouse
    make_eye: Callable[[str, CameraSettings], Eye]
    rounds: Rounds
    sentinel: Sentinel
