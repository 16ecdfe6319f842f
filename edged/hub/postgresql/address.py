"""Addresses of PostgreSQL servers, and the passwords that do not belong into them."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from edged.domain.errors import Refused


def without_password(address: str) -> str:
    """An address from a command line, where everybody on the machine reads it.

    Raises:
        Refused: `bad_address`; `password_shown`: it has a password.
    """
    if "password" in _parts(address):
        raise Refused(
            "password_shown",
            "a password on the command line is seen by everybody on this machine",
            "Change it, and put the new one into PGPASSWORD, ~/.pgpass or a file for --to-file",
        )
    return address


def shown(address: str) -> str:
    """An address without its password: for people."""
    parts = _parts(address)
    if parts.pop("password", None) is None:
        return address
    return make_conninfo("", **parts)


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
