"""Asking for a change: every door (file, MQTT, page) ends here. Pure: nothing is written, nothing is applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from edged.config.document import Document
from edged.config.layers import Loaded, assembled
from edged.config.plan import Plan, plan
from edged.config.pushed import DEVICE
from edged.config.secret import revealed
from edged.config.store import written
from edged.config.text import MAX_BYTES
from edged.config.tree import capped, dotted, flaws, leaves
from edged.domain.errors import ConfigInvalid, Problem


@dataclass(frozen=True, slots=True)
class Accepted:
    """The change is valid.

    Attributes:
        loaded: the document with the change, ready to be kept.
        plan: what following it takes.
        overruled: paths that were asked for and that a nearer source sets otherwise, sorted.
    """

    loaded: Loaded
    plan: Plan
    overruled: tuple[str, ...] = ()

    @property
    def document(self) -> Document:
        return self.loaded.document


@dataclass(frozen=True, slots=True)
class Rejected:
    """The change is not valid; `problems` holds everything that is wrong with it."""

    problems: tuple[Problem, ...]


Answer: TypeAlias = Accepted | Rejected


def propose(current: Loaded, patch: Mapping[str, Any], source: str = DEVICE) -> Answer:
    """What would become of `current` by a JSON merge patch (RFC 7386) of what a source has asked for so far.

    A null takes back what that source has set; what is below, or the default, is in its place then. A value that the
    owner's file sets cannot be pushed over.
    """
    problems = list(flaws(patch))
    if problems:
        return Rejected(capped(problems, len(problems)))
    problems.extend(_pinned(patch, current.file))
    pushed = current.pushed.patched(source, patch).among(current.file)
    size = len(written(pushed.layers))
    if size > MAX_BYTES:
        words = "all that was pushed is too large together"
        problems.append(Problem("", words, f"{size} bytes", f"at most {MAX_BYTES} bytes"))
    try:
        loaded = assembled(current.file, pushed, current.source)
    except ConfigInvalid as error:
        return Rejected((*problems, *error.problems))
    if problems:
        return Rejected(tuple(problems))
    order = pushed.order(current.file)
    overruled = {path for path, value in leaves(patch) if value is not None and pushed.source_of(path, order) != source}
    return Accepted(loaded, plan(current.document, loaded.document), tuple(sorted(overruled)))


def _pinned(patch: Mapping[str, Any], file: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[Problem]:
    """What the patch would change although the owner's file sets it. Saying the same as the file is no conflict, nor is
    taking back what was pushed: a null stays in what stands on a topic, whether this device ever had the value or not.
    """
    for key in patch.keys() & file.keys():
        asked, said = patch[key], file[key]
        if isinstance(asked, Mapping) and isinstance(said, Mapping):
            yield from _pinned(asked, said, (*path, key))
        elif asked is not None and asked != revealed(said):
            yield Problem(dotted((*path, key)), "is set by the device's own file and cannot be pushed over")
