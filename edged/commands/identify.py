"""`edged identify`: who is in a photograph."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edged.commands.console import Console, Exit
from edged.domain.event import Outcome
from edged.domain.person import Candidate

if TYPE_CHECKING:
    from edged.recognition.identification import Identified

_DESCRIPTION = """\
Say who is in a photograph: every face is compared with everyone enrolled, by the same rules as in
front of a camera. Nothing is stored.
"""

_EPILOG = """\
Exit codes: 0 somebody enrolled was recognised, 1 nobody was, or the photograph could not be used.

Examples:
  edged identify visitor.jpg
  edged identify visitor.jpg --json
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "identify",
        help="say who is in a photograph",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photo", metavar="PHOTO", type=Path, help="JPEG, PNG, WebP or BMP")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.recognition.identification import identify  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.recognition.recognizer import Rules  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vision.photo import read_photo  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    image = read_photo(args.photo)
    state = StateDir.of(args.document)
    sight = open_sight(args.document.models)
    gallery = state.open_gallery(args.document, sight.model)
    try:
        if not gallery.is_surveyed:
            gallery.adopt_survey(gallery.surveyed.after(gallery.snapshot().roll, sight.curve))
        found = identify(sight, image, Rules.of(args.document, args.loaded.digest), gallery.snapshot())
    finally:
        gallery.close()
    outcome = found[0].verdict.outcome if found else Outcome.NO_FACE
    out.result(
        {"photo": str(args.photo), "outcome": outcome.value, "faces": [_document(face) for face in found]},
        "\n".join(_line(face) for face in found) or f"{args.photo}: no face was found",
    )
    recognised = any(face.verdict.outcome is Outcome.KNOWN for face in found)
    return Exit.OK if recognised else Exit.FAILED


def _document(found: Identified) -> dict[str, Any]:
    verdict, box = found.verdict, found.face.box
    return {
        "outcome": verdict.outcome.value,
        "person": _person(verdict.best) if verdict.outcome is Outcome.KNOWN else None,
        "nearest": _person(verdict.best),
        "similarity": round(verdict.similarity, 4),
        "confidence": round(found.confidence, 4),
        "margin": round(verdict.margin, 4),
        "threshold": round(verdict.threshold, 4),
        "box": [round(value, 1) for value in (box.x1, box.y1, box.x2, box.y2)],
        "quality": round(found.quality.score, 3),
        "flaw": found.flaw.value if found.flaw else None,
    }


def _person(candidate: Candidate | None) -> dict[str, str] | None:
    if candidate is None:
        return None
    person = candidate.person
    return {"id": person.id, "customer_person_id": person.customer_person_id, "name": person.name}


def _line(found: Identified) -> str:
    verdict, box = found.verdict, found.face.box
    named = verdict.outcome is Outcome.KNOWN and verdict.best
    who = f"{verdict.best.person.name or verdict.best.person.customer_person_id}" if named and verdict.best else ""
    text = f"{verdict.outcome.value:9} {who:24} similarity {verdict.similarity:.3f} (needs {verdict.threshold:.3f})"
    text += (
        f", confidence {found.confidence:.0%}, face {box.width:.0f}×{box.height:.0f} px at {box.x1:.0f},{box.y1:.0f}"
    )
    return text + (f"; quality: {found.flaw.value}" if found.flaw else "")
