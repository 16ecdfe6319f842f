"""Whether a request is followed: who asks, whether they may, what it says, and whether it was there before."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from edged.config.control import COMMANDS, Command
from edged.control.authority import Authority, Opened, formed
from edged.control.command_table import RULES, Rule
from edged.control.journal import Journal, Kept, Stage
from edged.domain.errors import ConfigInvalid, Problem, Refused, Unavailable
from edged.mqtt.inbox import Heard
from edged.runtime.clock import Clock
from edged.runtime.replies import Replies
from edged.wire.commands.asked import Asked
from edged.wire.order import Request, Response

log = logging.getLogger(__name__)

_MOST_SEEN: Final = 1024


@dataclass(frozen=True, slots=True)
class Followed:
    """A request that is to be done now.

    Attributes:
        by: who asks.
        asked: what the command needs to know.
    """

    command: Command
    rule: Rule
    transaction: str
    by: str
    asked: Asked


class Summons:
    """Judges requests. Belongs to one thread; blocks for the journal's file.

    Args:
        authority: judges who asks; journal: remembers what was done.
        allow: gives the commands that the document allows now.
        replies: knows where answers may go.
    """

    def __init__(
        self,
        authority: Authority,
        journal: Journal,
        allow: Callable[[], Collection[Command]],
        replies: Replies,
        clock: Clock,
    ) -> None:
        self._authority = authority
        self._journal = journal
        self._allow = allow
        self._replies = replies
        self._clock = clock
        self._seen: OrderedDict[str, None] = OrderedDict()

    def judged(self, heard: Heard, waited_s: float) -> Followed | Response:
        """The request that is to be done now, or the answer that it had before.

        One that changes something is noted in the journal by then: `finish` follows.

        Args:
            heard: as it came.
            waited_s: how long ago.

        Raises:
            Refused: `unknown_command`, `retained`, `reply_topic`, `too_late`, `not_allowed`, `repeated`,
                `unknown_outcome`, and as `Authority.opened`.
            ConfigInvalid: it is none, or its data does not fit the command; with all problems.
            Unavailable: the journal cannot be written; or Busy, see there.
        """
        command = _known(heard.command)
        rule = RULES[command]
        if heard.retained:
            raise Refused(
                "retained",
                "the request was retained by the broker: nobody asks for it now",
                "Publish it without the retain flag, and remove it with an empty retained message",
            )
        self._replies.check_way(heard)
        opened = self._opened(heard, command)
        if waited_s > rule.patience_s:
            raise Refused("too_late", f"the request has waited for {waited_s:.0f} s", "Ask again")
        if command not in self._allow():
            raise Refused(
                "not_allowed",
                f"this device does not follow {command}: it is not in control.allow",
                "Add it to control.allow in the device's own file",
            )
        asked = _asked(opened.order, command)
        request = opened.order
        known = self._noted(opened, command, rule)
        if known is not None:
            return self._again(known)
        return Followed(command, rule, request.transaction, opened.by, asked)

    def finish(self, transaction: str, response: Response) -> None:
        """Notes what was answered. A journal that cannot be written is logged; the answer goes out all the same."""
        try:
            self._journal.finish(transaction, response.model_dump(mode="json", exclude={"again"}))
        except Unavailable as error:
            log.warning("what was answered to the request %s is not kept: %s", transaction, error)

    def _opened(self, heard: Heard, command: Command) -> Opened[Request]:
        return self._authority.opened(
            heard.payload, Request, kind=f"request/{command}", to=heard.to, now=self._clock.now().utc
        )

    def _noted(self, opened: Opened[Request], command: Command, rule: Rule) -> Kept | None:
        """Notes the request; None where it was not there before.

        What changes nothing and is signed by nobody is remembered in memory only: anybody could ask for it under
        another name, and the disk would wear out.
        """
        request = opened.order
        if rule.changes or opened.signed:
            expires = request.expires.timestamp() if request.expires else None
            kept = self._journal.begin(request.transaction, command, expires, request.data)
            if kept is None and not rule.changes:
                self._journal.finish(request.transaction, None)
            if kept is not None and not rule.changes:
                raise _repeated(request.transaction)
            return kept
        if request.transaction in self._seen or self._journal.find(request.transaction):
            raise _repeated(request.transaction)
        self._seen[request.transaction] = None
        if len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        return None

    def _again(self, kept: Kept) -> Response:
        """The answer of a request that was begun before."""
        match kept:
            case Kept(stage=Stage.DONE, answer=answer) if answer is not None:
                return Response.model_validate(answer).model_copy(update={"again": True})
            case Kept(stage=Stage.DONE):
                raise Refused("repeated", "this was done before, and its answer is kept no more", "Look what there is")
            case Kept(stage=Stage.RUNNING):
                raise Refused("repeated", "this is being done", "Its answer will come")
            case _:
                raise Refused(
                    "unknown_outcome",
                    "this was begun before edged ended, and nobody knows whether it was done",
                    "Look whether it was; if not, ask for it as a new transaction",
                )


def _known(name: str) -> Command:
    for command in COMMANDS:
        if command == name:
            return command
    raise Refused("unknown_command", "there is no such command", f"There are {', '.join(COMMANDS)}")


def _asked(request: Request, command: Command) -> Asked:
    from edged.wire.commands.shapes import SHAPES  # noqa: PLC0415  thirty models: where somebody asks for something

    try:
        return formed(request.data, SHAPES[command].asked)
    except ConfigInvalid as error:
        problems = (
            Problem(f"data.{one.path}" if one.path else "data", one.message, one.got, one.allowed)
            for one in error.problems
        )
        raise ConfigInvalid(tuple(problems), "the request") from None


def _repeated(transaction: str) -> Refused:
    return Refused(
        "repeated",
        f"there was a request with the transaction {transaction} before",
        "Give each request a transaction of its own, a UUID for example",
    )
