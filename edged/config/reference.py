"""The reference, written from the schema: the commented file for /etc, and the tables of docs/configuration.md."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Final

from edged.config.field import COST, FILE_ONLY
from edged.config.schema import Node, allowed, json_schema, kinds, resolved

_WIDTH: Final = 110

_FILE_HEAD: Final = """\
# yaml-language-server: $schema=edged.schema.json
#
# The configuration of edged. All settings are here, each with its default. To change one, take the first "# " away
# from its line and from the names of the sections above it. What is set here cannot be changed over the network; what
# stays commented out can, but for what is marked "file only".
#
# In brackets stand what is allowed and what a change costs: nothing (live), opening the camera anew (camera), loading
# the models anew (models) or a restart of the process (restart).
#
# Relative paths count from this file's folder. edged never writes this file.
# Check it with `edged config validate`; `systemctl reload edged` makes it hold.
"""

_TABLES_HEAD: Final = """\
# Configuration

Written from the schema by `edged config schema --as markdown`.

Three layers make the document: the defaults, what was pushed over the network or set on the device's page, and on top
the owner's file, `/etc/edged/edged.yaml`. A value that the file sets cannot be pushed over; what it leaves out can. The
file must be valid by itself. `edged config show` tells where each value comes from.

What a change costs:

| applies | what happens |
|---|---|
| live | the next frame is judged by the new value; nothing restarts |
| camera | the camera it belongs to is opened anew |
| models | the models are loaded anew |
| restart | the process starts again |

Relative paths in the file count from the file's folder; pushed paths must be absolute. Settings marked *file only*
name a program or library to load, or a file to read secrets from: they cannot be pushed. Text with letters that YAML
could take for something else (`"5"`, `"*secret"`) belongs in quotes; anchors, aliases and tags are refused.

`config show`, topics and pages never show a secret: passwords and camera addresses are `********`, and so is whatever
follows `://` in any other text. A password that a program takes among its arguments (`argv`) is not recognised unless
it is part of an address.
"""


def commented_file() -> str:
    """config/edged.yaml: every setting with its default, commented out, with what it means."""
    root = json_schema()
    parts = [_FILE_HEAD]
    for name, raw in root["properties"].items():
        node = resolved(raw)
        lines = _cameras(name, node) if _comes_in_kinds(node) else section(name, node)
        parts.append("".join(f"# {line}".rstrip() + "\n" for line in lines))
    return "\n".join(parts)


def tables() -> str:
    """docs/configuration.md: a table for each section."""
    parts = [_TABLES_HEAD]
    for name, raw in json_schema()["properties"].items():
        node = resolved(raw)
        parts.append(f"## {name}\n\n{_sentence(node)}\n")
        if _comes_in_kinds(node):
            shared, own = _by_kind(node)
            parts.append("### Every kind\n\n" + _table(shared))
            parts.extend(f"### kind: {kind}\n\n{_sentence(entry)}\n\n{_table(entry)}" for kind, entry in own.items())
        else:
            parts.append(_table(node))
    return "\n".join(parts)


def _entry(node: Node) -> Node | None:
    """What each entry of a section with names of the owner's own looks like; None for any other section."""
    entries = list(node.get("patternProperties", {}).values())
    return resolved(entries[0]) if entries else None


def _comes_in_kinds(node: Node) -> bool:
    entry = _entry(node)
    return entry is not None and "discriminator" in entry


def _by_kind(cameras: Node) -> tuple[Node, dict[str, Node]]:
    """A section of what all kinds share, and a section for each kind of what it has on top."""
    (entry,) = cameras["patternProperties"].values()
    every = kinds(entry)
    first, *others = (node["properties"] for node in every.values())
    common = {name: field for name, field in first.items() if all(other.get(name) == field for other in others)}
    own: dict[str, Node] = {
        kind: {**node, "properties": {name: field for name, field in node["properties"].items() if name not in common}}
        for kind, node in every.items()
    }
    return {"properties": common}, own


def section(name: str, node: Node) -> Iterator[str]:
    """A section as YAML, with comments."""
    yield from _comment(_sentence(node))
    yield f"{name}:"
    for key, raw in node["properties"].items():
        field = resolved(raw)
        yield from (f"  {line}" for line in _lines(key, field))


def _lines(name: str, node: Node) -> Iterator[str]:
    if "properties" in node:
        return section(name, node)
    entry = _entry(node)
    return _setting(name, node) if entry is None else _named(name, node, entry)


def _named(name: str, node: Node, entry: Node) -> Iterator[str]:
    """No entry, and an example of one, commented out once more."""
    yield from _comment(f"{_sentence(node)} To have some, take the braces away and write entries like this below it.")
    yield f"{name}: {{}}"
    yield "#"
    yield from (f"#   {line}" for line in section(f"my-{name.removesuffix('s')}", entry))


def _setting(name: str, node: Node) -> Iterator[str]:
    if "const" not in node:
        note = "; ".join(filter(None, (allowed(node), _cost(node))))
        yield from _comment(f"{_sentence(node)} ({note})")
    yield f"{name}: {_value(node)}"


def _cameras(name: str, node: Node) -> Iterator[str]:
    """No camera, and an example of each kind, commented out once more. The first has what all have."""
    shared, own = _by_kind(node)
    first = next(iter(own))
    yield from _comment(
        f"{_sentence(node)} To have cameras, take the braces away and write entries like these below it. "
        f"What `my-{first}` has from `{next(iter(shared['properties']))}` on, every kind has."
    )
    yield f"{name}: {{}}"
    for kind, entry in own.items():
        fields = {**entry["properties"], **(shared["properties"] if kind == first else {})}
        yield "#"
        yield from (f"#   {line}" for line in section(f"my-{kind}", {**entry, "properties": fields}))


def _comment(text: str) -> Iterator[str]:
    return (f"# {line}" for line in textwrap.wrap(text, _WIDTH))


def _table(node: Node) -> str:
    rows = [f"| `{path}` | {' | '.join(cells)} |\n" for path, cells in _rows(node)]
    return "| setting | default | allowed | applies | meaning |\n|---|---|---|---|---|\n" + "".join(rows)


def _rows(section: Node, prefix: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, raw in section["properties"].items():
        node = resolved(raw)
        entry = _entry(node)
        if "properties" in node:
            yield from _rows(node, f"{prefix}{name}.")
        elif entry is not None:
            yield from _rows(entry, f"{prefix}{name}.<name>.")
        elif "const" not in node:
            default = "required" if name in section.get("required", ()) else ""
            yield f"{prefix}{name}", _cells(node, default)


def _cells(node: Node, default: str) -> tuple[str, ...]:
    if "default" in node:
        default = f"`{json.dumps(node['default'])}`"
    return tuple(cell.replace("|", "\\|") for cell in (default, allowed(node), _cost(node), _sentence(node)))


def _cost(node: Node) -> str:
    if COST not in node:
        return ""
    return str(node[COST]) + (", file only" if node.get(FILE_ONLY) else "")


def _value(node: Node) -> str:
    """An example, else the default."""
    (value, *_) = node.get("examples", [node.get("default", node.get("const"))])
    return json.dumps(value)


def _sentence(node: Node) -> str:
    return " ".join(node.get("description", "").split())
