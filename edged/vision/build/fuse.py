"""Putting operations that only scale and shift into the weights next to them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from edged.domain.errors import Unsupported
from edged.vision.build.graph import Graph, attributes, copy_node

_Constants = dict[str, NDArray[Any]]
_Row = NDArray[np.float64]


def drop_nodes(graph: Graph, *kinds: str) -> Graph:
    """The graph without the nodes of these kinds: each one's first input takes the place of its output.

    For what does nothing outside training, and for a normalisation of the input that the manifest states instead.
    """
    stands_for: dict[str, str] = {}
    nodes: list[NodeProto] = []
    for node in graph.nodes:
        if node.op_type in kinds:
            stands_for[node.output[0]] = stands_for.get(node.input[0], node.input[0])
        else:
            nodes.append(_renamed(node, stands_for))
    public = {stands_for[value.name]: value.name for value in graph.outputs if value.name in stands_for}
    return graph.with_nodes([_renamed(node, public) for node in nodes], graph.constants)


def fuse_batch_norms(graph: Graph) -> Graph:
    """Folds every batch normalisation into the convolution or matrix product before it, or the product after it.

    A batch normalisation is y = x · s + t for each channel, with s = gamma / sqrt(variance + epsilon) and
    t = beta - mean · s. All arithmetic is in float64 and rounded once, at the end.

    Raises:
        Unsupported: one stands where there is nothing to fold it into.
    """
    constants = dict(graph.constants)
    nodes = [copy_node(node) for node in graph.nodes]
    makers = {node.output[0]: node for node in nodes}
    for place, norm in enumerate(nodes):
        if norm.op_type != "BatchNormalization":
            continue
        scale, shift = _scale_and_shift(norm, constants)
        before = makers.get(norm.input[0])
        if before is not None and before.op_type in {"Conv", "Gemm"}:
            _fold_into_rows(before, scale, shift, constants)
        else:
            _fold_into_columns(_product_after(nodes[place + 1 :], norm.output[0]), scale, shift, constants)
    rounded = {
        name: value.astype(np.float32) if value.dtype == np.float64 else value for name, value in constants.items()
    }
    return drop_nodes(replace(graph, nodes=tuple(nodes), constants=rounded), "BatchNormalization")


def _scale_and_shift(norm: NodeProto, constants: _Constants) -> tuple[_Row, _Row]:
    gamma, beta, mean, variance = (constants[name].astype(np.float64) for name in norm.input[1:5])
    scale = gamma / np.sqrt(variance + attributes(norm).get("epsilon", 1e-5))
    return scale, beta - mean * scale


def _fold_into_rows(product: NodeProto, scale: _Row, shift: _Row, constants: _Constants) -> None:
    """Scales and shifts what a convolution or matrix product gives."""
    weights = constants[product.input[1]].astype(np.float64)
    constants[product.input[1]] = weights * scale.reshape(-1, *[1] * (weights.ndim - 1))
    _shift_bias(product, constants, scale, shift)


def _fold_into_columns(product: NodeProto, scale: _Row, shift: _Row, constants: _Constants) -> None:
    """Scales and shifts what a matrix product takes, where each channel has several columns."""
    weights = constants[product.input[1]].astype(np.float64)
    columns_each = weights.shape[1] // len(scale)
    moved = weights * np.repeat(shift, columns_each)
    # Exactly rounded sums, so that the result does not depend on the order in which a processor adds.
    sums = np.array([math.fsum(row) for row in moved.tolist()])
    constants[product.input[1]] = weights * np.repeat(scale, columns_each)
    _shift_bias(product, constants, np.ones_like(sums), sums)


def _shift_bias(product: NodeProto, constants: _Constants, scale: _Row, shift: _Row) -> None:
    if len(product.input) < 3:
        name = f"{product.input[1]}_bias"
        product.input.append(name)
        constants[name] = shift
    else:
        constants[product.input[2]] = constants[product.input[2]].astype(np.float64) * scale + shift


def _product_after(nodes: Sequence[NodeProto], name: str) -> NodeProto:
    """The matrix product that takes the value `name`, directly or flattened."""
    users = [node for node in nodes if name in node.input]
    if len(users) == 1 and users[0].op_type == "Flatten":
        return _product_after(nodes, users[0].output[0])
    if len(users) == 1 and users[0].op_type == "Gemm" and attributes(users[0]).get("transB") == 1:
        return users[0]
    raise Unsupported(f"the batch normalisation that makes {name} cannot be folded into any weights")


def _renamed(node: NodeProto, names: dict[str, str]) -> NodeProto:
    """A copy whose inputs and outputs are renamed where `names` says so."""
    renamed = copy_node(node)
    renamed.input[:] = [names.get(name, name) for name in node.input]
    renamed.output[:] = [names.get(name, name) for name in node.output]
    return renamed
