"""A gate with a few tokens in the clear, and no limits but one that a test sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from edged.api.access import Cost, Grant, Right

ADMIN: Final = "admin-token"
KEY: Final = "k" * 32
ALL: Final = Grant("t1", "all", frozenset({Right.READ, Right.ENROLL, Right.MATCH}))
"""Of whom `KEY` is."""


class TokenGate:
    """`edged.api.access.Gate`.

    Attributes:
        tokens: whose each is; wait_s: what everybody is told to wait; counted: who asked, and what it took.
    """

    def __init__(self, tokens: Mapping[str, Grant] | None = None) -> None:
        self.tokens = {ADMIN: Grant("tok-admin", "admin", frozenset({Right.ADMIN})), KEY: ALL, **(tokens or {})}
        self.wait_s = 0
        self.counted: list[tuple[str, Cost]] = []

    def grant(self, token: str) -> Grant | None:
        return self.tokens.get(token)

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        self.counted.append((grant.id if grant else "", cost))
        return self.wait_s

    def add(self, token: str, *rights: Right, gallery: str | None = None, organisation: str | None = None) -> str:
        """One token more, which is its own id; without rights it has those of `ALL`."""
        self.tokens[token] = Grant(token, token, frozenset(rights or ALL.rights), gallery, organisation)
        return token
