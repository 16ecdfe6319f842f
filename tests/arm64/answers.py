"""What the vision and index parts answer on this processor, and whether another processor's answers agree.

Run by scripts/test-arm64 on x86-64 and, emulated, on aarch64; no test by itself.

    python -m tests.arm64.answers give MODELS PHOTO INDEX > answers.json    also writes an Annoy file
    python -m tests.arm64.answers agree OURS.json THEIRS.json THEIR_INDEX
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import platform
import sys
import time
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from annoy import AnnoyIndex
from numpy.typing import NDArray

import edged
from edged.config.document import ModelSettings
from edged.domain.frame import Image
from edged.vision.sight import open_sight

MAX_BOX_PX: Final = 0.5
"""Measured between the two: 2.3e-5."""
MIN_COSINE: Final = 0.99
"""Measured with the int8 model: 0.9946 at worst. Aligned crops differ by one grey level here and there; int8 amplifies
it, where the float model's cosine is 1.000000."""

_DIMENSIONS: Final = 64
_ITEMS: Final = 2000


def give(models: Path, photo: Path, index: Path) -> dict[str, Any]:
    """Finds and embeds faces with each runtime, and builds an index."""
    imported = _import_everything()
    seconds = time.monotonic()
    pictures = _pictures(np.asarray(cv2.imread(str(photo), cv2.IMREAD_COLOR), np.uint8))
    answer = {
        detector: _look(ModelSettings(directory=models, detector=detector, threads=1), pictures)
        for detector in ("yunet-2023mar", "blazeface-short-range")
    }
    vectors = _vectors()
    built = AnnoyIndex(_DIMENSIONS, "angular")
    built.set_seed(1)
    for place, vector in enumerate(vectors):
        built.add_item(place, vector.tolist())
    built.build(10, n_jobs=1)
    built.save(str(index))
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "imported": imported,
        "faces": answer,
        "neighbours": _neighbours(index, vectors),
        "seconds": round(time.monotonic() - seconds, 1),
    }


def agree(ours: dict[str, Any], theirs: dict[str, Any], index: Path) -> list[str]:
    """What differs, one sentence each; `index` is the file that the others built."""
    faults = []
    for detector, pictures in ours["faces"].items():
        for name, face in pictures.items():
            other = theirs["faces"][detector][name]
            apart = float(np.abs(np.subtract(face["box"], other["box"])).max())
            cosine = float(np.dot(face["embedding"], other["embedding"]))
            print(f"  {detector:22} {name:9} box within {apart:.1e} px, cosine {cosine:.6f}")
            if apart > MAX_BOX_PX:
                faults.append(f"{detector}, {name}: the boxes lie {apart:.2f} px apart, above {MAX_BOX_PX}")
            if cosine < MIN_COSINE:
                faults.append(f"{detector}, {name}: the embeddings' cosine is {cosine:.4f}, below {MIN_COSINE}")
    if ours["neighbours"] != theirs["neighbours"]:
        faults.append("Annoy: an index built from the same vectors gives other neighbours")
    if _neighbours(index, _vectors()) != theirs["neighbours"]:
        faults.append("Annoy: their file, read here, gives other neighbours")
    return faults


def _import_everything() -> list[str]:
    """All of edged that a device or a hub uses, and so all that it depends on: a missing shared library shows here.

    The measuring room is for developers' machines.
    """
    names = [module.name for module in pkgutil.walk_packages(edged.__path__, "edged.")]
    names = [name for name in names if name != "edged.__main__" and not name.startswith("edged.measure")]
    for name in names:
        importlib.import_module(name)
    return names


def _pictures(photo: Image) -> dict[str, Image]:
    """One real face in four ways."""
    return {
        "as it is": photo,
        "half": cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8),
        "mirrored": np.ascontiguousarray(photo[:, ::-1]),
        "dark": (photo // 2).astype(np.uint8),
    }


def _look(settings: ModelSettings, pictures: dict[str, Image]) -> dict[str, dict[str, Any]]:
    sight = open_sight(settings)
    faces = {name: sight.detect(picture)[0] for name, picture in pictures.items()}
    vectors = sight.embed([sight.crop(pictures[name], face) for name, face in faces.items()])
    return {
        name: {"box": astuple(face.box), "embedding": vector.tolist()}
        for (name, face), vector in zip(faces.items(), vectors, strict=True)
    }


def _vectors() -> NDArray[np.float32]:
    """The same on every machine: whole numbers, so that no rounding of a library comes in."""
    return np.random.default_rng(5).integers(-100, 100, (_ITEMS, _DIMENSIONS)).astype(np.float32)


def _neighbours(index: Path, vectors: NDArray[np.float32]) -> list[list[int]]:
    read = AnnoyIndex(_DIMENSIONS, "angular")
    read.load(str(index))
    return [read.get_nns_by_vector(vector.tolist(), 5, search_k=500) for vector in vectors[:100]]


def main(words: list[str]) -> int:
    if words[0] == "give":
        json.dump(give(Path(words[1]).resolve(), Path(words[2]), Path(words[3])), sys.stdout)
        return 0
    ours, theirs = (json.loads(Path(word).read_text()) for word in words[1:3])
    faults = agree(ours, theirs, Path(words[3]))
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
