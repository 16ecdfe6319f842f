"""`edged hub token`: who may ask what."""

from __future__ import annotations

import argparse
import time
from typing import Any, Final

from edged.api.access import Right
from edged.api.token import Token
from edged.commands.columns import columns
from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, opened
from edged.commands.moment import span_s
from edged.commands.word import Words
from edged.domain.errors import Refused
from edged.domain.timestamp import utc
from edged.hub.operator import operator

_ABOUT: Final = """\
Tokens are what clients show: `Authorization: Token …` to miiCloud and FindFace, `X-API-Key: …` to
9Pic. The hub keeps a digest of each, never the text.

Rights: read (see people, faces, events and photographs), enroll (add, change and delete them),
match (ask who somebody is), device (a device of ours), metrics (the hub's own figures, for
Prometheus), admin (all of them).
"""
_CREATE_EPILOG: Final = """\
The text is shown once and kept nowhere.

Examples:
  edged hub token create --name kiosk --right match
  edged hub token create --name import --right enroll --right read --gallery staff --expires 7d
  edged hub token create --name booth-3 --device booth-3
  edged hub token create --name prometheus --right metrics
  edged hub token create --name partner --right read --right match --org acme --json | jq -r .token.text
"""
_REVOKE: Final = """\
End a token for good. A running hub refuses it within a second. The id is the middle part of the
text, and stands in `edged hub token list`.
"""
_ROTATE: Final = """\
Give a token a new text; what it may do stays, and so does its id. The old text goes on opening for
a while, so that clients can be told one after the other; an older one that was still valid ends now.
"""
_HEADINGS: Final = ("ID", "NAME", "RIGHTS", "ONLY", "CREATED", "EXPIRES", "LAST USED", "STATE")


def register(words: Words) -> None:
    parser = words.add_parser(
        "token",
        help="make, list, rotate and revoke tokens",
        description=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own = parser.add_subparsers(metavar="WORD", required=True)
    create = add_word(own, "create", "make a token", "Make a token.\n\n" + _ABOUT, _CREATE_EPILOG, _create)
    create.add_argument("--name", required=True, help="what you will know it by")
    create.add_argument(
        "--right",
        action="append",
        default=[],
        choices=[*Right],
        metavar="RIGHT",
        help="what it may do; may be repeated",
    )
    create.add_argument("--gallery", metavar="NAME", help="for this gallery only")
    create.add_argument("--org", metavar="SLUG", help="for this organisation only")
    create.add_argument("--device", metavar="NAME", help="for this device; gives it the right `device`")
    create.add_argument(
        "--expires", type=span_s, metavar="SPAN", help="how long it holds: 12h, 90d (default: for good)"
    )
    add_word(own, "list", "all tokens, without their texts", "List all tokens, the newest first.", "", _list)
    revoke = add_word(own, "revoke", "end a token", _REVOKE, "", _revoke)
    revoke.add_argument("id", metavar="ID", help="of the token")
    rotate = add_word(own, "rotate", "give a token a new text", _ROTATE, "", _rotate)
    rotate.add_argument("id", metavar="ID", help="of the token")
    rotate.add_argument(
        "--grace", type=span_s, default=86400.0, metavar="SPAN", help="how long the old text opens, too (default: 1d)"
    )


def _create(args: argparse.Namespace, out: Console) -> int:
    if args.device == "":
        raise Refused("bad_device", "the name of the device is empty")
    rights = {Right(word) for word in args.right} | ({Right.DEVICE} if args.device else set())
    with opened(args) as stores:
        token, minted = stores.tokens.create(
            args.name,
            rights,
            by=operator(),
            gallery=args.gallery,
            organisation=args.org,
            device=args.device or "",
            expires=None if args.expires is None else time.time() + args.expires,
        )
    out.say("The token. It is shown this once and kept nowhere:")
    out.result({"token": {**_document(token), "text": minted.text}}, minted.text)
    return Exit.OK


def _list(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        tokens = stores.tokens.all()
    rows = [_row(token) for token in tokens]
    out.result(
        {"tokens": [_document(token) for token in tokens]},
        columns((_HEADINGS, *rows)) if rows else "There is no token. Make one with: edged hub token create",
    )
    return Exit.OK


def _revoke(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        if not stores.tokens.revoke(args.id, by=operator()):
            raise Refused("unknown_token", f"there is no valid token {args.id}", "See `edged hub token list`")
    out.result({"revoked": args.id}, f"The token {args.id} opens nothing any more.")
    return Exit.OK


def _rotate(args: argparse.Namespace, out: Console) -> int:
    with opened(args) as stores:
        minted = stores.tokens.rotate(args.id, args.grace, by=operator())
        until = time.time() + args.grace
    if minted is None:
        raise Refused("unknown_token", f"there is no valid token {args.id}", "See `edged hub token list`")
    out.say(f"The new text. It is shown this once; the old one opens until {utc(until)}:")
    out.result({"token": {"id": minted.id, "text": minted.text, "former_until": utc(until)}}, minted.text)
    return Exit.OK


def _document(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "rights": [right for right in Right if right in token.rights],
        "gallery": token.gallery,
        "organisation": token.organisation,
        "device": token.device or None,
        "created": utc(token.created),
        "expires": utc(token.expires),
        "revoked": utc(token.revoked),
        "last_used_hour": utc(token.used),
        "former_until": utc(token.former_until),
    }


def _row(token: Token) -> tuple[str, ...]:
    only = {"gallery": token.gallery, "org": token.organisation, "device": token.device}
    state = "revoked" if token.revoked is not None else "valid" if token.is_valid(time.time()) else "expired"
    return (
        token.id,
        token.name,
        ", ".join(right for right in Right if right in token.rights),
        ", ".join(f"{kind} {value}" for kind, value in only.items() if value),
        utc(token.created),
        utc(token.expires) or "never",
        utc(token.used) or "never",
        state,
    )
