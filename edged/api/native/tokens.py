"""Tokens: made, listed, rotated and revoked by an administrator."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.api.access import Grant, Right
from edged.api.addresses import segment
from edged.api.centre import Centre
from edged.api.native.answers import HEADERS, answer
from edged.api.native.asking import let_in_whole, read_json
from edged.api.token import Token
from edged.api.tokens import Tokens
from edged.domain.errors import Refused
from edged.wire.payload import instant
from edged.wire.token import Rotation, TokenList, TokenMade, TokenOrder, TokenPart

_MOST_BYTES = 16 * 1024


def token_routes(centre: Centre, tokens: Tokens) -> Sequence[Route]:
    """Routes under `tokens`."""
    desk = _Desk(centre, tokens)
    return (
        Route("/edged/v1/tokens", desk.all, methods=["GET"]),
        Route("/edged/v1/tokens", desk.create, methods=["POST"]),
        Route("/edged/v1/tokens/{token}", desk.revoke, methods=["DELETE"]),
        Route("/edged/v1/tokens/{token}/rotate", desk.rotate, methods=["POST"]),
    )


class _Desk:
    def __init__(self, centre: Centre, tokens: Tokens) -> None:
        self._centre = centre
        self._tokens = tokens

    async def all(self, request: Request) -> Response:
        await self._administrator(request)
        return answer(TokenList(tokens=tuple(map(_part, await to_thread.run_sync(self._tokens.all)))))

    async def create(self, request: Request) -> Response:
        grant = await self._administrator(request)
        order = await read_json(request, TokenOrder, _MOST_BYTES)
        token, minted = await to_thread.run_sync(
            partial(
                self._tokens.create,
                order.name,
                {Right(word) for word in order.rights},
                by=grant,
                gallery=order.gallery,
                organisation=order.organisation,
                device=order.device,
                expires=None if order.expires_s is None else time.time() + order.expires_s,
            )
        )
        return answer(TokenMade(id=token.id, text=minted.text), HTTPStatus.CREATED)

    async def rotate(self, request: Request) -> Response:
        grant = await self._administrator(request)
        token_id = segment(request, "token")
        rotation = await read_json(request, Rotation, _MOST_BYTES)
        minted = await to_thread.run_sync(partial(self._tokens.rotate, token_id, rotation.grace_s, by=grant))
        if minted is None:
            raise _unknown()
        return answer(TokenMade(id=minted.id, text=minted.text))

    async def revoke(self, request: Request) -> Response:
        grant = await self._administrator(request)
        if not await to_thread.run_sync(partial(self._tokens.revoke, segment(request, "token"), by=grant)):
            raise _unknown()
        return Response(status_code=HTTPStatus.NO_CONTENT, headers=HEADERS)

    async def _administrator(self, request: Request) -> Grant:
        """An administrator of everything: one of a gallery, an organisation or a device could make themselves more."""
        return await let_in_whole(self._centre, request, Right.ADMIN)


def _unknown() -> Refused:
    return Refused("not_found", "there is no valid token of this id", "See /edged/v1/tokens")


def _part(token: Token) -> TokenPart:
    return TokenPart(
        id=token.id,
        name=token.name,
        rights=tuple(right.value for right in Right if right in token.rights),
        gallery=token.gallery,
        organisation=token.organisation,
        device=token.device,
        created=instant(token.created),
        expires=None if token.expires is None else instant(token.expires),
        revoked=None if token.revoked is None else instant(token.revoked),
        last_used_hour=None if token.used is None else instant(token.used),
        former_until=None if token.former_until is None else instant(token.former_until),
    )
