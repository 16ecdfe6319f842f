"""The addresses of the console's audit: what was done and by whom, whether it is whole, and taking it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final, Literal, Protocol

from anyio import to_thread
from pydantic import AwareDatetime, Field
from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import Form, asked_of, queried, told
from edged.api.entrance import account_of, needs
from edged.wire.payload import Instant, Part, Payload

AUDIT: Final = "/api/v1/console/audit"
_MEDIA: Final = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class AuditPart(Part):
    """One entry."""

    number: int
    at: str
    """RFC 3339, as it was hashed."""
    by: str
    """`account:anna`, `shell:root`, `mqtt:<key>`; `device` for the device itself."""
    act: str
    about: Mapping[str, Any]
    person: str = ""
    """What the person of the entry is called today; empty where nobody is concerned, or is enrolled no more."""
    hash: str
    """Hexadecimal."""


class VerificationPart(Part):
    """Whether the log is whole."""

    at: Instant
    """When it was looked at."""
    whole: bool
    first: int
    last: int
    """Numbers of the oldest and the newest entry that were looked at."""
    findings: tuple[str, ...] = ()
    """What is wrong, in words."""


class AuditList(Payload):
    """Entries, newest first."""

    entries: tuple[AuditPart, ...]
    more: bool
    """There are older ones."""
    verified: VerificationPart | None
    """When it was last looked whether the log is whole; null: not since the start."""
    acts: tuple[str, ...]
    """Every word that `act` may be."""


class VerificationTold(Payload):
    """What came of looking whether the log is whole."""

    verified: VerificationPart


class AuditQuery(Form):
    """Which entries."""

    act: str = Field(default="", max_length=32)
    by: str = Field(default="", max_length=128)
    """A part of who did it."""
    text: str = Field(default="", max_length=200)
    """A part of what it was about."""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: int | None = Field(default=None, ge=1)
    """Only those with a lower number: the next page."""
    limit: int = Field(default=100, ge=1, le=500)


class ExportQuery(AuditQuery):
    """What of the log is taken away."""

    form: Literal["csv", "json"] = "csv"


class NothingForm(Form):
    """Nothing is asked for but the act itself."""


class AuditDesk(Protocol):
    """The device's audit log. Every method is called on worker threads."""

    def entries(self, query: AuditQuery) -> AuditList:
        """A page of it. Blocks for the disk."""

    def verify(self, by: str) -> VerificationPart:
        """Looks at every entry. Blocks for seconds."""

    def export(self, query: ExportQuery, by: str) -> Iterator[bytes]:
        """What the query selects, from the oldest on, piece by piece; its paging does not count. Blocks between
        pieces for the disk. That it was taken is noted in the log itself.
        """


def audit_routes(desk: AuditDesk) -> list[Route]:
    """An installer reads and verifies; an administrator takes it away."""
    counter = _Counter(desk)
    installer, administrator = needs(Role.INSTALLER), needs(Role.ADMINISTRATOR)
    return [
        Route(AUDIT, installer(counter.entries)),
        Route(f"{AUDIT}/verify", installer(counter.verify), methods=["POST"]),
        Route(f"{AUDIT}/export", administrator(counter.export)),
    ]


class _Counter:
    """Answers requests, one method an address."""

    def __init__(self, desk: AuditDesk) -> None:
        self._desk = desk

    async def entries(self, request: Request) -> Response:
        query = queried(request, AuditQuery)
        return told(await to_thread.run_sync(self._desk.entries, query))

    async def verify(self, request: Request) -> Response:
        await asked_of(request, NothingForm)
        return told(VerificationTold(verified=await to_thread.run_sync(self._desk.verify, _by(request))))

    async def export(self, request: Request) -> Response:
        query = queried(request, ExportQuery)
        pieces = await to_thread.run_sync(partial(self._desk.export, query, _by(request)))
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="edged-audit.{query.form}"',
        }
        return StreamingResponse(iterate_in_threadpool(pieces), media_type=_MEDIA[query.form], headers=headers)


def _by(request: Request) -> str:
    account = account_of(request)
    return account.name if account else ""
