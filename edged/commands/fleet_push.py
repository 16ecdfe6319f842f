"""`edged fleet push` and `rollback`: changes on their way to devices, and back."""

from __future__ import annotations

import argparse
import fnmatch
import getpass
import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands.console import Console, Exit
from edged.commands.fleet_pen import add_key, pen_of
from edged.commands.fleet_progress import Narrator
from edged.commands.fleet_table import batches_text, overruled_text, plain
from edged.commands.fleet_word import Words, add_word, lookout
from edged.commands.moment import span_s, utc
from edged.config.store import read_file
from edged.config.text import read_json, read_yaml
from edged.config.tree import Tree, overlay
from edged.domain.errors import ConfigInvalid, EdgedError, Problem, Refused

if TYPE_CHECKING:
    from edged.fleet.census import Census
    from edged.fleet.forecast import Forecast
    from edged.fleet.history import History
    from edged.fleet.rollout import Rollout, Target
    from edged.fleet.shelf import Shelf
    from edged.runtime.lookout import Lookout

_PUSH: Final = """\
Change the configuration of devices. A change is a part of a document, in YAML or JSON, or values
with --set; null takes back what was pushed before. It joins what was pushed earlier.

Devices are told one batch after another. A batch is well when each of its devices has applied the
change, is online, and has no trouble that it did not have before, for the time of --hold. A device
that rejects the change, goes back by itself, or does not answer in the time of --patience stops the
roll-out, and everything that was told is taken back.

  --to NAME     a device; a pattern such as 'door-*' (in quotes) is all that fit
  --group NAME  through the group's own topic, all members at once, those that join later, too;
                with --batches: its present members one after another, through their own topics
  --all         all devices

What is set nearer to a device holds: its own topic before its groups, its file before everything.
Devices that are not online are left out, unless --also-offline has them told at the end; they
follow when they come back.

Ctrl-C, a closed laptop or a crash leave a roll-out that `edged fleet push --resume ID` goes on with.
"""
_PUSH_END: Final = """\
Exit codes: 0 applied everywhere, 1 rolled back or failed, 78 the change is invalid, 130 interrupted.

Examples:
  edged fleet push --set decision.margin=0.05 --to door --dry-run
  edged fleet push margin.yaml --all --batches 1,10%,50%,100% --hold 5m
  edged fleet push --set log.level=debug --group yard
  edged fleet push --set decision.margin=null --to 'door-*'
"""
_ROLLBACK: Final = """\
Take back a roll-out: every value is what it was before, or given back where it was not there. What
others have pushed since stays. Without an ID: the last roll-out that was not taken back.
"""


