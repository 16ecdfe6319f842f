"""`edged control`: keys of those whose orders devices follow, and orders signed with them."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.moment import span_s
from edged.commands.word import Words
from edged.config.layers import load
from edged.config.text import read_json
from edged.domain.errors import Refused, Unavailable
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from edged.wire.order import Desired, Request

_ABOUT: Final = """\
Orders come to a device over MQTT: a new configuration, or a request. Where `control.keys` names a
folder, the device follows only those that are signed with a key that lies there, so that neither the
broker nor anybody who gets into it can order anything. See docs/mqtt.md, "Signed orders".
"""
_EPILOG: Final = """\
From nothing to the first signed order:
  edged control key create anna                           makes anna.key (keep it) and anna.pem
  scp anna.pem door:/etc/edged/keys/                      on the device, with control.keys: /etc/edged/keys
  edged control sign door request/sync --key anna.key < /dev/null \\
    | mosquitto_pub -h broker.example -t edged/door/request/sync -s
"""
_CREATE: Final = """\
Make a pair of keys: NAME.key signs and stays with whoever gives orders, readable to them alone;
NAME.pem is for the folder `control.keys` of the devices, and its name is what they call the signer.
Files that are there already are never replaced.

A password for the private half, which is asked for when it is used:
  openssl pkey -aes256 -in anna.key -out locked.key && mv locked.key anna.key
"""
_LIST: Final = """\
List the keys whose orders this device follows. A key is taken back by removing its file; the daemon
sees that at the next order. A file that others may write, or that is no key, does not count, and the
command ends with exit code 1.
"""
_SIGN: Final = """\
Sign an order, and print the message to be published. The order is JSON, from FILE or from standard input;
an empty input is an order without particulars. What it lacks is added: `to`, `order`, `expires`, and
the `transaction` of a request.

A signed order holds for one device or one group and one topic, and until it expires: a request for
ten minutes at most, a configuration for 400 days.
"""
_SIGN_EPILOG: Final = """\
Examples:
  echo '{"data": {"level": "debug"}}' | edged control sign door request/log_level --key anna.key
  edged control sign _group/doors config --key anna.key --expires 90d --from desired.json \\
    | mosquitto_pub -h broker.example -t edged/_group/doors/config/desired -r -q 1 -s
"""
_CHECK: Final = """\
Say whether a device would follow a message, and whose it is: what programs that sign on their own
are tested with. The message is read from FILE or from standard input. What only the device itself knows
is left out: its groups, what it allows, and what it has followed already.
"""
_CHECK_EPILOG: Final = """\
Example:
  ./my-signer | edged control check door request/sync --keys /etc/edged/keys
