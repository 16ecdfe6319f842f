"""Computing what can be computed once: constants, and weights that are stored in blocks of eight-bit numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper

from edged.domain.errors import Unsupported
from edged.vision.build.graph import Graph, attributes

_Values = list[NDArray[Any]]


def fold_constants(graph: Graph) -> Graph:
    """Replaces every node that depends on nothing but constants by its value.

    Raises:
        Unsupported: such a node is of a kind that is not known here.
    """
    constants = dict(graph.constants)
    rest: list[NodeProto] = []
    for node in graph.nodes:
        if all(name in constants for name in node.input):
            constants[node.output[0]] = _evaluate(node, [constants[name] for name in node.input])
        else:
            rest.append(node)
    return graph.with_nodes(rest, constants)


def _evaluate(node: NodeProto, inputs: _Values) -> NDArray[Any]:
    operator = _OPERATORS.get(node.op_type)
    if operator is None:
        raise Unsupported(f"a constant {node.op_type} in a model cannot be computed beforehand")
    return operator(inputs, attributes(node))


def _constant(_inputs: _Values, given: dict[str, Any]) -> NDArray[Any]:
    value: NDArray[Any] = numpy_helper.to_array(given["value"])
    return value


def _reshape(inputs: _Values, _given: dict[str, Any]) -> NDArray[Any]:
    """ONNX Reshape; a 0 in the shape keeps that axis."""
    data, shape = inputs
    return data.reshape([data.shape[axis] if length == 0 else length for axis, length in enumerate(shape.tolist())])


def _dequantise(inputs: _Values, given: dict[str, Any]) -> NDArray[np.float32]:
    """ONNX DequantizeLinear, opset 21: one scale for all, for each place along an axis, or for each block along it."""
    quantised, scale, zero = inputs
    axis = given.get("axis", 1)
    block = given.get("block_size", 0)
    if scale.size == 1:
        scale, zero = scale.reshape(()), zero.reshape(())
    elif block:
        places = range(quantised.shape[axis])
        scale = np.repeat(scale, block, axis).take(places, axis)
        zero = np.repeat(zero, block, axis).take(places, axis)
    else:
        along = [-1 if place == axis else 1 for place in range(quantised.ndim)]
        scale, zero = scale.reshape(along), zero.reshape(along)
    levels = quantised.astype(np.int32) - zero.astype(np.int32)
    return (levels * scale).astype(np.float32)


_OPERATORS: Final[dict[str, Callable[[_Values, dict[str, Any]], NDArray[Any]]]] = {
    "Constant": _constant,
    "Reshape": _reshape,
    "DequantizeLinear": _dequantise,
}
