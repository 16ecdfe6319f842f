"""The addresses of visitors' passes: issued, printed once, listed, revoked."""

from __future__ import annotations

from typing import Annotated, Final, Protocol

from anyio import to_thread
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import Form, asked_of, told
from edged.api.console.doors import Name
from edged.api.entrance import account_of, needs
from edged.wire.payload import Instant, Part, Payload

PASSES: Final = "/api/v1/console/passes"


class PassPart(Part):
    """A visitor's pass, without its code."""

    id: str
    name: str
    doors: tuple[str, ...]
    """Empty: any that lets visitors in."""
    valid_from: Instant
    valid_until: Instant
    uses_left: int | None
    """Null: as often as wanted."""
    with_face: bool
    """It is good only together with somebody's face."""


class PassList(Payload):
    """Passes that were issued and not revoked, the latest to end first."""

    passes: tuple[PassPart, ...]


class IssuedPass(Payload):
    """A new pass. Its code is here once, and nowhere else ever again."""

    ticket: PassPart
    code: str = Field(repr=False)
    picture: tuple[str, ...] = Field(repr=False)
    """The code as a QR code: rows of `0` and `1` (dark), with the margin that readers need."""


class PassForm(Form):
    """A pass that somebody is to have."""

    name: str = Field(default="", max_length=120)
    """Whom or what it is for."""
    doors: tuple[Name, ...] = Field(default=(), max_length=16)
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    uses: Annotated[int, Field(ge=1, le=10_000)] | None = None


class RevokeForm(Form):
    """A pass that is to be good for nothing any more."""

    id: str = Field(min_length=1, max_length=64)


class PassDesk(Protocol):
    """The device's passes. Every method is called on worker threads and blocks for the disk."""

    def passes(self) -> PassList:
        """All that were issued and not revoked."""

    def issue(self, form: PassForm, by: str) -> IssuedPass:
        """Makes one.

        Raises:
            Refused: its time is over before it begins, or a door is not there or lets no visitors in.
        """

    def revoke(self, pass_id: str, by: str) -> None:
        """It opens nothing any more, at once.

        Raises:
            Refused: there is none.
        """


def pass_routes(desk: PassDesk) -> list[Route]:
    """A guard sees which there are; an installer issues and revokes."""
    counter = _Counter(desk)
    guard, installer = needs(Role.GUARD), needs(Role.INSTALLER)
    return [
        Route(PASSES, guard(counter.passes)),
        Route(f"{PASSES}/issue", installer(counter.issue), methods=["POST"]),
        Route(f"{PASSES}/revoke", installer(counter.revoke), methods=["POST"]),
    ]


class _Counter:
    """Answers requests, one method an address."""

    def __init__(self, desk: PassDesk) -> None:
        self._desk = desk

    async def passes(self, _request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.passes))

    async def issue(self, request: Request) -> Response:
        form = await asked_of(request, PassForm)
        return told(await to_thread.run_sync(self._desk.issue, form, _by(request)))

    async def revoke(self, request: Request) -> Response:
        form = await asked_of(request, RevokeForm)
        await to_thread.run_sync(self._desk.revoke, form.id, _by(request))
        return JSONResponse({"ok": True}, headers={"cache-control": "no-store"})


def _by(request: Request) -> str:
    account = account_of(request)
    return account.name if account else ""
