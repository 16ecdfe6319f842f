"""What stands retained on a topic `config/desired`, read without believing it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from pydantic import ValidationError

from edged.config.text import read_json
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.wire.order import MAX_ORDER_BYTES, SIGNED, Desired, Sealed

_SOURCE: Final = "what stands there"


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that stands on a topic, or the emptiness there.

    Attributes:
        version: 0 where nothing stands.
        patch: all that was pushed there; may hold secrets.
        token: of whoever pushed last; by: who that was, in their own words.
        key: the id of the key that it says it is signed with; empty: it is not signed. Nothing was checked.
        payload: as it came.
    """

    version: int = 0
    patch: Mapping[str, Any] = field(default_factory=dict, repr=False)
    token: str = ""
    by: str = ""
    key: str = ""
    expires: datetime | None = None
    payload: bytes = field(default=b"", repr=False)


NOTHING = Standing()


class Pen(Protocol):
    """Writes orders, and says whose are trusted."""

    def written(self, order: Desired) -> bytes:
        """The payload.

        Raises:
            Refused: it cannot be signed, or is larger than devices read: `too_large`.
        """

    def trusts(self, standing: Standing, address: str) -> None:
        """Makes sure that what stands there may be the ground for another order.

        Raises:
            Refused: it may not, and why.
        """


class PlainPen:
    """Writes orders without a signature, for devices that leave it to the broker who may order anything."""

    def written(self, order: Desired) -> bytes:
        payload = order.encoded()
        if len(payload) > MAX_ORDER_BYTES:
            raise Refused(
                "too_large",
                f"all that was pushed to {order.to} takes {len(payload):,} bytes",
                f"{MAX_ORDER_BYTES:,} are allowed: give something back",
            )
        return payload

    def trusts(self, standing: Standing, address: str) -> None:
        """Raises Refused `signed` where the devices seem to want signatures."""
        if standing.key:
            raise Refused(
                "signed",
                f"what stands for {address} is signed, with the key {standing.key}; devices would refuse a change that"
                " is not",
                "Name your key: --key FILE",
            )


def read_standing(payload: bytes) -> Standing:
    """What a message says; an empty one: nothing stands there any more.

    Raises:
        ConfigInvalid: it is no order.
    """
    if not payload:
        return NOTHING
    tree = read_json(payload, _SOURCE, MAX_ORDER_BYTES, unread=(SIGNED,))
    key = ""
    try:
        if SIGNED in tree:
            sealed = Sealed.model_validate(tree)
            key = sealed.key
            tree = read_json(sealed.signed.encode(), _SOURCE, MAX_ORDER_BYTES)
        order = Desired.model_validate(tree)
    except (ValidationError, UnicodeEncodeError):
        raise ConfigInvalid((Problem("", "is no order"),), _SOURCE) from None
    return Standing(order.version, order.patch, order.token or "", order.by, key, order.expires, payload)
