"""The `hub.yaml` that `edged hub init` writes: every setting, with what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from edged.config.field import COST
from edged.config.reference import section
from edged.config.schema import Node
from edged.hub.settings import hub_schema

_HEAD: Final = """\
# The configuration of an edged hub. All settings are here, those that are not set with their defaults. To change one,
# take the "# " away from its line, and from the name of its section. In brackets stands what is allowed; every change
# needs a restart of the hub.
#
# Relative paths count from this file's folder. edged never writes this file again.
"""


def sample(given: Mapping[str, Mapping[str, Any]]) -> str:
    """The file's text.

    Args:
        given: section, setting and JSON value of what is set; all else is commented out.
    """
    parts = [_HEAD]
    for name, node in hub_schema()["properties"].items():
        lines = (_line(name, line, given.get(name, {})) for line in section(name, _without_costs(node)))
        parts.append("".join(f"{line}\n" for line in lines))
    return "\n".join(parts)


def _line(name: str, line: str, given: Mapping[str, Any]) -> str:
    key = line.strip().partition(":")[0]
    if line.lstrip().startswith("#") or (given and line == f"{name}:"):
        return line
    if key in given:
        return f"  {key}: {json.dumps(given[key], ensure_ascii=False)}"
    return f"  # {line[2:]}" if line.startswith("  ") else f"# {line}"


def _without_costs(node: Node) -> Node:
    """Every change costs a restart: it is said once, above."""
    return {
        key: {name: _without_costs(below) for name, below in value.items()} if key == "properties" else value
        for key, value in node.items()
        if key != COST
    }
