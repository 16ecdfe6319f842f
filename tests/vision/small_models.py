"""Small models for the families that no package gives us: known outputs for known pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SCRFD_STRIDES = (8, 16, 32)
EMBEDDING = 16


def scrfd(folder: Path, name: str = "small-scrfd") -> str:
    """A detector whose score for a cell is its mean brightness; the second anchor's is a tenth lower.

    Each box reaches one stride up and left and two strides down and right of its cell's corner; landmark k lies
    k/10 strides right of and k/5 strides below that corner.
    """
    nodes, outputs, constants = [], [], {"sides": np.array([[1, 1, 2, 2]], np.float32)}
    constants["points"] = np.array([[value for k in range(5) for value in (k / 10, k / 5)]], np.float32)
    constants |= {"channels": np.array([1], np.int64), "column": np.array([-1, 1], np.int64)}
    constants |= {"lower": np.array(0.9, np.float32), "nothing": np.array(0, np.float32)}
    for stride in SCRFD_STRIDES:
        score, zero = f"score_{stride}", f"zero_{stride}"
        nodes += [
            helper.make_node("AveragePool", ["input"], [f"p{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2),
            helper.make_node("ReduceMean", [f"p{stride}"], [f"m{stride}"], axes=[1], keepdims=1),
            helper.make_node("Mul", [f"m{stride}", "lower"], [f"l{stride}"]),
            helper.make_node("Concat", [f"m{stride}", f"l{stride}"], [f"c{stride}"], axis=1),
            helper.make_node("Transpose", [f"c{stride}"], [f"t{stride}"], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [f"t{stride}", "column"], [score]),
            helper.make_node("Mul", [score, "nothing"], [zero]),
            helper.make_node("Add", [zero, "sides"], [f"bbox_{stride}"]),
            helper.make_node("Add", [zero, "points"], [f"kps_{stride}"]),
        ]
    for kind, length in (("score", 1), ("bbox", 4), ("kps", 10)):
        outputs += [
            helper.make_tensor_value_info(f"{kind}_{stride}", TensorProto.FLOAT, [f"n{stride}", length])
            for stride in SCRFD_STRIDES
        ]
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "h", "w"])
    return _store(
        folder,
        name,
        _model(nodes, picture, outputs, constants),
        {
            "role": "detector",
            "family": "scrfd",
            "input": {"layout": "nchw", "colour": "rgb", "mean": 0, "std": 255, "multiple_of": 32},
            "outputs": [output.name for output in outputs],
            "grids": [{"stride": stride, "anchors": 2} for stride in SCRFD_STRIDES],
            "score": 0.5,
            "overlap": 0.4,
        },
    )


def arcface_weights() -> NDArray[np.float32]:
    """From 48 pooled values, 3 colours × 4 × 4 places, to the embedding."""
    return np.random.default_rng(5).normal(size=(EMBEDDING, 48)).astype(np.float32)


def arcface(folder: Path, name: str = "small-arcface", **changes: Any) -> str:
    """An embedder that averages 28 × 28 places of each colour and multiplies them with `arcface_weights`."""
    nodes = [
        helper.make_node("AveragePool", ["input"], ["pooled"], kernel_shape=[28, 28], strides=[28, 28]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights"], ["embedding"], transB=1),
    ]
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, 112, 112])
    output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", EMBEDDING])
    manifest = {
        "role": "embedder",
        "family": "arcface",
        "input": {"layout": "nchw", "colour": "rgb", "mean": 127.5, "std": 127.5, "width": 112, "height": 112},
        "outputs": ["embedding"],
        "template": [[38.3, 51.7], [73.5, 51.5], [56.0, 71.7], [41.5, 92.4], [70.7, 92.2]],
        "dimension": EMBEDDING,
        "curve": {
            "measured_on": "nothing",
            "points": [{"far": 0.1, "cosine": 0.2}, {"far": 0.01, "cosine": 0.4}],
            "slope": 20,
            "intercept": -8,
        },
    }
    return _store(folder, name, _model(nodes, picture, [output], {"weights": arcface_weights()}), manifest | changes)


def _model(nodes: list[Any], picture: Any, outputs: list[Any], constants: dict[str, NDArray[Any]]) -> bytes:
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "small", [picture], outputs, initializer=tensors)
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content


def _store(folder: Path, name: str, content: bytes, manifest: dict[str, Any]) -> str:
    (folder / f"{name}.onnx").write_bytes(content)
    rest = {
        "name": name,
        "runtime": "onnx",
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": {"spdx": "Apache-2.0", "stated_by": "this test"},
        "source": "made here",
        "build": {"wheel": "none", "version": "0", "member": "none", "sha256": "0" * 64, "recipe": "none"},
    }
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(rest | manifest), encoding="utf-8")
    return name


def liveness(folder: Path, name: str = "small-liveness", **changes: Any) -> str:
    """A liveness model that takes bright faces for living ones: of two numbers the second is 8 × brightness - 4."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["input"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weights", "bias"], ["scores"], transB=1),
    ]
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, 80, 80])
    output = helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 2])
    constants = {
        "weights": np.array([[0, 0, 0], [8 / 3] * 3], np.float32),
        "bias": np.array([0, -4], np.float32),
    }
    manifest = {
        "role": "liveness",
        "family": "crop",
        "input": {"layout": "nchw", "colour": "bgr", "mean": 0, "std": 255, "width": 80, "height": 80},
        "outputs": ["scores"],
        "scale": 2.0,
        "live": 1,
        "activation": "softmax",
        "threshold": 0.6,
    }
    written = _store(folder, name, _model(nodes, picture, [output], constants), manifest | changes)
    page = yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8"))
    del page["build"]
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(page), encoding="utf-8")
    return written
