"""`edged fleet push` and `rollback`: changes on their way to devices, and back."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.fleet_outcome import (
    ASKED,
    forecasts_document,
    forecasts_text,
    outcome_document,
    outcome_text,
    outcome_words,
    overruled_of,
)
from edged.commands.fleet_pen import add_key, pen_of
from edged.commands.fleet_plan import change_of, planned
from edged.commands.fleet_progress import Narrator
from edged.commands.fleet_table import names_text
from edged.commands.fleet_word import Seen, add_word, lookout
from edged.commands.moment import span_s
from edged.commands.word import Words
from edged.domain.errors import ConfigInvalid, EdgedError, Problem, Refused
from edged.domain.timestamp import utc
from edged.fleet.census import Census
from edged.fleet.course import taken_back
from edged.fleet.forecast import Forecast, forecast
from edged.fleet.history import History
from edged.fleet.masking import masked
from edged.fleet.rollout import Phase, Rollout
from edged.fleet.shelf import Shelf
from edged.fleet.standing import Pen

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
    push.add_argument(
        "--batches", metavar="STEPS", help="how many have it after each step (default: 1,10%%,50%%,100%%)"
    )
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


def _push(args: argparse.Namespace, out: Console) -> int:
    if args.resume:
        if any((args.file, args.set, args.to, args.group, args.all, args.dry_run)):
            raise Refused("bad_option", "--resume goes on with what was begun, and takes no other change")
        return _resume(args, out)
    change = change_of(args)
    with lookout(args, out) as seen:
        rollout = planned(change, seen.census, args, out)
        forecasts = _forecasts(rollout, seen.census)
        wrong = [one for one in forecasts if one.problems]
        if args.dry_run:
            _check_grounds(pen_of(args), rollout, seen.census)
            out.result(forecasts_document(forecasts, rollout), forecasts_text(forecasts, rollout))
            return Exit.CONFIG if wrong else Exit.OK
        if wrong and not args.unchecked:
            raise _invalid(wrong)
        desk = _Desk(seen, args, out)
        with desk.shelf.held(rollout.id):
            rollout = desk.roll(rollout, "begun")
    return Exit.OK if rollout.phase is Phase.APPLIED else Exit.FAILED


def _resume(args: argparse.Namespace, out: Console) -> int:
    with lookout(args, out) as seen:
        desk = _Desk(seen, args, out)
        with desk.shelf.held(args.resume):
            rollout = desk.shelf.take(args.resume)
            if rollout.is_over:
                raise Refused("over", f"{rollout.id} is over: {outcome_words(rollout)}", "See `edged fleet list`")
            rollout = desk.roll(rollout, "resumed")
    return Exit.OK if rollout.phase is Phase.APPLIED else Exit.FAILED


def _rollback(args: argparse.Namespace, out: Console) -> int:
    shelf = _shelf(args)
    rollout_id = args.id or _last(shelf)
    with lookout(args, out) as seen, shelf.held(rollout_id):
        rollout = shelf.take(rollout_id)
        if rollout.phase is Phase.ROLLED_BACK:
            raise Refused("rolled_back", f"{rollout.id} was rolled back already", "See `edged fleet list`")
        if rollout.phase is not Phase.UNDOING:
            rollout = taken_back(rollout, ASKED)
        rollout = _Desk(seen, args, out).roll(rollout, "taken back")
    return Exit.FAILED if rollout.open else Exit.OK


def _last(shelf: Shelf) -> str:
    """The id of the newest roll-out that could be taken back."""
    for rollout_id in shelf.ids():
        if shelf.take(rollout_id).phase is not Phase.ROLLED_BACK:
            return rollout_id
    raise Refused(
        "no_rollout", "nothing was rolled out from here that could be taken back", "See `edged fleet history`"
    )


def _shelf(args: argparse.Namespace) -> Shelf:
    return Shelf(args.state / "rollouts")


def _forecasts(rollout: Rollout, census: Census) -> list[Forecast]:
    return [
        forecast(census.sight(device), target.address, rollout.change)
        for target in rollout.targets
        for device in target.devices
    ]


def _check_grounds(pen: Pen, rollout: Rollout, census: Census) -> None:
    """Raises Refused where what stands for somebody may not be built upon, see `Pen.trusts`."""
    for target in rollout.targets:
        pen.trusts(census.standing(target.address), target.address)


def _invalid(wrong: Sequence[Forecast]) -> ConfigInvalid:
    """All problems; each once, with the devices that have it."""
    found: dict[Problem, list[str]] = {}
    for one in wrong:
        for problem in one.problems:
            found.setdefault(problem, []).append(one.device)
    problems = tuple(
        replace(problem, message=f"{problem.message} (on {names_text(devices)})") for problem, devices in found.items()
    )
    return ConfigInvalid(problems, "nothing was sent: the change")


class _Desk:
    """Where roll-outs are moved: it keeps them, notes them in the history, and says how they stand."""

    def __init__(self, seen: Seen, args: argparse.Namespace, out: Console) -> None:
        self.shelf = _shelf(args)
        self._seen = seen
        self._history = History(args.state / "history.jsonl")
        self._args = args
        self._out = out

    def roll(self, rollout: Rollout, what: str) -> Rollout:
        """Goes on with a roll-out until it is over, and says what came of it.

        Args:
            what: for the history, what is being done with it now.
        """
        from edged.runtime.roller import Roller  # noqa: PLC0415  paho: not for `--help`

        pen = pen_of(self._args)
        _check_grounds(pen, rollout, self._seen.census)
        self.shelf.keep(rollout)
        self._note(rollout, what)
        narrator = Narrator(self._out, rollout)
        try:
            rollout = Roller(self._seen.lookout, self._seen.census, self.shelf, pen, narrator.tell).roll(rollout)
        except (KeyboardInterrupt, EdgedError):
            self._say_how_to_go_on(rollout.id)
            raise
        overruled = overruled_of(rollout, self._seen.census)
        self._note(rollout, outcome_words(rollout))
        self._out.result(outcome_document(rollout, overruled), outcome_text(rollout, overruled))
        return rollout

    def _say_how_to_go_on(self, rollout_id: str) -> None:
        rollout = self.shelf.take(rollout_id)
        self._out.say(f"Not finished: {len(rollout.told)} of {len(list(rollout.targets))} were told it.")
        if rollout.phase is Phase.ROLLING:
            self._out.say(f"Go on:      edged fleet push --resume {rollout_id}")
            self._out.say(f"Take back:  edged fleet rollback {rollout_id}")
        else:
            self._out.say(f"Go on taking it back:  edged fleet rollback {rollout_id}")

    def _note(self, rollout: Rollout, what: str) -> None:
        self._history.add(
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
