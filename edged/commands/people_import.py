"""`edged people import`: many people at once."""

from __future__ import annotations

import argparse
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.noted import noted

DESCRIPTION: Final = """\
Enrol many people at once. SOURCE is one of
  a folder with a folder for each person, named by their ID (customer_person_id); a file
  person.json in it may say name, email, phone, groups, notes, valid_from and valid_until;
  a manifest, CSV or JSON, whose columns are customer_person_id, name, email, phone, groups,
  valid_from, valid_until, notes and photos, with the photographs beside it;
  a zip archive of either.
What is not good enough to recognise somebody by is refused, with the reason. What looks odd (the
face resembles somebody else, or is unlike the person's other photographs) is enrolled and named.
It may be stopped at any time; the same command goes on from there. A running daemon knows each
person at once.
"""
EPILOG: Final = """\
Exit codes: 0 everything was taken, doubtful photographs among it, 1 something was refused (the
rest is enrolled).

Examples:
  edged people import staff/ --dry-run            what would be refused, without enrolling anybody
  edged people import staff.zip --report staff.html
  edged people import staff.csv --strict --json
"""
_LINES: Final = 20


def register(words: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `import`."""
    parser = words.add_parser(
        "import",
        help="enrol many people from a folder, a manifest or a zip archive",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="SOURCE", type=Path, help="folder, manifest (.csv, .json) or .zip")
    parser.add_argument("--dry-run", action="store_true", help="judge everything, enrol nobody")
    parser.add_argument(
        "--report",
        metavar="FILE",
        type=Path,
        help="what was refused or doubted, and why: .csv, .json, or .html with the pictures",
    )
    add_terms(parser)
    parser.set_defaults(run=_run)


def add_terms(parser: argparse.ArgumentParser) -> None:
    """Adds what every enrolment may ask for."""
    parser.add_argument("--strict", action="store_true", help="refuse what would only be warned of")
    parser.add_argument(
        "--largest", action="store_true", help="where a photograph shows several faces, take the largest"
    )
    parser.add_argument(
        "--covered-eyes",
        action="store_true",
        help="take faces whose eyes are covered: glasses that are never taken off",
    )


def _run(args: argparse.Namespace, out: Console) -> int:
    from edged.commands.import_report import Tally, check_report, document, first_lines, write_report  # noqa: PLC0415
    from edged.gallery.roster import open_roster  # noqa: PLC0415  loads the runtimes: not for `--help`
    from edged.recognition.rehearsal import Rehearsal  # noqa: PLC0415
    from edged.runtime.bulk_enrolment import BulkEnrolment  # noqa: PLC0415
    from edged.runtime.clock import SystemClock  # noqa: PLC0415
    from edged.runtime.import_journal import ImportJournal  # noqa: PLC0415
    from edged.runtime.portrayers import Terms, open_portrayers  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.runtime.witness import witness  # noqa: PLC0415

    if args.report:
        check_report(args.report)
    state = StateDir.of(args.document)
    terms = Terms(args.document.quality, args.largest, args.covered_eyes, args.strict)
    out.progress("looking through the files", 0.0)
    roster = open_roster(args.source)
    with closing(roster.bundle):
        out.progress("loading the models", 0.0)
        with (
            open_portrayers(args.document.models, terms) as portrayers,
            noted(state, args.document, out) as scribe,
            closing(state.open_gallery(args.document, portrayers.sight.model)) as gallery,
            nullcontext() if args.dry_run else closing(ImportJournal.open(state.root, args.source)) as journal,
        ):
            gallery.be_seen_by(witness(scribe, operator()))
            known = gallery.snapshot()
            register = Rehearsal(known, known.model.dimension) if args.dry_run else gallery
            bulk = BulkEnrolment(register, portrayers, terms, journal, SystemClock())
            try:
                findings = bulk.run(roster, out.progress)
            except KeyboardInterrupt:
                out.say("Stopped. The same command goes on from here.")
                raise
            if args.report:
                out.progress("writing the report", 1.0)
                title = f"{'Rehearsed import' if args.dry_run else 'Import'} of {args.source.name}"
                write_report(args.report, findings, roster.bundle, title)
            if journal:
                journal.finish()
    tally = Tally.of(findings)
    done = "would be enrolled" if args.dry_run else "enrolled"
    out.result(
        {"source": str(args.source), "dry_run": args.dry_run, **document(findings)},
        "\n".join([f"{args.source}: {done}: {tally.words()}", tally.reason_words(), *first_lines(findings, _LINES)]),
    )
    return Exit.FAILED if tally.people_refused or tally.photos_refused else Exit.OK
