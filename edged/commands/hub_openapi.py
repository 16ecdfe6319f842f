"""`edged hub openapi`: the interface, for programs that make clients."""

from __future__ import annotations

import argparse
import json
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word
from edged.commands.word import Words

_DESCRIPTION: Final = """\
Print the hub's interface as an OpenAPI 3.1 document: what a running hub serves at /openapi.json,
and in readable form at /docs. Needs no hub.
"""
_EPILOG: Final = """\
Examples:
  edged hub openapi > openapi.json
"""


def register(words: Words) -> None:
    add_word(words, "openapi", "print the interface", _DESCRIPTION, _EPILOG, _openapi, configured=False)


def _openapi(_args: argparse.Namespace, out: Console) -> int:
    from edged.api.openapi import document  # noqa: PLC0415  the dialects' imports are not for `--help`

    whole = document()
    out.result(whole, json.dumps(whole, indent=2, ensure_ascii=False))
    return Exit.OK
