"""Who signs in to the page: a name and what they may do."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from edged.domain.errors import Refused

_NAME: Final = re.compile(r"[\w][\w .@+-]{0,62}[\w]|[\w]")


class Role(StrEnum):
    """What an account may do; each may what those before may."""

    GUARD = "guard"
    """Looks, opens doors, quiets alarms, ignores strangers."""
    INSTALLER = "installer"
    """Also enrols, and sets cameras, doors, schedules, codes and passes."""
    ADMINISTRATOR = "administrator"
    """Also deletes people, keeps the accounts and exports the audit."""

    def may(self, needed: Role) -> bool:
        """Whether this role may what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    Attributes:
        name: unique, whatever its case; stands in the audit beside what they did.
    """

    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """An account as it is kept.

    Attributes:
        created: UTC seconds since the epoch.
        seen: when somebody last signed in with it; None: nobody yet.
        has_password: without one, links alone open it.
        sessions: how many are open now.
    """

    account: Account
    created: float
    seen: float | None
    has_password: bool
    sessions: int


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    Attributes:
        word: proves that a page of ours asks for a change: it stands in the page and in no cookie.
        begun, ends: UTC seconds since the epoch; it ends earlier where nobody uses it.
    """

    account: Account
    word: str = field(repr=False)
    begun: float
    ends: float


@dataclass(frozen=True, slots=True)
class Entered:
    """A sign-in that worked.

    Attributes:
        token: for the browser's cookie; kept by nobody but the browser.
        familiar: for a second cookie: a browser that shows it is not slowed down by what strangers try with the name.
    """

    session: Session
    token: str = field(repr=False)
    familiar: str = field(repr=False)


def clean_name(name: str) -> str:
    """The name of an account as it is kept: composed, without blanks around it.

    Raises:
        Refused: `bad_name`.
    """
    composed = unicodedata.normalize("NFC", name).strip()
    if _NAME.fullmatch(composed) is None:
        raise Refused(
            "bad_name",
            "the name of an account is 1 to 64 letters, digits, blanks and any of . @ + - _",
            "Choose another name",
        )
    return composed


def key_of(name: str) -> str:
    """What tells one account from another: the name without its case."""
    return unicodedata.normalize("NFC", name).strip().casefold()[:256]
