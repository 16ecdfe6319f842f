"""`edged bench`: speed, memory and durability on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.commands import (
    bench_album,
    bench_audit,
    bench_booth,
    bench_broker,
    bench_control,
    bench_door,
    bench_fleet,
    bench_hub,
    bench_liveness,
    bench_mirror,
    bench_pages,
    bench_passing,
    bench_selfies,
    bench_sync,
    bench_timeline,
    bench_uploads,
)
from edged.commands.bench_word import add_word, answer
from edged.commands.console import Console, Exit
from edged.domain.errors import Refused

if TYPE_CHECKING:
    from edged.measure.population import Population

_DESCRIPTION = """\
Measure what edged costs on this machine, beside what was aimed at. Processor time is counted wherever it can be, so
that other programs disturb little; latency and memory want a machine that does nothing else.
"""
_PIPELINE = """\
What a frame costs beside the two models, step by step; what the motion gate saves; how much processor time finding
and embedding a face takes beside PyPI's face_recognition; how long after a face its event is at a subscriber of the
broker; how much memory the daemon holds. The last two run a real daemon, with Mosquitto, and write nothing anywhere
but to a temporary folder. About five minutes, and half a second for each photograph of --photos.

face_recognition lives in an environment of its own (scripts/venv compare); where it is missing, or Mosquitto, the rest
is measured.

Examples:
  edged bench pipeline --photo build/photos/astronaut.png
  edged bench pipeline --photo build/photos/astronaut.png --photos lfw --most 100 --write docs/benchmarks.md
"""
_INDEX = """\
The gallery's lookup, as a device would use it, beside an exact scan in numpy, usearch and hnswlib (pip install
'edged[bench]'), each at the least effort that finds the right person; then how the largest gallery lives: opening,
enrolling, deleting, and lookups while its index is made anew; then what SIGKILL and damaged files do to a gallery.

People are made up; with --images they are real ones, and mixtures of them up to the number that is asked for, which
mislead less. No model makes 512 numbers: for these each photograph is looked at in four ways, and the four embeddings
stand side by side. All of it takes about half an hour.

Examples:
  edged bench index --quick
  edged bench index --people 10000 --dimension 512 --lookups
  edged bench index --images lfw --write docs/benchmarks.md
"""
_SURVEY = """\
What it costs to look at a gallery as a whole, as the daemon does after people have changed: how alike the enrolled
people are, which pairs are too much alike, and which of these the quick search misses.

Examples:
  edged bench survey --people 1000 --people 10000
  edged bench survey --images lfw --people 10000 --people 50000 --write docs/benchmarks.md
"""
_EVENTS = """\
Whether an accepted event is ever lost: a process that accepts and publishes events is killed (SIGKILL) again and
again at random moments, and what arrives at a subscriber of a real Mosquitto is counted. And how fast events get
there. About a second a kill.

Example:
  edged bench events --write docs/benchmarks.md
"""
_PROBES: Final = 3000
_SEED: Final = 1


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `bench` and its words."""
    parser = commands.add_parser(
        "bench", help="measure speed, memory and durability on this machine", description=_DESCRIPTION
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    pipeline = add_word(words, "pipeline", "cost of a frame, face to event, memory", _PIPELINE)
    pipeline.add_argument(
        "--photo",
        type=Path,
        required=True,
        metavar="FILE",
        help="the face to show: a portrait with the head in the upper middle (scripts/demo-photo fetches one)",
    )
    pipeline.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="photographs to compare with face_recognition on, also in folders (default: that of --photo)",
    )
    pipeline.add_argument("--most", type=int, default=100, metavar="N", help="of them at most so many (default: 100)")
    pipeline.add_argument(
        "--rival",
        type=Path,
        default=Path("build/compare/bin/python"),
        metavar="PYTHON",
        help="an interpreter that has face_recognition (default: build/compare/bin/python)",
    )
    pipeline.set_defaults(run=_pipeline)
    index = add_word(words, "index", "lookups in large galleries", _INDEX)
    index.add_argument(
        "--dimension",
        type=int,
        action="append",
        metavar="N",
        help="numbers of a template; may be repeated (default: the model's, and four times as many)",
    )
    index.add_argument("--lookups", action="store_true", help="only the gallery's lookups and the exact scan")
    index.add_argument("--kills", type=int, default=200, metavar="N", help="how often to kill (default: 200)")
    index.set_defaults(run=_index)
    survey = add_word(words, "survey", "looking at a gallery as a whole", _SURVEY)
    survey.set_defaults(run=_survey, dimension=None)
    for word in (index, survey):
        word.add_argument(
            "--people",
            type=int,
            action="append",
            metavar="N",
            help="how many; may be repeated (default: 1000, 10000 and 50000)",
        )
        word.add_argument("--templates", type=int, default=4, metavar="N", help="photographs of each (default: 4)")
        word.add_argument("--images", type=Path, metavar="DIR", help="real people: a folder for each person")
    events = add_word(words, "events", "is an accepted event ever lost?", _EVENTS)
    events.add_argument("--kills", type=int, default=100, metavar="N", help="how often to kill (default: 100)")
    events.set_defaults(run=_events)
    bench_album.register(words)
    bench_broker.register(words)
    bench_hub.register(words)
    bench_liveness.register(words)
    bench_sync.register(words)
    bench_control.register(words)
    bench_audit.register(words)
    bench_passing.register(words)
    bench_door.register(words)
    bench_fleet.register(words)
    bench_timeline.register(words)
    bench_mirror.register(words)
    bench_pages.register(words)
    bench_selfies.register(words)
    bench_booth.register(words)
    bench_uploads.register(words)


