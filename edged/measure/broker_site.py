"""Devices, administrators, a hub and Home Assistant on one broker."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count
from typing import Final, Self

from edged.config.document import MqttSettings
from edged.measure.broker_rights import (
    HOME_ASSISTANT_STATUS,
    PREFIX,
    Spoken,
    doctor_of,
    may_hear,
    reply_of,
    said_by,
    said_to,
    said_to_all,
)
from edged.measure.peer import Peer
from edged.measure.sample_broker import Login, Role, SampleBroker
from edged.mqtt.line import Protocol
from edged.wire.topics import Topics

KEPT_S: Final = 600
"""So long the broker keeps a device's session."""

WATCHER, LATE, LATE_HOME_ASSISTANT = "watcher", "late", "late-homeassistant"
"""They only read; the late ones come when all is said, and find what is retained."""

_OTHERS: Final[Mapping[str, Role]] = {
    "admin": "admin",
    WATCHER: "admin",
    LATE: "admin",
    "hub": "hub",
    "homeassistant": "homeassistant",
    LATE_HOME_ASSISTANT: "homeassistant",
}
"""Each has a login of their own: one login can be there only once."""


def logins_for(broker: SampleBroker, devices: Sequence[str]) -> dict[str, Login]:
    """Gives everybody a login, by name; the devices of these names, and the others."""
    roles: dict[str, Role] = {**dict.fromkeys(devices, "device"), **_OTHERS}
    return {name: broker.add(role, name) for name, role in roles.items()}


class BrokerSite:
    """Everybody is connected and hears what they may hear; the devices have sessions that the broker keeps.

    Attributes:
        protocol: what the devices speak.
        devices: by their names.
        watcher: an administrator who hears everything.

    Args:
        broker: one that runs.
        logins: of `logins_for`.
    """

    def __init__(self, broker: SampleBroker, logins: Mapping[str, Login], protocol: Protocol) -> None:
        self.protocol: Protocol = protocol
        self._broker = broker
        self._logins = logins
        self._words = (f"{protocol}-{number}".encode() for number in count())
        self.devices = {name: self.as_device(name) for name in logins if name not in _OTHERS}
        self._speakers = {name: self._reader(name) for name in ("admin", "hub", "homeassistant")}
        self.watcher = self._reader(WATCHER)
        self.watcher.hear(f"{PREFIX}/#")
        self._speakers["homeassistant"].hear("homeassistant/#")
        for name in self.devices:
            self.come_back(name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for peer in (*self.devices.values(), *self._speakers.values(), self.watcher):
            peer.close()

    def word(self) -> bytes:
        """A text that nobody has said before."""
        return next(self._words)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every device with every other one, in both directions."""
        for one in self.devices:
            yield from ((one, other) for other in self.devices if other != one)

    def settings(self, name: str, password_of: str = "") -> MqttSettings:
        """How a device logs in, with its own password or another's."""
        login = Login(name, self._logins[password_of or name].password)
        return self._broker.settings(login, self.protocol)

    def as_device(self, login: str, client_id: str = "", *, kept: bool = True) -> Peer:
        """A client with the login of a device, and that or another client id; not connected."""
        return Peer(self.settings(login), client_id or login, expiry_s=KEPT_S if kept else 0)

    def come_back(self, device: str) -> bool:
        """Connects a device, as it does after it was lost; gives whether the broker still knew it."""
        peer = self.devices[device]
        known = peer.connect().session_present
        peer.hear(*sorted(may_hear(device)))
        return known

    def say_all(self, *, retain: bool) -> dict[bytes, Spoken]:
        """Everybody says once what they may say; gives what they said, by the word that was said."""
        said: dict[bytes, Spoken] = {}
        for name, peer in self.devices.items():
            for spoken in said_by(name):
                peer.say(spoken.topic, self._new(said, spoken), retain=retain)
            peer.say(reply_of(name), self._new(said, Spoken(reply_of(name), "device")))
            for spoken in said_to(name):
                self._speakers[spoken.speaker].say(spoken.topic, self._new(said, spoken), retain=retain)
        for spoken in said_to_all():
            self._speakers[spoken.speaker].say(spoken.topic, self._new(said, spoken), retain=retain)
        for peer in (*self.devices.values(), *self._speakers.values()):
            peer.settle()
        self.listen()
        return said

    def order(self, device: str) -> bytes:
        """An administrator asks a device for something; gives the word."""
        word = self.word()
        self._speakers["admin"].say(Topics(PREFIX, device).request("sync"), word)
        self._speakers["admin"].settle()
        return word

    def listen(self) -> None:
        """Waits until everybody has heard whatever the broker has for them by now.

        Raises:
            Unavailable: it does not come.
        """
        for name, peer in self.devices.items():
            marks = (doctor_of(name), f"homeassistant/device/{name}/edged/config")
            words = [self.word() for _ in marks]
            for topic, word in zip(marks, words, strict=True):
                peer.say(topic, word)
            peer.settle()
            self.watcher.until(words[0])
            self._speakers["homeassistant"].until(words[1])
            peer.until(words[0])
            peer.until(self.order(name))

    def arrived(self, said: Mapping[bytes, Spoken]) -> set[bytes]:
        """What has come to everybody who may hear it."""
        found = set(said)
        listeners = [(may_hear(name), peer) for name, peer in self.devices.items()]
        below, to_home_assistant = (
            frozenset(spoken.topic for spoken in said.values() if spoken.to_home_assistant is there)
            for there in (False, True)
        )
        listeners += [(below, self.watcher), (to_home_assistant, self._speakers["homeassistant"])]
        for topics, peer in listeners:
            came = {message.payload for message in peer.heard}
            found -= {word for word, spoken in said.items() if spoken.topic in topics} - came
        return found

    def heard(self, words: Collection[bytes]) -> set[bytes]:
        """Which of these words somebody has heard by now, whoever it was."""
        everybody = (*self.devices.values(), self.watcher, self._speakers["homeassistant"])
        return {message.payload for peer in everybody for message in peer.heard if message.payload in words}

    def retained(self) -> set[bytes]:
        """All that somebody who comes now finds retained."""
        late, home_assistant = self._reader(LATE), self._reader(LATE_HOME_ASSISTANT)
        late.hear(f"{PREFIX}/#")
        home_assistant.hear("homeassistant/#")
        order, status = self.order(next(iter(self.devices))), self.word()
        late.until(order)
        self._speakers["homeassistant"].say(HOME_ASSISTANT_STATUS, status)
        home_assistant.until(status)
        found = {message.payload for peer in (late, home_assistant) for message in peer.heard if message.retained}
        late.close()
        home_assistant.close()
        return found

    def _reader(self, name: str) -> Peer:
        peer = Peer(self._broker.settings(self._logins[name]), name)
        peer.connect()
        return peer

    def _new(self, said: dict[bytes, Spoken], spoken: Spoken) -> bytes:
        word = self.word()
        said[word] = spoken
        return word
