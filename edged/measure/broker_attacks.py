"""The ways in which one device may try to do harm to another one on a broker, with a valid login of its own.

Each is tried on every ordered pair of devices, and gives how often it was tried and how often it succeeded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from typing import Final, TypeAlias

from edged.domain.errors import Refused, Unavailable
from edged.measure.broker_rights import PREFIX, Spoken, doctor_of, may_hear, said_by, said_to, said_to_all, wide_nets
from edged.measure.broker_site import BrokerSite
from edged.measure.peer import Peer
from edged.mqtt.line import Answer, Caller, LastWords, Line
from edged.wire.topics import Topics

Attack: TypeAlias = Callable[[BrokerSite], tuple[int, int]]

_CONNECT_S: Final = 15.0
_INFLIGHT: Final = 20


def _say(site: BrokerSite) -> tuple[int, int]:
    return _said(site, retain=False)


def _say_retained(site: BrokerSite) -> tuple[int, int]:
    return _said(site, retain=True)


def _said(site: BrokerSite, *, retain: bool) -> tuple[int, int]:
    words: set[bytes] = set()
    for intruder, peer in site.devices.items():
        for spoken in _forbidden(site, intruder):
            words.add(word := site.word())
            peer.say(spoken.topic, word, retain=retain)
        peer.settle()
    return len(words), len(_came_through(site, words))


def _leave_wills(site: BrokerSite) -> tuple[int, int]:
    """Each connection is cut by the next one with the same login. The will of the last one is allowed: since it comes,
    the others would have come.
    """
    words: set[bytes] = set()
    for intruder in site.devices:
        former: Line | None = None
        for spoken in _forbidden(site, intruder):
            words.add(word := site.word())
            former = _with_will(site, intruder, spoken.topic, word, former)
        allowed = site.word()
        _with_will(site, intruder, Topics(PREFIX, intruder).available, allowed, former).drop()
        site.watcher.until(allowed)
        site.come_back(intruder)
    return len(words), len(_came_through(site, words))


def _with_will(site: BrokerSite, login: str, topic: str, word: bytes, former: Line | None) -> Line:
    line = Line(site.settings(login), Caller(login, LastWords(topic, b"", word), 0), site.protocol, _INFLIGHT)
    answer = line.open(_CONNECT_S)
    if not isinstance(answer, Answer) or answer.code != 0:
        raise Unavailable(f"the broker does not let {login} in: {answer}")
    if former is not None:
        former.drop()
    return line


def _erase(site: BrokerSite) -> tuple[int, int]:
    """An empty retained message takes away the one that is there."""
    site.say_all(retain=True)
    before = site.retained()
    tried = 0
    for intruder, peer in site.devices.items():
        for spoken in _forbidden(site, intruder):
            peer.say(spoken.topic, b"", retain=True)
            tried += 1
        peer.settle()
    return tried, len(before - site.retained())


def _hear_retained(site: BrokerSite) -> tuple[int, int]:
    """Everybody asks for everything of everybody, by name and with wide nets; what is retained comes at once."""
    site.say_all(retain=True)
    return _overheard(site, lambda: _spread_nets(site))


def _hear(site: BrokerSite) -> tuple[int, int]:
    _spread_nets(site)
    return _overheard(site, lambda: site.say_all(retain=False))


def _spread_nets(site: BrokerSite) -> None:
    for intruder, peer in site.devices.items():
        for other in site.devices:
            if other != intruder:
                peer.hear(*(spoken.topic for spoken in _of(other)), *wide_nets(other))


def _overheard(site: BrokerSite, happens: Callable[[], object]) -> tuple[int, int]:
    begun = {name: len(peer.heard) for name, peer in site.devices.items()}
    happens()
    site.listen()
    topics = {
        (name, message.topic)
        for name, peer in site.devices.items()
        for message in peer.heard[begun[name] :]
        if message.topic not in may_hear(name)
    }
    return sum(len(_of(other)) for _, other in site.pairs()), len(topics)


def _log_in(site: BrokerSite) -> tuple[int, int]:
    """With the other's name and one's own password."""
    tried = let_in = 0
    for intruder, victim in site.pairs():
        tried += 1
        peer = Peer(site.settings(victim, password_of=intruder), victim)
        with closing(peer), suppress(Refused):
            peer.connect()
            let_in += 1
    site.listen()  # nobody was cut by it
    return tried, let_in


def _take_over(site: BrokerSite) -> tuple[int, int]:
    """With the client id of a device that is there: it must not be cut, and its orders must go to nobody else."""
    tried = taken = 0
    for intruder, victim in site.pairs():
        for kept in (True, False):
            tried += 1
            thief = site.as_device(intruder, victim, kept=kept)
            thief.connect()
            order = site.order(victim)
            owner_hears = site.devices[victim].hears(order)
            taken += _stolen(thief, intruder, victim, order) or not owner_hears
            site.come_back(intruder)
            if not owner_hears:
                site.come_back(victim)
    return tried, taken


def _take_what_is_kept(site: BrokerSite) -> tuple[int, int]:
    """With the client id of a device that is away: what the broker keeps for it must be kept, and shown to nobody."""
    tried = taken = 0
    for intruder, victim in site.pairs():
        for kept in (True, False):
            tried += 1
            site.devices[victim].close()
            order = site.order(victim)
            thief = site.as_device(intruder, victim, kept=kept)
            thief.connect()
            stolen = _stolen(thief, intruder, victim, order)
            known = site.come_back(victim)
            taken += stolen or not known or not site.devices[victim].hears(order)
            site.come_back(intruder)
    return tried, taken


def _stolen(thief: Peer, login: str, victim: str, order: bytes) -> bool:
    """Whether an order for somebody else comes to a client who asks for it; ends the client."""
    mark = order + b" and nobody else"
    thief.hear(*(spoken.topic for spoken in said_to(victim)), doctor_of(login))
    thief.say(doctor_of(login), mark)
    thief.until(mark)
    thief.close()
    return any(message.payload == order for message in thief.heard)


def _forbidden(site: BrokerSite, intruder: str) -> Iterator[Spoken]:
    """All that this device must not say: in place of the others, to them, to itself, and to all."""
    for other in site.devices:
        if other != intruder:
            yield from _of(other)
    yield from (*said_to(intruder), *said_to_all())


def _of(device: str) -> tuple[Spoken, ...]:
    return (*said_by(device), *said_to(device))


def _came_through(site: BrokerSite, words: set[bytes]) -> set[bytes]:
    site.listen()
    return site.heard(words) | (site.retained() & words)


ON_TOPICS: Final[Mapping[str, Attack]] = {
    "said in another's place": _say,
    "said in another's place, retained": _say_retained,
    "left as a will in another's place": _leave_wills,
    "erased what is retained": _erase,
    "heard what is retained": _hear_retained,
    "heard what is said": _hear,
}
"""What succeeds is a message of, or to, somebody else."""

ON_SESSIONS: Final[Mapping[str, Attack]] = {
    "logged in as another": _log_in,
    "took over a device that was there": _take_over,
    "took what was kept for a device that was away": _take_what_is_kept,
}
"""What succeeds is a session of somebody else."""
