"""`edged eval`: accuracy on labelled photographs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edged.commands.console import Console, Exit
from edged.domain.curve import Curve
from edged.domain.progress import Progress
from edged.measure.report import Report, Table, machine_description

if TYPE_CHECKING:
    from edged.measure.accuracy import Identified, Verified

_DESCRIPTION = """\
Measure how well the models recognise people, on photographs with known people: a folder for each person, as Labeled
Faces in the Wild (LFW) has it. Nothing is enrolled and nothing leaves the machine.
"""
_VERIFICATION = """\
Verification: are two photographs of one person? Accuracy by LFW's protocol (each fold is judged at the threshold that
is best on the others), detection rate, true-accept rate at false-accept rates. With several models, how much each
loses against the first one. A pair in which a face was not found counts as two people.

PAIRS has LFW's format: a line with the number of folds and of pairs, then for each fold so many lines NAME N N (one
person) and so many NAME N NAME N (two people); a photograph is DIR/NAME/NAME_0001.jpg.

Example:
  edged eval verification --images lfw --pairs pairs.txt --model sface-2021dec-f32 --model sface-2021dec-int8
"""
_IDENTIFICATION = """\
Identification: who is it, or nobody? One photograph of each person is enrolled (the first by name), the others of the
person should be recognised, and strangers should not. The threshold follows from the size of the gallery, as on a
device: from decision.target_fpir and the model's curve. Each photograph counts as a visit of its own.

STRANGERS has one name a line: people who are not enrolled. Each stranger who is accepted is named, so that wrong labels
can be told from mistakes: LFW has people under two names, which ALIASES puts right.

The confidence of each best match is compared with whether it is the person: calibration error and Brier score, 0 being
perfect. --out writes the FNIR/FPIR curve and the reliability diagram.

Example:
  edged eval identification --images lfw --strangers strangers.txt --out build/eval
"""
_CURVE = """\
The curve of a model, as its manifest has it: the cosine that two photographs of different people reach at a rate, over
all pairs of photographs, and the logistic regression of "one person" on the cosine. Rates that fewer than 30 pairs
could show are left out: there, wrong labels decide.

Example:
  edged eval curve --images lfw --without strangers.txt --aliases aliases.txt
"""
_THRESHOLDS = """\
Thresholds: is the target kept? By how much the chance of a false match grows with the photographs of a person; and, for
sites of all sorts of people and of people who are alike, how many strangers are taken for somebody: with the threshold
that follows from the model's curve alone, and with the one that the site's own people refine.

