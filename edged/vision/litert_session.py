"""Models run by LiteRT (TensorFlow Lite's successor); on the processor through XNNPACK, which LiteRT uses by itself."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter, load_delegate
from numpy.typing import NDArray

from edged.domain.errors import Corrupt
from edged.vision.manifest import BUILD_REMEDY, Manifest


class LitertSession:
    """A `Session`."""

    def __init__(self, manifest: Manifest, path: Path, *, threads: int, edgetpu: Path | None) -> None:
        """Loads the model.

        Args:
            manifest: names the outputs.
            path: the model file, verified.
            threads: of one inference.
            edgetpu: the Edge TPU's delegate library. If it does not load, the processor works and a note
                says so.
        """
        delegates, self.notes = _edge_tpu(edgetpu)
        self._manifest = manifest
        try:
            self._interpreter = Interpreter(model_path=str(path), num_threads=threads, experimental_delegates=delegates)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise _translated(error, manifest) from error
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._shape = tuple(self._interpreter.get_input_details()[0]["shape"].tolist())
        outputs = {output["name"]: output["index"] for output in self._interpreter.get_output_details()}
        missing = set(manifest.outputs) - set(outputs)
        if missing:
            raise Corrupt(f"the model {manifest.name} has no output {', '.join(sorted(missing))}", f"{BUILD_REMEDY}.")
        self._outputs: list[int] = [outputs[name] for name in manifest.outputs]

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        try:
            if tensor.shape != self._shape:
                self._interpreter.resize_tensor_input(self._input, tensor.shape, strict=True)
                self._interpreter.allocate_tensors()
                self._shape = tensor.shape
            self._interpreter.set_tensor(self._input, tensor)
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise _translated(error, self._manifest) from error
        return [self._interpreter.get_tensor(index) for index in self._outputs]


def _edge_tpu(path: Path | None) -> tuple[list[Any], tuple[str, ...]]:
    if path is None:
        return [], ()
    try:
        # LiteRT's own loader leaves a half-made object behind where the library cannot be opened: try that first.
        ctypes.CDLL(str(path))
        return [load_delegate(str(path))], ()
    except (OSError, ValueError, RuntimeError) as error:
        return [], (f"the Edge TPU delegate {path} does not load, the processor is used: {error}",)


def _translated(error: Exception, manifest: Manifest) -> Corrupt:
    return Corrupt(f"LiteRT cannot run the model {manifest.name}: {error}", f"{BUILD_REMEDY}.")
