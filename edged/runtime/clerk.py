"""The thread that follows requests, one after another, and answers each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final

from edged.control.claim import claim_of
from edged.control.command_table import End
from edged.domain.errors import EdgedError, Refused
from edged.mqtt.inbox import Heard
from edged.runtime.clock import Clock
from edged.runtime.comeback import Comeback, Owed, boot_of_machine
from edged.runtime.deed import Call, Deeds
from edged.runtime.ration import Ration
from edged.runtime.replies import Replies, failed, succeeded
from edged.runtime.stop import Stop
from edged.runtime.summons import Followed, Summons
from edged.wire.order import Response
from edged.wire.payload import instant

log = logging.getLogger(__name__)

_ROUND_S: Final = 0.5
_MOST_WAITING: Final = 32
_MOST_WAITING_BYTES: Final = 1024 * 1024
_PER_S: Final = 20.0
"""So many requests are followed a second for long: nobody needs more, and a flood takes nothing from recognition."""
_BURST: Final = 100
_TURNED_AWAY_PER_S: Final = 5.0
_LEAVING_S: Final = 30.0
"""After a restart was asked for, everybody else is refused for so long: it comes before that, or not at all."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    heard: Heard
    since: float
    weight: int


class Clerk:
    """Follows requests.

    Args:
        summons: decides whether a request is followed.
        deeds: gives what does each command; called with the first request, since it loads more than a device needs
            that is never asked for anything.
        replies: makes and sends answers.
        comeback: where an answer that comes after a restart is kept.
        boot: of this start, as in `info`.
        settle: called about every half second, for what ends by itself.
    """

    def __init__(
        self,
        summons: Summons,
        deeds: Callable[[], Deeds],
        replies: Replies,
        comeback: Comeback,
        *,
        boot: str,
        clock: Clock,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._summons = summons
        self._make_deeds = deeds
        self._deeds: Deeds | None = None
        self._replies = replies
        self._comeback = comeback
        self._boot = boot
        self._clock = clock
        self._settle = settle
        self._queue: SimpleQueue[_Waiting] = SimpleQueue()
        self._came = 0
        """Bytes that were ever put on the queue, counted by whoever puts; `_taken` by this thread."""
        self._taken = 0
        now = clock.now().mono
        self._pace = Ration(_PER_S, _BURST, now)
        self._turning_away = Ration(_TURNED_AWAY_PER_S, _MOST_WAITING, now)
        self._leaves_until = float("-inf")
        self.turned_away = 0
        """Requests that came when too many waited, answered `busy` or, in a flood, not at all."""

    def take(self, heard: Heard) -> None:
        """Has a request followed. Only one thread, the talker; returns at once.

        Where too many wait it is answered `busy`, and beyond a few of those a second not at all.
        """
        weight = len(heard.payload) + len(heard.correlation) + len(heard.reply_to) + len(heard.command)
        full = self._came - self._taken + weight > _MOST_WAITING_BYTES
        now = self._clock.now().mono
        if not full and self._queue.qsize() < _MOST_WAITING:
            self._came += weight
            self._queue.put(_Waiting(heard, now, weight))
            return
        if not self.turned_away:
            log.warning("requests come faster than they can be followed; some are turned away")
        self.turned_away += 1
        if self._turning_away.take(now):
            self._replies.send(heard, failed(claim_of(heard.payload).transaction, _busy()))

    def run(self, stop: Stop) -> None:
        """Follows requests until `stop`. Blocks."""
        self._come_back()
        while not stop.is_set():
            self._settle()
            try:
                waiting = self._queue.get(timeout=_ROUND_S)
            except Empty:
                continue
            self._taken += waiting.weight
            while not stop.is_set() and (wait := self._pace.wait_s(self._clock.now().mono)):
                stop.wait(wait)
            self._pace.take(self._clock.now().mono)
            if not stop.is_set():
                self._follow(waiting, stop)

    def _come_back(self) -> None:
        """Answers what was asked for before the start."""
        try:
            owed = self._comeback.take()
        except EdgedError as error:
            log.warning("whoever asked for a restart is not answered: %s", error)
            return
        if owed is None:
            return
        if owed.came_true(boot_of_machine()):
            from edged.wire.commands.machine import Restarted  # noqa: PLC0415  see `deeds`

            answer = succeeded(owed.transaction, Restarted(boot=self._boot, asked=instant(owed.asked)))
        else:
            answer = failed(
                owed.transaction,
                Refused("not_done", "edged has started again, but the machine has not", "Ask for it again"),
            )
        response = self._replies.made(owed.command, answer)
        self._summons.finish(owed.transaction, response)
        self._replies.publish(owed.topic, owed.correlation, response)

    def _follow(self, waiting: _Waiting, stop: Stop) -> None:
        heard = waiting.heard
        try:
            if self._clock.now().mono < self._leaves_until:
                raise Refused("restarting", "the device is about to start again", "Ask again when it has")
            found = self._summons.judged(heard, self._clock.now().mono - waiting.since)
        except EdgedError as error:
            transaction = claim_of(heard.payload).transaction
            log.info("request %s refused: %s", self._replies.name(heard), error.what)
            self._replies.send(heard, failed(transaction, error))
            return
        if isinstance(found, Response):
            self._replies.publish(*self._replies.way(heard), found)
            return
        response = self._done(found, heard, stop)
        if response is not None:
            self._replies.publish(*self._replies.way(heard), response)

    def _done(self, found: Followed, heard: Heard, stop: Stop) -> Response | None:
        """What came of it; None where that is told after a restart."""
        if self._deeds is None:
            self._deeds = self._make_deeds()
        transaction = found.transaction
        call = Call(found.by, self._clock.now().mono + found.rule.limit_s, self._clock, stop)
        try:
            if found.rule.end is not End.NOW:
                topic, correlation = self._replies.way(heard)
                owed = Owed(
                    command=found.command,
                    transaction=transaction,
                    topic=topic,
                    correlation=correlation,
                    asked=self._clock.now().utc,
                    machine=boot_of_machine(),
                    end=found.rule.end,
                )
                self._leave(found, call, owed)
                return None
            answer = succeeded(transaction, self._deeds[found.command](found.asked, call))
        except EdgedError as error:
            answer = failed(transaction, error)
        response = self._replies.made(found.command, answer)
        self._summons.finish(transaction, response)
        _log(found, response)
        return response

    def _leave(self, found: Followed, call: Call, owed: Owed) -> None:
        """Has the device start again, and the answer written down before."""
        assert self._deeds is not None  # noqa: S101  made by the caller
        self._comeback.note(owed)
        log.info("request %s by %r is followed", found.command, found.by)
        try:
            self._deeds[found.command](found.asked, call)
        except EdgedError:
            self._comeback.forget()
            raise
        self._leaves_until = self._clock.now().mono + _LEAVING_S


def _log(found: Followed, response: Response) -> None:
    outcome = response.error.code if response.error else response.status
    level = logging.INFO if found.rule.changes else logging.DEBUG
    log.log(level, "request %s by %r: %s", found.command, found.by, outcome)


def _busy() -> Refused:
    return Refused("busy", "too many requests wait", "Come again in a few seconds")
