"""`edged enroll`: a person from photographs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from edged.commands.console import Console, Exit
from edged.domain.errors import Refused
from edged.domain.person import Person

_DESCRIPTION = """\
Enrol a person from one or more photographs. Each photograph must show one face, clearly: what is
not good enough to recognise somebody by is refused, with the reason. Enrolling the same ID again
adds photographs; the same photograph twice changes nothing. A running daemon knows the person at
once.
"""

_EPILOG = """\
Exit codes: 0 all photographs were taken, 1 at least one was refused (the others are enrolled).

Examples:
  edged enroll 4711 anna.jpg
  edged enroll 4711 anna-front.jpg anna-left.jpg --name "Anna Berg" --group staff
  edged enroll 4711 party.jpg --largest
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "enroll",
        help="enrol a person from photographs",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("id", metavar="ID", help="your own key of the person (customer_person_id)")
    parser.add_argument("photos", metavar="PHOTO", nargs="+", type=Path, help="JPEG, PNG, WebP or BMP")
    parser.add_argument("--name", default="", help="display name")
    parser.add_argument("--group", action="append", default=[], help="a group the person belongs to; may be repeated")
    parser.add_argument(
        "--largest", action="store_true", help="where a photograph shows several faces, take the largest"
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.recognition.enrolment import Portrait, portray  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    state = StateDir.of(args.document)
    out.progress("loading the models", 0.0)
    sight = open_sight(args.document.models)
    portraits: list[Portrait] = []
    verdicts: list[dict[str, Any]] = []
    for number, path in enumerate(args.photos):
        out.progress(f"looking at {path.name}", (number + 1) / (len(args.photos) + 1))
        try:
            portrait = portray(sight, _read(path), args.document.quality, largest=args.largest)
        except Refused as refusal:
            verdicts.append(
                {
                    "photo": str(path),
                    "taken": False,
                    "reason": refusal.reason,
                    "what": refusal.what,
                    "remedy": refusal.remedy,
                }
            )
        else:
            portraits.append(portrait)
            verdicts.append({"photo": str(path), "taken": True, "quality": round(portrait.quality.score, 3)})
    person = None
    if portraits:
        gallery = state.open_gallery(args.document, sight.model)
        try:
            person = gallery.enroll(
                Person(id="", customer_person_id=args.id, name=args.name, groups=tuple(args.group)),
                [portrait.template for portrait in portraits],
            )
            summary = gallery.find(args.id)
        finally:
            gallery.close()
    out.progress("done", 1.0)
    out.result(
        {
            "customer_person_id": args.id,
            "id": person.id if person else None,
            "templates": summary.templates if person and summary else 0,
            "photos": verdicts,
        },
        _text(args.id, verdicts),
    )
    return Exit.OK if len(portraits) == len(args.photos) else Exit.FAILED


def _read(path: Path) -> bytes:
    """The file's bytes; its size is checked before, so that nobody can make us read a disk image."""
    from edged.vision.photo import MAX_BYTES  # noqa: PLC0415

    try:
        if path.stat().st_size > MAX_BYTES:
            raise Refused("too_large", f"the file is larger than {MAX_BYTES:,} bytes", "Send a smaller picture")
        return path.read_bytes()
    except OSError as error:
        raise Refused("unreadable", f"the file cannot be read: {error.strerror}", "Check its name") from error


def _text(key: str, verdicts: list[dict[str, Any]]) -> str:
    taken = sum(bool(verdict["taken"]) for verdict in verdicts)
    lines = [f"{key}: enrolled with {taken} of {len(verdicts)} photograph(s)" if taken else f"{key}: not enrolled"]
    for verdict in verdicts:
        if verdict["taken"]:
            lines.append(f"  ✓ {verdict['photo']}: quality {verdict['quality']:.2f}")
        else:
            lines.append(f"  ✗ {verdict['photo']}: {verdict['what']}. {verdict['remedy']}")
    return "\n".join(lines)
