"""`edged event add`: photographs from files and folders into an event."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.event_store import opened, own_eyes
from edged.commands.word import Words, add_word

_TEXT: Final = """\
Add photographs to an event: JPEG, PNG or WebP, told by their content; folders with all that is below
them. Everybody in them is found from then on. The same content again is counted, and costs nothing.
What is no good is refused, with the reason, and not read again.
It may be stopped at any time, also by a power cut; the same command goes on from there. The files
are never changed.
"""
_EPILOG: Final = """\
Exit codes: 0 everything was taken or there already, 1 something was refused (the rest is added).

Examples:
  sudo -u edged edged event add gala /media/card
  sudo -u edged edged event add gala IMG_4711.JPG IMG_4712.JPG --json
"""
_LINES: Final = 20


def register(words: Words) -> None:
    """Adds `add`."""
    parser = add_word(words, "add", "photographs from files and folders", _TEXT, _EPILOG, _run)
    parser.add_argument("slug", metavar="SLUG", help="the event")
    parser.add_argument("sources", metavar="FILE", nargs="+", type=Path, help="a photograph, or a folder of them")


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.photos.photo import Source  # noqa: PLC0415
    from edged.runtime.booth import Keeping  # noqa: PLC0415
    from edged.runtime.clock import SystemClock  # noqa: PLC0415
    from edged.runtime.file_intake import FileIntake  # noqa: PLC0415
    from edged.runtime.photo_batch import PhotoBatch  # noqa: PLC0415

    with opened(args, out) as store:
        event = store.event(args.slug)
        out.progress("loading the models", 0.0)
        intake = FileIntake(
            Keeping(own_eyes(store.document), store.albums), store.memory, by=store.by, source=Source.UPLOAD
        )
        batch = PhotoBatch(intake, store.memory, SystemClock())
        before = store.albums.tally(event).photos
        try:
            outcome = batch.run(event, args.sources, out.progress)
        except KeyboardInterrupt:
            out.say("Stopped. The same command goes on from here.")
            raise
        finally:
            about = f"{event.organisation}/{event.slug}, {store.albums.tally(event).photos - before} photographs"
            store.scribe.note(Act.PHOTOS, by=store.by.id, about={"what": "add_photos", "of": about})
    ignored = sum(outcome.ignored.values())
    lines = [
        (
            f"{event.slug}: {outcome.added:,} added, {outcome.there:,} there already,"
            f" {len(outcome.faults):,} refused, {ignored:,} other files"
        ),
        *(f"{name}: {what} ({reason})" for name, reason, what in outcome.faults[:_LINES]),
        *([f"and {len(outcome.faults) - _LINES:,} more: --json names all"] if len(outcome.faults) > _LINES else ()),
    ]
    out.result(
        {
            "event": event.slug,
            "added": outcome.added,
            "there": outcome.there,
            "refused": [{"file": name, "reason": reason, "what": what} for name, reason, what in outcome.faults],
            "ignored": dict(outcome.ignored),
        },
        "\n".join(lines),
    )
    return Exit.FAILED if outcome.faults else Exit.OK