"""
_KIND: Final = re.compile(r"config|request/[a-z0-9_]{1,64}")
_REQUEST_S: Final = 120.0
_CONFIG_S: Final = 365 * 86400.0

_Run: TypeAlias = Callable[[argparse.Namespace, Console], int]


def register(commands: Words) -> None:
    """Adds `control` and its words."""
    parser = _word(commands, "control", "keys and signatures of orders over MQTT", _ABOUT, _EPILOG)
    words = parser.add_subparsers(metavar="WORD", required=True)
    keys = _word(words, "key", "make, show and list keys", _ABOUT).add_subparsers(metavar="WORD", required=True)
    create = _word(keys, "create", "make a pair of keys", _CREATE, run=_create)
    create.add_argument("name", metavar="NAME", help="of whoever will sign with it")
    create.add_argument(
        "--in", dest="folder", type=Path, default=Path(), metavar="FOLDER", help="where (default: here)"
    )
    show = _word(keys, "show", "what a key is called in orders", "Show the id of a key, of either half.", run=_show)
    show.add_argument("file", type=Path, metavar="FILE", help="PEM, private or public")
    listed = _word(keys, "list", "whose orders this device follows", _LIST, run=_list)
    _add_keys(listed)
    sign = _word(words, "sign", "sign an order", _SIGN, _SIGN_EPILOG, run=_sign)
    _add_order(sign)
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")
    sign.add_argument(
        "--expires", type=span_s, metavar="SPAN", help="how long it holds: 30s, 90d (default: 2m; of a config: 365d)"
    )
    check = _word(words, "check", "say whether a message would be followed", _CHECK, _CHECK_EPILOG, run=_check)
    _add_order(check)
    _add_keys(check)


def _word(
    words: Words, name: str, about: str, description: str, epilog: str = "", run: _Run | None = None
) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = words.add_parser(name, help=about, description=description, epilog=epilog, formatter_class=raw)
    if run is not None:
        parser.set_defaults(run=run, needs_document=False)
    return parser


def _add_order(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("to", metavar="TO", help="a device's name, or _group/ and a group's")
    parser.add_argument("order", type=_kind, metavar="ORDER", help="config, or request/ and a command")
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE", help="JSON (default: standard input)")


def _kind(text: str) -> str:
    """An argparse type."""
    if not _KIND.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither `config` nor one such as `request/sync`")
    return text


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keys", type=Path, metavar="FOLDER", help="the folder of keys (default: control.keys of the configuration)"
    )


def _create(args: argparse.Namespace, out: Console) -> int:
    from edged.control.keyring import SUFFIX, is_name  # noqa: PLC0415  cryptography: not for `--help`
    from edged.control.signing import make_pair  # noqa: PLC0415  the same

    if not is_name(args.name):
        raise Refused("bad_name", f"{args.name!r} is no name for a key", "Use letters, digits and . _ @ -")
    private, public = args.folder / f"{args.name}.key", args.folder / f"{args.name}{SUFFIX}"
    key = make_pair(private, public)
    out.result(
        {"key": {"id": key, "name": args.name, "private": str(private), "public": str(public)}},
        f"key {key}\n  {private}  signs; keep it to yourself\n  {public}  goes into control.keys of the devices",
    )
    return Exit.OK


def _show(args: argparse.Namespace, out: Console) -> int:
    from edged.control.keyring import public_key  # noqa: PLC0415  cryptography: not for `--help`
    from edged.control.signer import key_id  # noqa: PLC0415  the same

    try:
        public, half = public_key(args.file), "public"
    except Refused as error:
        if error.reason != "private_key":
            raise
        public, half = _private(args.file).public_key().public_bytes_raw(), "private"
    document = {"id": key_id(public), "half": half, "public_key": public.hex()}
    out.result({"key": document}, f"key {document['id']}, {half} half\npublic key {public.hex()}")
    return Exit.OK


def _list(args: argparse.Namespace, out: Console) -> int:
    from edged.control.keyring import Keyring  # noqa: PLC0415  cryptography: not for `--help`

    folder = _folder(args)
    if folder is None:
        out.result(
            {"folder": None, "keys": [], "problems": []},
            "control.keys is not set: this device follows whatever order the broker's access list lets through.",
        )
        return Exit.OK
    found = Keyring(folder).now()
    for problem in found.problems:
        out.say(f"edged: {problem}")
    rows = sorted((signer.name, key) for key, signer in found.signers.items())
    out.result(
        {
            "folder": str(folder),
            "keys": [{"id": key, "name": name} for name, key in rows],
            "problems": list(found.problems),
        },
        columns((("NAME", "KEY"), *rows)) if rows else f"No key in {folder}: nobody's orders are followed.",
    )
    return Exit.FAILED if found.problems else Exit.OK


def _sign(args: argparse.Namespace, out: Console) -> int:
    from edged.control.signing import sealed  # noqa: PLC0415  cryptography: not for `--help`

    order = _order(args, out)
    message = sealed(order, args.order, args.to, _private(args.key))
    out.result(read_json(message, "the order", unread=("signed",)), message.decode())
    return Exit.OK


def _order(args: argparse.Namespace, out: Console) -> Desired | Request:
    """What is to be signed, with what was lacking."""
    from edged.control.authority import CONFIG, formed  # noqa: PLC0415  as above
    from edged.wire.order import Desired, Request  # noqa: PLC0415  as above

    data = _input(args.file)
    tree = read_json(data, str(args.file or "standard input")) if data.strip() else {}
    is_config = args.order == CONFIG
    if args.expires is not None or "expires" not in tree:
        span = args.expires or (_CONFIG_S if is_config else _REQUEST_S)
        tree["expires"] = utc(time.time() + span)
    if is_config:
        return formed(tree, Desired)
    if "transaction" not in tree:
        tree["transaction"] = str(uuid.uuid4())
        out.say(f"transaction {tree['transaction']}")
    return formed(tree, Request)


def _check(args: argparse.Namespace, out: Console) -> int:
    from edged.control.authority import CONFIG, Authority  # noqa: PLC0415  cryptography: not for `--help`
    from edged.control.keyring import Keyring  # noqa: PLC0415  the same
    from edged.wire.order import Desired, Request  # noqa: PLC0415  the same
    from edged.wire.topics import GROUPS  # noqa: PLC0415  the same

    folder = _folder(args)
    group = args.to.removeprefix(f"{GROUPS}/")
    authority = Authority(args.to, lambda: (group,), None if folder is None else Keyring(folder))
    model: type[Desired | Request] = Desired if args.order == CONFIG else Request
    opened = authority.opened(_input(args.file), model, kind=args.order, to=args.to, now=time.time())
    expires = None if opened.order.expires is None else utc(opened.order.expires.timestamp())
    until = f" until {expires}" if expires else ""
    whose = f"signed by {opened.by}" if opened.signed else "no signature was checked"
    out.result({"by": opened.by, "signed": opened.signed, "expires": expires}, f"may be followed{until}; {whose}")
    return Exit.OK


def _private(path: Path) -> Ed25519PrivateKey:
    from edged.control.signing import load_private  # noqa: PLC0415  cryptography: not for `--help`

    try:
        return load_private(path)
    except Refused as error:
        if error.reason != "password_needed" or not sys.stderr.isatty():
            raise
    return load_private(path, getpass.getpass(f"Password of {path}: ").encode())


def _folder(args: argparse.Namespace) -> Path | None:
    if args.keys is not None:
        return Path(args.keys)
    return load(args.config).document.control.keys


def _input(path: Path | None) -> bytes:
    """The whole file, or one byte more than any order may have."""
    from edged.wire.order import MAX_ORDER_BYTES  # noqa: PLC0415  as above

    if path is None:
        return sys.stdin.buffer.read(MAX_ORDER_BYTES + 1)
    try:
        with path.open("rb") as file:
            return file.read(MAX_ORDER_BYTES + 1)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "Check the path and who may read it") from error
