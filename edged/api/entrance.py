"""Who comes in: the session of every request, what is open without one, and the proof that a page of ours asked."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from functools import wraps
from http import HTTPStatus
from typing import Final, Protocol, TypeAlias
from urllib.parse import quote

import anyio
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from edged.accounts.account import Account, Role, Session
from edged.api.refusal import of_edged, refusal
from edged.domain.errors import EdgedError

TOKEN_HEADER: Final = "edged-token"  # noqa: S105  the header's name
SIGN_IN_PAGE: Final = "/sign-in"
SIGN_IN: Final = "/api/v1/sign-in"
"""Signs in with a name and a password."""
REDEEM: Final = "/api/v1/sign-in/link"
"""Signs in with a link."""

_OPEN_PAGES: Final = frozenset({SIGN_IN_PAGE, "/kiosk", "/booth"})
_OPEN: Final = frozenset({*_OPEN_PAGES, SIGN_IN, REDEEM, "/healthz", "/readyz"})
_OPEN_BELOW: Final = ("/static/", "/api/v1/kiosk/", "/api/v1/booth/")
_METRICS: Final = "/metrics"
_WRITTEN: Final = frozenset({"application/json", "multipart/form-data"})
_SESSION: Final = "edged.session"
_TOKEN: Final = "edged.token"  # noqa: S105  the key's name
_MOST_COOKIE: Final = 4096
_LOOK_S: Final = 5.0
"""How often an endless answer looks whether its reader is still signed in."""

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Sessions(Protocol):
    """Who is signed in; `edged.accounts.accounts.Accounts` knows."""

    def session(self, token: str) -> Session | None:
        """Whoever is signed in with this token; None: nobody. Any thread; blocks for the disk."""


def account_of(request: Request) -> Account | None:
    """Who asks; None where nobody is signed in, which happens at the addresses that are open to all only."""
    session = session_of(request)
    return session.account if session else None


def name_of(request: Request) -> str:
    """The name of the account that asks, at an address whose route says with `needs` who may."""
    account = account_of(request)
    assert account is not None  # noqa: S101  `needs` has seen to it
    return account.name


def session_of(request: Request) -> Session | None:
    """The session of a request."""
    session: Session | None = request.scope.get(_SESSION)
    return session


def token_of(request: Request) -> str:
    """What the browser's cookie holds; empty where there is none."""
    return str(request.scope.get(_TOKEN, ""))


def needs(role: Role) -> Callable[[Endpoint], Endpoint]:
    """Decorates what answers an address: it is asked for those only who may what `role` may.

    Others get 401 where they are not signed in, else 403, as JSON.
    """

    def decorated(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            account = account_of(request)
            if account is None:
                return _not_signed_in()
            if not account.role.may(role):
                return refusal(
                    HTTPStatus.FORBIDDEN,
                    f"your account is a {account.role}'s, and this takes an {role}'s"
                    if role is not Role.GUARD
                    else "your account may not do this",
                    "Ask an administrator of this device",
                )
            return await endpoint(request)

        return guarded

    return decorated


class Entrance:
    """Lets requests in, or says why not. Belongs to the event loop.

    Everything needs a session but the sign-in itself, the files of the pages, the kiosk and the booth (the public
    stands there) and what supervisors ask. What changes something also needs the session's word in the header
    `edged-token`, which only a page of ours can read, and a kind of body that no other site can send without being
    asked first.

    Args:
        sessions: who is signed in.
        pages: addresses that people open: without a session they lead to the sign-in, and come back.
    """

    def __init__(self, sessions: Sessions, pages: Collection[str]) -> None:
        self._sessions = sessions
        self._pages = frozenset(pages)

    def is_page(self, path: str) -> bool:
        """Whether other sites may link there."""
        return path in self._pages or path in _OPEN_PAGES

    async def objection(self, scope: Scope, headers: Headers) -> Response | None:
        """Why this request is not served; None where it is. Notes in `scope` who asks."""
        path, writes = scope["path"], scope["method"] != "GET"
        if writes and (answer := _unproved(scope, headers)):
            return answer
        token = cookie_in(scope, headers, "edged")
        try:
            session = await to_thread.run_sync(self._sessions.session, token) if token else None
        except EdgedError as error:
            return None if self._is_open(scope) else of_edged(Request(scope), error)
        if session is not None:
            scope[_SESSION], scope[_TOKEN] = session, token
        if self._is_open(scope):
            return None
        if session is None:
            return _to_sign_in(scope) if path in self._pages and not writes else _not_signed_in()
        return _without_word(headers, session) if writes else None

    async def while_signed_in(self, request: Request, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The pieces of an endless answer, up to some seconds after the session ended."""
        due = anyio.current_time() + _LOOK_S
        async with _closing(pieces):
            async for piece in pieces:
                yield piece
                if anyio.current_time() >= due:
                    due = anyio.current_time() + _LOOK_S
                    if await to_thread.run_sync(self._sessions.session, token_of(request)) is None:
                        return

    def _is_open(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if path == _METRICS:
            # Figures without names. Whoever scrapes from elsewhere does so through this machine, or signs in.
            return _is_here(scope)
        return path in _OPEN or path.startswith(_OPEN_BELOW)


def cookie_name(scope: Scope, name: str) -> str:
    """What a cookie of ours is called: with the port, since browsers keep one jar for all ports of a machine; where TLS
    is spoken, so that nothing but this very host can set it.
    """
    server = scope.get("server")
    port = server[1] if server else 0
    return f"__Host-{name}-{port}" if scope["scheme"] == "https" else f"{name}-{port}"


def cookie_in(scope: Scope, headers: Headers, name: str) -> str:
    """What the browser's cookie of ours holds; empty where there is none."""
    text = headers.get("cookie", "")
    return cookie_parser(text).get(cookie_name(scope, name), "") if len(text) <= _MOST_COOKIE else ""


def is_same_origin(scope: Scope, headers: Headers) -> bool:
    """By Sec-Fetch-Site; where a browser is too old to send it, by an Origin that is this host.

    Fetch Metadata Request Headers, W3C; browsers send Origin with every request that writes.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return headers.get("origin", "").lower() == f"{scope['scheme']}://{headers.get('host', '').lower()}"


@asynccontextmanager
async def _closing(pieces: AsyncIterator[bytes]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()


def _is_here(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        return False


def _unproved(scope: Scope, headers: Headers) -> Response | None:
    """Why this is no page of ours that asks for a change, as far as the browser tells; None where it is."""
    if not is_same_origin(scope, headers):
        return refusal(HTTPStatus.FORBIDDEN, "another web site asked for this", "Use the device's own page")
    if headers.get("content-type", "").partition(";")[0].strip().lower() in _WRITTEN:
        return None
    return refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "only JSON and forms with files are read here", "Send it as JSON")


def _without_word(headers: Headers, session: Session) -> Response | None:
    if hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), session.word.encode()):
        return None
    return refusal(HTTPStatus.FORBIDDEN, "somebody signed in anew since this page was loaded", "Load the page again")


def _not_signed_in() -> Response:
    return refusal(HTTPStatus.UNAUTHORIZED, "nobody is signed in, or not any more", f"Sign in at {SIGN_IN_PAGE}")


def _to_sign_in(scope: Scope) -> Response:
    query = scope["query_string"].decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    target = SIGN_IN_PAGE if wanted == "/" else f"{SIGN_IN_PAGE}?next={quote(wanted, safe='')}"
    return RedirectResponse(target, HTTPStatus.SEE_OTHER, {"cache-control": "no-store"})
