"""Signing in and out, and who one is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Entered, Role
from edged.accounts.accounts import REMEMBERED_S, Accounts
from edged.accounts.note import ACCOUNT, REFUSED_SIGN_IN, SIGN_IN, SIGN_OUT, Note
from edged.api.asked import asked_of
from edged.api.entrance import REDEEM, cookie_in, cookie_name, needs, session_of, token_of
from edged.api.entrance import SIGN_IN as SIGN_IN_ADDRESS
from edged.api.refusal import refusal
from edged.api.sign_in_pace import SignInPace
from edged.domain.errors import Refused

_FAMILIAR: Final = "edged-known"
_FAMILIAR_S: Final = 180 * 86_400
_NO_STORE: Final = {"cache-control": "no-store"}

Word = Annotated[str, Field(max_length=512)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class _SignIn(_Form):
    name: Word
    password: Word
    remember: bool = False


class _Redeem(_Form):
    link: Word
    remember: bool = False


class _Password(_Form):
    old: Word = ""
    new: Word


def sign_in_routes(
    accounts: Accounts, note: Note, *, device: Callable[[], str], ticks: Callable[[], float]
) -> list[Route]:
    """Where one signs in and out.

    Args:
        note: told of every sign-in, refused or not, and of every sign-out.
        device: its name, shown to whoever signs in.
        ticks: seconds of a clock that never goes back.
    """
    desk = _SignInDesk(accounts, note, device, SignInPace(ticks))
    return [
        Route(SIGN_IN_ADDRESS, desk.first_words),
        Route(SIGN_IN_ADDRESS, desk.sign_in, methods=["POST"]),
        Route(REDEEM, desk.redeem, methods=["POST"]),
        Route("/api/v1/me", needs(Role.GUARD)(desk.me)),
        Route("/api/v1/me/password", needs(Role.GUARD)(desk.change_password), methods=["POST"]),
        Route("/api/v1/sign-out", needs(Role.GUARD)(desk.sign_out), methods=["POST"]),
    ]


class _SignInDesk:
    """Answers requests, one method an address."""

    def __init__(self, accounts: Accounts, note: Note, device: Callable[[], str], pace: SignInPace) -> None:
        self._accounts = accounts
        self._note = note
        self._device = device
        self._pace = pace
        self._one_at_a_time = CapacityLimiter(1)
        """Passwords that are looked at: each takes 32 MiB and a core."""

    async def first_words(self, request: Request) -> Response:
        """What the sign-in page says before anybody has signed in."""
        there = await to_thread.run_sync(self._accounts.everybody)
        return JSONResponse(
            {"device": self._device(), "accounts": bool(there), "signed_in": session_of(request) is not None},
            headers=_NO_STORE,
        )

    async def sign_in(self, request: Request) -> Response:
        asked = await asked_of(request, _SignIn)
        familiar = cookie_in(request.scope, request.headers, _FAMILIAR)
        if familiar and not await to_thread.run_sync(self._accounts.is_familiar, asked.name, familiar):
            familiar = ""
        busy = self._objection(request, asked.name, familiar)
        if busy:
            return busy
        work = partial(self._accounts.sign_in, asked.name, asked.password, remembered=asked.remember)
        try:
            entered = await to_thread.run_sync(work, limiter=self._one_at_a_time)
        except Refused as error:
            known = await to_thread.run_sync(self._accounts.find, asked.name)
            # A name that is nobody's may be a password that was typed into the wrong field.
            self._note(REFUSED_SIGN_IN, by=known.name if known else "", about={"address": _address(request)})
            return refusal(HTTPStatus.FORBIDDEN, error.what, error.remedy)
        return self._welcome(request, entered, "password", remember=asked.remember)

    async def redeem(self, request: Request) -> Response:
        asked = await asked_of(request, _Redeem)
        busy = self._objection(request, "", "")
        if busy:
            return busy
        try:
            entered = await to_thread.run_sync(partial(self._accounts.redeem, asked.link, remembered=asked.remember))
        except Refused as error:
            self._note(REFUSED_SIGN_IN, by="", about={"address": _address(request), "by": "link"})
            return refusal(HTTPStatus.FORBIDDEN, error.what, error.remedy)
        return self._welcome(request, entered, "link", remember=asked.remember)

    async def me(self, request: Request) -> Response:
        """Who is signed in, and the word that has to go with every change."""
        session = session_of(request)
        assert session is not None  # noqa: S101  `needs` has seen to it
        name, role = session.account.name, session.account.role.value
        document = {"name": name, "role": role, "word": session.word, "device": self._device()}
        return JSONResponse(document, headers=_NO_STORE)

    async def change_password(self, request: Request) -> Response:
        asked = await asked_of(request, _Password)
        session = session_of(request)
        assert session is not None  # noqa: S101  `needs` has seen to it
        name = session.account.name
        busy = self._objection(request, name, f"session of {name}")
        if busy:
            return busy
        if not await to_thread.run_sync(partial(self._may_change, name, asked.old), limiter=self._one_at_a_time):
            raise Refused("bad_password", "the old password is another one", "Try again")
        work = partial(self._accounts.set_password, name, asked.new, staying=token_of(request))
        await to_thread.run_sync(work, limiter=self._one_at_a_time)
        self._note(ACCOUNT, by=name, about={"account": name, "change": "password"})
        return JSONResponse({"ok": True}, headers=_NO_STORE)

    async def sign_out(self, request: Request) -> Response:
        session = session_of(request)
        assert session is not None  # noqa: S101  `needs` has seen to it
        await to_thread.run_sync(self._accounts.sign_out, token_of(request))
        self._note(SIGN_OUT, by=session.account.name, about={})
        answer = JSONResponse({"ok": True}, headers=_NO_STORE | {"clear-site-data": '"cache"'})
        _set(request, answer, "edged", "", 0)
        return answer

    def _may_change(self, name: str, old: str) -> bool:
        has = any(kept.has_password for kept in self._accounts.everybody() if kept.account.name == name)
        return self._accounts.fits(name, old) if has else True

    def _objection(self, request: Request, name: str, browser: str) -> Response | None:
        wait_s = self._pace.wait_s(_address(request), name, browser)
        if not wait_s:
            return None
        return refusal(
            HTTPStatus.TOO_MANY_REQUESTS,
            "there were too many tries to sign in",
            f"Try again in {wait_s} s, or have a link made on the device: edged account link NAME",
            {"retry-after": str(wait_s)},
        )

    def _welcome(self, request: Request, entered: Entered, how: str, *, remember: bool) -> Response:
        account = entered.session.account
        self._note(SIGN_IN, by=account.name, about={"address": _address(request), "by": how})
        answer = JSONResponse({"name": account.name, "role": account.role.value}, headers=_NO_STORE)
        _set(request, answer, "edged", entered.token, int(REMEMBERED_S) if remember else None)
        _set(request, answer, _FAMILIAR, entered.familiar, _FAMILIAR_S)
        return answer


def _set(request: Request, answer: Response, name: str, value: str, seconds: int | None) -> None:
    """A cookie that no script can read, and no other site can make the browser send. None: until the browser ends."""
    answer.set_cookie(
        cookie_name(request.scope, name),
        value,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
