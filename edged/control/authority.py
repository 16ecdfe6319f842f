"""Whether an order may be followed: whom it is for, what it asks, until when, and who gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from edged.config.problems import problems_of
from edged.config.schema import Node, schema_of
from edged.config.text import read_json
from edged.config.tree import Tree
from edged.control.signer import Signer
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.domain.timestamp import utc
from edged.wire.order import MAX_ORDER_BYTES, SIGNED, Order, Sealed
from edged.wire.topics import GROUPS

CONFIG: Final = "config"
"""The kind of an order that changes the configuration; the others are `request/<command>`."""

REQUEST_S: Final = 600.0
"""So far ahead at most a signed request ends. It is meant now: the shorter it holds, the less it is worth to somebody
who keeps it back, and the sooner a device may forget that it has followed it."""

CONFIG_S: Final = 400 * 86400.0
"""The same of a signed configuration. It stands at the broker for devices that come later, new ones among them, so it
has to hold for long: a year, and a month to renew it. It ends at all so that what a key signed does not outlive
everybody's memory of it."""

EARLIEST: Final = 1_767_225_600.0
"""2026-01-01, before which there was no edged: a clock that shows less was never set."""

_SOURCE: Final = "the order"

T = TypeVar("T", bound=Order)
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Opened(Generic[T]):
    """An order that may be followed.

    Attributes:
        order: what is asked.
        by: whose key signed it, by the name of its file; what the order says itself where no signature was checked.
        signed: a signature was checked.
    """

    order: T
    by: str
    signed: bool


class Authority:
    """Judges orders. Any thread; blocks for a look at the folder of keys at most.

    It does not remember: that a request is done once only is the Journal's, that a configuration is newer than the one
    followed is its version's.

    Args:
        device: this device's name.
        groups: gives the names of the groups that it belongs to now.
        keys: by key id, whose orders are followed, unsigned ones being refused then; none in it: nobody's. None: the
            broker's access list decides who may order anything. A signed order is judged by all the same rules then,
            only its signature is nobody's to check: what the one device refuses the other does, too, and a fleet can
            be given keys one device after the other.
        earliest: UTC seconds; a clock that shows less is not believed.
    """

    def __init__(
        self,
        device: str,
        groups: Callable[[], Sequence[str]],
        keys: Mapping[str, Signer] | None,
        *,
        earliest: float = EARLIEST,
    ) -> None:
        self._device = device
        self._groups = groups
        self._keys = keys
        self._earliest = earliest

    def opened(self, payload: bytes, model: type[T], *, kind: str, to: str, now: float) -> Opened[T]:
        """The order that a message holds, if it may be followed.

        Nothing in a signed order is looked at before the signature has been found right.

        Args:
            payload: of the message.
            model: `Desired` or `Request`.
            kind: `config` or `request/<command>`, from the topic.
            to: the device's name or `_group/` and a group's, from the topic.
            now: UTC seconds since the epoch.

        Raises:
            ConfigInvalid: it is no such order; with all problems, and without any value of `patch` or `data`.
            Refused: `too_large`, `unsigned`, `unknown_key`, `bad_signature`, `other_target`, `other_order`,
                `no_expiry`, `clock_unknown`, `expired` or `too_long_lived`.
        """
        if len(payload) > MAX_ORDER_BYTES:
            raise Refused(
                "too_large", f"the order has {len(payload)} bytes", f"{MAX_ORDER_BYTES} are allowed; ask for less"
            )
        tree = read_json(payload, _SOURCE, MAX_ORDER_BYTES, unread=(SIGNED,))
        if SIGNED not in tree:
            if self._keys is not None:
                raise Refused(
                    "unsigned",
                    "the order is not signed, and this device follows signed ones only",
                    "Sign it: `edged control sign --help`",
                )
            plain = formed(tree, model)
            self._judge(plain, kind, to, now, is_sealed=False)
            return Opened(plain, plain.by, signed=False)
        sealed = formed(tree, Sealed)
        text = text_of(sealed)
        signer = None if self._keys is None else _signer(self._keys, sealed, text)
        order = formed(read_json(text, _SOURCE, MAX_ORDER_BYTES), model)
        self._judge(order, kind, to, now, is_sealed=True)
        return Opened(order, order.by if signer is None else signer.name, signed=signer is not None)

    def _judge(self, order: Order, kind: str, to: str, now: float, *, is_sealed: bool) -> None:
        if to != self._device and to not in {f"{GROUPS}/{group}" for group in self._groups()}:
            raise Refused(
                "other_target", f"the order came for {to!r}, which this device is not", "See `control.groups`"
            )
        _check_target(order, to, is_sealed=is_sealed)
        _check_kind(order, kind, is_sealed=is_sealed)
        self._check_expiry(order, kind, now, is_sealed=is_sealed)

    def _check_expiry(self, order: Order, kind: str, now: float, *, is_sealed: bool) -> None:
        if order.expires is None:
            if is_sealed:
                raise Refused(
                    "no_expiry", "the signed order does not say until when it holds", "Sign it with `expires`"
                )
            return
        if now < self._earliest:
            raise Refused(
                "clock_unknown",
                f"this device's clock is not set (it shows {utc(now)}), and the order holds for a while only",
                "Wait until the device has the time from the network, or set its clock; then send the order again",
            )
        left = order.expires.timestamp() - now
        if left <= 0:
            raise Refused(
                "expired",
                f"the order held until {utc(order.expires.timestamp())}; by this device's clock it is {utc(now)}",
                "Make it anew; if it was just made, compare the two clocks",
            )
        longest = CONFIG_S if kind == CONFIG else REQUEST_S
        if is_sealed and left > longest:
            raise Refused(
                "too_long_lived",
                f"the signed order would hold for {left:.0f} s more; by this device's clock it is {utc(now)}",
                f"Sign it for {longest:.0f} s at most; if you did, compare the two clocks",
            )


