"""Models run by onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as states

from edged.domain.errors import Corrupt, EdgedError, Unavailable
from edged.vision.manifest import BUILD_REMEDY, Manifest

_PROVIDERS: Final = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
_ERRORS_ONLY: Final = 3
_GROW_AS_REQUESTED: Final = 1
_MEBIBYTE: Final = 1024 * 1024
_WRONG_MODEL: Final = (states.InvalidArgument, states.InvalidGraph, states.InvalidProtobuf, states.NotImplemented)
_NO_DEVICE: Final = (states.Fail, states.EPFail, states.EngineError, states.RuntimeException, RuntimeError)
_ERRORS: Final = (*_WRONG_MODEL, *_NO_DEVICE)


class OnnxSession:
    """A `Session`."""

    def __init__(self, manifest: Manifest, path: Path, *, threads: int, providers: Sequence[str]) -> None:
        """Loads the model.

        Args:
            manifest: names the outputs.
            path: the model file, verified.
            threads: of one inference.
            providers: keys of preference: `tensorrt`, `cuda`, `openvino`, `cpu`. The processor is always there as the
                last resort.
        """
        available = onnxruntime.get_available_providers()
        wanted = [_PROVIDERS[name] for name in providers if _PROVIDERS[name] in available]
        used = list(dict.fromkeys([*wanted, _PROVIDERS["cpu"]]))
        try:
            self._session = onnxruntime.InferenceSession(str(path), _options(threads), providers=used)
        except _ERRORS as error:
            raise _translated(error, manifest) from error
        self._manifest = manifest
        self._input = self._session.get_inputs()[0].name
        self._outputs = list(manifest.outputs)
        missing = set(manifest.outputs) - {output.name for output in self._session.get_outputs()}
        if missing:
            raise Corrupt(f"the model {manifest.name} has no output {', '.join(sorted(missing))}", f"{BUILD_REMEDY}.")
        loaded = self._session.get_providers()
        self.notes: tuple[str, ...] = tuple(
            f"onnxruntime's {name} provider is missing here: the next in models.providers is used"
            for name in providers
            if _PROVIDERS[name] not in loaded
        )

    def run(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        try:
            outputs: list[NDArray[np.float32]] = self._session.run(self._outputs, {self._input: tensor})
        except _ERRORS as error:
            raise _translated(error, self._manifest) from error
        return outputs


def _options(threads: int) -> onnxruntime.SessionOptions:
    _share_one_arena()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    options.add_session_config_entry("session.use_env_allocators", "1")
    # Patterns set memory aside for each shape that was ever seen.
    options.enable_mem_pattern = False
    # Threads that wait for the next frame must sleep, not spin.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


@cache
def _share_one_arena() -> None:
    """Gives all sessions of the process one pool of memory that grows by no more than is asked for.

    With the detector at 640 × 384 and the embedder loaded, the process had 94 MB resident; with a pool for each, the
    default, 119 MB; with none 110 to 153 MB, and slower (onnxruntime 1.28 on x86-64).
    """
    memory = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    limits = onnxruntime.OrtArenaCfg(
        {
            "max_mem": 0,
            "arena_extend_strategy": _GROW_AS_REQUESTED,
            "initial_chunk_size_bytes": _MEBIBYTE,
            "max_dead_bytes_per_chunk": _MEBIBYTE,
        }
    )
    onnxruntime.create_and_register_allocator(memory, limits)


def _translated(error: Exception, manifest: Manifest) -> EdgedError:
    if isinstance(error, _WRONG_MODEL):
        return Corrupt(f"onnxruntime cannot run the model {manifest.name}: {error}", f"{BUILD_REMEDY}.")
    return Unavailable(f"onnxruntime failed on the model {manifest.name}: {error}")
