"""What was asked for from elsewhere than the owner's file, by who asked: a group, the device's own topic, its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from edged.config.tree import Tree, leaves, merge_patch, overlay, without

DEVICE: Final = "device"
"""The source of what comes on the device's own topic."""
PAGE: Final = "page"
"""The source of what is set on the device itself: on its page, or by a command."""
_GROUP: Final = "group:"
_MEMBERSHIP: Final = ("control", "groups")
"""Where a document says which groups it listens to."""


def group_source(group: str) -> str:
    """The source of what comes on the topic of a group."""
    return f"{_GROUP}{group}"


def is_group(source: str) -> bool:
    return source.startswith(_GROUP)


@dataclass(frozen=True, slots=True)
class Pushed:
    """The layers between the defaults and the owner's file. What is nearer to the device holds: groups in the order in
    which the document names them, then the device's own topic, then its page.

    Attributes:
        layers: by source, what it has asked for so far.
    """

    layers: Mapping[str, Tree] = field(default_factory=dict, repr=False)

    def tree(self, file: Mapping[str, Any]) -> Tree:
        """All layers in one, as they hold under an owner's file: it may name the groups, too."""
        merged: Tree = {}
        for source in self.order(file):
            merged = overlay(merged, self.layers.get(source, {}))
        return merged

    def order(self, file: Mapping[str, Any]) -> tuple[str, ...]:
        """The sources that count, the nearest last."""
        return (*(group_source(name) for name in self.groups(file)), DEVICE, PAGE)

    def groups(self, file: Mapping[str, Any]) -> tuple[str, ...]:
        """Whom the device listens to. No group has a say in it: it could not be left again."""
        own: Any = overlay(overlay(self.layers.get(DEVICE, {}), self.layers.get(PAGE, {})), file)
        for key in _MEMBERSHIP:
            own = own.get(key) if isinstance(own, Mapping) else None
        return tuple(name for name in own if isinstance(name, str)) if isinstance(own, list | tuple) else ()

    def patched(self, source: str, patch: Mapping[str, Any]) -> Pushed:
        """With a JSON merge patch of what a source has asked for. Between the device's topic and its page the later
        word holds: what the topic sets is taken from the page.
        """
        layers = {**self.layers, source: merge_patch(self.layers.get(source, {}), patch)}
        if source == DEVICE and PAGE in layers:
            for path, _ in leaves(patch):
                layers[PAGE] = without(layers[PAGE], tuple(path.split(".")))
        return Pushed({source: layer for source, layer in layers.items() if layer})

    def without(self, path: tuple[str, ...]) -> Pushed:
        """Without what is at `path` and below, whoever asked for it."""
        layers = {source: without(layer, path) for source, layer in self.layers.items()}
        return Pushed({source: layer for source, layer in layers.items() if layer})

    def among(self, file: Mapping[str, Any]) -> Pushed:
        """Without the groups that the device does not listen to any more."""
        order = self.order(file)
        return Pushed({source: layer for source, layer in self.layers.items() if source in order})

    def source_of(self, path: str, order: Sequence[str]) -> str:
        """Who asked for what holds at a dotted path; empty where nobody did."""
        for source in reversed(order):
            if _has(self.layers.get(source, {}), path.split(".")):
                return source
        return ""


def _has(tree: Any, path: list[str]) -> bool:
    for key in path:
        if not isinstance(tree, Mapping) or key not in tree:
            return False
        tree = tree[key]
    return True
