"""Static eight-bit quantisation from committed ranges: no photographs are needed to build a model.

The result states every rounding as a QuantizeLinear and DequantizeLinear pair (QDQ), which onnxruntime turns into
eight-bit kernels. Activations are unsigned with a zero point, weights signed with one scale a channel, biases 32-bit in
the scale of their product. B. Jacob et al., "Quantization and Training of Neural Networks for Efficient
Integer-Arithmetic-Only Inference", CVPR 2018, section 2.

Weights of dense products use seven bits. On x86 processors with AVX2 but without VNNI, onnxruntime adds pairs of
products in 16 bits, which eight-bit weights overflow: 255 · 127 · 2 > 32,767. Embeddings then had a cosine of 0.92 to
0.99 to the right ones (four faces, emulated Haswell); with seven bits every processor computes the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

from edged.domain.errors import Corrupt, Unsupported
from edged.vision.build.graph import Graph, attributes, copy_node

_WITH_WEIGHTS: Final = frozenset({"Conv", "Gemm"})
_SAME_SCALE: Final = frozenset({"Flatten"})
"""These only move numbers: what comes out has the scale of what goes in."""
_PLAIN: Final = frozenset({"LeakyRelu", "Add"})
_DENSE_LEVELS: Final = 64
_DEPTHWISE_LEVELS: Final = 127

Ranges = Mapping[str, tuple[float, float]]
"""The least and the greatest value of each activation, by its name."""


def quantise(graph: Graph, ranges: Ranges) -> Graph:
    """The graph in eight bits, between float32 inputs and float32 outputs.

    Raises:
        Unsupported: an operation of the graph is not known here.
        Corrupt: the ranges are not those of this graph.
    """
    return _Quantiser(graph, ranges).run()


class _Quantiser:
    """One run over one graph; collects nodes and constants as it goes."""

    def __init__(self, graph: Graph, ranges: Ranges) -> None:
        self._graph = graph
        self._ranges = ranges
        self._outputs = {value.name for value in graph.outputs}
        self._constants: dict[str, NDArray[Any]] = {}
        self._nodes: list[NodeProto] = []
        self._scales: dict[str, str] = {}
        """Activation → the stem of its constants `…_scale` and `…_zero`."""

    def run(self) -> Graph:
        for value in self._graph.inputs:
            self._round_activation(value.name, self._measured(value.name))
        for node in self._graph.nodes:
            self._add(node)
        return self._graph.with_nodes(self._nodes, self._constants)

    def _add(self, node: NodeProto) -> None:
        if node.op_type not in _WITH_WEIGHTS | _SAME_SCALE | _PLAIN:
            raise Unsupported(f"a {node.op_type} cannot be quantised")
        quantised = copy_node(node)
        if node.op_type in _WITH_WEIGHTS:
            weights = self._add_weights(node)
            quantised.input[:] = [_rounded(node.input[0]), *weights]
        else:
            quantised.input[:] = [_rounded(name) for name in node.input]
        self._nodes.append(quantised)
        result = node.output[0]
        if result not in self._outputs:
            same = node.op_type in _SAME_SCALE
            self._round_activation(result, self._scales[node.input[0]] if same else self._measured(result))

    def _measured(self, name: str) -> str:
        """Adds the constants that follow from an activation's range; zero is always one of the levels."""
        if name not in self._ranges:
            raise Corrupt(f"the ranges say nothing of {name}", "Take the ranges file that belongs to the model.")
        low, high = self._ranges[name]
        low, high = min(low, 0.0), max(high, 0.0)
        scale = max(high - low, 1e-8) / 255
        self._constants[f"{name}_scale"] = np.array(scale, np.float32)
        self._constants[f"{name}_zero"] = np.array(round(-low / scale), np.uint8)
        return name

    def _round_activation(self, name: str, stem: str) -> None:
        self._scales[name] = stem
        levels = [f"{stem}_scale", f"{stem}_zero"]
        self._nodes.append(helper.make_node("QuantizeLinear", [name, *levels], [f"{name}_q"]))
        self._nodes.append(helper.make_node("DequantizeLinear", [f"{name}_q", *levels], [_rounded(name)]))

    def _add_weights(self, node: NodeProto) -> list[str]:
        """Rounded weights, and bias where there is one; the names of their values in float."""
        name = node.input[1]
        weights = self._graph.constants[name].astype(np.float64)
        rows = weights.reshape(len(weights), -1)
        most = _DEPTHWISE_LEVELS if attributes(node).get("group", 1) > 1 else _DENSE_LEVELS
        scale = (np.maximum(np.abs(rows).max(axis=1), 1e-8) / most).astype(np.float32)
        levels = np.clip(np.rint(rows / scale[:, None]), -most, most).astype(np.int8)
        given = [self._dequantised(name, levels.reshape(weights.shape), scale)]
        if len(node.input) > 2:
            activation_scale = self._constants[f"{self._scales[node.input[0]]}_scale"]
            bias_scale = scale * activation_scale
            bias = np.rint(self._graph.constants[node.input[2]].astype(np.float64) / bias_scale)
            given.append(self._dequantised(node.input[2], bias.astype(np.int32), bias_scale))
        return given

    def _dequantised(self, name: str, levels: NDArray[Any], scale: NDArray[np.float32]) -> str:
        self._constants[f"{name}_q"] = levels
        self._constants[f"{name}_scale"] = scale
        self._constants[f"{name}_zero"] = np.zeros(len(scale), levels.dtype)
        inputs = [f"{name}_q", f"{name}_scale", f"{name}_zero"]
        self._nodes.append(helper.make_node("DequantizeLinear", inputs, [_rounded(name)], axis=0))
        return _rounded(name)


def _rounded(name: str) -> str:
    return f"{name}_dq"
