"""Addresses of PostgreSQL servers: no secret in them, and nothing crosses a network readable by default."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from edged.domain.errors import Refused
from edged.hub.postgresql.address import checked, without_password


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGSSLMODE", "PGSERVICE", "PGHOST", "PGHOSTADDR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://hub@db.example.org/edged", "require"),
        ("host=10.0.0.7 dbname=edged", "require"),
        ("postgresql://hub@localhost,db.example.org/edged", "require"),
        ("host=localhost hostaddr=10.0.0.7", "require"),
        ("postgresql://hub@db.example.org/edged?sslmode=verify-full", "verify-full"),
        ("postgresql://hub@db.example.org/edged?sslmode=disable", "disable"),
        ("service=edged", None),
        ("postgresql://hub@127.0.0.1/edged", None),
        ("postgresql://hub@[::1]/edged", None),
        ("postgresql://hub@/edged?host=/run/postgresql", None),
        ("dbname=edged", None),
    ],
)
def test_another_machine_is_asked_for_tls_where_nothing_is_said(address: str, mode: str | None) -> None:
    assert conninfo_to_dict(checked(address)).get("sslmode") == mode


def test_what_the_environment_says_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example.org")
    assert conninfo_to_dict(checked("dbname=edged"))["sslmode"] == "require"
    monkeypatch.setenv("PGSSLMODE", "verify-ca")
    assert "sslmode" not in conninfo_to_dict(checked("dbname=edged"))


@pytest.mark.parametrize("secret", ["password=hunter2", "sslpassword=hunter2"])
def test_no_secret_is_taken_from_where_others_read_it(secret: str) -> None:
    address = f"host=db.example.org user=hub {secret}"
    with pytest.raises(Refused, match="seen by others"):
        without_password(address)
