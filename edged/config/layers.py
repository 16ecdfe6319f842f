"""The layers of the configuration: the defaults, what was pushed, and the file of the device's owner on top.

The owner's file is never written. Where it is silent, what was pushed holds; where both are, the default.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from edged.config.document import Document
from edged.config.kept import PUSHED, read_pushed
from edged.config.problems import checked
from edged.config.pushed import DEVICE, PAGE, Pushed, is_group
from edged.config.secret import revealed, shown
from edged.config.setting import settings
from edged.config.store import read_file, read_kept, write_kept
from edged.config.text import read_yaml
from edged.config.tree import Tree, leaves, overlay
from edged.domain.errors import ConfigInvalid, Problem

DEFAULT_FILE: Final = Path("/etc/edged/edged.yaml")
GOOD: Final = "good.json"


class Origin(StrEnum):
    """Where a value comes from; `group:<name>` beside these."""

    DEFAULT = "default"
    PUSHED = "pushed"
    """On the device's own topic."""
    PAGE = "page"
    """On its page, or by a command on the device."""
    FILE = "file"


_ORIGINS: Final = {DEVICE: Origin.PUSHED, PAGE: Origin.PAGE}
"""By source."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid document and how it came about.

    Attributes:
        document: what holds.
        provenance: the origin of every setting, by its dotted path.
        digest: 12 hex digits that name the document, secrets left out: two documents that differ in a secret only
            have the same. Events carry it.
        source: the owner's file; None where there is none.
        file: what that file sets, paths made absolute.
        pushed: what was asked for over the network or on the page, by who asked.
        set_aside: why a part of what was pushed does not hold; empty is as it should be.
    """

    document: Document
    provenance: Mapping[str, str] = field(repr=False)
    digest: str
    source: Path | None
    file: Mapping[str, Any] = field(repr=False)
    pushed: Pushed = field(repr=False)
    set_aside: tuple[Problem, ...] = ()


def load(path: Path | None = None) -> Loaded:
    """Reads the owner's file and what was pushed.

    The owner's file must be valid by itself: what was pushed can be taken away from a device, the file remains.

    Args:
        path: the owner's file. None takes DEFAULT_FILE, which may be missing: then there are the defaults.

    Raises:
        ConfigInvalid: the named file does not exist, the file is invalid (with all problems), or what was pushed is
            damaged.
        Unavailable: a file cannot be read.
    """
    own, source = owners(path)
    pushed = read_pushed(own.device.state).pushed
    return fitted(own.model_dump(exclude_unset=True), pushed, source)


def owners(path: Path | None) -> tuple[Document, Path | None]:
    """The owner's file alone, and where it is; arguments and errors as of `load`."""
    source = path or DEFAULT_FILE
    text = read_file(source)
    if text is None and path is not None:
        raise ConfigInvalid((Problem("", "there is no such file"),), str(path))
    own = checked(read_yaml(text or b"", str(source)), str(source), source.absolute().parent)
    return own, source if text is not None else None


def fitted(file: Mapping[str, Any], pushed: Pushed, source: Path | None) -> Loaded:
    """The document of these layers. What was pushed was valid then: where it does not fit a file that was edited since,
    the file holds, and the pushed part of that section or camera is set aside.
    """
    fitting, problems = pushed, tuple[Problem, ...]()
    while True:
        try:
            return replace(assembled(file, fitting, source), set_aside=problems)
        except ConfigInvalid as error:
            if not fitting.layers:
                raise
            # What the whole document has to fulfil is looked at when its parts are right: there may be more to come.
            former, problems = fitting, (*problems, *error.problems)
            for problem in error.problems:
                fitting = fitting.without(tuple(problem.path.split(".")[:2]) if problem.path else ())
            if fitting.layers == former.layers:
                fitting = Pushed()


def assembled(file: Mapping[str, Any], pushed: Pushed, source: Path | None) -> Loaded:
    """The document of these two layers.

    Raises:
        ConfigInvalid: they do not fit together, or a value was pushed that only the file may set.
    """
    name = f"{PUSHED} in the state directory, together with {source or 'the defaults'},"
    document = checked(overlay(pushed.tree(file), file), name)
    order = pushed.order(file)
    in_file = {path for path, _ in leaves(file)}
    provenance: dict[str, str] = {}
    problems = [
        Problem("control.groups", "cannot be set for a group: it could not be left again")
        for source, layer in pushed.layers.items()
        if is_group(source) and "groups" in _section(layer, "control")
    ]
    for setting in settings(document):
        if not setting.given:
            provenance[setting.path] = Origin.DEFAULT
        elif setting.path in in_file:
            provenance[setting.path] = Origin.FILE
        else:
            source_of = pushed.source_of(setting.path, order)
            provenance[setting.path] = _ORIGINS.get(source_of, source_of or Origin.PUSHED)
            if setting.file_only:
                problems.append(Problem(setting.path, "can be set in the device's own file only"))
    if problems:
        raise ConfigInvalid(tuple(problems), name)
    return Loaded(document, provenance, digest(document), source, file, pushed)


def digest(document: Document) -> str:
    """12 hex digits of the SHA-256 of the document as it is shown. Secrets are not in it: the digest is published,
    and a short password could be guessed from it.
    """
    text = json.dumps(shown(document.model_dump()), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def keep_good(loaded: Loaded) -> None:
    """Remembers a document that has proven itself, for `last_good`. Blocks until it is on the disk.

    Raises:
        Unavailable: the state directory cannot be written; what was there remains.
    """
    good = _Good(source=loaded.source, file=revealed(loaded.file), pushed=dict(loaded.pushed.layers))
    write_kept(loaded.document.device.state / GOOD, good.model_dump(mode="json"))


def last_good(state: Path) -> Loaded | None:
    """The document that was last kept as good; None where there is none that can be used.

    Args:
        state: the state directory. It is asked for because this is called when no document can be read.

    Raises:
        Unavailable: the file is there but cannot be read.
    """
    try:
        tree = read_kept(state / GOOD)
        if tree is None:
            return None
        good = _Good.model_validate(tree)
        own = checked(good.file, str(state / GOOD))
        return assembled(own.model_dump(exclude_unset=True), Pushed(good.pushed), good.source)
    except (ConfigInvalid, ValidationError):
        return None


class _Good(BaseModel):
    """The layers as `keep_good` writes them."""

    source: Path | None
    file: Tree
    pushed: dict[str, Tree]


def _section(layer: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = layer.get(name)
    return section if isinstance(section, Mapping) else {}
