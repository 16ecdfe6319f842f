"""`edged enroll`: a person from photographs, a camera or past events."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from edged.commands.console import Console, Exit
from edged.commands.noted import noted
from edged.commands.people_import import add_terms
from edged.domain.errors import Refused
from edged.domain.person import Person

if TYPE_CHECKING:
    from edged.recognition.finding import Finding, Looked
    from edged.runtime.state_dir import StateDir
    from edged.vision.sight import Sight

_DESCRIPTION = """\
Enrol a person from one or more photographs, from a camera, or from the pictures of past events.
Each must show one face, clearly: what is not good enough to recognise somebody by is refused, with
the reason. What looks odd (the face resembles somebody else, or is unlike the person's other
photographs) is enrolled and named. Enrolling the same ID again adds photographs; the same
photograph twice changes nothing. A running daemon knows the person at once.
"""

_EPILOG = """\
Exit codes: 0 all photographs were taken, doubtful ones among them, 1 at least one was refused (the
others are enrolled).

Examples:
  edged enroll 4711 anna.jpg
  edged enroll 4711 anna-front.jpg anna-left.jpg --name "Anna Berg" --group staff
  edged enroll 4711 party.jpg --largest
  edged enroll 4711 --camera door --shots 3      look into the camera, then a little to each side
  edged enroll 4711 --event 0199a2b4-11          `edged replay` lists the latest events
Many people at once: edged people import --help. Strangers who were seen: edged review list.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "enroll",
        help="enrol a person from photographs, a camera or past events",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("photos", metavar="PHOTO", nargs="*", default=[], type=Path, help="JPEG, PNG, WebP or BMP")
    source.add_argument("--camera", metavar="NAME", help="look through this camera of the configuration")
    source.add_argument(
        "--event",
        metavar="EVENT",
        action="append",
        help="the picture of an event, by its first digits; may be repeated",
    )
    parser.add_argument("--name", default="", help="display name")
    parser.add_argument("--group", action="append", default=[], help="a group the person belongs to; may be repeated")
    parser.add_argument("--shots", type=_shots, default=3, metavar="N", help="pictures from the camera (default: 3)")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="how long to look (default: 15)")
    add_terms(parser)
    parser.set_defaults(run=_run)


