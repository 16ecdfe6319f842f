"""How this hub takes events: who does it, which process, and under which name."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edged.api.fleet import NewEvent
from edged.hub.event_taker import EventTaker
from edged.hub.home import HubHome
from edged.hub.settings import AnnounceSettings
from edged.hub.turn import Turn

_DIGITS: Final = 12
"""With what stands before them a client id that every broker of MQTT 3.1.1 takes."""


@dataclass(frozen=True, slots=True)
class Taking:
    """How events are taken.

    Attributes:
        taker: who does it.
        turn: which process on this directory does it: one that dies makes room for another.
        client_id: the same at each start, so that the broker knows us again; another one for each machine and
            directory, so that hubs side by side do not put each other out: each of them takes every event, and their
            store keeps it once.
    """

    taker: EventTaker
    turn: Turn
    client_id: str

    @classmethod
    def of(cls, settings: AnnounceSettings, home: HubHome, keep: Callable[[Sequence[NewEvent]], None]) -> Taking | None:
        """As the document wants it; None: no events are taken.

        Args:
            home: the hub's directory.
            keep: see `Fleet.keep_all`.
        """
        if not settings.events:
            return None
        place = hashlib.sha256(f"{socket.gethostname()}\0{home.root}".encode()).hexdigest()
        client_id = f"edged-hub-{place[:_DIGITS]}"
        return cls(EventTaker(settings.prefix, keep), Turn(home.root / "events.lock"), client_id)
