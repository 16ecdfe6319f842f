"""What has to be taken up again when one document follows another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from edged.config.document import Document
from edged.config.field import Cost
from edged.config.setting import Setting, settings


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between two documents, as work.

    Attributes:
        changes: dotted path of each setting that differs, with its cost. A camera that came or went is one path,
            `cameras.<name>`.
        added: names of cameras that only the new document has; open them.
        removed: names of cameras that only the old document has; close them.
        cameras: names of cameras that both have and that must be closed and opened anew.
    """

    changes: Mapping[str, Cost]
    added: frozenset[str]
    removed: frozenset[str]
    cameras: frozenset[str]

    @property
    def paths(self) -> tuple[str, ...]:
        """The dotted paths that differ, sorted."""
        return tuple(sorted(self.changes))

    @property
    def costliest(self) -> Cost | None:
        """The greatest cost of all; None where nothing differs."""
        return max(self.changes.values(), key=list(Cost).index, default=None)


def plan(old: Document, new: Document) -> Plan:
    """What following `new` instead of `old` takes."""
    before, after = ({setting.path: setting for setting in settings(document)} for document in (old, new))
    added = frozenset(new.cameras) - frozenset(old.cameras)
    removed = frozenset(old.cameras) - frozenset(new.cameras)
    changes = {f"cameras.{name}": Cost.CAMERA for name in added | removed}
    reopened = set()
    for path in before.keys() | after.keys():
        name = _camera(path)
        if name in added | removed or _same(before.get(path), after.get(path)):
            continue
        cost = (after.get(path) or before[path]).cost
        changes[path] = cost
        if name and cost is Cost.CAMERA:
            reopened.add(name)
    return Plan(changes, added, removed, frozenset(reopened))


def _camera(path: str) -> str:
    """The name of the camera that a path belongs to; empty for all other paths."""
    first, _, rest = path.partition(".")
    return rest.partition(".")[0] if first == "cameras" else ""


def _same(old: Setting | None, new: Setting | None) -> bool:
    return old is not None and new is not None and old.value == new.value
