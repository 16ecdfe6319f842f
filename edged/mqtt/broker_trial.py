"""What a broker lets a login do beyond what it should: tried with harmless words, which nobody keeps.

A granted subscription proves nothing, since some brokers grant everything and then hold back what their access list
forbids. What counts is a message that came back; and with MQTT 5 the answer to a publication, which says whether it was
taken.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from edged.config.document import MqttSettings
from edged.domain.errors import EdgedError, Unavailable
from edged.mqtt.line import Protocol
from edged.mqtt.notice import Disconnected, Notice, Published, Received
from edged.mqtt.round_trip import forbidden
from edged.mqtt.session import Session
from edged.wire.topics import GROUPS, Topics

_FOR_ALL: Final = (GROUPS, "_hub")
_WAIT_S: Final = 5.0
_STRANGER_S: Final = 1.0
_TRIES: Final = 4
"""A daemon whose place is taken comes back within half a second, and takes it again."""


class Trespass(StrEnum):
    """What must not be possible."""

    ORDER_ITSELF = "order_itself"
    ORDER_OTHERS = "order_others"
    SPEAK_AS_OTHERS = "speak_as_others"
    SPEAK_AS_HUB = "speak_as_hub"
    HEAR_OTHERS = "hear_others"


@dataclass(frozen=True, slots=True)
class Trial:
    """What was tried and what was possible.

    Attributes:
        protocol: what was spoken. With 3.1.1 a broker does not tell that it threw a message away, so that only what
            came back is known to be possible.
        seconds: a word under `doctor` took to come back; 0 where none came, or none was to come.
        possible: for each trespass that is, one of the topics.
        tied: whether two clients of this login are the same for the broker, whatever they call themselves; else whoever
            has a login can take any session over.
    """

    protocol: Protocol
    seconds: float
    possible: Mapping[Trespass, str]
    tied: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing was refused, so that there are no rules at all. Of others there may be nothing to hear."""
        return set(Trespass) - {Trespass.HEAR_OTHERS} <= set(self.possible)


def try_login(settings: MqttSettings, device: str) -> Trial:
    """Tries all directions, the allowed and the forbidden ones, with the device's own login. Blocks for some seconds.

    As `round_trip`, it takes the place of a daemon for a moment where the broker ties client ids to user names.

    Raises:
        Unavailable, Refused: as `round_trip`.
    """
    for left in reversed(range(_TRIES)):
        session, second = (Session(settings, f"{device}-doctor{suffix}") for suffix in ("", "-too"))
        protocol = session.connect(_WAIT_S).protocol
        try:
            trial = _Attempt(session, settings.prefix, device).made(protocol)
            second.connect(_WAIT_S)
            return replace(trial, tied=not _lives(session, _own(settings.prefix, device)))
        except Unavailable:
            if not left:
                raise
        finally:
            second.close()
            session.close()
    raise AssertionError("the last try returns or raises")


def try_stranger(settings: MqttSettings, device: str) -> Trial | None:
    """The same without a login, where its own words need not come back; None where nobody is let in without one, or not
    for long. Blocks likewise; raises nothing.
    """
    nobody = settings.model_copy(
        update={"username": None, "password": None, "password_file": None, "cert_file": None, "key_file": None}
    )
    session = Session(nobody, f"{device}-stranger-{secrets.token_hex(4)}")
    try:
        protocol = session.connect(_WAIT_S).protocol
        return _Attempt(session, settings.prefix, device, expects_own=False).made(protocol)
    except EdgedError:
        return None
    finally:
        session.close()


def _lives(session: Session, topic: str) -> bool:
    try:
        session.publish(topic, b"", qos=1, retain=False)
        deadline = time.monotonic() + _WAIT_S
        while (left := deadline - time.monotonic()) > 0:
            match session.next_notice(left):
                case Published():
                    return True
                case Disconnected():
                    return False
    except Unavailable:
        pass
    return False


def _own(prefix: str, device: str) -> str:
    return f"{prefix}/{device}/doctor"


