"""Addresses of PostgreSQL servers, and the passwords that do not belong into them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from edged.domain.errors import Refused

_SECRET: Final = frozenset({"password", "sslpassword"})
_HERE: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})


def without_password(address: str) -> str:
    """An address from a command line, where everybody on the machine reads it.

    Raises:
        Refused: `bad_address`; `password_shown`: it has a password.
    """
    if _parts(address).keys() & _SECRET:
        raise Refused(
            "password_shown",
            "a password on the command line is seen by everybody on this machine",
            "Change it, and put the new one into PGPASSWORD, ~/.pgpass or a file for --to-file",
        )
    return address


def shown(address: str) -> str:
    """An address without its password: for people."""
    parts = _parts(address)
    if not parts.keys() & _SECRET:
        return address
    parts = {name: value for name, value in parts.items() if name not in _SECRET}
    return make_conninfo("", **parts)


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
