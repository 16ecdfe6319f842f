"""`edged account`: who may sign in to the pages of this device."""

from __future__ import annotations

import argparse
import base64
import getpass
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from edged.accounts.account import Account, KeptAccount, Role
from edged.commands.console import Console, Exit
from edged.domain.errors import Refused
from edged.domain.timestamp import utc

if TYPE_CHECKING:
    from edged.accounts.accounts import Accounts
    from edged.config.document import HttpSettings

_DESCRIPTION: Final = """\
Accounts for the pages of this device. A guard looks, opens doors and quiets alarms; an installer also
enrols and changes the configuration; an administrator also deletes people and keeps the accounts.

It may be used while the daemon runs, and counts at once. Run it as the service's user, so that the
file stays the service's: sudo -u edged edged account …
"""
_ADD_EPILOG: Final = """\
The password is asked for; where nobody can be asked, one is made and printed once.

Examples:
  sudo -u edged edged account add anna --role administrator
  edged account add guard1 --no-password       sign-in by links only
  printf '%s' "$WORDS" | edged account add ben --password-stdin
"""
_CHANGE_EPILOG: Final = """\
Whoever is signed in with the account is signed out.

Examples:
  edged account password anna
"""
_LINK_EPILOG: Final = """\
Whoever opens the link is signed in, once, within ten minutes. Hand it over as you would a key.

Examples:
  edged account link anna
"""
_GENERATED_BYTES: Final = 15
_GROUP: Final = 6


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `account` and its words."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "account", help="who may sign in to the pages of this device", description=_DESCRIPTION, formatter_class=raw
    )
    words = parser.add_subparsers(metavar="WORD", required=True)

    def word(name: str, about: str, epilog: str, run: Callable[[argparse.Namespace, Console], int]) -> Any:
        added = words.add_parser(
            name, help=about, description=about.capitalize() + ".", epilog=epilog, formatter_class=raw
        )
        added.set_defaults(run=run)
        return added

    add = word("add", "make an account", _ADD_EPILOG, _add)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=[role.value for role in Role], default=Role.GUARD.value, help="default: guard")
    _add_ways(add).add_argument("--no-password", action="store_true", help="sign-in by links only, for now")
    word("list", "list the accounts", "Examples:\n  edged account list --json\n", _list)
    role = word("role", "give an account another role", "Examples:\n  edged account role ben installer\n", _role)
    role.add_argument("name", metavar="NAME")
    role.add_argument("role", metavar="ROLE", choices=[role.value for role in Role])
    password = word("password", "give an account another password", _CHANGE_EPILOG, _password)
    password.add_argument("name", metavar="NAME")
    _add_ways(password)
    remove = word("remove", "remove an account", "Examples:\n  edged account remove ben\n", _remove)
    remove.add_argument("name", metavar="NAME")
    link = word("link", "make a link that signs in once", _LINK_EPILOG, _link)
    link.add_argument("name", metavar="NAME")


def _add_ways(parser: argparse.ArgumentParser) -> Any:
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--generate", action="store_true", help="make a password and print it once")
    ways.add_argument("--password-stdin", action="store_true", help="read it from standard input")
    return ways


def _add(args: argparse.Namespace, out: Console) -> int:
    with _accounts(args) as accounts:
        password, made = (None, False) if args.no_password else _chosen(args)
        account = accounts.add(Account(args.name, Role(args.role)), password)
    _tell(args, out, account, "added")
    document = {"name": account.name, "role": account.role.value} | ({"password": password} if made else {})
    text = f"{account.name} may sign in as {_article(account.role)}"
    out.result(document, _with_password(text, password if made else None))
    return Exit.OK


def _list(args: argparse.Namespace, out: Console) -> int:
    with _accounts(args) as accounts:
        kept = accounts.everybody()
    lines = [_line(one) for one in kept]
    nobody = "No accounts yet: sudo -u edged edged account add NAME --role administrator"
    out.result({"accounts": [_document(one) for one in kept]}, "\n".join(lines) or nobody)
    return Exit.OK


