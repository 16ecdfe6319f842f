"""`edged replay`: decide an event again from its pictures, and show why; of a passage, every rule besides."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from edged.commands.console import Console, Exit
from edged.commands.replay_passage import listed, shown, told
from edged.domain.errors import Refused
from edged.domain.event import Outcome
from edged.wire.event import EventRecord
from edged.wire.passage import PassageRecord

_DESCRIPTION = """\
Show what an event was decided from, and decide it again: the aligned faces that voted are embedded
anew and compared with the gallery as it is now, by the rules as they are now. With the same models,
gallery and rules the answer is the same; where one of them has changed since, it says so.

Of a passage at a door it shows what the door answered and what every rule answered, as it was, with
scores and liveness; and the faces of the visit that led to it, decided again in the same way.
"""

_LISTED: Final = 20

_EPILOG = """\
Exit codes: 0 the answer is the same, 1 it differs, or there is nothing to replay.

Examples:
  edged replay                     the latest events and passages, to choose from
  edged replay 0199a2b4-11         as many digits of an id as make it the only one
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
    parser.add_argument("event", metavar="ID", nargs="?", help="of an event or a passage, or its first digits")
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
        passages = [stored.record for stored in reader.recent_passages(_LISTED)]
    finally:
        reader.close()
    lines = [(record.id, _listed(record)) for record in records]
    lines += [(passage.id, listed(passage)) for passage in passages]
    out.result(
        {
            "events": [record.model_dump(mode="json") for record in records],
            "passages": [passage.model_dump(mode="json") for passage in passages],
        },
        "\n".join(line for _, line in sorted(lines, reverse=True)) or "no events yet",
    )
    return Exit.OK


def _replay(args: argparse.Namespace, out: Console) -> int:
    from edged.mqtt.outbox_reader import OutboxReader  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    state = StateDir.of(args.document)
    reader = OutboxReader.open(state.events)
    try:
        stored, passage = reader.find(args.event), reader.find_passage(args.event)
        events = [item.record for item in reader.of_visit(passage.record.visit)] if passage else []
    finally:
        reader.close()
    if stored and passage:
        raise Refused(
            "ambiguous", f"an event and a passage begin with {args.event}", "Give more of the id's characters"
        )
    if passage:
        return _replay_passage(args, out, passage.record, events)
    if stored is None:
        raise Refused(
            "no_such_event",
            f"no event and no passage begins with {args.event}",
            "Both are kept for events.max_age_days",
        )
    document, text = _decided_again(args, stored.record)
    out.result(document, text)
    return Exit.OK if document["same"] else Exit.FAILED


def _replay_passage(
    args: argparse.Namespace, out: Console, passage: PassageRecord, events: Sequence[EventRecord]
) -> int:
    """What the door answered, as it was; the faces of the visit by then, decided again."""
    before = [event for event in events if event.at.decided <= passage.at.decided] or list(events[:1])
    event, text, missing = None, "", "no face led to it" if not passage.visit else "the visit's events are gone"
    for record in reversed(before):
        try:
            event, text = _decided_again(args, record)
        except Refused as refusal:
            missing = refusal.what
        else:
            break
    note = [] if event else [f"  note: {missing}"]
    out.result({**shown(passage), "event": event}, "\n".join([told(passage), *([text] if text else []), *note]))
    return Exit.OK if event is None or event["same"] else Exit.FAILED


def _decided_again(args: argparse.Namespace, record: EventRecord) -> tuple[dict[str, Any], str]:
    """What came of it, for programs and for people.

    Raises:
        Refused: `no_shot`.
    """
    from edged.recognition.identification import replay  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.recognition.recognizer import Rules  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vision.sight import open_sight  # noqa: PLC0415

    state = StateDir.of(args.document)
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
    document = {
        "event": record.id,
        "same": same,
        "changed": changed,
        "stranger": {"pseudonym": record.stranger, "visits": record.stranger_visits} if record.stranger else None,
        "then": then | _figures(record.similarity, record.margin, record.threshold, record.frames),
        "now": now | _figures(verdict.similarity, verdict.margin, verdict.threshold, verdict.frames),
    }
    lines = [
        _headline(record),
        _line("then", then, record.similarity, record.threshold, record.margin, record.frames),
        _line("now", now, verdict.similarity, verdict.threshold, verdict.margin, verdict.frames),
        "  the same answer" if same else "  another answer",
        *([f"  note: {_called(record)}"] if record.stranger else []),
        *(f"  note: {words}" for words in changed),
    ]
    return document, "\n".join(lines)


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
