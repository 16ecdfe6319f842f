"""How `edged fleet` signs what it sends, where devices want that."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.commands.moment import span_s
from edged.config.text import read_json
from edged.domain.errors import ConfigInvalid, Refused
from edged.fleet.standing import Pen, PlainPen, Standing
from edged.wire.order import Desired

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from edged.control.signer import Signer

_VALID_S: Final = 365 * 86400.0


def add_key(parser: argparse.ArgumentParser) -> None:
    """Adds the options for signing."""
    group = parser.add_argument_group("signing")
    group.add_argument("--key", type=Path, metavar="FILE", help="sign with this private key, see `edged control key`")
    group.add_argument(
        "--trust", type=Path, metavar="DIR", help="public keys of others who push: what they signed is built upon"
    )
    group.add_argument("--valid", type=span_s, default=_VALID_S, metavar="SPAN", help="for so long (default: 365d)")


def pen_of(args: argparse.Namespace) -> Pen:
    """What writes the orders: signed, where there is a key.

    Raises:
        Refused, Unavailable: the key cannot be used.
    """
    if args.key is None:
        return PlainPen()
    from edged.control.keyring import Keyring  # noqa: PLC0415  cryptography: only where something is signed
    from edged.control.signer import Signer  # noqa: PLC0415

    key = _private(args.key)
    own = Signer("you", key.public_key().public_bytes_raw())
    others = {} if args.trust is None else Keyring(args.trust).now().signers
    return SigningPen(key, {**others, own.id: own}, args.valid)


class SigningPen:
    """Signs orders, and builds upon nothing that nobody trusted has signed: whoever gets into the broker could have
    something signed otherwise that they have put there.

    Args:
        key: signs.
        trusted: by key id, whose orders may be built upon.
        valid_s: so long devices follow what is signed.
    """

    def __init__(self, key: Ed25519PrivateKey, trusted: Mapping[str, Signer], valid_s: float) -> None:
        self._key = key
        self._trusted = trusted
        self._valid = timedelta(seconds=valid_s)

    def written(self, order: Desired) -> bytes:
        from edged.control.signing import sealed  # noqa: PLC0415  as above

        until = datetime.now(UTC) + self._valid
        return sealed(order.model_copy(update={"expires": until}), "config", order.to, self._key)

    def trusts(self, standing: Standing, address: str) -> None:
        """Raises Refused `not_signed`, `unknown_key`, `bad_signature` or `other_target`."""
        if not standing.payload:
            return
        remedy = "If it is yours, clear the topic (an empty retained message) and push everything anew"
        if not standing.key:
            raise Refused(
                "not_signed", f"what stands for {address} is not signed, so anybody may have put it there", remedy
            )
        signer = self._trusted.get(standing.key)
        if signer is None:
            raise Refused(
                "unknown_key",
                f"what stands for {address} is signed with the key {standing.key}, which you do not trust",
                "Name the folder with that public key: --trust DIR",
            )
        sealed = read_json(standing.payload, "what stands there", len(standing.payload), unread=("signed",))
        text = str(sealed["signed"])
        if not signer.has_signed(text.encode(), bytes.fromhex(str(sealed["signature"]))):
            raise Refused(
                "bad_signature", f"what stands for {address} was not signed with the key that it names", remedy
            )
        try:
            to = read_json(text.encode(), "what stands there", len(text) * 4).get("to")
        except ConfigInvalid:
            to = None
        if to != address:
            raise Refused("other_target", f"what stands for {address} was signed for somebody else", remedy)


def _private(path: Path) -> Ed25519PrivateKey:
    """The private key, with its password asked for where it has one."""
    from edged.control.signing import load_private  # noqa: PLC0415  as above

    try:
        return load_private(path)
    except Refused as error:
        if error.reason != "password_needed" or not sys.stdin.isatty():
            raise
    return load_private(path, getpass.getpass(f"password of {path}: ").encode())
