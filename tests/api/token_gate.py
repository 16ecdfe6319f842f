"""A gate with a few tokens and no limits but one that a test sets."""

from __future__ import annotations

from collections.abc import Mapping

from edged.api.access import Cost, Grant, Right

ADMIN = "admin-token"


class TokenGate:
    """`edged.api.access.Gate`.

    Attributes:
        tokens: whose each is; wait_s: what everybody is told to wait.
    """

    def __init__(self, tokens: Mapping[str, Grant] | None = None) -> None:
        self.tokens = {ADMIN: Grant("tok-admin", "admin", frozenset({Right.ADMIN})), **(tokens or {})}
        self.wait_s = 0
        self.counted: list[tuple[str, Cost]] = []

    def grant(self, token: str) -> Grant | None:
        return self.tokens.get(token)

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        self.counted.append((grant.id if grant else "", cost))
        return self.wait_s
