"""What every word of `edged fleet` has: its parser, the broker it speaks to, and where it remembers."""

from __future__ import annotations

import argparse
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from edged.commands import word
from edged.commands.console import Console
from edged.config.document import BrokerSettings
from edged.config.field import FOLDER
from edged.config.problems import problems_of
from edged.config.schema import schema_of
from edged.config.store import read_file
from edged.config.text import read_yaml
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.fleet.census import Census

if TYPE_CHECKING:
    from edged.mqtt.lookout import Lookout

_FILE: Final = "EDGED_FLEET_CONFIG"
_FLAGS: Final = {"broker": "EDGED_FLEET_BROKER", "user": "EDGED_FLEET_USER"}


def add_word(
    words: word.Words,
    name: str,
    about: str,
    description: str,
    epilog: str,
    run: Callable[[argparse.Namespace, Console], int],
    *,
    connected: bool = True,
) -> argparse.ArgumentParser:
    """A parser for a word.

    Args:
        run: what it does.
        connected: it speaks to the broker.
    """
    parser = word.add_word(words, name, about, description, epilog, run, **word.OWN_CONFIG)
    parser.add_argument(
        "--state",
        type=Path,
        default=_state(),
        metavar="DIR",
        help="where roll-outs and the history are kept (default: $XDG_STATE_HOME/edged/fleet)",
    )
    if connected:
        _add_broker(parser)
    return parser


def _add_broker(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("broker")
    group.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help=f"a file with a section `mqtt`: hub.yaml does (default: ${_FILE}, else ~/.config/edged/fleet.yaml)",
    )
    group.add_argument("--broker", metavar="HOST[:PORT]", help=f"the broker (default: ${_FLAGS['broker']}, localhost)")
    group.add_argument("--user", metavar="NAME", help=f"user name at the broker (default: ${_FLAGS['user']})")
    group.add_argument("--password-file", type=Path, metavar="FILE", help="its password (or: $EDGED_FLEET_PASSWORD)")
    group.add_argument("--tls", action="store_true", help="encrypt")
    group.add_argument("--ca", type=Path, metavar="FILE", help="who signed the broker's certificate; encrypts")
    group.add_argument("--prefix", metavar="WORDS", help="first part of all topics (default: edged)")


def broker_of(args: argparse.Namespace) -> BrokerSettings:
    """The broker: flags before environment before file before default.

    Raises:
        ConfigInvalid: with all problems.
        Unavailable: the file cannot be read.
    """
    source, folder, tree = _from_file(args)
    if isinstance(tree, Mapping):
        tree = {key: value for key, value in tree.items() if key in BrokerSettings.model_fields}
        tree |= _from_flags(args, tree)
        tree["enabled"] = True
    try:
        return BrokerSettings.model_validate(tree, context={FOLDER: folder})
    except ValidationError as error:
        raise ConfigInvalid(problems_of(error, schema_of(BrokerSettings)), source) from None


def _from_file(args: argparse.Namespace) -> tuple[str, Path, Any]:
    """Name, folder and section `mqtt` of the file; an empty section where there is none."""
    usual = Path.home() / ".config/edged/fleet.yaml"
    named = args.config or (Path(os.environ[_FILE]) if os.environ.get(_FILE) else None)
    path = named or usual
    text = read_file(path)
    if text is None and named is not None:
        raise ConfigInvalid((Problem("", "there is no such file"),), str(path))
    tree = read_yaml(text or b"", str(path))
    if text is not None and "mqtt" not in tree:
        raise ConfigInvalid((Problem("mqtt", "is required: the section that names the broker"),), str(path))
    return f"mqtt in {path}" if text is not None else "the command line", path.absolute().parent, tree.get("mqtt", {})


def _from_flags(args: argparse.Namespace, tree: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    broker = args.broker or os.environ.get(_FLAGS["broker"], "")
    if broker:
        host, port = _host_and_port(broker)
        found |= {"host": host} | ({} if port is None else {"port": port})
    user = args.user or os.environ.get(_FLAGS["user"], "")
    if user:
        found["username"] = user
    if args.password_file is not None:
        found |= {"password_file": args.password_file.absolute(), "password": None}
    elif os.environ.get("EDGED_FLEET_PASSWORD"):
        found |= {"password": os.environ["EDGED_FLEET_PASSWORD"], "password_file": None}
    if args.ca is not None:
        found |= {"ca_file": args.ca.absolute(), "tls": True}
    if args.tls:
        found["tls"] = True
    if (found.get("tls") or tree.get("tls")) and "port" not in {**tree, **found}:
        found["port"] = 8883
    if args.prefix:
        found["prefix"] = args.prefix
    return found


def _host_and_port(text: str) -> tuple[str, int | None]:
    """`broker`, `broker:8883`, `[::1]:8883`; an IPv6 address without brackets has no port."""
    host, colon, port = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")):
        return text.strip("[]"), None
    if not (port.isascii() and port.isdigit()):
        raise Refused("bad_broker", f"{text!r} is no address of a broker", "Write HOST or HOST:PORT")
    return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class Seen:
    """The fleet, as it stands on the broker: `census` is kept up to date by `lookout`."""

    lookout: Lookout
    census: Census


@contextmanager
def lookout(args: argparse.Namespace, out: Console) -> Iterator[Seen]:
    """A session that sees all devices, until the block ends."""
    from edged.mqtt.lookout import Lookout  # noqa: PLC0415  paho: not for `--help`

    settings = broker_of(args)
    census = Census(settings.prefix)
    found = Lookout(settings, f"edged-fleet-{secrets.token_hex(4)}", census)
    try:
        out.progress(f"asking {settings.host}:{settings.port}", 0.5)
        found.connect()
        out.progress("asked", 1.0)
        yield Seen(found, census)
    finally:
        found.close()


def _state() -> Path:
    home = os.environ.get("XDG_STATE_HOME", "")
    return (Path(home) if home else Path.home() / ".local/state") / "edged/fleet"
