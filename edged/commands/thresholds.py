"""`edged thresholds`: the cosine that each door asks for, and what it rests on."""

from __future__ import annotations

import argparse
from typing import Any, Final

from edged.commands.console import Console, Exit

_DESCRIPTION = """\
The similarity that a face must reach to be recognised, door by door, and what it rests on: the accepted chance that a
stranger's visit is taken for somebody (decision.target_fpir, or the camera's own), the number of people and templates,
the model's measured curve, and how alike the enrolled people are to each other.

LOW and HIGH hold, in nine sites of ten, the similarity at which the target is kept exactly. A warning says what a
gallery of this size cannot show.
"""
_EPILOG = """\
Examples:
  edged thresholds
  edged thresholds --json | jq '.doors[] | {door, threshold}'
"""
_EVERYWHERE: Final = "(no camera)"
"""What the document's own target is called: that of photographs, and of cameras without a target of their own."""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `thresholds`."""
    parser = commands.add_parser(
        "thresholds",
        help="show what each door asks for, and what that rests on",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.commands.look_alikes import surveyed_gallery  # noqa: PLC0415  loads the gallery: not for `--help`
    from edged.domain.scale import Scale  # noqa: PLC0415
    from edged.measure.report import Table  # noqa: PLC0415
    from edged.recognition.recognizer import Rules  # noqa: PLC0415

    snapshot, curve = surveyed_gallery(args.document, out)
    scale = Scale.of(curve, snapshot)
    doors: list[dict[str, Any]] = []
    for door in (*args.document.cameras, ""):
        decision = Rules.of(args.document, args.loaded.digest, door).decision
        threshold = scale.threshold(decision.target_fpir)
        doors.append(
            {
                "door": door or None,
                "target_fpir": None if decision.threshold else decision.target_fpir,
                "threshold": round(decision.threshold or threshold.cosine, 4),
                "low": None if decision.threshold else round(threshold.low, 4),
                "high": None if decision.threshold else round(threshold.high, 4),
                "basis": "fixed by decision.threshold" if decision.threshold else threshold.basis,
                "warning": "" if decision.threshold else threshold.warning,
            }
        )
    gallery = {
        "people": snapshot.persons,
        "templates": snapshot.templates,
        "comparisons": round(scale.comparisons, 1),
        "look_alikes": len(snapshot.survey.look_alikes),
    }
    columns = ("DOOR", "TARGET", "THRESHOLD", "LOW", "HIGH", "RESTS ON")
    table = Table(columns, tuple(_row(door) for door in doors))
    lines = [f"{gallery['people']} people, {gallery['templates']} templates", "", table.text()]
    warnings = dict.fromkeys(door["warning"] for door in doors if door["warning"])
    out.result({"gallery": gallery, "doors": doors}, "\n".join([*lines, *(f"\nwarning: {text}" for text in warnings)]))
    return Exit.OK


def _row(door: dict[str, Any]) -> tuple[str, ...]:
    figures = ("" if door[name] is None else f"{door[name]:.3f}" for name in ("threshold", "low", "high"))
    target = "" if door["target_fpir"] is None else f"{door['target_fpir']:g}"
    return (door["door"] or _EVERYWHERE, target, *figures, door["basis"])
