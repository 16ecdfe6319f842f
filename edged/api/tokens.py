"""The tokens there are: what an administrator does with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from edged.api.access import Grant, Right
from edged.api.token import Minted, Token


class Tokens(Protocol):
    """Every token of a centre. Any thread; blocks on the disk.

    What a method has changed is on the disk when it returns, together with an entry in the audit log. All raise
    Unavailable where the disk or the database server does not let them; nothing has changed then.
    """

    def create(
        self,
        name: str,
        rights: Collection[Right],
        *,
        by: Grant,
        gallery: str | None = None,
        organisation: str | None = None,
        device: str = "",
        expires: float | None = None,
    ) -> tuple[Token, Minted]:
        """Makes a token. Its text is in what is returned, and nowhere else: it cannot be had again.

        Args:
            expires: UTC seconds since the epoch; None: never. The others: see `Grant`.

        Raises:
            Refused: `bad_name`: empty, too long or not printable; `no_rights`; `expired`: it would be so already;
                `bad_gallery`, `bad_slug`, `bad_device`: nothing is called so.
        """
        ...

    def all(self) -> Sequence[Token]:
        """The newest first, those that are no longer valid among them."""
        ...

    def revoke(self, token_id: str, *, by: Grant) -> bool:
        """Ends a token for good; False where there is none or it is revoked already."""
        ...

    def rotate(self, token_id: str, grace_s: float, *, by: Grant) -> Minted | None:
        """Gives a token another text; what it may do stays.

        Args:
            grace_s: for so many seconds the text that it had opens, too; one that was rotated out before ends now.

        Returns:
            the new text; None where there is no such token, or it is revoked or expired.
        """
        ...
