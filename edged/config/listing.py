"""The document in force as people read it: YAML, the origin of each value beside it, secrets masked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from edged.config.layers import Loaded, Origin
from edged.config.secret import shown

_COLUMN: Final = 56


def listing(loaded: Loaded) -> str:
    """YAML of all settings; the comment at the end of each line is the value's origin."""
    return "\n".join(_lines(shown(loaded.document.model_dump()), loaded.provenance, ()))


def _lines(tree: Mapping[str, Any], origins: Mapping[str, str], path: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * len(path)
    for name, value in tree.items():
        place = (*path, name)
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:"
            yield from _lines(value, origins, place)
        else:
            line = f"{indent}{name}: {json.dumps(value, ensure_ascii=False)}"
            yield f"{line:<{_COLUMN}}  # {origins.get('.'.join(place), Origin.DEFAULT)}"
