"""What `edged fleet push` is asked to do, as a roll-out that has not begun."""

from __future__ import annotations

import argparse
import fnmatch
import getpass
import secrets
import socket
import time
from typing import Any

from edged.commands.console import Console
from edged.commands.fleet_table import names_text, plain
from edged.config.store import read_file
from edged.config.text import read_json, read_yaml
from edged.config.tree import Tree, overlay
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.fleet.batches import USUAL, batches
from edged.fleet.census import Census, address_of
from edged.fleet.rollout import Rollout, Target


def change_of(args: argparse.Namespace) -> Tree:
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


def planned(change: Tree, census: Census, args: argparse.Namespace, out: Console) -> Rollout:
    """The roll-out, not begun."""
    targets, later = _targets(census, args)
    if not targets and not (later and args.also_offline):
        raise Refused("nobody_online", "none of the devices is online", "--also-offline has them told when they come")
    if later and not args.also_offline:
        out.say(f"Left out, since not online: {names_text([target.address for target in later])} (--also-offline).")
    by_address = {target.address: target for target in targets}
    is_direct = any(len(target.devices) != 1 or target.address != target.devices[0] for target in targets)
    steps = "100%" if is_direct else args.batches or USUAL
    return Rollout(
        id=f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}",
        by=f"{getpass.getuser()}@{socket.gethostname()}"[:80],
        began=time.time(),
        change=change,
        batches=tuple(
            tuple(by_address[address] for address in batch)
            for batch in (batches(list(by_address), steps) if targets else ())
        ),
        later=tuple(later) if args.also_offline else (),
        before={device: census.sight(device).conditions for target in targets for device in target.devices},
        hold_s=args.hold,
        patience_s=args.patience,
    )


def _targets(census: Census, args: argparse.Namespace) -> tuple[list[Target], list[Target]]:
    """Whom it is for: those that are online, and those that are not."""
    if sum(map(bool, (args.to, args.group, args.all))) != 1:
        raise Refused("bad_target", "say for whom it is, in one way", "--to NAME, --group NAME or --all")
    if args.group and not args.batches:
        found = []
        for group in args.group:
            members = [name for name in census.members(group) if census.sight(name).is_online]
            if not members:
                raise Refused(
                    "empty_group", f"no device that is online belongs to {plain(group)!r}", "See control.groups"
                )
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
