"""Building the models of a directory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from edged.domain.errors import Corrupt, Unavailable, Unsupported
from edged.domain.progress import Progress
from edged.vision.build.source import Sources
from edged.vision.manifest import LivenessManifest, Manifest, verified_file


def build_models(
    manifests: Sequence[Manifest], directory: Path, sources: Sources, progress: Progress
) -> tuple[str, ...]:
    """Makes every model that is missing or damaged; leaves the others alone.

    Blocks for some seconds, longer where wheels are downloaded. A model file appears whole or not at all.

    Args:
        manifests: of the models wanted.
        directory: where the model files go, and where the ranges files are.
        sources: where the published files come from.
        progress: told of each step.

    Returns:
        The names of those that were made.

    Raises:
        Unavailable: a published file could not be had, or the directory cannot be written.
        Corrupt: a published file, or the result, is not the expected one.
        Unsupported: the packages that building needs are not installed.
    """
    made: list[str] = []
    for place, manifest in enumerate(manifests):
        if not is_built(manifest, directory):
            progress(f"building {manifest.name}", place / len(manifests))
            _store(_build(manifest, directory, sources), directory / manifest.file)
            made.append(manifest.name)
    progress("models are built", 1.0)
    return tuple(made)


def is_built(manifest: Manifest, directory: Path) -> bool:
    """Whether the model's file is there and undamaged."""
    try:
        verified_file(manifest, directory)
    except (Unavailable, Corrupt):
        return False
    return True


def _build(manifest: Manifest, directory: Path, sources: Sources) -> bytes:
    if isinstance(manifest, LivenessManifest):
        verified_file(manifest, directory)  # says what is wrong with it, which is why we are here
        raise Unavailable(f"the model {manifest.name} was put in place just now", "Run the command again.")
    origin = manifest.build
    content = sources.read(origin)
    ranges = _read_ranges(directory / origin.ranges) if origin.ranges else b""
    try:
        from edged.vision.build.recipe import RECIPES  # noqa: PLC0415  needs onnx, which is only there to build with
    except ImportError as error:
        raise Unsupported("building models needs the package onnx", "Run: pip install 'edged[models]'.") from error
    recipe = RECIPES.get(origin.recipe)
    if recipe is None:
        raise Corrupt(f"the manifest of {manifest.name} asks for the recipe {origin.recipe}, which does not exist")
    model = recipe(content, ranges)
    if hashlib.sha256(model).hexdigest() != manifest.sha256:
        raise Corrupt(
            f"the model {manifest.name} came out different from its manifest with onnx {metadata.version('onnx')} "
            f"and numpy {metadata.version('numpy')}",
            "Install the versions that requirements/models.txt pins.",
        )
    return model


def _read_ranges(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}", "Restore it from edged's sources.") from error


def _store(content: bytes, path: Path) -> None:
    """Writes the whole file or none of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Unavailable(
            f"{path} cannot be written: {error.strerror}", "Check its permissions and the disk."
        ) from error
