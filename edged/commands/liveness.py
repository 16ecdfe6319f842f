"""`edged liveness`: what pictures and people achieve before a camera."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.commands.console import Console, Exit
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.config.cameras import CameraSettings
    from edged.config.document import Document
    from edged.liveness.challenge import Progress, Turn
    from edged.measure.liveness_attempt import Attempt
    from edged.measure.liveness_ledger import Ledger

_DESCRIPTION: Final = """\
Whether a living face is told from a picture: measured on this very camera, before a door relies on it.
"""
_TEST: Final = """\
Shows the camera your own people and your own attacks, one attempt after the other, and counts: how often a person is
refused (BPCER) and how often each type of attack is let through (APCER), with exact 95 % intervals. The head-turn
challenge is tried, and the liveness model where the configuration names one.

Stop the daemon first: it has the camera to itself. The report is written after each attempt, so that you can go on
another day; it holds numbers only. --keep keeps the frames as well: ask the people in them.

Ten attempts prove little. The report says how little.
"""
_TEST_EXAMPLES: Final = """\
Examples:
  edged liveness test --door main
  edged liveness test --camera front --report front.json
  edged liveness test --camera front --label print --source recordings/print-1.mp4 --turns left,right
"""
_METHODS: Final = ("challenge", "passive", "both")


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `liveness` and its words."""
    parser = commands.add_parser(
        "liveness", help="measure what pictures and people achieve before a camera", description=_DESCRIPTION
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    test = words.add_parser(
        "test",
        help="try your own people and attacks on this camera",
        description=_TEST,
        epilog=_TEST_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = test.add_mutually_exclusive_group(required=True)
    where.add_argument("--door", metavar="NAME", help="the camera of this door")
    where.add_argument("--camera", metavar="NAME", help="this camera")
    test.add_argument(
        "--report", type=Path, metavar="FILE", help="goes on with this file (default: liveness-NAME.json)"
    )
    test.add_argument("--method", choices=_METHODS, default="both", help="what to try (default: what there is)")
    test.add_argument("--label", metavar="WHAT", help="one attempt with this, without asking: bona_fide, print, …")
    test.add_argument(
        "--source", type=Path, metavar="PATH", help="a video file or a folder of pictures, not the camera"
    )
    test.add_argument("--turns", metavar="LIST", help="of a recording: the turns that were asked for, as left,right")
    test.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the frames of each attempt there")
    test.set_defaults(run=_test)


def _test(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.liveness_ledger import figures, report  # noqa: PLC0415  loads the runtimes: not for `--help`

    session = _Session(args, out)
    if args.label is not None:
        session.try_once(args.label)
    elif args.source is not None:
        raise Refused("no_label", "a recording needs to be told what it shows", "Add --label bona_fide, print, …")
    else:
        session.converse()
    ledger = session.ledger
    out.result(
        {
            "setup": ledger.setup.model_dump(),
            "attempts": len(ledger.attempts),
            "report": str(session.path),
            "figures": figures(ledger),
        },
        f"{report(ledger).text()}\n\nWritten to {session.path} and {session.path.with_suffix('.md')}.",
    )
    return Exit.OK


class _Session:
    """The attempts of one run of the command, added to those of the report."""

    def __init__(self, args: argparse.Namespace, out: Console) -> None:
        from edged.measure.liveness_ledger import Ledger, Setup  # noqa: PLC0415  loads the runtimes: not for `--help`
        from edged.recognition.recognizer import Rules  # noqa: PLC0415
        from edged.vision.sight import open_sight  # noqa: PLC0415

        self._args, self._out = args, out
        document = args.document
        name, self._camera = _camera(document, args)
        models = document.models
        if args.method == "passive" and models.liveness is None:
            raise Refused("no_model", "no liveness model is configured", "Set models.liveness, or try the challenge.")
        self._asks_turns = args.method != "passive"
        wanted = models if args.method != "challenge" else models.model_copy(update={"liveness": None})
        self._sight = open_sight(wanted)
        self._rules = Rules.of(document, args.loaded.digest, name)
        self.path = args.report or Path(f"liveness-{args.door or name}.json")
        setup = Setup(
            camera=name,
            door=args.door or "",
            embedder=self._sight.model.digest,
            liveness=wanted.liveness or "",
            threshold=self._sight.liveness.threshold if self._sight.liveness else None,
        )
        self.ledger: Ledger = Ledger.resume(self.path, setup)

    def converse(self) -> None:
        """Asks what is shown, attempt after attempt, until there is no more."""
        from edged.measure.liveness_ledger import ATTACKS, PEOPLE  # noqa: PLC0415

        if not sys.stdin.isatty():
            raise Refused("no_terminal", "nobody is there to be asked", "Give --label, or run it on a terminal.")
        labels = (PEOPLE, *ATTACKS)
        self._out.say(f"{len(self.ledger.attempts)} attempts so far. One of your people, or one of your attacks:")
        for number, label in enumerate(labels, 1):
            self._out.say(f"  {number}  {label}")
        self._out.say("  or a label of your own; nothing to finish")
        while words := _ask("What is shown now? "):
            label = labels[int(words) - 1] if words.isdigit() and 0 < int(words) <= len(labels) else words
            try:
                self.try_once(label)
            except Refused as refusal:
                self._out.say(str(refusal))

    def try_once(self, label: str) -> None:
        """Makes one attempt, says what came of it, and writes it down."""
        from edged.liveness.challenge import Challenge  # noqa: PLC0415
        from edged.measure.liveness_attempt import RecordedClock, attempt  # noqa: PLC0415
        from edged.measure.liveness_ledger import checked_label  # noqa: PLC0415

        args, label = self._args, checked_label(label)
        turns = _turns(args.turns) if args.turns else Challenge.draw(secrets.token_bytes(1))
        made = attempt(
            self._camera,
            self._sight,
            self._rules,
            turns if self._asks_turns else (),
            clock=RecordedClock() if args.source else None,
            told=self._prompt,
            keep=args.keep / f"{len(self.ledger.attempts):04d}-{label}" if args.keep else None,
        )
        self.ledger = self.ledger.with_attempt(label, made, time.time())
        self.ledger.store(self.path)
        self._out.say(_outcome(label, made))

    def _prompt(self, progress: Progress) -> None:
        words = {
            "frontal": "  look straight ahead",
            "turning": f"  step {progress.step} of {progress.steps}: turn your head to your "
            f"{progress.turn.value.upper() if progress.turn else ''}, and hold it",
            "back": "  look straight ahead again",
        }
        if progress.state in words:
            self._out.say(words[progress.state])


def _camera(document: Document, args: argparse.Namespace) -> tuple[str, CameraSettings]:
    from edged.measure.liveness_attempt import of_recording  # noqa: PLC0415

    name = args.camera
    if args.door is not None:
        door = document.access.doors.get(args.door)
        if door is None:
            known = ", ".join(document.access.doors) or "none"
            raise Refused("no_such_door", f"there is no door {args.door}", f"The configuration has: {known}.")
        name = door.camera
    if args.source is not None:
        return name or "recording", of_recording(args.source)
    camera = document.cameras.get(name)
    if camera is None:
        known = ", ".join(document.cameras) or "none"
        raise Refused("no_such_camera", f"there is no camera {name}", f"The configuration has: {known}.")
    return name, camera


def _turns(words: str) -> tuple[Turn, ...]:
    from edged.liveness.challenge import Turn  # noqa: PLC0415

    try:
        return tuple(Turn(word.strip()) for word in words.split(","))
    except ValueError as error:
        raise Refused("bad_turns", f"{words} are no turns", "As in: --turns left,right") from error


def _outcome(label: str, made: Attempt) -> str:
    said = []
    if made.turned is not None:
        said.append("challenge passed" if made.turned.passed else f"challenge failed ({made.turned.why})")
    if made.scored is not None:
        said.append(f"model says {'alive' if made.scored.passed else 'spoof'} ({made.scored.score:.2f})")
    return f"{label}: {', '.join(said) or 'nothing was said'}; {made.frames} frames, {made.fps:.0f} a second"


def _ask(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
