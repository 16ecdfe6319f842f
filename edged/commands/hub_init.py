"""`edged hub init` and `edged hub renew`: a hub's directory, and its certificate."""

from __future__ import annotations

import argparse
import shlex
import time
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, settings_of
from edged.commands.word import Words
from edged.config.document import ModelSettings
from edged.domain.errors import Refused
from edged.domain.timestamp import utc
from edged.hub.authority import CERTIFICATE, RENEW_DAYS, renew, validity
from edged.hub.founding import found

_INIT: Final = """\
Make everything a hub needs in one folder: the configuration hub.yaml, a certificate authority and
a certificate below tls/, and below data/ the hub's key and an empty database. Prints the first
token, an administrator's, once: it is kept nowhere.

Clients are given three things: the address, a token, and tls/ca.crt to trust. The authority's key,
tls/ca.key, is needed for `edged hub renew` only; keep it offline if you can. The key in data/key
opens the hub's backups; keep a copy of it elsewhere.
"""
_INIT_EPILOG: Final = """\
Nothing is ever overwritten: the folder must be empty or new. Passwords and keys belong into the
environment (PGPASSWORD, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or into files.

Examples:
  edged hub init /srv/hub --name hub.example.org --name 192.168.1.10
  edged hub init ./hub --models build/models --json
  edged hub init /srv/hub --name hub.example.org --postgresql-file /etc/edged/database
"""
_RENEW: Final = """\
Make a new certificate and key for the hub, signed by the authority that `edged hub init` made.
Clients need nothing new. A running hub takes the certificate over within a minute, without a
restart. Certificates hold for 397 days; the hub warns in its log when 60 are left. Once a month
in cron is plenty: with --if-due nothing happens before it is time.
"""
_RENEW_EPILOG: Final = """\
Examples:
  edged hub renew --config /srv/hub/hub.yaml
  edged hub renew --config /srv/hub/hub.yaml --name hub.example.org --name hub.lan
"""


def register(words: Words) -> None:
    init = add_word(words, "init", "make a hub's folder", _INIT, _INIT_EPILOG, _init, configured=False)
    init.add_argument("folder", type=Path, metavar="DIR", help="where to make it; empty or new")
    init.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="a host name or address by which clients ask for the hub; may be repeated (default: the address "
        "of --listen where it is a single one, and this machine's name)",
    )
    init.add_argument("--listen", default="0.0.0.0", metavar="ADDRESS", help="where to listen (default: everywhere)")  # noqa: S104  with TLS and tokens
    init.add_argument("--port", type=int, default=8443, help="the port (default: 8443)")
    init.add_argument("--models", type=Path, metavar="FOLDER", help="where the models lie (default: /opt/edged/models)")
    init.add_argument(
        "--postgresql", metavar="ADDRESS", help="keep the data there instead: postgresql://USER@HOST/DATABASE"
    )
    init.add_argument("--postgresql-file", type=Path, metavar="FILE", help="a file with that address, password and all")
    init.add_argument("--photos", metavar="ADDRESS", help="and photographs there: s3://HOST/BUCKET/PREFIX")
    init.add_argument(
        "--photos-keys", type=Path, metavar="FILE", help="the storage's keys, in the form of ~/.aws/credentials"
    )
    again = add_word(words, "renew", "make a new certificate", _RENEW, _RENEW_EPILOG, _renew)
    again.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="HOST",
        help="a host name or address; may be repeated (default: those of the present certificate)",
    )
    again.add_argument("--if-due", action="store_true", help="only when fewer than 60 days are left")


def _init(args: argparse.Namespace, out: Console) -> int:
    hub = found(args.folder, args.name, args.listen, args.port, args.models, _store(args))
    curl = shlex.join(
        ["curl", "--cacert", str(hub.ca), "-H", f"Authorization: Token {hub.token.text}", f"{hub.url}/v1/galleries"]
    )
    run = shlex.join(["edged", "hub", "run", "--config", str(hub.config)])
    models = args.models or Path(ModelSettings.model_fields["directory"].default)
    notes = (
        [] if models.is_dir() else [f"There are no models at {models} yet: edged models build, or set models.directory"]
    )
    document = {
        "config": str(hub.config),
        "url": hub.url,
        "ca": str(hub.ca),
        "ca_sha256": hub.fingerprint,
        "names": list(hub.certificate.names),
        "certificate_until": utc(hub.certificate.until),
        "token": {"id": hub.token.id, "text": hub.token.text},
        "run": run,
        "curl": curl,
        "notes": notes,
    }
    text = f"""\
The hub is made; its configuration is {hub.config}.

The token of its first administrator. It is shown this once and kept nowhere:

  {hub.token.text}

Start it:

  {run}

Ask it:

  {curl}

Clients trust {hub.ca}
SHA-256 {hub.fingerprint}
The certificate is for {", ".join(hub.certificate.names)}
and holds until {utc(hub.certificate.until)}."""
    out.result(document, "\n\n".join([text, *notes]))
    return Exit.OK


def _store(args: argparse.Namespace) -> dict[str, str]:
    """Settings of `store` that were typed; paths count from where they were typed."""
    names = ("postgresql", "postgresql_file", "photos", "photos_keys")
    typed = {name: getattr(args, name) for name in names}
    return {name: str(value.absolute() if isinstance(value, Path) else value) for name, value in typed.items() if value}


def _renew(args: argparse.Namespace, out: Console) -> int:
    certificate = settings_of(args).serve.certificate
    if certificate is None or certificate.name != CERTIFICATE:
        raise Refused(
            "not_ours",
            f"serve.certificate is not a {CERTIFICATE} of ours",
            "A certificate from elsewhere is renewed by whoever gave it",
        )
    now = time.time()
    before = validity(certificate)
    if args.if_due and before.days_left(now) >= RENEW_DAYS and not args.name:
        made, renewed = before, False
    else:
        made, renewed = renew(certificate.parent, args.name, now), True
    out.result(
        {"renewed": renewed, "names": list(made.names), "certificate_until": utc(made.until)},
        f"{'The new certificate' if renewed else 'Not due: the certificate'} is for {', '.join(made.names)}\n"
        f"and holds until {utc(made.until)}.",
    )
    return Exit.OK