def _role(args: argparse.Namespace, out: Console) -> int:
    with _accounts(args) as accounts:
        account = accounts.set_role(args.name, Role(args.role))
    _tell(args, out, account, "role")
    out.result({"name": account.name, "role": account.role.value}, f"{account.name} is {_article(account.role)} now")
    return Exit.OK


def _password(args: argparse.Namespace, out: Console) -> int:
    with _accounts(args) as accounts:
        if accounts.find(args.name) is None:
            raise Refused("no_account", "there is no account of that name", "See them with: edged account list")
        password, made = _chosen(args)
        account = accounts.set_password(args.name, password)
    _tell(args, out, account, "password")
    text = f"{account.name} has another password, and is signed out everywhere"
    document = {"name": account.name} | ({"password": password} if made else {})
    out.result(document, _with_password(text, password if made else None))
    return Exit.OK


def _remove(args: argparse.Namespace, out: Console) -> int:
    with _accounts(args) as accounts:
        account = accounts.remove(args.name)
    _tell(args, out, account, "removed")
    out.result({"name": account.name}, f"{account.name} is removed, and signed out everywhere")
    return Exit.OK


def _link(args: argparse.Namespace, out: Console) -> int:
    with _accounts(args) as accounts:
        link = accounts.link(args.name)
        account = accounts.find(args.name)
    if account:
        _tell(args, out, account, "link")
    address = f"{page_address(args.document.http)}sign-in#once={link}"
    out.result({"link": address}, f"{address}\nIt signs {args.name} in, once, within ten minutes.")
    return Exit.OK


def page_address(http: HttpSettings) -> str:
    """Where browsers find the page, as far as the document tells."""
    host = socket.gethostname() if http.listen in {"0.0.0.0", "::"} else http.listen  # noqa: S104  compared only
    scheme = "https" if http.certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{http.port}/"


@contextmanager
def _accounts(args: argparse.Namespace) -> Iterator[Accounts]:
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415  loads the gallery: not for `--help`

    with closing(StateDir.of(args.document).open_accounts()) as accounts:
        yield accounts


def _tell(args: argparse.Namespace, out: Console, account: Account, change: str) -> None:
    """Puts what was changed into the audit."""
    from edged.audit.act import Act  # noqa: PLC0415  not for `--help`
    from edged.commands.noted import noted  # noqa: PLC0415
    from edged.runtime.scribe import operator  # noqa: PLC0415
    from edged.runtime.state_dir import StateDir  # noqa: PLC0415

    with noted(StateDir.of(args.document), args.document, out) as scribe:
        about = {"account": account.name, "change": change, "role": account.role.value}
        scribe.note(Act.ACCOUNT, by=operator(), about=about)


def _chosen(args: argparse.Namespace) -> tuple[str, bool]:
    """A password, and whether it was made here."""
    if args.password_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if args.generate or not sys.stdin.isatty():
        text = base64.b32encode(os.urandom(_GENERATED_BYTES)).decode().lower()
        return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP)), True
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Refused("not_alike", "those were two different passwords", "Try again")
    return password, False


def _with_password(text: str, password: str | None) -> str:
    return text if password is None else f"{text}\npassword: {password}\nIt is shown this once."


def _article(role: Role) -> str:
    return f"a {role}" if role is Role.GUARD else f"an {role}"


def _document(kept: KeptAccount) -> dict[str, Any]:
    return {
        "name": kept.account.name,
        "role": kept.account.role.value,
        "created": utc(kept.created),
        "seen": None if kept.seen is None else utc(kept.seen),
        "password": kept.has_password,
        "sessions": kept.sessions,
    }


def _line(kept: KeptAccount) -> str:
    seen = "never signed in" if kept.seen is None else f"last {utc(kept.seen)}"
    way = "" if kept.has_password else ", by links only"
    return f"{kept.account.name:<24}  {kept.account.role:<13}  {seen}{way}, open sessions: {kept.sessions}"
