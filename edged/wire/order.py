"""What an administrator sends a device: a change of its configuration, or a request; plain, or signed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from edged.wire.payload import Instant, Part, Payload

MAX_ORDER_BYTES: Final = 256 * 1024
"""Of a message with an order; longer ones are refused unread."""

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""A name that somebody gives so as to find the answer again."""

MOST_VERSIONS: Final = 2**53 - 1
"""Every language reads whole numbers up to that in the same way."""

Version = Annotated[int, Field(ge=1, le=MOST_VERSIONS)]
"""Of a configuration, counting up."""

_TIME: Final = re.compile(r"2[01]\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def _time(value: object) -> object:
    """Text only: a number could be seconds or milliseconds, and two readers would differ by fifty thousand years."""
    if value is None or isinstance(value, datetime):
        return value
    if isinstance(value, str) and _TIME.fullmatch(value):
        return datetime.fromisoformat(value)
    raise ValueError("is no time such as 2026-01-01T12:00:00Z")


class Order(Payload):
    """What every order has. An unknown key is a mistake: nobody may believe that something was asked that was not."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    to: str = Field("", max_length=80)
    """Who is meant: a device's name, or `_group/` and a group's. Must fit the topic; required where it is signed."""
    order: Annotated[str, StringConstraints(pattern=r"^(config|request/[a-z0-9_]{1,64})?$")] = ""
    """What it is, `config` or `request/<command>`. Must fit the topic; required where it is signed, so that a signature
    for the one never passes for another."""
    expires: Annotated[Instant | None, BeforeValidator(_time)] = None
    """From then on it is refused. Required where it is signed."""
    by: str = Field("", max_length=80)
    """Who asks, in their own words; whose key signed it says more."""


class Desired(Order):
    """What the configuration is to be: `config/desired`, retained."""

    version: Version
    """Counts up; what is not above the version that the device has followed changes nothing. Each topic counts for
    itself."""
    token: Word | None = None
    """Comes back in `config/reported`."""
    patch: dict[str, Any]
    """JSON merge patch (RFC 7386) of what was pushed on this topic so far; null takes a value back."""


class Request(Order):
    """What is to be done once: `request/<command>`, never retained."""

    transaction: Word
    """Comes back in the answer. The same one again does nothing again."""
    data: dict[str, Any] = Field(default_factory=dict)
    """What the command needs to know."""


class Sealed(Payload):
    """A signed order, in the place of the plain one.

    The signature covers the very bytes of `signed`, so that no two programs have to agree on how to write JSON.
    """

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    signed: str
    """The order's JSON text, with `to`, `expires` and `order` in it."""
    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    """Which key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
    """Ed25519 (RFC 8032) over SEAL and the UTF-8 of `signed`, hexadecimal."""


SIGNED: Final = "signed"
"""The field of `Sealed` by which it is known."""

SEAL: Final = b"edged order 1\n"
"""Begins what is signed, so that a signature from elsewhere never passes for one of ours."""


class ErrorPart(Part):
    """Why a request was not followed."""

    code: str
    """A stable word for programs: `expired`, `not_allowed`, `unsigned`, `repeated`, `invalid`, `unavailable`, …"""
    message: str
    """A sentence for people."""
    remedy: str = ""
    """What to do; may be empty."""


class Response(Payload):
    """What became of a request: `response/<command>`, or where the request wanted it."""

    transaction: str | None
    """Of the request; null where it could not be read."""
    device: str
    command: str
    status: Literal["ok", "error"]
    at: Instant
    data: dict[str, Any] = Field(default_factory=dict)
    error: ErrorPart | None = None
    again: bool = False
    """It had been answered before: this is the same answer, and nothing was done now."""
