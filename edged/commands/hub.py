"""`edged hub`: the self-hosted centre."""

from __future__ import annotations

import argparse

from edged.commands import (
    hub_album,
    hub_audit,
    hub_backup,
    hub_device,
    hub_init,
    hub_migrate,
    hub_openapi,
    hub_person,
    hub_run,
    hub_token,
)

_DESCRIPTION = """\
The hub is the self-hosted centre: one directory of people, to which existing miiCloud, FindFace
Cloud and 9Pic clients speak unchanged, with only host, token and CA set.
"""
_EPILOG = """\
From nothing to the first answer:
  edged hub init /srv/hub --name hub.example.org
  edged hub run --config /srv/hub/hub.yaml
  edged hub token create --config /srv/hub/hub.yaml --name kiosk --right match
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `hub` and its words."""
    parser = commands.add_parser(
        "hub",
        help="run the centre",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words = parser.add_subparsers(metavar="WORD", required=True)
    hub_init.register(words)
    hub_run.register(words)
    hub_token.register(words)
    hub_device.register(words)
    hub_person.register(words)
    hub_album.register(words)
    hub_audit.register(words)
    hub_backup.register(words)
    hub_migrate.register(words)
    hub_openapi.register(words)
