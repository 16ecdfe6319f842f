"""`edged door`: the hardware of the doors, tried by hand."""

from __future__ import annotations

import argparse
import os
import queue
import threading
import time
from typing import TYPE_CHECKING, Final

from edged.commands.console import Console, Exit
from edged.domain.errors import ConfigInvalid, Refused, Unavailable

if TYPE_CHECKING:
    from edged.config.access import DoorSettings, PinSettings
    from edged.config.document import Document
    from edged.domain.door import DoorSignal

_DESCRIPTION: Final = """\
The doors as hardware: which relays, contacts and buttons there are, whether they work, and all off.
Who may pass when is another matter: edged access.
"""
_LIST_EPILOG: Final = """\
Examples:
  edged door list
  edged door list --json | jq '.doors[].relay'
"""
_TEST_TEXT: Final = """\
Unlock a door once, and tell what its contacts say meanwhile. For the installer: open and shut it,
press the button, and see that each is noticed. The daemon must not run: it holds the hardware.
"""
_TEST_EPILOG: Final = """\
Exit codes: 0 the relay switched on and off again, 1 it did not, or the daemon runs.

Examples:
  sudo systemctl stop edged
  sudo -u edged edged door test front
  sudo -u edged edged door test front --watch 30      for half a minute more, to try the contacts
"""
_OFF_TEXT: Final = """\
Switch every relay off. The service does so by itself whenever it has ended, however it ended: on
some boards a pin keeps its level when the process that drove it is gone. Off is locked where the
door fails secure, and unlocked where it fails safe.
"""
_OFF_EPILOG: Final = """\
Exit codes: 0 all are off, 1 at least one could not be reached, or the daemon runs.

Examples:
  sudo -u edged edged door off
"""
_PATIENCE_S: Final = 10.0


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `door` and its words."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "door", help="the hardware of the doors: list, test, all off", description=_DESCRIPTION, formatter_class=raw
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    listing = words.add_parser(
        "list", help="which there are, and by what they open", epilog=_LIST_EPILOG, formatter_class=raw
    )
    listing.set_defaults(run=_list)
    test = words.add_parser(
        "test", help="unlock one once", description=_TEST_TEXT, epilog=_TEST_EPILOG, formatter_class=raw
    )
    test.add_argument("door", metavar="DOOR", help="its name in the configuration")
    test.add_argument("--seconds", type=float, metavar="N", help="for how long (default: its pulse_s)")
    test.add_argument("--watch", type=float, default=0.0, metavar="N", help="tell so much longer what it says")
    test.set_defaults(run=_test)
    off = words.add_parser("off", help="all relays off", description=_OFF_TEXT, epilog=_OFF_EPILOG, formatter_class=raw)
    off.set_defaults(run=_off, needs_document=False)


def _list(args: argparse.Namespace, out: Console) -> int:
    doors = args.document.access.doors
    found = [
        {
            "door": name,
            "camera": door.camera,
            "relay": door.relay.kind,
            "at": _place(door),
            "fail": door.fail,
            "pulse_s": door.pulse_s,
            "pins": {what: pin.pin for what, pin in _pins(door).items() if pin.pin is not None},
        }
        for name, door in doors.items()
    ]
    lines = [
        f"{name}: {_relay(door)}, fails {door.fail}, unlocked for {door.pulse_s:g} s" + "".join(_contacts(door))
        for name, door in doors.items()
    ]
    out.result({"doors": found}, "\n".join(lines) or "There are no doors: access.doors in the configuration.")
    return Exit.OK


def _pins(door: DoorSettings) -> dict[str, PinSettings]:
    return {"contact": door.contact, "exit button": door.exit_button, "tamper": door.tamper}


def _contacts(door: DoorSettings) -> list[str]:
    return [f", {what} at pin {pin.pin}" for what, pin in _pins(door).items() if pin.pin is not None]


