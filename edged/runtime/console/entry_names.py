"""Where the entries of the document that have names of their owner's choice come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from edged.config.layers import Loaded, Origin
from edged.config.pushed import DEVICE, PAGE
from edged.config.tree import dotted

_MAPS: Final = (("cameras",), ("access", "schedules"), ("access", "holidays"), ("access", "doors"))


def entry_names(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Each camera, schedule, holiday and door by its dotted path, and whoever would keep it there if the page took it
    back; `page` where nobody would.
    """
    order = [source for source in loaded.pushed.order(loaded.file) if source != PAGE]
    tree = loaded.document.model_dump(exclude_unset=True)
    for place in _MAPS:
        for name in _below(tree, place):
            holders = [source for source in order if name in _below(loaded.pushed.layers.get(source, {}), place)]
            if name in _below(loaded.file, place):
                origin: str = Origin.FILE
            elif holders:
                origin = Origin.PUSHED if holders[-1] == DEVICE else holders[-1]
            else:
                origin = Origin.PAGE
            yield dotted((*place, name)), origin


def _below(tree: Any, path: tuple[str, ...]) -> Mapping[str, Any]:
    for key in path:
        tree = tree.get(key, {}) if isinstance(tree, Mapping) else {}
    return tree if isinstance(tree, Mapping) else {}