Example:
  edged eval thresholds --images lfw --aliases aliases.txt
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `eval` and its words."""
    parser = commands.add_parser("eval", help="measure accuracy on labelled photographs", description=_DESCRIPTION)
    words = parser.add_subparsers(metavar="WORD", required=True)
    verification = _word(words, "verification", "are two photographs of one person?", _VERIFICATION)
    verification.add_argument("--pairs", type=Path, required=True, metavar="FILE", help="which photographs to compare")
    verification.set_defaults(run=_verification)
    identification = _word(words, "identification", "who is it, or nobody?", _IDENTIFICATION)
    identification.add_argument("--strangers", type=Path, required=True, metavar="FILE", help="who is not enrolled")
    identification.add_argument("--out", type=Path, metavar="DIR", help="write both diagrams there, as PNGs")
    identification.set_defaults(run=_identification)
    curve = _word(words, "curve", "a model's thresholds by false-accept rate", _CURVE)
    curve.add_argument("--without", type=Path, metavar="FILE", help="people to leave out, a name a line")
    thresholds = _word(words, "thresholds", "is the target kept?", _THRESHOLDS)
    thresholds.set_defaults(run=_thresholds)
    for word in (identification, curve, thresholds):
        word.add_argument(
            "--aliases", type=Path, metavar="FILE", help="names of one person, those on one line together"
        )
    curve.set_defaults(run=_curve)


def _word(
    words: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, text: str
) -> argparse.ArgumentParser:
    description, _, examples = text.partition("\nExample:")
    word = words.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"Example:{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    word.add_argument("--images", type=Path, required=True, metavar="DIR", help="a folder for each person")
    word.add_argument(
        "--model",
        action="append",
        dest="models",
        metavar="NAME",
        help="an embedder; may be repeated (default: that of the configuration)",
    )
    word.add_argument("--write", type=Path, metavar="PAGE", help="put the result into a Markdown page as well")
    return word


def _verification(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.accuracy import verify  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.photo_set import read_pairs  # noqa: PLC0415

    pairs = read_pairs(args.pairs, args.images)
    results = [verify(args.document, name, pairs, _labelled(name, out.progress)) for name in _models(args)]
    first = results[0]
    rates = [f"TAR at FAR {rate:g}" for rate in first.true_accepts]
    table = Table(
        ("model", "accuracy", "loss, points", "faces found", *rates, "CPU ms a photograph"),
        tuple(
            (
                result.model.name,
                f"{result.accuracy.mean:.2%} ± {result.accuracy.standard_error:.2%}",
                f"{(first.accuracy.mean - result.accuracy.mean) * 100:+.2f}",
                f"{1 - result.missed / result.photos:.2%}",
                *(f"{share:.2%}" for share in result.true_accepts.values()),
                f"{result.cpu_ms:.1f}",
            )
            for result in results
        ),
    )
    flaws = ", ".join(f"{flaw} {count}" for flaw, count in sorted(first.flaws.items())) or "none"
    note = (
        f"{len(pairs)} pairs in {len(first.accuracy.folds)} folds, {first.photos} photographs. "
        f"All are judged here; the quality gate would refuse: {flaws}."
    )
    models = [_verified(result, first.accuracy.mean) for result in results]
    _answer(args, out, Report("Verification", (note, table)), {"pairs": len(pairs), "models": models})
    return Exit.OK


def _verified(result: Verified, first: float) -> dict[str, Any]:
    return {
        **asdict(result.model),
        "photos": result.photos,
        "detected": result.photos - result.missed,
        "accuracy": result.accuracy.mean,
        "standard_error": result.accuracy.standard_error,
        "folds": list(result.accuracy.folds),
        "thresholds": list(result.accuracy.thresholds),
        "true_accepts": {f"{rate:g}": share for rate, share in result.true_accepts.items()},
        "loss_to_first": first - result.accuracy.mean,
        "refused_by_quality": result.flaws,
        "cpu_ms_per_photo": result.cpu_ms,
    }


def _identification(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.accuracy import identify  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.error_plot import draw_errors  # noqa: PLC0415
    from edged.measure.photo_set import read_aliases, read_names, read_photos  # noqa: PLC0415
    from edged.measure.reliability_plot import draw_reliability  # noqa: PLC0415

    photos = read_photos(args.images)
    strangers = read_names(args.strangers)
    aliases = read_aliases(args.aliases) if args.aliases else {}
    results = [
        identify(args.document, name, photos, strangers, aliases, _labelled(name, out.progress))
        for name in _models(args)
    ]
    if args.out:
        draw_errors(
            {result.model.name: result.search for result in results},
            {result.model.name: result.threshold for result in results},
            args.out / "fnir-fpir.png",
        )
        draw_reliability({result.model.name: result.reliability for result in results}, args.out / "reliability.png")
    models = [_identified(result) for result in results]
    table = Table(
        (
            "model",
            "enrolled",
            "threshold",
            "strangers accepted",
            "FNIR",
            "taken for another",
            "rank one",
            "calibration error",
            "Brier",
        ),
        tuple(
            (
                item["name"],
                f"{item['enrolled']}",
                f"{item['threshold']:.3f}",
                f"{len(item['accepted'])} of {item['strangers']}",
                f"{item['fnir']:.2%} of {item['probes']}",
                f"{item['taken_for_another']}",
                f"{item['rank_one']:.2%}",
                f"{item['reliability']['error']:.3f}",
                f"{item['reliability']['brier']:.3f}",
            )
            for item in models
        ),
    )
    taken = [f"{match['stranger']} for {match['taken_for']} ({match['cosine']:.2f})" for match in models[0]["accepted"]]
    target = args.document.decision.target_fpir
    note = (
        f"One photograph of each person enrolled; target FPIR {target:g} a visit. "
        f"Strangers taken for somebody by {models[0]['name']}: {', '.join(taken) or 'none'}."
    )
    heading = "Identification, names put right" if aliases else "Identification"
    _answer(args, out, Report(heading, (note, table)), {"target_fpir": target, "models": models})
    return Exit.OK


def _identified(result: Identified) -> dict[str, Any]:
    return {
        **asdict(result.model),
        "enrolled": result.templates,
        "threshold": result.threshold,
        "strangers": len(result.search.strangers),
        "accepted": [match._asdict() for match in result.search.accepted(result.threshold)],
        "probes": int(result.search.enrolled.sum()),
        "fnir": result.search.fnir(result.threshold),
        "taken_for_another": result.search.mistaken(result.threshold),
        "rank_one": result.search.rank_one(),
        "photos_without_face": result.missed,
        "reliability": asdict(result.reliability),
    }


def _curve(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.accuracy import measure_curve  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.photo_set import read_aliases, read_names, read_photos  # noqa: PLC0415

    without = read_names(args.without) if args.without else frozenset()
    aliases = read_aliases(args.aliases) if args.aliases else {}
    photos = [photo for photo in read_photos(args.images) if photo.person not in without]
    models: list[dict[str, Any]] = []
    rows: list[tuple[str, ...]] = []
    for name in _models(args):
        curve, pairs = measure_curve(args.document, name, photos, aliases, _labelled(name, out.progress))
        models.append({"name": name, "pairs_of_two_people": pairs, **_curve_document(curve)})
        rows += [(name, f"{rate:g}", f"{cosine:.4f}") for rate, cosine in curve.points]
        rows.append((name, "slope, intercept", f"{curve.slope:.2f}, {curve.intercept:.2f}"))
    note = f"{len(photos)} photographs, {models[0]['pairs_of_two_people']:,} pairs of two people."
    report = Report("Thresholds", (note, Table(("model", "false-accept rate", "cosine"), tuple(rows))))
    _answer(args, out, report, {"photos": len(photos), "models": models})
    return Exit.OK


def _thresholds(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.accuracy import see  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.measure.photo_set import read_aliases, read_photos  # noqa: PLC0415
    from edged.measure.thresholds import family_growth, targets_kept, thresholds_report  # noqa: PLC0415

    aliases = read_aliases(args.aliases) if args.aliases else {}
    name = _models(args)[0]
    faces = see(args.document, name, read_photos(args.images), aliases, _labelled(name, out.progress))
    families = family_growth(faces.vectors, faces.people, faces.curve)
    kept = targets_kept(faces.vectors, faces.people, faces.curve, out.progress)
    document = {"families": [asdict(item) for item in families], "kept": [asdict(item) for item in kept]}
    _answer(args, out, thresholds_report(families, kept), {"model": name, **document})
    return Exit.OK


def _curve_document(curve: Curve) -> dict[str, Any]:
    points = [{"far": rate, "cosine": cosine} for rate, cosine in curve.points]
    return {"points": points, "slope": curve.slope, "intercept": curve.intercept}


def _models(args: argparse.Namespace) -> list[str]:
    return list(dict.fromkeys(args.models or [args.document.models.embedder]))


def _labelled(name: str, progress: Progress) -> Progress:
    return lambda doing, share: progress(f"{name}: {doing}", share)


def _answer(args: argparse.Namespace, out: Console, report: Report, document: dict[str, Any]) -> None:
    """Says the result, and writes it where `--write` asks for it."""
    if args.write:
        report.write(args.write)
    out.result({"machine": machine_description(), **document}, report.text())
