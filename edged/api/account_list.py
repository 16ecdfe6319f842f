"""The accounts, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Final, TypeVar

from anyio import to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Account, KeptAccount, Role
from edged.accounts.accounts import Accounts
from edged.accounts.note import ACCOUNT, Note
from edged.api.asked import asked_of
from edged.api.entrance import account_of, needs
from edged.wire.payload import instant

LIST: Final = "/api/v1/accounts"
_NO_STORE: Final = {"cache-control": "no-store"}
_Done = TypeVar("_Done")

Name = Annotated[str, Field(max_length=256)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Add(_Form):
    name: Name
    role: Role
    password: Annotated[str, Field(max_length=512)] | None = None


class _Role(_Form):
    name: Name
    role: Role


class _Named(_Form):
    name: Name


def account_routes(accounts: Accounts, note: Note) -> list[Route]:
    """Where administrators keep the accounts. `note`: told of every change."""
    desk = _AccountDesk(accounts, note)
    only = needs(Role.ADMINISTRATOR)
    return [
        Route(LIST, only(desk.everybody)),
        Route(f"{LIST}/add", only(desk.add), methods=["POST"]),
        Route(f"{LIST}/role", only(desk.set_role), methods=["POST"]),
        Route(f"{LIST}/remove", only(desk.remove), methods=["POST"]),
        Route(f"{LIST}/link", only(desk.link), methods=["POST"]),
    ]


class _AccountDesk:
    """Answers requests, one method an address."""

    def __init__(self, accounts: Accounts, note: Note) -> None:
        self._accounts = accounts
        self._note = note

    async def everybody(self, _request: Request) -> Response:
        kept = await to_thread.run_sync(self._accounts.everybody)
        return JSONResponse({"accounts": [_document(one) for one in kept]}, headers=_NO_STORE)

    async def add(self, request: Request) -> Response:
        asked = await asked_of(request, _Add)
        work = partial(self._accounts.add, Account(asked.name, asked.role), asked.password)
        account = await self._done(work)
        self._tell(request, account.name, "added", asked.role)
        return JSONResponse({"name": account.name}, headers=_NO_STORE)

    async def set_role(self, request: Request) -> Response:
        asked = await asked_of(request, _Role)
        account = await self._done(partial(self._accounts.set_role, asked.name, asked.role))
        self._tell(request, account.name, "role", asked.role)
        return JSONResponse({"name": account.name}, headers=_NO_STORE)

    async def remove(self, request: Request) -> Response:
        asked = await asked_of(request, _Named)
        account = await self._done(partial(self._accounts.remove, asked.name))
        self._tell(request, account.name, "removed")
        return JSONResponse({"name": account.name}, headers=_NO_STORE)

    async def link(self, request: Request) -> Response:
        """What signs in once; the page makes an address of it, and hands it on."""
        asked = await asked_of(request, _Named)
        link = await self._done(partial(self._accounts.link, asked.name))
        self._tell(request, asked.name, "link")
        return JSONResponse({"link": link}, headers=_NO_STORE)

    async def _done(self, work: Callable[[], _Done]) -> _Done:
        return await to_thread.run_sync(work)

    def _tell(self, request: Request, name: str, change: str, role: Role | None = None) -> None:
        by = account_of(request)
        about = {"account": name, "change": change, "role": role.value if role else None}
        self._note(ACCOUNT, by=by.name if by else "", about=about)


def _document(kept: KeptAccount) -> dict[str, object]:
    return {
        "name": kept.account.name,
        "role": kept.account.role.value,
        "created": instant(kept.created).isoformat(),
        "seen": None if kept.seen is None else instant(kept.seen).isoformat(),
        "password": kept.has_password,
        "sessions": kept.sessions,
    }
