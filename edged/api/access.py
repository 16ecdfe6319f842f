"""Who asks, and what they may."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from anyio import to_thread
from starlette.requests import Request

from edged.domain.errors import Busy, EdgedError

CROWDED: Final = "edged.crowded"
"""What a server sets in the scope of a request that it has no room for."""


class Right(StrEnum):
    """What a token may do. `admin` includes all others."""

    READ = "read"
    """See people, faces, galleries, events and photographs."""
    ENROLL = "enroll"
    """Add, change and delete them."""
    MATCH = "match"
    """Ask who somebody is, or whether two are one."""
    DEVICE = "device"
    """Fetch the roster, hand in events: a device of ours."""
    METRICS = "metrics"
    """Read figures about the hub itself, which tell of nobody: for Prometheus."""
    ADMIN = "admin"


class Cost(StrEnum):
    """What a request takes: each kind has a limit of its own."""

    READING = "reading"
    """No photograph is looked at."""
    LOOKING = "looking"
    """One or more are."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A token's holder.

    Attributes:
        id: of the token, public: it stands in logs and in the audit; name: given by the administrator.
        rights: what it may do.
        gallery: sees and touches this FindFace gallery only; None for all.
        organisation: sees and touches this 9Pic organisation only; None for all.
        device: the device that it was made for; empty for others.
    """

    id: str
    name: str
    rights: frozenset[Right]
    gallery: str | None = None
    organisation: str | None = None
    device: str = ""

    def may(self, right: Right) -> bool:
        return right in self.rights or Right.ADMIN in self.rights

    @property
    def is_whole(self) -> bool:
        """Whether it is bound to nothing: one that is must not decide what others may, nor itself."""
        return self.gallery is None and self.organisation is None and not self.device

    @property
    def is_for_people(self) -> bool:
        """Whether people and faces are any of its business: not where it is for an organisation's photographs."""
        return self.organisation is None

    @property
    def is_for_albums(self) -> bool:
        """Whether events and photographs are any of its business: not where it is for a gallery of people."""
        return self.gallery is None or self.organisation is not None


class Gate(Protocol):
    """Knows tokens and counts requests. Any thread; may block on the disk for a moment."""

    def grant(self, token: str) -> Grant | None:
        """Whose token this is; None where it is unknown, revoked or expired: nobody is told which."""
        ...

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        """Counts one request of a token's holder, or of somebody without one, from an address.

        Returns:
            0 where there is room for it, else after how many seconds there will be: at least 1.
        """
        ...


class Denial(StrEnum):
    """Why somebody is not let in."""

    NO_TOKEN = "no_token"  # noqa: S105  a word
    WRONG_TOKEN = "wrong_token"  # noqa: S105  a word
    NO_RIGHT = "no_right"
    THROTTLED = "throttled"


class Denied(EdgedError):
    """Somebody is not let in; each dialect has words of its own for it.

    Attributes:
        retry_after_s: when throttled, after how many seconds to come again; else 0.
    """

    def __init__(self, why: Denial, what: str, remedy: str = "", retry_after_s: int = 0) -> None:
        super().__init__(what, remedy)
        self.why = why
        self.retry_after_s = retry_after_s


async def enter(gate: Gate, request: Request, token: str, right: Right, cost: Cost) -> Grant:
    """Lets a request in; see `let_in`, which this calls on a worker thread."""
    return await to_thread.run_sync(let_in, gate, request, token, right, cost)


def let_in(gate: Gate, request: Request, token: str, right: Right, cost: Cost) -> Grant:
    """Lets a request in; blocks as the gate does. For who is on a worker thread already: each visit costs time.

    Args:
        token: as the dialect's header has it; empty where there was none.

    Raises:
        Denied: no token, a wrong one, one without the right, or too many requests.
        Busy: the server has no room for it; whose token it is was not looked up.
    """
    if request.scope.get(CROWDED):
        raise Busy("too many connections are open", "Come again in a moment")
    address = request.client.host if request.client else ""
    grant = gate.grant(token) if token else None
    wait_s = gate.admit(grant, address, cost)
    if wait_s:
        raise Denied(Denial.THROTTLED, "too many requests", f"Come again in {wait_s} s", wait_s)
    if not token:
        raise Denied(Denial.NO_TOKEN, "no token was sent")
    if grant is None:
        raise Denied(Denial.WRONG_TOKEN, "the token is not valid", "Ask the administrator for another")
    if not grant.may(right):
        raise Denied(Denial.NO_RIGHT, f"this token may not {right.value}", "Ask the administrator for one that may")
    return grant