def _pipeline(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.photo_set import some_photos  # noqa: PLC0415
    from edged.measure.pipeline import FULL, QUICK, measure_pipeline, pipeline_report  # noqa: PLC0415  loads the runtimes: not for `--help`

    photos = some_photos(args.photos, 5 if args.quick else args.most) if args.photos else [args.photo]
    found = measure_pipeline(args.document, args.photo, photos, args.rival, QUICK if args.quick else FULL, out.progress)
    answer(args, out, pipeline_report(found), asdict(found))
    return Exit.OK


def _index(args: argparse.Namespace, out: Console) -> int:
    _use_one_thread_for_algebra()
    from edged.measure.gallery_damage import damage_files  # noqa: PLC0415  as above
    from edged.measure.gallery_kills import kill_writers  # noqa: PLC0415
    from edged.measure.index import measure_index  # noqa: PLC0415
    from edged.measure.index_report import index_report  # noqa: PLC0415

    counts = args.people or ([2000] if args.quick else [1000, 10_000, 50_000])
    made = _populations(args, out)
    populations = [partial(made, people, dimension) for dimension in _dimensions(args) for people in counts]
    if args.lookups:
        result = measure_index(populations, args.document.gallery, out.progress, alone=True)
        answer(args, out, index_report(result, None), asdict(result))
        return Exit.OK
    life_of = partial(made, max(counts), _dimensions(args)[0])
    result = measure_index(populations, args.document.gallery, out.progress, life_of=life_of)
    kills = kill_writers(5 if args.quick else args.kills, out.progress)
    damage = damage_files(progress=out.progress)
    document = {**asdict(result), "kills": asdict(kills), "damage": asdict(damage)}
    answer(args, out, index_report(result, (kills, damage)), document)
    return Exit.OK


def _survey(args: argparse.Namespace, out: Console) -> int:
    _use_one_thread_for_algebra()
    from edged.measure.survey_cost import measure_surveys, survey_report  # noqa: PLC0415  as above
    from edged.vision.manifest import read_embedder  # noqa: PLC0415

    counts = [1000] if args.quick else args.people or [1000, 10_000, 50_000]
    embedder = read_embedder(args.document.models.directory, args.document.models.embedder)
    made = _populations(args, out)
    populations = [partial(made, people, embedder.dimension) for people in counts]
    costs = measure_surveys(populations, embedder.curve.value(), out.progress)
    answer(args, out, survey_report(costs), {"surveys": [asdict(cost) for cost in costs]})
    return Exit.OK


def _events(args: argparse.Namespace, out: Console) -> int:
    from edged.measure.events import events_report, kill_repeatedly, measure_speed  # noqa: PLC0415  as above

    killed = kill_repeatedly(5 if args.quick else args.kills, out.progress)
    speed = measure_speed(100 if args.quick else 1000, out.progress)
    answer(args, out, events_report(killed, speed), {"kills": asdict(killed), "speed": asdict(speed)})
    return Exit.OK if killed.lost == 0 and killed.intact else Exit.FAILED


def _dimensions(args: argparse.Namespace) -> list[int]:
    from edged.vision.manifest import read_embedder  # noqa: PLC0415  as above

    if args.dimension:
        return list(args.dimension)
    models = args.document.models
    own = read_embedder(models.directory, models.embedder).dimension
    return [own] if args.quick else [own, 4 * own]


def _populations(args: argparse.Namespace, out: Console) -> Callable[[int, int], Population]:
    """What makes so many people whose templates have so many numbers."""
    from edged.measure.population import real, synthetic  # noqa: PLC0415  as above

    def made_up(people: int, dimension: int) -> Population:
        return synthetic(people, args.templates, dimension, _PROBES, _SEED)

    if args.images is None:
        return made_up

    from edged.measure.photo_faces import VIEWS, first_view, photo_faces  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    sight = open_sight(args.document.models)
    own = sight.model.dimension
    if any(dimension not in {own, VIEWS * own} for dimension in _dimensions(args)):
        raise Refused("dimension", f"photographs give {own} or {VIEWS * own} numbers", "Leave --images out for others.")
    views = VIEWS if VIEWS * own in _dimensions(args) else 1
    seen = photo_faces(args.images, sight, views, out.progress)

    def from_photographs(people: int, dimension: int) -> Population:
        faces = seen if dimension == views * own else first_view(seen)
        population = real(faces, people, args.templates, _PROBES, _SEED)
        if dimension == own:
            return population
        return replace(population, source=f"{population.source}; four views of each photograph side by side")

    return from_photographs


def _use_one_thread_for_algebra() -> None:
    """Starts the command again where numpy may compute in several threads: it reads that only when it is loaded."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "edged", *sys.argv[1:]], environment)  # noqa: S606  ourselves
