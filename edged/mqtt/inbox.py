"""What the device is asked for on the broker, heard and handed on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from edged.mqtt.hearer import Subscribes
from edged.mqtt.notice import Received, Subscribed
from edged.wire.topics import GROUPS, GroupTopics, Topics

log = logging.getLogger(__name__)

_QOS: Final[Literal[0, 1]] = 0
"""The broker keeps no request for a device that is away: nobody means it any more when the device comes back."""
_ANY: Final = "+"


@dataclass(frozen=True, slots=True)
class Heard:
    """A request as it came, unread.

    Attributes:
        command: the last part of its topic, whatever somebody wrote there.
        to: whom it was sent to: the device's name, or `_group/` and a group's.
        retained, reply_to, correlation: see `Received`.
    """

    command: str
    to: str
    payload: bytes
    retained: bool
    reply_to: str = ""
    correlation: bytes = b""


class Inbox:
    """Hears the requests to a device and to its groups: a `Hearer`. Reads nothing of what is in them.

    Args:
        session: the broker's.
        topics: of the device.
        groups: gives the names of the groups that the device belongs to now; asked at every round.
        take: called from `heed` with each request, in order; must not block, nor raise.
    """

    def __init__(
        self,
        session: Subscribes,
        topics: Topics,
        groups: Callable[[], Sequence[str]],
        take: Callable[[Heard], None],
    ) -> None:
        self._session = session
        self._topics = topics
        self._groups = groups
        self._take = take
        self._listened: dict[str, str] = {}
        """By the beginning of their topics, whom requests are sent to there."""
        self._mids: dict[int, str] = {}
        self._warned: set[str] = set()

    def listen(self) -> None:
        """Asks for the requests to the device and to its groups, and for no more of those to groups that it has left.

        Raises:
            Unavailable: there is no connection.
        """
        wanted = self._wanted()
        for beginning in self._listened.keys() - wanted.keys():
            self._session.unsubscribe(beginning + _ANY)
        self._listened = wanted
        self._mids = {self._session.subscribe(beginning + _ANY, qos=_QOS): beginning for beginning in wanted}

    def heed(self, notice: Received | Subscribed) -> None:
        """Hands a request on. What is none of this device is ignored.

        The broker goes on sending what a device asked for before it was restarted: to no group that it has left.

        Raises:
            Unavailable: there is no connection.
        """
        match notice:
            case Subscribed(mid, refusal):
                beginning = self._mids.pop(mid, None)
                if refusal and beginning is not None and beginning not in self._warned:
                    self._warned.add(beginning)
                    words = "the broker does not let us read %s (%s): see its access list"
                    log.warning(words, beginning + _ANY, refusal)
            case Received():
                beginning, _slash, command = notice.topic.rpartition("/")
                to = self._listened.get(f"{beginning}/")
                if to is not None:
                    self._take(
                        Heard(
                            command,
                            to,
                            notice.payload,
                            notice.retained,
                            notice.reply_to,
                            correlation=notice.correlation,
                        )
                    )
                elif self._is_of_a_group(beginning):
                    self._session.unsubscribe(f"{beginning}/{_ANY}")

    def tell(self) -> None:
        """Notices when the groups have changed.

        Raises:
            Unavailable: there is no connection.
        """
        if self._wanted().keys() != self._listened.keys():
            self.listen()

    def _wanted(self) -> dict[str, str]:
        device = self._topics
        wanted = {_beginning(device.request(_ANY)): device.device}
        for group in self._groups():
            wanted[_beginning(GroupTopics(device.prefix, group).request(_ANY))] = f"{GROUPS}/{group}"
        return wanted

    def _is_of_a_group(self, beginning: str) -> bool:
        below = f"{self._topics.prefix}/{GROUPS}/"
        return beginning.startswith(below) and beginning.endswith("/request")


def _beginning(topics: str) -> str:
    return topics.removesuffix(_ANY)
