"""A loaded model, whatever runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edged.config.document import ModelSettings
from edged.vision.manifest import Manifest, verified_file


class Session(Protocol):
    """One model, ready to run. Not thread-safe: it belongs to the thread that uses it.

    Attributes:
        notes: what was asked for and is missing, one sentence each; empty when all is as configured.
    """

    @property
    def notes(self) -> tuple[str, ...]: ...

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """The outputs in the manifest's order. Blocks the calling thread, without holding the GIL."""
        ...


def open_session(manifest: Manifest, directory: Path, settings: ModelSettings) -> Session:
    """Verifies the model file and loads it with the runtime that its manifest names.

    Only that runtime is imported: each costs tens of megabytes.

    Raises:
        Unavailable, Corrupt: as `verified_file`; Corrupt also where the runtime cannot read the file.
    """
    path = verified_file(manifest, directory)
    if manifest.runtime == "litert":
        from edged.vision.litert_session import LitertSession  # noqa: PLC0415  imported only where a model needs it

        return LitertSession(manifest, path, threads=settings.threads, edgetpu=settings.edgetpu)
    from edged.vision.onnx_session import OnnxSession  # noqa: PLC0415  imported only where a model needs it

    return OnnxSession(manifest, path, threads=settings.threads, providers=settings.providers)
