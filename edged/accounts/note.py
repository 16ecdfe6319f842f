"""How what happens to accounts gets into the audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

SIGN_IN: Final = "sign_in"
REFUSED_SIGN_IN: Final = "refused_sign_in"
SIGN_OUT: Final = "sign_out"
ACCOUNT: Final = "account"


class Note(Protocol):
    """Takes down one act. Any thread; returns at once; raises nothing."""

    def __call__(self, act: str, *, by: str, about: Mapping[str, str | int | float | bool | None]) -> None:
        """Args:
        act: one of the words above.
        by: the account's name; empty where it is nobody's.
        about: never a password, a token or a word that was tried.
        """


def untold(act: str, *, by: str, about: Mapping[str, str | int | float | bool | None]) -> None:
    """A `Note` for where nothing is audited."""
