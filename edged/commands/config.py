"""`edged config`: validate, show and explain the configuration."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Final

from edged.commands.console import Console, Exit
from edged.commands.noted import note_config
from edged.config.kept import changing, read_pushed, write_pushed
from edged.config.layers import Loaded, Origin, load
from edged.config.listing import listing
from edged.config.reference import commented_file, tables
from edged.config.schema import json_schema
from edged.config.secret import shown
from edged.config.tree import leaves
from edged.domain.errors import Refused

_VALIDATE: Final = """\
Check a configuration file, together with what was pushed to this device, exactly as the daemon would. Every problem is
printed, each with the path of the setting; no secret is.
"""

_VALIDATE_END: Final = """\
Exit codes: 0 it is valid, 1 a file cannot be read, 78 it is invalid.

Examples:
  edged config validate
  edged config validate ./new.yaml && sudo cp ./new.yaml /etc/edged/edged.yaml
  edged config validate --json ./new.yaml | jq -r '.error.problems[].path'
"""

_SHOW: Final = """\
Print the document in force: every setting, and beside it where its value comes from (default, pushed or file). Secrets
are shown as ********.
"""

_SHOW_END: Final = """\
Examples:
  edged config show
  edged config show | grep -v '# default'      only what somebody has set
  edged config show --json | jq .digest        the name of this configuration in events
"""

_FORGET: Final = """\
Take back what was pushed to this device over MQTT or set on its page; the owner's file and the defaults remain. The
versions are forgotten, too, so that the next order may have any; what stands retained on the broker comes again with
the next connection. Takes effect at the next start.
"""

_FORGET_END: Final = """\
Examples:
  sudo -u edged edged config forget && sudo systemctl restart edged
  edged config forget group:doors
"""

_SCHEMA: Final = """\
Print what can be set: as a JSON schema for editors and programs, as a commented file to start from, or as tables. Each
setting says what a change costs (`apply`: live, camera, models or restart).
"""

_SCHEMA_END: Final = """\
The files of the project that are written so, from its root:
  edged config schema > config/edged.schema.json
  edged config schema --as yaml > config/edged.yaml
  edged config schema --as markdown > docs/configuration.md
"""


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    summary = "validate, show and explain the configuration"
    actions = commands.add_parser("config", help=summary, description=f"{summary.capitalize()}.").add_subparsers(
        metavar="ACTION", required=True
    )
    validate = _action(actions, "validate", "check a file and name everything wrong with it", _VALIDATE, _VALIDATE_END)
    validate.add_argument("file", nargs="?", type=Path, metavar="FILE", help="the file, where it is not --config's")
    validate.set_defaults(run=_validate, needs_document=False)

    show = _action(actions, "show", "print what is in force and where it comes from", _SHOW, _SHOW_END)
    show.set_defaults(run=_show, needs_document=False)

    forget = _action(actions, "forget", "take back what was pushed", _FORGET, _FORGET_END)
    forget.add_argument("source", nargs="*", metavar="SOURCE", help="device, page or group:NAME (default: all)")
    forget.set_defaults(run=_forget)

    schema = _action(actions, "schema", "print what can be set", _SCHEMA, _SCHEMA_END)
    schema.add_argument(
        "--as", dest="form", choices=("json", "yaml", "markdown"), default="json", help="the form (default: json)"
    )
    schema.set_defaults(run=_schema, needs_document=False)


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, description: str, end: str
) -> argparse.ArgumentParser:
    return actions.add_parser(
        name,
        help=summary,
        description=description,
        epilog=end,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _validate(args: argparse.Namespace, out: Console) -> int:
    loaded = load(args.file or args.config)
    origins = list(loaded.provenance.values())
    cameras, from_file, pushed = len(loaded.document.cameras), origins.count(Origin.FILE), origins.count(Origin.PUSHED)
    for problem in loaded.set_aside:
        out.say(f"pushed, does not fit the file and is set aside: {problem}")
    out.result(
        {
            "valid": True,
            "source": _source(loaded),
            "digest": loaded.digest,
            "cameras": cameras,
            "from_file": from_file,
            "pushed": pushed,
            "set_aside": [str(problem) for problem in loaded.set_aside],
        },
        f"{_source(loaded) or 'no file, the defaults'}: valid; {cameras} cameras, {from_file} values from the file, "
        f"{pushed} pushed; digest {loaded.digest}",
    )
    return Exit.OK


def _show(args: argparse.Namespace, out: Console) -> int:
    loaded = load(args.config)
    document = {
        "source": _source(loaded),
        "digest": loaded.digest,
        "document": shown(loaded.document.model_dump()),
        "provenance": loaded.provenance,
    }
    out.result(document, f"# {_source(loaded) or 'no file'}, digest {loaded.digest}\n{listing(loaded)}")
    return Exit.OK


def _forget(args: argparse.Namespace, out: Console) -> int:
    state = args.document.device.state
    with changing(state):
        kept = read_pushed(state)
        sources = sorted(kept.layers.keys() | kept.verdicts.keys())
        unknown = set(args.source) - set(sources)
        if unknown:
            raise Refused(
                "unknown_source",
                f"nothing was pushed by {', '.join(sorted(unknown))}",
                f"There is: {', '.join(sources) or 'nothing'}.",
            )
        gone = args.source or sources
        write_pushed(state, kept.without(gone))
    if gone:
        layers = (kept.layers.get(source, {}) for source in gone)
        note_config(args.document, out, "forgotten", sorted({path for layer in layers for path, _ in leaves(layer)}))
    out.result({"forgotten": gone}, f"Forgotten: {', '.join(gone) or 'nothing was pushed'}.")
    return Exit.OK


def _schema(args: argparse.Namespace, out: Console) -> int:
    schema = json_schema()
    match args.form:
        case "yaml":
            out.result(schema, commented_file().rstrip("\n"))
        case "markdown":
            out.result(schema, tables().rstrip("\n"))
        case _:
            out.result(schema, json.dumps(schema, indent=2, ensure_ascii=False))
    return Exit.OK


def _source(loaded: Loaded) -> str | None:
    return None if loaded.source is None else str(loaded.source)
