"""Addresses of PostgreSQL servers, and the passwords that do not belong into them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from edged.domain.errors import Refused, Unavailable

_HERE: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})
_MOST: Final = 4096
_SECRETS: Final = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}


def read_address(path: Path) -> str:
    """The address that a file holds, password and all.

    Raises:
        Refused: `bad_address`: it is empty, or there is more in it than an address.
        Unavailable: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            address = file.read(_MOST).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"cannot read {path}", "Check who may read it") from error
    if not address or "\n" in address:
        raise Refused("bad_address", f"{path} does not hold an address alone", "Write postgresql://USER@HOST/DATABASE")
    return address


def without_password(address: str) -> str:
    """An address from where others read it, a command line or a document: the same.

    Raises:
        Refused: `bad_address`; `password_shown`: it has a password.
    """
    if _SECRETS & _parts(address).keys():
        raise Refused(
            "password_shown",
            "a password in an address is seen by others",
            "Change it, and put the new one into PGPASSWORD, ~/.pgpass or a file of its own",
        )
    return address


def checked(address: str, **more: str | int) -> str:
    """An address as the driver takes it, with more parameters.

    To another machine it asks for TLS, where neither the address nor the environment says anything about that: libpq by
    itself would go on without. Whose server it is only `sslmode=verify-full` makes sure of.

    Raises:
        Refused: `bad_address`.
    """
    parts = _parts(address) | more
    said = "sslmode" in parts or "service" in parts or os.environ.keys() & {"PGSSLMODE", "PGSERVICE"}
    return make_conninfo("", **(parts if said or _is_here(parts) else parts | {"sslmode": "require"}))


def _is_here(parts: Mapping[str, Any]) -> bool:
    """Whether the server is on this machine, as far as the address tells."""
    named = parts.get("hostaddr") or parts.get("host") or os.environ.get("PGHOSTADDR") or os.environ.get("PGHOST", "")
    return all(host in _HERE or host[:1] in {"/", "@"} for host in str(named).split(","))


def _parts(address: str) -> dict[str, str | int | None]:
    try:
        return dict(conninfo_to_dict(address))
    except psycopg.ProgrammingError:
        raise Refused(
            "bad_address",
            "the address of the PostgreSQL server cannot be read",
            "Write postgresql://USER@HOST:5432/DATABASE",
        ) from None
