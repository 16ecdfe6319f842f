"""`edged audit export` and `edged audit prune`."""

from __future__ import annotations

import argparse
import io
import json
import time
from pathlib import Path
from typing import Any, Final

from edged.commands.audit_words import records_of
from edged.commands.console import Console, Exit
from edged.commands.moment import span_s
from edged.commands.noted import noted
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused, Unavailable

_EXPORT: Final = """\
Write the audit log to a file, with the hashes of its chain and the device's signed word on them.
Whoever has the file and the device's public key (`edged audit head`) can verify it anywhere:
`edged audit verify --file FILE --key KEY`. It holds ids of people, no names.

JSON: one document. CSV: a table that is safe to open in a spreadsheet, and beside it the signed
statement, FILE.statement.json.
"""
_EXPORT_EPILOG: Final = """\
Exit codes: 0 written, 1 not written, or the log is not whole (it is written all the same).

Examples:
  edged audit export audit.json
  edged audit export --format csv --since 30d audit.csv
"""
_PRUNE: Final = """\
Remove entries that are older than audit.keep_days, or more than audit.max_entries, now; the daemon
does it by itself. What remains can still be verified, and an entry says what went, and how many.
"""
_PRUNE_EPILOG: Final = """\
Examples:
  edged audit prune
"""
_DAY_S: Final = 86_400.0


def register(words: Words) -> None:
    """Adds `export` and `prune`."""
    export = add_word(
        words, "export", "write the log to a file that others can verify", _EXPORT, _EXPORT_EPILOG, _export
    )
    export.add_argument("--format", choices=("json", "csv"), default="json", help="of the file (default: json)")
    export.add_argument("--since", type=span_s, metavar="SPAN", help="only the last 12h, 30d")
    export.add_argument("file", type=Path, metavar="FILE", help="where to write it; must not be there")
    add_word(words, "prune", "remove what is too old now", _PRUNE, _PRUNE_EPILOG, _prune)


def _export(args: argparse.Namespace, out: Console) -> int:
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.audit.statement import statement_file  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    state = StateDir.of(args.document)
    if args.file.exists():
        raise Refused("exists", f"{args.file} is there already", "Choose another name.")
    try:
        statement = _write(args, out)
    except OSError as error:
        raise Unavailable(
            f"{args.file} cannot be written: {error.strerror or error}", "Choose another name."
        ) from error
    with noted(state, args.document, out) as scribe:
        about = {name: statement[name] for name in ("after", "through", "entries", "hash")}
        scribe.note(Act.EXPORT, by=operator(), about={"format": args.format, **about})
    whole = statement["faults"] == 0
    words = [f"{statement['entries']:,} entries written to {args.file}"]
    if args.format == "csv":
        words.append(f"the signed statement is in {statement_file(args.file)}")
    if not whole:
        words.append(f"NOT WHOLE: {statement['faults']} fault(s) were found, see edged audit verify")
    out.result({"file": str(args.file), "statement": statement}, "\n".join(words))
    return Exit.OK if whole else Exit.FAILED


def _write(args: argparse.Namespace, out: Console) -> dict[str, Any]:
    from edged.audit.statement import Exporter, statement_file  # noqa: PLC0415  not for `--help`
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415
    from edged.vault.private_file import private_file  # noqa: PLC0415

    document = args.document
    key = StateDir.of(document).open_vault(document).signing_key()
    since = None if args.since is None else time.time() - args.since
    with records_of(document) as records:
        found = records.verify(None, out.progress)
        faults = len(found.faults) + found.more
        with records.whole(since) as (begin, _count, entries), private_file(args.file) as binary:
            file = io.TextIOWrapper(binary, "utf-8", newline="")
            exporter = Exporter(begin)
            if args.format == "csv":
                exporter.as_csv(file, entries)
            else:
                exporter.as_json(file, entries)
            statement = exporter.statement(document.device.name, time.time(), faults, key)
            if args.format == "json":
                exporter.end_json(file, statement)
            file.detach()
    if args.format == "csv":
        with private_file(statement_file(args.file)) as binary:
            binary.write(json.dumps(statement, indent=1).encode() + b"\n")
    return statement


def _prune(args: argparse.Namespace, out: Console) -> int:
    from contextlib import closing  # noqa: PLC0415  not for `--help`

    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    settings = args.document.audit
    before = time.time() - settings.keep_days * _DAY_S
    removed = 0
    with closing(StateDir.of(args.document).open_chain(args.document)) as chain:
        while gone := chain.prune(before, settings.max_entries, by=operator()):
            removed += gone
    out.result({"removed": removed}, f"{removed:,} entries removed")
    return Exit.OK