def register(words: Words) -> None:
    """Adds the two words."""
    push = add_word(words, "push", "change devices, in batches", _PUSH, _PUSH_END, _push)
    push.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the change, YAML or JSON")
    push.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="one value; may be repeated")
    push.add_argument("--to", action="append", default=[], metavar="NAME", help="a device; may be repeated")
    push.add_argument("--group", action="append", default=[], metavar="NAME", help="a group; may be repeated")
    push.add_argument("--all", action="store_true", help="all devices")
    push.add_argument("--batches", metavar="STEPS", help="how many have it after each step (default: 1,10%%,50%%,100%%)")
    push.add_argument("--hold", type=span_s, default=60.0, metavar="SPAN", help="be well for so long (default: 60s)")
    push.add_argument("--patience", type=span_s, default=180.0, metavar="SPAN", help="wait so long (default: 3m)")
    push.add_argument("--also-offline", action="store_true", help="tell those that are away at the end")
    push.add_argument("--unchecked", action="store_true", help="send it although it looks wrong from here")
    push.add_argument("--dry-run", action="store_true", help="only say what would change")
    push.add_argument("--resume", metavar="ID", help="go on with a roll-out")
    add_key(push)
    back = add_word(words, "rollback", "take a roll-out back", _ROLLBACK, "", _rollback)
    back.add_argument("id", nargs="?", metavar="ID", help="of the roll-out, see `edged fleet history`")
    add_key(back)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a roll-out needs."""

    lookout: Lookout
    shelf: Shelf
    history: History
    args: argparse.Namespace
    out: Console


def _push(args: argparse.Namespace, out: Console) -> int:
    desk_args = (args.file, args.set, args.to, args.group, args.all)
    if args.resume:
        if any(desk_args) or args.dry_run:
            raise Refused("bad_option", "--resume goes on with what was begun, and takes no other change")
        with lookout(args, out) as seen:
            return _roll(_desk(seen, args, out), _shelf(args).take(args.resume), "resumed")
    change = _change(args)
    with lookout(args, out) as seen:
        rollout = _planned(change, seen.census, args, out)
        forecasts = _forecasts(rollout, seen.census)
        wrong = [forecast for forecast in forecasts if forecast.problems]
        if args.dry_run:
            _show_forecasts(forecasts, rollout, out)
            return Exit.CONFIG if wrong else Exit.OK
        if wrong and not args.unchecked:
            raise _invalid(wrong)
        return _roll(_desk(seen, args, out), rollout, "begun")


def _rollback(args: argparse.Namespace, out: Console) -> int:
    from edged.fleet.course import taken_back  # noqa: PLC0415  not for `--help`
    from edged.fleet.rollout import Phase  # noqa: PLC0415

    shelf = _shelf(args)
    rollout = shelf.take(args.id) if args.id else _last(shelf)
    if rollout.phase is Phase.ROLLED_BACK:
        raise Refused("rolled_back", f"{rollout.id} was rolled back already", "See `edged fleet list`")
    if not args.id:
        out.say(f"Taking back {rollout.id}, begun by {plain(rollout.by)} at {utc(rollout.began)}.")
    if rollout.phase is not Phase.UNDOING:
        rollout = taken_back(rollout, "asked for")
    with lookout(args, out) as seen:
        return _roll(_desk(seen, args, out), rollout, "taken back")


def _last(shelf: Shelf) -> Rollout:
    from edged.fleet.rollout import Phase  # noqa: PLC0415  not for `--help`

    for rollout_id in shelf.ids():
        rollout = shelf.take(rollout_id)
        if rollout.phase is not Phase.ROLLED_BACK:
            return rollout
    raise Refused("no_rollout", "nothing was rolled out from here that could be taken back", "See `edged fleet history`")


def _change(args: argparse.Namespace) -> Tree:
    """What is to be changed.

    Raises:
        ConfigInvalid, Refused, Unavailable: it cannot be read, or there is none.
    """
    change: Tree = {}
    if args.file is not None:
        data = read_file(args.file)
        if data is None:
            raise ConfigInvalid((Problem("", "there is no such file"),), str(args.file))
        read = read_json if args.file.suffix == ".json" else read_yaml
        change = read(data, str(args.file))
    for text in args.set:
        path, equals, value = text.partition("=")
        if not equals or not all(path.split(".")):
            raise Refused("bad_set", f"--set {plain(path)} has no value", "Write --set decision.margin=0.05")
        tree: Any = read_yaml(f"value: {value}".encode(), f"--set {plain(path)}").get("value")
        for step in reversed(path.split(".")):
            tree = {step: tree}
        change = overlay(change, tree)
    if not change:
        raise Refused("no_change", "there is nothing to change", "Name a file, or --set PATH=VALUE")
    return change


def _planned(change: Tree, census: Census, args: argparse.Namespace, out: Console) -> Rollout:
    """The roll-out, not begun."""
    from edged.fleet.batches import USUAL, batches  # noqa: PLC0415  not for `--help`
    from edged.fleet.rollout import Rollout  # noqa: PLC0415

    targets, later = _targets(census, args)
    if not targets and not (later and args.also_offline):
        raise Refused("nobody_online", "none of the devices is online", "--also-offline has them told when they come")
    if later and not args.also_offline:
        out.say(f"Left out, since not online: {_names([target.address for target in later])} (--also-offline).")
    by_address = {target.address: target for target in targets}
    is_direct = any(len(target.devices) != 1 or target.address != target.devices[0] for target in targets)
    steps = "100%" if is_direct else args.batches or USUAL
    return Rollout(
        id=f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}",
        by=f"{getpass.getuser()}@{socket.gethostname()}"[:80],
        began=time.time(),
        change=change,
        batches=tuple(
            tuple(by_address[address] for address in batch) for batch in (batches(list(by_address), steps) if targets else ())
        ),
        later=tuple(later) if args.also_offline else (),
        before={device: census.sight(device).conditions for target in targets for device in target.devices},
        hold_s=args.hold,
        patience_s=args.patience,
    )


def _targets(census: Census, args: argparse.Namespace) -> tuple[list[Target], list[Target]]:
    """Whom it is for: those that are online, and those that are not."""
    from edged.fleet.census import address_of  # noqa: PLC0415  not for `--help`
    from edged.fleet.rollout import Target  # noqa: PLC0415

    if sum(map(bool, (args.to, args.group, args.all))) != 1:
        raise Refused("bad_target", "say for whom it is, in one way", "--to NAME, --group NAME or --all")
    if args.group and not args.batches:
        found = []
        for group in args.group:
            members = [name for name in census.members(group) if census.sight(name).is_online]
            if not members:
                raise Refused("empty_group", f"no device that is online belongs to {plain(group)!r}", "See control.groups")
            found.append(Target(address_of(group), tuple(members)))
        return found, []
    names = _chosen(census, args)
    own = [Target(name, (name,)) for name in names]
    return (
        [target for target in own if census.sight(target.address).is_online],
        [target for target in own if not census.sight(target.address).is_online],
    )


def _chosen(census: Census, args: argparse.Namespace) -> list[str]:
    known = sorted(census.devices)
    if args.all:
        return known
    chosen: dict[str, None] = {}
    for group in args.group:
        members = census.members(group)
        if not members:
            raise Refused("empty_group", f"no device belongs to {plain(group)!r}", "See control.groups of the devices")
        chosen |= dict.fromkeys(members)
    for name in args.to:
        fitting = fnmatch.filter(known, name) if set("*?[") & set(name) else [name] if name in known else []
        if not fitting:
            raise Refused("unknown_device", f"no device {plain(name)!r} is known", "See `edged fleet list`")
        chosen |= dict.fromkeys(fitting)
    return list(chosen)


def _forecasts(rollout: Rollout, census: Census) -> list[Forecast]:
    from edged.fleet.forecast import forecast  # noqa: PLC0415  not for `--help`

    return [
        forecast(census.sight(device), target.address, rollout.change)
        for target in rollout.targets
        for device in target.devices
    ]


def _invalid(wrong: Sequence[Forecast]) -> ConfigInvalid:
    """All problems; each once, with the devices that have it."""
    found: dict[Problem, list[str]] = {}
    for forecast in wrong:
        for problem in forecast.problems:
            found.setdefault(problem, []).append(forecast.device)
    problems = tuple(
        replace(problem, message=f"{problem.message} (on {_names(devices)})") for problem, devices in found.items()
    )
    return ConfigInvalid(problems, "nothing was sent: the change")


def _show_forecasts(forecasts: Sequence[Forecast], rollout: Rollout, out: Console) -> None:
    lines = []
    for forecast in forecasts:
        guess = " (it has never reported: only the schema was asked)" if forecast.is_guess else ""
        lines.append(f"{forecast.device}{guess}")
        for change in forecast.changes:
            cost = "" if change.cost is None else f"  [{change.cost}]"
            but = f", but {change.overruled_by} says otherwise there" if change.overruled_by else ""
            after = "given back" if change.after is None else _short(change.after)
            lines.append(f"  {plain(change.path, 80)}: {_short(change.before)} → {after}{cost}{but}")
        lines += [f"  ✗ {plain(str(problem), 300)}" for problem in forecast.problems]
        if not forecast.changes and not forecast.problems:
            lines.append("  nothing would change")
    wrong = sum(bool(forecast.problems) for forecast in forecasts)
    lines.append(f"In batches of {batches_text(rollout)}." if not wrong else f"{wrong} of them would not take it.")
    document = {
        "batches": [[target.address for target in batch] for batch in rollout.batches],
        "later": [target.address for target in rollout.later],
        "devices": [
            {
                "device": item.device,
                "guess": item.is_guess,
                "cost": item.costliest,
                "changes": [
                    {
                        "path": change.path,
                        "before": change.before,
                        "after": change.after,
                        "cost": change.cost,
                        "overruled_by": change.overruled_by,
                    }
                    for change in item.changes
                ],
                "problems": [
                    {"path": one.path, "message": one.message, "got": one.got, "allowed": one.allowed}
                    for one in item.problems
                ],
            }
            for item in forecasts
        ],
    }
    out.result(document, "\n".join(lines))


def _desk(seen: Lookout, args: argparse.Namespace, out: Console) -> _Desk:
    from edged.fleet.history import History  # noqa: PLC0415  not for `--help`

    return _Desk(seen, _shelf(args), History(args.state / "history.jsonl"), args, out)


def _shelf(args: argparse.Namespace) -> Shelf:
    from edged.fleet.shelf import Shelf  # noqa: PLC0415  not for `--help`

    return Shelf(args.state / "rollouts")


def _roll(desk: _Desk, rollout: Rollout, what: str) -> int:
    """Goes on with a roll-out until it is over, and says what came of it."""
    from edged.fleet.rollout import Phase  # noqa: PLC0415  not for `--help`
    from edged.runtime.roller import Roller  # noqa: PLC0415

    with desk.shelf.held(rollout.id):
        pen = pen_of(desk.args)
        for target in rollout.targets:
            pen.trusts(desk.lookout.census.standing(target.address), target.address)
        desk.shelf.keep(rollout)
        _note(desk.history, rollout, what)
        narrator = Narrator(desk.out, rollout)
        try:
            rollout = Roller(desk.lookout, desk.shelf, pen, narrator.tell).roll(rollout)
        except (KeyboardInterrupt, EdgedError):
            _say_how_to_go_on(desk, rollout.id)
            raise
    overruled = _overruled(rollout, desk.lookout.census)
    _note(desk.history, rollout, _outcome(rollout))
    desk.out.result(_document(rollout, overruled), _text(rollout, overruled))
    return Exit.OK if rollout.phase is Phase.APPLIED or (what == "taken back" and not rollout.open) else Exit.FAILED


def _say_how_to_go_on(desk: _Desk, rollout_id: str) -> None:
    rollout = desk.shelf.take(rollout_id)
    has_it = sum(told.stands for told in rollout.told.values())
    desk.out.say(f"Not finished: {has_it} of {sum(1 for _ in rollout.targets)} are told it ({rollout.phase}).")
    desk.out.say(f"Go on:      edged fleet push --resume {rollout_id}")
    desk.out.say(f"Take back:  edged fleet rollback {rollout_id}")


def _note(history: History, rollout: Rollout, what: str) -> None:
    from edged.fleet.masking import masked  # noqa: PLC0415  not for `--help`

    history.add(
        {
            "at": utc(time.time()),
            "id": rollout.id,
            "by": rollout.by,
            "what": what,
            "change": masked(rollout.change),
            "batches": [[target.address for target in batch] for batch in rollout.batches],
            "later": [target.address for target in rollout.later],
            "versions": {address: told.version for address, told in rollout.told.items()},
            "undone": dict(rollout.undone),
            "why": list(rollout.why),
            "open": dict(rollout.open),
        }
    )


def _overruled(rollout: Rollout, census: Census) -> list[tuple[str, tuple[str, ...]]]:
    """Where something nearer says otherwise, by device."""
    from edged.config.tree import leaves  # noqa: PLC0415

    paths = {path for path, _ in leaves(rollout.change)}
    found = []
    for device in rollout.devices:
        reported = census.sight(device).reported
        theirs = () if reported is None else tuple(sorted(paths & set(reported.overruled)))
        if theirs:
            found.append((device, theirs))
    return found


def _outcome(rollout: Rollout) -> str:
    return str(rollout.phase).replace("_", " ") + (f", {len(rollout.open)} not confirmed" if rollout.open else "")


def _document(rollout: Rollout, overruled: Sequence[tuple[str, tuple[str, ...]]]) -> Mapping[str, Any]:
    return {
        "id": rollout.id,
        "outcome": rollout.phase,
        "devices": len(rollout.devices),
        "batches": [sum(len(target.devices) for target in batch) for batch in rollout.batches],
        "told": len(rollout.told),
        "taken_back": len(rollout.undone),
        "later": [target.address for target in rollout.later],
        "why": list(rollout.why),
        "open": dict(rollout.open),
        "overruled": {device: list(paths) for device, paths in overruled},
    }


def _text(rollout: Rollout, overruled: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    from edged.fleet.rollout import Phase  # noqa: PLC0415  not for `--help`

    if rollout.phase is Phase.APPLIED:
        lines = [f"Applied on all {len(rollout.devices)} devices. Take it back: edged fleet rollback {rollout.id}"]
        if rollout.later:
            lines.append(f"Follow when they come: {_names([target.address for target in rollout.later])}.")
        if overruled:
            lines += ["It does not hold where something nearer says otherwise:", overruled_text(overruled)]
        return "\n".join(lines)
    lines = ["Rolled back, because:", *(f"  {plain(why, 300)}" for why in rollout.why)]
    lines.append(f"{len(rollout.undone)} of {sum(1 for _ in rollout.targets)} had been told it; all of them are told otherwise.")
    if rollout.open:
        lines += ["These have not confirmed it:", *(f"  {name}: {plain(why, 200)}" for name, why in rollout.open.items())]
    return "\n".join(lines)


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _short(value: Any) -> str:
    import json  # noqa: PLC0415

    return plain("not set" if value is None else json.dumps(value, ensure_ascii=False), 60)
