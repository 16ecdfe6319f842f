"""An ONNX model as the recipes see it: nodes in order of execution, and constants by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray
from onnx import NodeProto, ValueInfoProto, helper, numpy_helper

from edged.domain.errors import Corrupt

_IR_VERSION: Final = 8
_OPSET: Final = 17
"""What we write. Old enough for the onnxruntime of JetPack 5, new enough for every operator used."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A model without the parts that vary from writer to writer."""

    nodes: tuple[NodeProto, ...]
    constants: dict[str, NDArray[Any]]
    inputs: tuple[ValueInfoProto, ...]
    outputs: tuple[ValueInfoProto, ...]

    def with_nodes(self, nodes: list[NodeProto], constants: dict[str, NDArray[Any]]) -> Graph:
        """The same model with other nodes; inputs, and those of `constants`, that no node uses are left out."""
        used = {name for node in nodes for name in node.input}
        kept = {name: value for name, value in constants.items() if name in used}
        inputs = tuple(value for value in self.inputs if value.name in used)
        return Graph(tuple(nodes), kept, inputs, self.outputs)


def read_graph(content: bytes) -> Graph:
    """Reads an ONNX file.

    Raises:
        Corrupt: it is none.
    """
    try:
        graph = onnx.load_from_string(content).graph
    except DecodeError as error:
        raise Corrupt("a model that was to be converted is no ONNX file") from error
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    inputs = tuple(value for value in graph.input if value.name not in constants)
    return Graph(tuple(graph.node), constants, inputs, tuple(graph.output))


def write_graph(graph: Graph) -> bytes:
    """The graph as an ONNX file: equal graphs give equal bytes.

    Versions and names are ours, constants are sorted, and protocol buffers write known fields in the order of their
    numbers, so that neither the version of the onnx package nor the machine shows in the result.
    """
    tensors = [numpy_helper.from_array(graph.constants[name], name) for name in sorted(graph.constants)]
    body = helper.make_graph(graph.nodes, "edged", graph.inputs, graph.outputs, initializer=tensors)
    model = helper.make_model(body, ir_version=_IR_VERSION, opset_imports=[helper.make_opsetid("", _OPSET)])
    model.producer_name = "edged"
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def attributes(node: NodeProto) -> dict[str, Any]:
    """A node's attributes as plain values."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def copy_node(node: NodeProto) -> NodeProto:
    """A copy that may be changed."""
    copied = NodeProto()
    copied.CopyFrom(node)
    return copied


def free_axes(value: ValueInfoProto, names: Mapping[int, str]) -> ValueInfoProto:
    """A copy of an input or output in which these axes may have any length; axes of one name have the same."""
    freed = ValueInfoProto()
    freed.CopyFrom(value)
    for axis, name in names.items():
        freed.type.tensor_type.shape.dim[axis].dim_param = name
    return freed
