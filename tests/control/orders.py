"""Orders as tests give them, and how a device answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edged.control.authority import CONFIG, Authority, Opened
from edged.control.signer import Signer
from edged.control.signing import sealed
from edged.domain.errors import ConfigInvalid, Refused
from edged.wire.order import Desired, Request
from edged.wire.payload import instant

NOW = 1_800_000_000.0
ANNA = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
BOB = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))


def signer(name: str, key: Ed25519PrivateKey) -> Signer:
    return Signer(name, key.public_key().public_bytes_raw())


KEYS: Mapping[str, Signer] = {one.id: one for one in (signer("anna", ANNA), signer("bob", BOB))}


def model_of(kind: str) -> type[Desired | Request]:
    return Desired if kind == CONFIG else Request


def order_of(kind: str, *, expires: float | None = NOW + 60, number: int = 1, **more: Any) -> Desired | Request:
    """An order as it should be, but for what `more` says."""
    end = None if expires is None else instant(expires)
    if kind == CONFIG:
        return Desired(expires=end, version=number, patch={"recognition": {"margin": 0.05}}, **more)
    return Request(expires=end, transaction=f"t-{number}", data={"camera": "front"}, **more)


def signed_order(kind: str, to: str, key: Ed25519PrivateKey = ANNA, **more: Any) -> bytes:
    return sealed(order_of(kind, **more), kind, to, key)


@dataclass(frozen=True)
class Device:
    """A device that hears orders."""

    name: str = "door"
    groups: Sequence[str] = ("doors",)
    keys: Mapping[str, Signer] | None = None

    def opened(self, payload: bytes, kind: str, to: str, now: float = NOW) -> Opened[Desired | Request]:
        authority = Authority(self.name, lambda: self.groups, self.keys)
        return authority.opened(payload, model_of(kind), kind=kind, to=to, now=now)

    def refusal(self, payload: bytes, kind: str, to: str, now: float = NOW) -> str:
        """The code; `invalid` where it is no such order; empty where it may be followed. Anything else is a crash."""
        try:
            self.opened(payload, kind, to, now)
        except Refused as error:
            return error.reason if error.what and error.remedy else f"{error.reason} without words"
        except ConfigInvalid as error:
            return "invalid" if error.problems else "invalid without problems"
        return ""


LOCKED = Device(keys=KEYS)
"""Follows signed orders only."""
OPEN = Device()
"""Leaves it to the broker."""
