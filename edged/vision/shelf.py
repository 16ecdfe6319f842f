"""The models that there are, and in what state their files are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from edged.config.document import ModelSettings
from edged.domain.errors import Corrupt, Unavailable
from edged.vision.manifest import Manifest, manifest_names, read_manifest, verified_file

State: TypeAlias = Literal["built", "missing", "damaged"]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A model that there is a manifest of.

    Attributes:
        state: of its file.
        in_use: the configuration names it.
    """

    manifest: Manifest
    state: State
    in_use: bool


def shelf(settings: ModelSettings) -> Iterator[Shelved]:
    """Every model with a manifest, by name. Reads each file, for its digest.

    Raises:
        Unavailable, Corrupt: a manifest cannot be read.
    """
    used = (settings.detector, settings.embedder, settings.liveness)
    for name in manifest_names(settings.directory):
        manifest = read_manifest(settings.directory, name)
        yield Shelved(manifest, _state(manifest, settings), manifest.name in used)


def _state(manifest: Manifest, settings: ModelSettings) -> State:
    try:
        verified_file(manifest, settings.directory)
    except Unavailable:
        return "missing"
    except Corrupt:
        return "damaged"
    return "built"
