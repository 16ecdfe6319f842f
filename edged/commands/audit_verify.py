"""`edged audit verify`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.commands.audit_words import records_of
from edged.commands.console import Console, Exit
from edged.commands.noted import noted
from edged.commands.word import Words, add_word
from edged.domain.errors import Refused, Unavailable

if TYPE_CHECKING:
    from edged.audit.entry import Fact
    from edged.audit.head import Head
    from edged.audit.verification import Verification

_VERIFY: Final = """\
Read the whole audit log and say whether it is as the device wrote it: which entries were altered,
removed, swapped or inserted, and whether the newest were cut off.

That somebody has put an older copy of all files in the log's place, only a head can tell that was
noted elsewhere before (`edged audit head`, or the health topic): give it with --head.

With --file an export is verified, on any machine: give the device's public key with --key.
"""
_EPILOG: Final = """\
Exit codes: 0 whole, 1 not whole or not readable.

Examples:
  edged audit verify
  edged audit verify --head 0190f1e2-…:4711:7c7c…
  edged audit verify --file export.json --key 5b6f…
"""
_MOST_TOLD: Final = 20


def register(words: Words) -> None:
    """Adds the word."""
    verify = add_word(words, "verify", "whether the log is as the device wrote it", _VERIFY, _EPILOG, _verify)
    verify.add_argument("--head", metavar="HEAD", help="a head that was noted before, which the log must have")
    verify.add_argument("--file", type=Path, metavar="EXPORT", help="an export, JSON or CSV, instead of the log here")
    verify.add_argument("--key", default="", metavar="HEX", help="with --file: the device's public key")


def _verify(args: argparse.Namespace, out: Console) -> int:
    from edged.audit.head import head_of  # noqa: PLC0415  not for `--help`

    if args.key and not args.file:
        raise Refused("bad_option", "--key goes with --file")
    head = head_of(args.head) if args.head else None
    found = _export(args, head) if args.file else _here(args, head, out)
    out.result(
        {
            "whole": found.is_whole,
            "chain": found.chain,
            "first": found.first,
            "last": found.last,
            "entries": found.entries,
            "faults": [
                {"kind": fault.kind.value, "number": fault.number, "through": fault.through, "what": fault.what}
                for fault in found.faults
            ],
            "more": found.more,
            "remarks": list(found.remarks),
        },
        _text(found),
    )
    return Exit.OK if found.is_whole else Exit.FAILED


def _here(args: argparse.Namespace, head: Head | None, out: Console) -> Verification:
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    with records_of(args.document) as records:
        found = records.verify(head, out.progress)
    with noted(StateDir.of(args.document), args.document, out) as scribe:
        about: dict[str, Fact] = {"whole": found.is_whole, "entries": found.entries, "through": found.last}
        if found.faults:
            about |= {"faults": len(found.faults) + found.more, "kind": found.faults[0].kind.value}
        scribe.note(Act.VERIFICATION, by=operator(), about=about)
    return found


def _export(args: argparse.Namespace, head: Head | None) -> Verification:
    from edged.audit.export_check import verify_export  # noqa: PLC0415  not for `--help`
    from edged.audit.statement import read_csv_export, read_json_export, statement_file  # noqa: PLC0415

    content = _read(args.file)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        read = read_json_export(content)
    else:
        read = read_csv_export(content, _read(statement_file(args.file)))
    return verify_export(*read, args.key, head)


def _read(path: Path) -> bytes:
    from edged.audit.statement import MOST_BYTES  # noqa: PLC0415  not for `--help`

    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def _text(found: Verification) -> str:
    number = f"{found.entries:,} entries" + (f", {found.first} to {found.last}" if found.entries else "")
    lines = [f"whole: {number}" if found.is_whole else f"NOT WHOLE: {number}"]
    lines += [f"  {fault.kind.value}: {fault.what}" for fault in found.faults[:_MOST_TOLD]]
    more = found.more + max(0, len(found.faults) - _MOST_TOLD)
    lines += [f"  and {more} more"] if more else []
    lines += [f"  note: {remark}" for remark in found.remarks]
    return "\n".join(lines)
