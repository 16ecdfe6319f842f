"""`edged demo`: try it, without installing anything on the system."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edged.commands.console import Console, Exit
from edged.commands.narration import sentence
from edged.domain.errors import Unavailable
from edged.domain.event import Outcome, Phase

if TYPE_CHECKING:
    from edged.runtime.stage import Stage
    from edged.wire.event import EventMessage

_DESCRIPTION = """\
Try edged on this machine. Starts a broker if none answers on port 1883, runs the daemon on the first
camera there is or, without one, on the demo camera (a photograph of an astronaut that walks in and
out), prints events as sentences and a link that signs in to the page. Everything it makes lies in one folder.
"""

_EPILOG = """\
Exit codes: 0 ended by Ctrl-C, or the story came to its end; 1 something did not work.

Examples:
  edged demo
  edged demo --once                 a stranger comes, is enrolled, and comes again by name
  edged demo --no-camera            the demo camera, even where there is a real one
  EDGED_CONFIG=.demo/edged.yaml edged people list
"""

_SHORT_VISITS: Final = {"visits": {"leave_s": 0.8, "reentry_s": 1.5}}
"""So that each appearance of the demo face is a visit of its own."""
_STEP_S: Final = 45.0
"""How long one step of the story may take, on a slow board."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "demo",
        help="try it on this machine",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--once", action="store_true", help="play the demo story to its end, then stop")
    parser.add_argument("--no-camera", action="store_true", help="use the demo camera even where there is a real one")
    parser.add_argument("--folder", type=Path, default=Path(".demo"), help="where everything goes (default: .demo)")
    parser.add_argument(
        "--models", type=Path, default=Path("models"), help="where the built models lie (default: models)"
    )
    parser.add_argument("--photo", type=Path, required=True, help="the photograph that the demo camera shows")
    parser.set_defaults(run=_run, needs_document=False)


def _run(args: argparse.Namespace, out: Console) -> int:
    return _play(args, out) if args.once else _watch(args, out)


def _watch(args: argparse.Namespace, out: Console) -> int:
    from edged.cameras.devices import find_cameras  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.stage import set_up  # noqa: PLC0415

    found = [] if args.no_camera else find_cameras()
    settings = _settings(args.models)
    if found:
        out.say(f"camera: {found[0].path} ({found[0].name})")
        camera: dict[str, Any] = {"kind": "v4l2", "device": str(found[0].path)}
    else:
        out.say("camera: none found, so the demo camera shows a photograph that walks in and out")
        camera, settings = _demo_camera(args.photo), settings | _SHORT_VISITS
    with set_up(args.folder, camera, settings, out.say) as stage:
        out.say(f"page:   {stage.way_in()}")
        out.say(f"        It signs you in, once, within ten minutes. Another one: {_own(stage, 'account link demo')}")
        out.say(f"enrol:  {_own(stage, 'enroll ID PHOTO')}")
        out.say("Ctrl-C ends it.\n")
        try:
            for event in stage.events(seconds=float("inf")):
                _tell(event, out)
        except KeyboardInterrupt:
            out.say("\nstopping")
    return Exit.OK


def _play(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.stage import enroll, set_up  # noqa: PLC0415  as above

    settings = _settings(args.models) | _SHORT_VISITS
    args.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="story-", dir=args.folder))
    told: list[EventMessage] = []
    try:
        camera = _demo_camera(args.photo) | {"appear_s": 4.0, "absent_s": 5.0}
        with set_up(folder, camera, settings, out.say) as stage:
            out.say(f"page:   {stage.way_in()}\n")
            told += _until(stage, Phase.NEW, Outcome.UNKNOWN, out)
            told += _until(stage, Phase.END, Outcome.UNKNOWN, out)
            enroll(stage, "astronaut", "Eileen Collins", args.photo)
            out.say("          … she is enrolled as Eileen Collins, from one photograph …")
            told += _until(stage, Phase.NEW, Outcome.KNOWN, out)
            told += _until(stage, Phase.END, Outcome.KNOWN, out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    out.result(
        {"events": [event.model_dump(mode="json") for event in told]},
        f"\nA stranger came, was enrolled, and came again by name: {len(told)} events. That is all it takes.",
    )
    return Exit.OK


def _until(stage: Stage, phase: Phase, outcome: Outcome, out: Console) -> list[EventMessage]:
    """Tells events until the one the story waits for.

    Raises:
        Unavailable: it does not come.
    """
    told = []
    for event in stage.events(_STEP_S):
        told.append(event)
        _tell(event, out)
        if (event.type, event.outcome) == (phase, outcome):
            return told
    raise Unavailable(
        f"the story stopped: no `{phase}` event of somebody {outcome} came within {_STEP_S:.0f} s",
        "This machine may be too slow for two models at once; `edged bench pipeline` tells",
    )


def _tell(event: EventMessage, out: Console) -> None:
    out.say(sentence(event))


def _own(stage: Stage, words: str) -> str:
    return f"EDGED_CONFIG={stage.config} {_own_command()} {words}"


def _own_command() -> str:
    """How to call `edged` from here: it may be in an environment that is not on the PATH."""
    command = Path(sys.executable).with_name("edged")
    return str(command.relative_to(Path.cwd()) if command.is_relative_to(Path.cwd()) else command)


def _demo_camera(photo: Path) -> dict[str, Any]:
    return {"kind": "demo", "photo": str(photo.resolve())}


def _settings(models: Path) -> dict[str, Any]:
    return {"models": {"directory": str(models.resolve())}}
