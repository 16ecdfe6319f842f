"""What the configuration is to be, heard: the device's own topic and those of its groups."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from edged.config.pushed import DEVICE, group_source
from edged.mqtt.hearer import Subscribes
from edged.mqtt.notice import Received, Subscribed
from edged.wire.topics import GROUPS, GroupTopics, Topics

log = logging.getLogger(__name__)


class DesiredEar:
    """Hears desired configurations: a `Hearer`. What stands retained there is heard at each connect; whether it is news
    is for others to say.

    Args:
        session: the broker's.
        topics: the device's.
        groups: whose topics to listen to besides; asked at each `listen`.
        take: given each, with its source, whom it was sent to, and whether it stood there before we asked; must not
            block, nor raise.
    """

    def __init__(
        self,
        session: Subscribes,
        topics: Topics,
        groups: Callable[[], Sequence[str]],
        take: Callable[[bytes, str, str, bool], None],
    ) -> None:
        self._session = session
        self._topics = topics
        self._groups = groups
        self._take = take
        self._sources: dict[str, tuple[str, str]] = {}
        self._asked: dict[int, str] = {}

    def listen(self) -> None:
        """Asks for the topics that are wanted now, and for no others any more."""
        wanted = {self._topics.desired: (DEVICE, self._topics.device)}
        for group in self._groups():
            topic = GroupTopics(self._topics.prefix, group).desired
            wanted[topic] = (group_source(group), f"{GROUPS}/{group}")
        for topic in self._sources.keys() - wanted.keys():
            self._session.unsubscribe(topic)
        self._sources = wanted
        # At QoS 1 and kept by the broker while we are away; the newest stands there in any case.
        self._asked = {self._session.subscribe(topic, qos=1): topic for topic in wanted}

    def heed(self, notice: Received | Subscribed) -> None:
        match notice:
            case Received(topic, payload, retained) if topic in self._sources and payload:
                source, to = self._sources[topic]
                self._take(payload, source, to, retained)
            case Subscribed(mid, refusal) if refusal and mid in self._asked:
                log.warning("the broker does not let us read %s (%s): see its access list", self._asked[mid], refusal)

    def tell(self) -> None:
        """There is nothing to pass on."""