def _place(door: DoorSettings) -> str:
    """Never an http address: it may hold a password."""
    relay = door.relay
    return {"gpio": f"pin {relay.pin}", "mqtt": relay.topic}.get(relay.kind, "")


def _relay(door: DoorSettings) -> str:
    if door.relay.kind == "none":
        return "switches nothing"
    return " ".join(part for part in (door.relay.kind, _place(door)) if part)


def _test(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  not for `--help`

    document: Document = args.document
    door = document.access.doors.get(args.door)
    if door is None:
        names = ", ".join(document.access.doors) or "none"
        raise Refused("no_door", f"there is no door {args.door}", f"There are: {names}.")
    with StateDir.of(document).claim():
        heard = _tried(document, args.door, args.seconds or door.pulse_s, args.watch, out)
    out.result({"door": args.door, "heard": heard}, f"{args.door}: the relay switched on, and off again.")
    return Exit.OK


def _tried(document: Document, name: str, seconds: float, watch: float, out: Console) -> list[str]:
    """What the door said, in order."""
    from edged.domain.door import Signal  # noqa: PLC0415  not for `--help`
    from edged.runtime.clock import SystemClock  # noqa: PLC0415
    from edged.runtime.door_line import DoorLine  # noqa: PLC0415
    from edged.runtime.stop import Stop  # noqa: PLC0415

    heard: queue.Queue[DoorSignal] = queue.Queue()
    line, stop = DoorLine(document, heard.put, SystemClock()), Stop()
    thread = threading.Thread(target=line.run, args=(stop,))
    thread.start()
    said: list[str] = []

    def listen(until: Signal | None, patience_s: float, why: str) -> None:
        deadline = time.monotonic() + patience_s
        while (left := deadline - time.monotonic()) > 0:
            try:
                signal = heard.get(timeout=left)
            except queue.Empty:
                break
            if signal.door != name or (signal.signal is Signal.RESTORED and Signal.TAMPERED not in said):
                continue  # another's, or what need not be restored
            said.append(signal.signal)
            out.say(f"{name}: {signal.signal}" + (f" ({signal.detail})" if signal.detail else ""))
            if signal.signal is until:
                return
            if signal.signal is Signal.LOST and until is not None:
                raise Unavailable(f"the relay of {name} does not answer: {signal.detail}")
        if until is not None:
            raise Unavailable(f"{name}: {why}")

    try:
        listen(Signal.BACK, _PATIENCE_S, "its relay could not be reached")
        line.pulse(name, seconds, token=os.urandom(8).hex(), made=time.monotonic())
        listen(Signal.RELEASED, _PATIENCE_S, "its relay did not switch on")
        listen(Signal.SECURED, seconds + _PATIENCE_S, "its relay did not switch off")
        listen(None, watch, "")
    finally:
        stop.set()
        thread.join()
    return said


def _off(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.door_off import switch_off  # noqa: PLC0415  not for `--help`
    from edged.runtime.door_plan import plan_of  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    document = _document(args)
    if not document.access.doors:
        out.result({"doors": {}}, "There are no doors.")
        return Exit.OK
    with StateDir.of(document).claim():
        found = switch_off(plan_of(document))
    lines = [f"{name}: {'off' if error is None else error}" for name, error in found.items()]
    out.result({"doors": {name: str(error or "") for name, error in found.items()}}, "\n".join(lines))
    return Exit.OK if all(error is None for error in found.values()) else Exit.FAILED


def _document(args: argparse.Namespace) -> Document:
    """The one that holds; where it is broken, the one that worked last, as the daemon takes it."""
    from edged.config.document import DeviceSettings  # noqa: PLC0415  not for `--help`
    from edged.config.layers import last_good, load  # noqa: PLC0415

    try:
        return load(args.config).document
    except ConfigInvalid:
        kept = last_good(DeviceSettings().state)
        if kept is None:
            raise
        return kept.document
