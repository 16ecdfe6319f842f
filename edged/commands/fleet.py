"""`edged fleet`: many devices at once, over their broker."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from typing import Any, Final

from edged.commands import fleet_push
from edged.commands.columns import columns
from edged.commands.console import Console, Exit, json_text
from edged.commands.fleet_table import device_text, fleet_table, follows, plain, sign, summary
from edged.commands.fleet_word import add_word, lookout
from edged.domain.errors import Refused, Unavailable
from edged.fleet.census import Census
from edged.fleet.history import History
from edged.fleet.muster import device_of, muster
from edged.wire.fleet import FleetDevice

_DESCRIPTION: Final = """\
See all devices of a broker, and change what they are to do: one, a group, or all of them, in
batches that stop and go back by themselves when one of them does not take it. See docs/fleet.md.
"""
_EPILOG: Final = """\
From nothing to a change on every door:
  edged fleet list --broker broker.example --user anna --password-file ~/.mqtt --ca ca.crt
  edged fleet push --set decision.margin=0.05 --all --dry-run
  edged fleet push --set decision.margin=0.05 --all
  edged fleet rollback
"""
_LIST: Final = """\
One line for each device: whether it is there, what runs on it, whether it follows what it was told,
frames a second, temperature, how old what it knows of its centre is, and what is wrong with it.

  FOLLOWS   in step, so many orders to come, trying it, rejected, reverted (it went back by itself),
            ahead (the broker has lost an order), or no answer
"""
_STATUS: Final = """\
Everything that is known of some devices: their orders, what is wrong with the newest one, cameras,
conditions and what to do about them.
"""
_WATCH: Final = """\
The list, kept up to date, until Ctrl-C. Not on a terminal: a line for each change; with --json one
JSON document a line.
"""
_HISTORY: Final = """\
Who rolled out what from this machine, and what became of it. Secrets are shown as ********. What
others have pushed is on the hub's page.
"""
_LOOK_S: Final = 1.0
_WAIT_S: Final = 2.0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `fleet` and its words."""
    parser = commands.add_parser(
        "fleet",
        help="see all devices of a broker, and change them in safe steps",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    listed = add_word(words, "list", "all devices", _LIST, "", _list)
    listed.add_argument("--group", metavar="NAME", help="of this group only")
    listed.add_argument("--trouble", action="store_true", help="only those that are not well")
    status = add_word(words, "status", "all of some devices", _STATUS, "", _status)
    status.add_argument("names", nargs="+", metavar="DEVICE", help="by name")
    fleet_push.register(words)
    add_word(words, "watch", "the list, live", _WATCH, "", _watch)
    history = add_word(words, "history", "who rolled out what", _HISTORY, "", _history, connected=False)
    history.add_argument("--last", type=int, default=20, metavar="N", help="so many (default: 20)")


def _list(args: argparse.Namespace, out: Console) -> int:
    with lookout(args, out) as seen:
        fleet = muster(seen.census, _now())
    devices = [device for device in fleet.devices if args.group is None or args.group in device.groups]
    devices = [device for device in devices if not args.trouble or sign(device) != "✓"]
    fleet = fleet.model_copy(update={"devices": tuple(devices)})
    text = fleet_table(fleet) if devices or not (args.group or args.trouble) else "None."
    out.result(fleet.model_dump(mode="json"), text)
    return Exit.OK


def _status(args: argparse.Namespace, out: Console) -> int:
    with lookout(args, out) as seen:
        unknown = [name for name in args.names if name not in seen.census.devices]
        devices = [device_of(seen.census, name) for name in args.names if name not in unknown]
    if unknown:
        raise Refused("unknown_device", f"nothing is known of {', '.join(unknown)}", "See `edged fleet list`")
    text = "\n\n".join(device_text(device, _now()) for device in devices)
    out.result({"devices": [device.model_dump(mode="json") for device in devices]}, text)
    return Exit.OK


def _watch(args: argparse.Namespace, out: Console) -> int:
    with lookout(args, out) as seen:
        before: dict[str, FleetDevice] | None = None
        while True:
            before = _shown(seen.census, before, out)
            try:
                if seen.lookout.is_connected:
                    _gather(seen.lookout.look)
                else:
                    seen.lookout.connect()
            except Unavailable as error:
                out.say(f"{error.what}; trying again")
                time.sleep(_WAIT_S)


def _gather(look: Any) -> None:
    """Takes in a second of news, so that a busy broker is not shown more often."""
    until = time.monotonic() + _LOOK_S
    while (left := until - time.monotonic()) > 0:
        look(left)


def _shown(census: Census, before: dict[str, FleetDevice] | None, out: Console) -> dict[str, FleetDevice]:
    """Shows how it stands, or what has changed since; how it stands. `before` is None at first."""
    fleet = muster(census, _now())
    if sys.stdout.isatty() and not out.as_json:
        print(f"\x1b[H\x1b[2J{fleet_table(fleet)}  {fleet.at:%H:%M:%S} UTC, Ctrl-C ends", flush=True)  # noqa: T201  a screen
        return {}
    now = {device.name: device for device in fleet.devices}
    for name, device in now.items():
        if before is None or name not in before or _gist(device) != _gist(before[name]):
            print(  # noqa: T201  as it comes
                json_text(device.model_dump(mode="json"), indent=None)
                if out.as_json
                else f"{fleet.at:%H:%M:%S} {sign(device)} {_gist(device)}",
                flush=True,
            )
    if before is None and not out.as_json:
        print(summary(fleet), flush=True)  # noqa: T201  as above
    return now


def _gist(device: FleetDevice) -> str:
    """What is worth a line when it changes."""
    trouble = ", ".join(plain(condition.name) for condition in device.conditions)
    words = [
        str(device.available or "never seen"),
        follows(device),
        f"config {plain(device.config, 12) or '–'}",
        trouble,
    ]
    return f"{device.name}: {'; '.join(word for word in words if word)}"


def _history(args: argparse.Namespace, out: Console) -> int:
    entries = History(args.state / "history.jsonl").newest(max(1, args.last))
    rows = [
        (
            *(plain(str(entry.get(name, "")), 60) for name in ("at", "id", "by", "what")),
            plain(json.dumps(entry.get("change", {}), ensure_ascii=False), 60),
        )
        for entry in entries
    ]
    text = columns([("AT", "ROLL-OUT", "BY", "WHAT", "CHANGE"), *rows]) if rows else "Nothing was rolled out from here."
    out.result({"history": entries}, text)
    return Exit.OK


def _now() -> datetime:
    return datetime.now(UTC)
