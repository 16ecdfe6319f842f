"""A passive liveness model that costs what real ones cost and takes every face for a living one: none is shipped."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper

from edged.config.document import ModelSettings
from edged.vision.build.graph import Graph, write_graph

_NAME: Final = "stand-in"
_SIDE: Final = 80
_LAYERS: Final = ((3, 32, 2), (32, 64, 1), (64, 64, 2), (64, 128, 1), (128, 128, 2))
"""Of 3 × 3 convolutions: channels in, channels out, stride."""
MILLIONS: Final = 90
"""Of multiplications for each face. The small networks for this that are around have 40 to 90."""


def with_stand_in(models: ModelSettings, folder: Path) -> ModelSettings:
    """The same models, copied to `folder`, and the stand-in as the one for liveness."""
    shutil.copytree(models.directory, folder)
    content = write_graph(_graph())
    (folder / f"{_NAME}.onnx").write_bytes(content)
    manifest = {
        "name": _NAME,
        "role": "liveness",
        "family": "crop",
        "runtime": "onnx",
        "file": f"{_NAME}.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "input": {"layout": "nchw", "colour": "bgr", "mean": 0, "std": 255, "width": _SIDE, "height": _SIDE},
        "outputs": ["scores"],
        "scale": 2.7,
        "live": 1,
        "activation": "softmax",
        "threshold": 0.5,
        "licence": {"spdx": "Apache-2.0", "stated_by": "edged, which made it"},
        "source": "edged.measure.liveness_stand_in",
    }
    (folder / f"{_NAME}.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    return models.model_copy(update={"directory": folder, "liveness": _NAME})


def _graph() -> Graph:
    constants: dict[str, NDArray[Any]] = {}
    nodes, last = [], "input"
    random = np.random.default_rng(0)
    for number, (taken, given, stride) in enumerate(_LAYERS):
        constants[f"w{number}"] = random.normal(0, 0.05, (given, taken, 3, 3)).astype(np.float32)
        sizes = {"kernel_shape": [3, 3], "strides": [stride] * 2, "pads": [1] * 4}
        nodes.append(helper.make_node("Conv", [last, f"w{number}"], [f"c{number}"], **sizes))
        nodes.append(helper.make_node("Relu", [f"c{number}"], [f"r{number}"]))
        last = f"r{number}"
    constants["weights"] = np.zeros((2, _LAYERS[-1][1]), np.float32)
    constants["bias"] = np.array([-4, 4], np.float32)  # whatever it saw: alive
    nodes.append(helper.make_node("GlobalAveragePool", [last], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
    nodes.append(helper.make_node("Gemm", ["flat", "weights", "bias"], ["scores"], transB=1))
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, _SIDE, _SIDE])
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 2])
    return Graph(tuple(nodes), constants, (picture,), (scores,))
