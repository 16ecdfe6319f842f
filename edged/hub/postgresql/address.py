"""Addresses of PostgreSQL servers, and the passwords that do not belong into them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from edged.domain.errors import Refused, Unavailable

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

    Raises:
        Refused: `bad_address`.
    """
    return make_conninfo("", **(_parts(address) | more))


def _parts(address: str) -> dict[str, str | int | None]:
    try:
        return dict(conninfo_to_dict(address))
    except psycopg.ProgrammingError:
        raise Refused(
            "bad_address",
            "the address of the PostgreSQL server cannot be read",
            "Write postgresql://USER@HOST:5432/DATABASE",
        ) from None
