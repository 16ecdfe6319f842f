"""`edged api`: tokens for the clients of this device, and the audit of what they had done."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any, Final

from edged.api.access import Right
from edged.commands.console import Console, Exit
from edged.domain.timestamp import utc

_MAKING_EPILOG: Final = """\
The token is shown once and kept nowhere. Put the line into the file that api.tokens names; the daemon reads it again
when it changes. To take a token back, remove its line. The line does not open anything: it has a digest of the token.

Examples:
  edged api token "front desk"
  edged api token "shop" --right match --gallery vip
  edged api token "event app" --right read --right match --org booth
"""
_AUDIT_EPILOG: Final = """\
Examples:
  edged api audit
  edged api audit --last 1000 --json
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `api`."""
    about = (
        "Interfaces for clients of FindFace, miiCloud and 9Pic, which a running edged serves where api.enabled is set."
    )
    api = commands.add_parser(
        "api", help="tokens for clients of this device, and what they had done", description=about
    )
    words = api.add_subparsers(metavar="WORD", required=True)
    token = words.add_parser(
        "token",
        help="make a token",
        description="Make a token, and the line that lets its holder in.",
        epilog=_MAKING_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    token.add_argument("name", metavar="NAME", help="who will use it")
    rights = [Right.READ.value, Right.ENROLL.value, Right.MATCH.value]
    token.add_argument("--right", action="append", choices=rights, help="what it may do; all of these unless given")
    token.add_argument("--gallery", metavar="NAME", help="it sees and touches this gallery only")
    token.add_argument(
        "--org",
        metavar="SLUG",
        help="it sees the photographs of this organisation only (photos.organisation), no people",
    )
    token.set_defaults(run=_token, needs_document=False)
    audit = words.add_parser(
        "audit",
        help="what clients had done",
        description="List what clients had done to people, the newest first.",
        epilog=_AUDIT_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    audit.add_argument("--last", type=int, default=100, metavar="N", help="so many entries (100)")
    audit.set_defaults(run=_audit)


def _token(args: argparse.Namespace, out: Console) -> int:
    from edged.api.token import mint  # noqa: PLC0415  not for `--help`
    from edged.runtime.token_file import line_of  # noqa: PLC0415  the same

    minted = mint()
    chosen = args.right or [Right.READ, Right.ENROLL, Right.MATCH]
    line = line_of(minted, args.name, frozenset(Right(word) for word in chosen), args.gallery, args.org)
    out.result({"token": minted.text, "line": line}, f"token:  {minted.text}\nline:   {line}")
    return Exit.OK


def _audit(args: argparse.Namespace, out: Console) -> int:
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  loads the gallery: not for `--help`

    with closing(StateDir.of(args.document).open_people(args.document)) as people:
        entries = people.audit(max(args.last, 0))
    documents: list[dict[str, Any]] = [
        {"at": utc(one.at), "by": one.by, "name": one.name, "act": one.act, "about": one.about} for one in entries
    ]
    lines = [f"{one['at']}  {one['by']}  {one['act']:<14}  {one['about']}  ({one['name']})" for one in documents]
    out.result({"entries": documents}, "\n".join(lines) or "Nothing yet.")
    return Exit.OK