def formed(tree: Tree, model: type[M]) -> M:
    """What a mapping says, as the model has it.

    Raises:
        ConfigInvalid: with all problems.
    """
    try:
        return model.model_validate(tree)
    except ValidationError as error:
        raise ConfigInvalid(problems_of(error, _schema(model)), _SOURCE) from None


def text_of(sealed: Sealed) -> bytes:
    """The bytes that the signature covers, without SEAL.

    Raises:
        ConfigInvalid: it is no text.
    """
    try:
        return sealed.signed.encode()
    except UnicodeEncodeError:
        raise ConfigInvalid((Problem(SIGNED, "holds half a character"),), _SOURCE) from None


def _signer(keys: Mapping[str, Signer], sealed: Sealed, text: bytes) -> Signer:
    signer = keys.get(sealed.key)
    if signer is None:
        raise Refused(
            "unknown_key",
            f"the key {sealed.key} is none of those whose orders this device follows",
            "Sign with another, or put its public half into the folder `control.keys` of the device",
        )
    if not signer.has_signed(text, bytes.fromhex(sealed.signature)):
        raise Refused(
            "bad_signature",
            f"the signature is not that of the key {sealed.key} over this order",
            "Sign the bytes of `signed` as they are sent, after the line `edged order 1`: see docs/mqtt.md",
        )
    return signer


def _check_target(order: Order, to: str, *, is_sealed: bool) -> None:
    if order.to == to or (not order.to and not is_sealed):
        return
    said = f"is for {order.to!r}" if order.to else "names nobody whom it is for"
    raise Refused("other_target", f"the order {said} and came for {to!r}", f"Make it with `to` being {to!r}")


def _check_kind(order: Order, kind: str, *, is_sealed: bool) -> None:
    if order.order == kind or (not order.order and not is_sealed):
        return
    said = f"is {order.order!r}" if order.order else "does not say what it is"
    raise Refused("other_order", f"the order {said} and came as {kind!r}", f"Make it with `order` being {kind!r}")


@cache
def _schema(model: type[BaseModel]) -> Node:
    return schema_of(model)