def _shots(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 16:
        raise argparse.ArgumentTypeError("between 1 and 16")
    return number


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.gallery.admission import clean_person  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    person = clean_person(Person(id="", customer_person_id=args.id, name=args.name, groups=tuple(args.group)))
    state = StateDir.of(args.document)
    out.progress("loading the models", 0.0)
    sight = open_sight(args.document.models)
    if args.camera:
        looked = _from_camera(args, sight, out)
    elif args.event:
        looked = _from_events(args, sight, state)
    else:
        looked = _from_photos(args, sight, out)
    return enroll(args, out, state, sight, person, looked)


def enroll(
    args: argparse.Namespace,
    out: Console,
    state: StateDir,
    sight: Sight,
    person: Person,
    looked: Sequence[tuple[str, Looked]],
) -> int:
    """Enrols what was looked at, and says what came of each photograph; the exit code.

    Args:
        args: has `document` and `strict`.
    """
    from edged.recognition.finding import find  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.witness import witness  # noqa: PLC0415

    key = person.customer_person_id
    with (
        noted(state, args.document, out) as scribe,
        closing(state.open_gallery(args.document, sight.model)) as gallery,
    ):
        gallery.be_seen_by(witness(scribe, operator()))
        findings, templates = find(gallery.snapshot(), sight.curve, key, looked, strict=args.strict)
        stored = gallery.enroll(person, templates) if templates else None
        summary = gallery.find(key)
    out.progress("done", 1.0)
    out.result(
        {
            "customer_person_id": key,
            "id": stored.id if stored else None,
            "templates": summary.templates if stored and summary else 0,
            "photos": [finding.document() for finding in findings],
        },
        _text(key, findings),
    )
    return Exit.OK if len(templates) == len(findings) else Exit.FAILED


def _from_photos(args: argparse.Namespace, sight: Sight, out: Console) -> list[tuple[str, Looked]]:
    from edged.recognition.enrolment import portray  # noqa: PLC0415

    looked: list[tuple[str, Looked]] = []
    for number, path in enumerate(args.photos):
        out.progress(f"looking at {path.name}", (number + 1) / (len(args.photos) + 1))
        try:
            look: Looked = portray(sight, _read(path), args.document.quality, **_terms(args))
        except Refused as refusal:
            look = refusal
        looked.append((str(path), look))
    return looked


def _from_camera(args: argparse.Namespace, sight: Sight, out: Console) -> list[tuple[str, Looked]]:
    from edged.recognition.sitting import Sitting  # noqa: PLC0415
    from edged.runtime.clock import SystemClock  # noqa: PLC0415
    from edged.runtime.lent_eye import lend_eye, sit  # noqa: PLC0415

    sitting = Sitting(sight, args.document.quality, args.shots, **_terms(args))
    clock = SystemClock()
    out.progress(f"opening the camera {args.camera}", 0.0)
    with closing(lend_eye(args.document, args.camera, clock)) as capture:
        out.say("Please look into the camera.")
        sit(capture, sitting, args.seconds, clock, out.progress)
    if not sitting.portraits:
        raise Refused(
            "no_good_frame",
            f"no picture of the camera {args.camera} was good enough: {sitting.trouble or 'it gave none'}",
            "Come closer, look into the camera, use light from the front, and try again.",
        )
    if not sitting.complete:
        out.say("The time is over: a face that turns a little gives more pictures that differ.")
    return [(f"{args.camera} {number}", portrait) for number, portrait in enumerate(sitting.portraits, 1)]


def _from_events(args: argparse.Namespace, sight: Sight, state: StateDir) -> list[tuple[str, Looked]]:
    from edged.mqtt.outbox_reader import OutboxReader  # noqa: PLC0415
    from edged.recognition.enrolment import portray  # noqa: PLC0415

    shots = state.open_shots(args.document)
    looked: list[tuple[str, Looked]] = []
    with closing(OutboxReader.open(state.events)) as reader:
        found = {prefix: reader.find(prefix) for prefix in args.event}
    for prefix, stored in found.items():
        if stored is None:
            raise Refused("no_such_event", f"no event begins with {prefix}", "See `edged replay` for the latest.")
        event = stored.record.id
        picture = shots.picture(event)
        try:
            if picture is None:
                raise _no_picture(event)
            # The picture was cut out around the face, so the largest one in it is meant.
            terms = _terms(args) | {"largest": True}
            look: Looked = portray(sight, picture, args.document.quality, **terms)
        except Refused as refusal:
            look = refusal
        looked.append((f"event {event}", look))
    return looked


def _no_picture(event: str) -> Refused:
    return Refused(
        "no_shot",
        f"no picture is kept of event {event}",
        "Use the visit's `new` or `update` event; pictures need events.keep_shots and go with their age",
    )


def _terms(args: argparse.Namespace) -> dict[str, bool]:
    return {"largest": args.largest, "covered_eyes": args.covered_eyes}


def _read(path: Path) -> bytes:
    """The file's bytes; its size is checked before, so that nobody can make us read a disk image."""
    from edged.vision.photo import MAX_BYTES  # noqa: PLC0415

    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused("too_large", f"the file is larger than {MAX_BYTES:,} bytes", "Send a smaller picture")
        return path.read_bytes()
    except OSError as error:
        raise Refused("unreadable", f"the file cannot be read: {error.strerror}", "Check its name") from error


def _text(key: str, findings: Sequence[Finding]) -> str:
    taken = sum(finding.taken for finding in findings)
    lines = [f"{key}: enrolled with {taken} of {len(findings)} photograph(s)" if taken else f"{key}: not enrolled"]
    for finding in findings:
        if finding.taken:
            lines.append(f"  ✓ {finding.photo}: quality {finding.quality:.2f}")
            lines += [f"    ? {item.what}. {item.remedy}" for item in finding.warnings]
        else:
            lines.append(f"  ✗ {finding.photo}: {finding.what}. {finding.remedy}")
    return "\n".join(lines)
