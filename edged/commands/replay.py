"""`edged replay`: decide an event again from its pictures, and show why."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Final

from edged.commands.console import Console, Exit
from edged.domain.errors import Refused
from edged.domain.event import Outcome
from edged.wire.event import EventRecord

_DESCRIPTION = """\
Show what an event was decided from, and decide it again: the aligned faces that voted are embedded
anew and compared with the gallery as it is now, by the rules as they are now. With the same models,
gallery and rules the answer is the same; where one of them has changed since, it says so.
"""

_LISTED: Final = 20

_EPILOG = """\
Exit codes: 0 the answer is the same, 1 it differs, or there is nothing to replay.

Examples:
  edged replay                     the latest events, to choose from
  edged replay 0199a2b4-11         as many digits of an event's id as make it the only one
  edged replay 0199a2b4-11 --json
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "replay",
        help="decide an event again from its pictures",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("event", metavar="EVENT", nargs="?", help="the event's id, or its first digits")
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace, out: Console) -> int:
    return _replay(args, out) if args.event else _list(args, out)


def _list(args: argparse.Namespace, out: Console) -> int:
    from edged.mqtt.outbox_reader import OutboxReader  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    state = StateDir.of(args.document)
    reader = OutboxReader.open(state.events)
    try:
        records = [stored.record for stored in reader.recent(_LISTED)]
    finally:
        reader.close()
    out.result(
        {"events": [record.model_dump(mode="json") for record in records]},
        "\n".join(_listed(record) for record in records) or "no events yet",
    )
    return Exit.OK


def _replay(args: argparse.Namespace, out: Console) -> int:
    from edged.mqtt.outbox_reader import OutboxReader  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.recognition.identification import replay  # noqa: PLC0415
    from edged.recognition.recognizer import Rules  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    state = StateDir.of(args.document)
    reader = OutboxReader.open(state.events)
    try:
        stored = reader.find(args.event)
    finally:
        reader.close()
    if stored is None:
        raise Refused("no_such_event", f"no event begins with {args.event}", "Events are kept for events.max_age_days")
    record = stored.record
    crops = state.open_shots(args.document).crops(record.id)
    if not crops:
        raise Refused(
            "no_shot",
            f"no pictures are kept of event {record.id} ({record.type.value})",
            "Replay the visit's `new` or `update` event; pictures need events.keep_shots and go with their age",
        )
    sight = open_sight(args.document.models)
    gallery = state.open_gallery(args.document, sight.model)
    try:
        if not gallery.is_surveyed:
            gallery.adopt_survey(gallery.surveyed.after(gallery.snapshot().roll, sight.curve))
        snapshot = gallery.snapshot()
        verdict = replay(sight, crops, Rules.of(args.document, args.loaded.digest, record.camera), snapshot)
    finally:
        gallery.close()
    changed = [
        words
        for differs, words in (
            (record.model != sight.model.digest, "another model is in use"),
            (
                record.index != snapshot.version,
                f"the gallery has changed (version {record.index}, now {snapshot.version})",
            ),
            (record.config != args.loaded.digest, "the configuration has changed"),
        )
        if differs
    ]
    then = _answer(record.outcome, record.best.person.customer_person_id if record.best else None)
    now = _answer(verdict.outcome, verdict.best.person.customer_person_id if verdict.best else None)
    same = then == now
    out.result(
        {
            "event": record.id,
            "same": same,
            "changed": changed,
            "stranger": {"pseudonym": record.stranger, "visits": record.stranger_visits} if record.stranger else None,
            "then": then | _figures(record.similarity, record.margin, record.threshold, record.frames),
            "now": now | _figures(verdict.similarity, verdict.margin, verdict.threshold, verdict.frames),
        },
        "\n".join(
            [
                _headline(record),
                _line("then", then, record.similarity, record.threshold, record.margin, record.frames),
                _line("now", now, verdict.similarity, verdict.threshold, verdict.margin, verdict.frames),
                "  the same answer" if same else "  another answer",
                *([f"  note: {_called(record)}"] if record.stranger else []),
                *(f"  note: {words}" for words in changed),
            ]
        ),
    )
    return Exit.OK if same else Exit.FAILED


def _answer(outcome: Outcome, person: str | None) -> dict[str, str | None]:
    return {"outcome": outcome.value, "person": person if outcome is Outcome.KNOWN else None}


def _figures(similarity: float, margin: float, threshold: float, frames: int) -> dict[str, float]:
    return {
        "similarity": round(similarity, 4),
        "margin": round(margin, 4),
        "threshold": round(threshold, 4),
        "frames": frames,
    }


def _line(
    when: str, answer: dict[str, str | None], similarity: float, threshold: float, margin: float, frames: int
) -> str:
    who = f"{answer['outcome']} ({answer['person']})" if answer["person"] else f"{answer['outcome']}"
    figures = f"similarity {similarity:.3f}, threshold {threshold:.3f}, margin {margin:.3f}, {frames} frame(s)"
    return f"  {when:4}  {who}: {figures}"


def _listed(record: EventRecord) -> str:
    person = record.best.person if record.best and record.outcome is Outcome.KNOWN else None
    who = (person.name or person.customer_person_id) if person else record.stranger
    at: datetime = record.at.captured
    return (
        f"{record.id}  {at.astimezone():%Y-%m-%d %H:%M:%S}  {record.camera:12} {record.type:6} {record.outcome:9} {who}"
    )


def _called(record: EventRecord) -> str:
    times = "for the first time" if record.stranger_visits == 1 else f"{record.stranger_visits} times by then"
    return f"seen as the stranger {record.stranger}, {times}"


def _headline(record: EventRecord) -> str:
    at: datetime = record.at.captured
    return f"event {record.id}: {record.type.value} at {record.camera}, {at.astimezone():%Y-%m-%d %H:%M:%S}"
