"""How tests come in: with an account and a session of its own, made without a password, which would take a while."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from edged.accounts.account import Account, Role
from edged.accounts.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Key:
    """What a signed-in browser has.

    Attributes:
        cookie: name and value, as in the header Cookie; word: for the header edged-token.
    """

    cookie: str
    word: str


def accounts_in(folder: Path) -> Accounts:
    """The accounts of the state directory `folder`, for any thread, beside a daemon that runs or without one."""
    return Accounts.open(folder / "accounts.db", now=time.time, entropy=os.urandom, turn=Lock())


def signed_in(
    accounts: Accounts, port: int, *, name: str = "tester", role: Role = Role.ADMINISTRATOR, scheme: str = "http"
) -> Key:
    """Signs in at the page on `port` with the account of that name, which is made where there is none."""
    if accounts.find(name) is None:
        accounts.add(Account(name, role), None)
    entered = accounts.redeem(accounts.link(name))
    prefix = "__Host-" if scheme == "https" else ""
    return Key(f"{prefix}edged-{port}={entered.token}", entered.session.word)