@dataclass(frozen=True, slots=True)
class _Word:
    trespass: Trespass
    topic: str
    text: bytes


@dataclass(slots=True)
class _Attempt:
    """One connection on which everything is said at once, so that it is over before a daemon is back."""

    session: Session
    prefix: str
    device: str
    expects_own: bool = True
    came: dict[bytes, float] = field(default_factory=dict)
    possible: dict[Trespass, str] = field(default_factory=dict)

    def made(self, protocol: Protocol) -> Trial:
        """Raises Unavailable when the connection is lost; Refused when the device's own word does not come back."""
        own = _own(self.prefix, self.device)
        said: dict[int, _Word] = {}
        harmful = self._must_not_say()
        for topic in (own, *harmful, *self._must_not_hear()):
            self.session.subscribe(topic)
        for topic, trespass in harmful.items():
            word = _Word(trespass, topic, secrets.token_hex(8).encode())
            said[self.session.publish(topic, word.text, qos=1, retain=False)] = word
        mine = secrets.token_hex(8).encode()
        begun = time.monotonic()
        last = self.session.publish(own, mine, qos=1, retain=False)
        waiting = {*said, last}
        # What comes back, comes in order: with its own word the device has heard all that it was to hear.
        proof = self.expects_own or protocol != "5"
        deadline = begun + (_WAIT_S if self.expects_own else _STRANGER_S)
        while (waiting or (proof and mine not in self.came)) and (left := deadline - time.monotonic()) > 0:
            notice = self.session.next_notice(left)
            self._heed(notice)
            if isinstance(notice, Published):
                waiting.discard(notice.mid)
                if notice.mid == last and notice.refusal and self.expects_own:
                    raise forbidden(own, notice.refusal)
                if notice.mid in said and not notice.refusal and protocol == "5":
                    self._was_possible(said[notice.mid])
        if self.expects_own and mine not in self.came:
            raise forbidden(own, "it took the message and did not deliver it")
        for word in said.values():
            if word.text in self.came:
                self._was_possible(word)
        return Trial(protocol, self.came.get(mine, begun) - begun, self.possible)

    def _was_possible(self, word: _Word) -> None:
        self.possible.setdefault(word.trespass, word.topic)

    def _heed(self, notice: Notice | None) -> None:
        match notice:
            case Received(topic=topic, payload=payload):
                self.came.setdefault(payload, time.monotonic())
                others = topic.removeprefix(f"{self.prefix}/").partition("/")[0] not in {self.device, *_FOR_ALL}
                if others:
                    self.possible.setdefault(Trespass.HEAR_OTHERS, topic)
            case Disconnected(reason=reason):
                raise Unavailable(f"the broker hung up: {reason}", "Its log says why")

    def _must_not_say(self) -> dict[str, Trespass]:
        """Topics of a name that no device has, and of its own such that mean nothing: nobody does anything on them."""
        stranger = f"doctor-{secrets.token_hex(4)}"
        own, other = Topics(self.prefix, self.device), Topics(self.prefix, stranger)
        return {
            own.request("doctor"): Trespass.ORDER_ITSELF,
            f"{self.prefix}/{self.device}/config/doctor": Trespass.ORDER_ITSELF,
            other.request("doctor"): Trespass.ORDER_OTHERS,
            f"{self.prefix}/{stranger}/config/doctor": Trespass.ORDER_OTHERS,
            f"{self.prefix}/{GROUPS}/{stranger}/request/doctor": Trespass.ORDER_OTHERS,
            f"{self.prefix}/{stranger}/doctor": Trespass.SPEAK_AS_OTHERS,
            f"{self.prefix}/_hub/doctor": Trespass.SPEAK_AS_HUB,
        }

    def _must_not_hear(self) -> tuple[str, ...]:
        """What others keep retained comes at once, if it may come."""
        return tuple(f"{self.prefix}/+/{rest}" for rest in ("available", "config/desired", "config/reported"))
