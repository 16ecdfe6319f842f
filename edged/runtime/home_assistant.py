"""The one place where the parts that speak to Home Assistant meet."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from edged import __version__
from edged.config.document import Document
from edged.config.layers import Loaded
from edged.domain.errors import Unavailable
from edged.mqtt.announced import Announced
from edged.mqtt.discovery import announcement_topic, components, message
from edged.mqtt.greeter import Greeter
from edged.mqtt.session import Session
from edged.runtime.clock import Clock
from edged.runtime.conditions import Conditions
from edged.wire.topics import Topics

FILE: Final = "home-assistant.json"
"""In the state directory: see `Announced`."""


class Talks(Protocol):
    """The part of the `Talker` that is needed."""

    def announce_anew(self) -> None:
        """See `Talker.announce_anew`."""


class HomeAssistant:
    """Announces the device where the document wants it, and takes away what was announced where it does not any more.

    Made at the start; all else on the thread that owns the session.

    Args:
        document: at the start: `homeassistant` holds from then on.
        path: of the file that remembers.
        loaded: the document in force; a camera that comes or goes is announced at once.
        talker: who tells everything again when Home Assistant was born; None as long as there is none.

    Raises:
        Unavailable: the file cannot be read.
    """

    def __init__(
        self,
        document: Document,
        path: Path,
        *,
        loaded: Callable[[], Loaded],
        talker: Callable[[], Talks | None],
        clock: Clock,
        conditions: Conditions,
    ) -> None:
        self._settings = document.homeassistant
        self._topics = Topics(document.mqtt.prefix, document.device.name)
        self._topic = announcement_topic(self._settings.prefix, document.device.name)
        self._announced = Announced(path)
        self._loaded = loaded
        self._talker = talker
        self._clock = clock
        self._conditions = conditions
        self._standing: Mapping[str, bytes] = {}
        self._digest = ""

    def standing(self) -> Mapping[str, bytes]:
        """The announcement and its topic; nothing where it is switched off. Cheap, but when the document changes."""
        if not self._settings.enabled:
            return {}
        loaded = self._loaded()
        if loaded.digest != self._digest:
            self._digest = loaded.digest
            self._standing = {self._topic: self._message(loaded.document)}
        return self._standing

    def hearers(self, session: Session) -> Sequence[Greeter]:
        """Who hears of Home Assistant's births; nobody where it is switched off and nothing is left of it."""
        leftovers = self._announced.elsewhere(self._topic if self._settings.enabled else "")
        if not self._settings.enabled and not leftovers:
            return ()
        greeter = Greeter(
            session,
            f"{self._settings.prefix}/status",
            leftovers=leftovers,
            born=self._tell_again,
            cleared=lambda: self._forget(leftovers),
            now=lambda: self._clock.now().mono,
            chance=random.Random(),  # noqa: S311  jitter, not a secret
        )
        return (greeter,)

    def _message(self, document: Document) -> bytes:
        present = components(self._topics, document)
        departed: dict[str, str] = {}
        try:
            departed = self._announced.departed(self._topic, {item.key: item.platform for item in present})
        except Unavailable as error:
            self._conditions.begin("homeassistant", error)
        else:
            self._conditions.end("homeassistant")
        return message(self._topics, __version__, present, departed)

    def _forget(self, topics: Sequence[str]) -> None:
        try:
            self._announced.forget(topics)
        except Unavailable as error:
            self._conditions.begin("homeassistant", error)

    def _tell_again(self) -> None:
        talker = self._talker()
        if talker is not None and self._settings.enabled:
            talker.announce_anew()
