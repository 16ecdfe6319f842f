"""How things stand at the doors, as it is kept across a restart."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from edged.access.attempts import Attempt, Attempts
from edged.access.standing import ByHand, Standing, Waiting
from edged.access.timekeeping import Timekeeping
from edged.domain.door import Alarm, DoorAlarm, Mode
from edged.domain.errors import Corrupt
from edged.domain.frame import Moment

MAX_BYTES: Final = 64 * 1024 * 1024

_VERSION: Final = 1


def encoded(standing: Standing, *, boot: str, now: Moment) -> bytes:
    """As JSON.

    What doors say by themselves is not kept: they say it again. Nor is the block list, which has a place of its own,
    nor a door that the guard holds open: no door opens because the device has started. One that he locked stays locked,
    and an emergency goes on until he ends it.

    Args:
        boot: names this start of the machine (`/proc/sys/kernel/random/boot_id`), as far as the steady clock goes on.
        now: this moment.
    """
    kept = [(door, by_hand) for door, by_hand in standing.modes.items() if by_hand.mode is not Mode.HELD_OPEN]
    document = {
        "v": _VERSION,
        "boot": boot,
        "at": _pair(now),
        "latest": standing.time.latest(now),
        "time": [
            standing.time.believed and _pair(standing.time.believed),
            standing.time.doubted and _pair(standing.time.doubted),
            standing.time.forward_until,
        ],
        "inside": {
            area: {key: _pair(since) for key, since in there.items()}
            for area, there in standing.inside.items()
            if there
        },
        "modes": {door: [item.mode, item.by, item.at and _pair(item.at)] for door, item in kept},
        "first": {door: _pair(at) for door, at in standing.first.items()},
        "waiting": {door: [one.knock, one.key, _pair(one.at)] for door, one in standing.waiting.items()},
        "let_through": {door: _pair(at) for door, at in standing.let_through.items()},
        "attempts": {door: [[kind, at] for kind, at in made] for door, made in standing.attempts.made.items()},
        "alarms": [
            [one.id, one.door, one.alarm, _pair(one.at), one.detail]
            for there in standing.alarms.values()
            for one in there
        ],
    }
    return _written(document)


def decoded(data: bytes, *, boot: str, now: Moment, blocked: Mapping[str, str]) -> Standing:
    """As it was when it was kept; ages go on.

    Args:
        data: what `encoded` made.
        boot: names this start of the machine. Where it is another one, the time between is taken from the clock on the
            wall; if that has gone back, none has passed.
        now: this moment.
        blocked: who may pass nowhere.

    Raises:
        Corrupt: it is not what we wrote.
    """
    if len(data) > MAX_BYTES:
        raise _corrupt("it is too large")
    try:
        document = json.loads(data)
        if document["v"] != _VERSION:
            raise _corrupt(f"its version is {document['v']}")
        at = _moment(document["at"])
        if document["boot"] == boot:
            return _standing(document, _time(document["time"]).after(now), blocked, lambda moment: moment)
        between = max(0.0, now.utc - at.utc)
        moved = now.mono - between - at.mono
        time = Timekeeping.started(document["latest"], now)
        return _standing(document, time, blocked, lambda moment: Moment(moment.mono + moved, moment.utc))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise _corrupt(f"{type(error).__name__}: {error}") from error


def struck_out(data: bytes, people: Collection[str]) -> bytes:
    """What was kept, without these people, by our ids. All else stays as it is; what cannot be read becomes nothing.

    Where it becomes nothing, `decoded` raises Corrupt, as it would have before.
    """
    try:
        document = json.loads(data)
        document["inside"] = {
            area: {key: since for key, since in there.items() if key not in people}
            for area, there in document["inside"].items()
        }
        document["waiting"] = {door: one for door, one in document["waiting"].items() if one[1] not in people}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return b""
    return _written(document)


def fresh(*, now: Moment, blocked: Mapping[str, str]) -> Standing:
    """Where nothing was kept: nobody is inside, no door was set by hand."""
    return Standing(time=Timekeeping.started(None, now)).with_blocked(blocked)


def _standing(
    document: Mapping[str, Any], time: Timekeeping, blocked: Mapping[str, str], move: Callable[[Moment], Moment]
) -> Standing:
    def at(pair: Any) -> Moment:
        return move(_moment(pair))

    inside = {
        area: MappingProxyType({key: at(pair) for key, pair in there.items()})
        for area, there in document["inside"].items()
    }
    modes = {
        door: ByHand(Mode(mode), str(by), None if pair is None else at(pair))
        for door, (mode, by, pair) in document["modes"].items()
    }
    waiting = {
        door: Waiting(str(knock), str(key), at(pair)) for door, (knock, key, pair) in document["waiting"].items()
    }
    made = {
        door: tuple((Attempt(kind), move(Moment(float(mono), 0.0)).mono) for kind, mono in attempts)
        for door, attempts in document["attempts"].items()
    }
    standing = Standing(
        inside=MappingProxyType(inside),
        modes=MappingProxyType(modes),
        first=MappingProxyType({door: at(pair) for door, pair in document["first"].items()}),
        waiting=MappingProxyType(waiting),
        let_through=MappingProxyType({door: at(pair) for door, pair in document["let_through"].items()}),
        attempts=Attempts(MappingProxyType(made)),
        time=time,
    )
    for id_, door, alarm, pair, detail in document.get("alarms", ()):  # a former edged kept none
        standing = standing.after_alarm(
            DoorAlarm(str(id_), str(door), Alarm(alarm), on=True, at=at(pair), detail=str(detail))
        )
    return standing.with_blocked(blocked)


def _written(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _time(document: Any) -> Timekeeping:
    believed, doubted, forward_until = document
    return Timekeeping(believed and _moment(believed), doubted and _moment(doubted), float(forward_until))


def _pair(at: Moment) -> list[float]:
    return [round(at.mono, 3), round(at.utc, 3)]


def _moment(pair: Any) -> Moment:
    mono, utc = pair
    return Moment(float(mono), float(utc))


def _corrupt(detail: str) -> Corrupt:
    return Corrupt(
        f"what was kept of the doors cannot be read ({detail})",
        "Everybody counts as being outside, and no door is locked by hand. Lock those that should be.",
    )
