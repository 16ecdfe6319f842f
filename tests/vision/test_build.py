"""What the recipes do, checked by running small models before and after."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper

from edged.domain.errors import Corrupt, Unsupported
from edged.vision.build.defold import fold_constants
from edged.vision.build.fuse import drop_nodes, fuse_batch_norms
from edged.vision.build.graph import Graph, read_graph, write_graph
from edged.vision.build.prelu import rewrite_for_float, rewrite_for_int8
from edged.vision.build.quantise import quantise
from edged.vision.build.recipe import RECIPES

CHANCE = np.random.default_rng(11)
PICTURES = CHANCE.normal(size=(4, 3, 8, 8)).astype(np.float32)


def _values(*shape: int) -> NDArray[np.float32]:
    return CHANCE.normal(size=shape).astype(np.float32)


def _norm_constants(name: str, channels: int) -> dict[str, NDArray[Any]]:
    stems = ("gamma", "beta", "mean")
    return {f"{name}_{stem}": _values(channels) for stem in stems} | {
        f"{name}_variance": np.abs(_values(channels)) + 0.1
    }


def _norm(name: str, source: str, result: str) -> NodeProto:
    constants = [f"{name}_{stem}" for stem in ("gamma", "beta", "mean", "variance")]
    return helper.make_node("BatchNormalization", [source, *constants], [result], epsilon=1e-3)


def _graph(nodes: list[NodeProto], constants: dict[str, NDArray[Any]], width: int) -> Graph:
    picture = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 8, 8])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", width])
    return Graph(tuple(nodes), constants, (picture,), (result,))


@pytest.fixture
def network() -> Graph:
    """A small SFace: input scaling, two convolutions and a product, with all that is to be folded between them."""
    nodes = [
        helper.make_node("Sub", ["x", "middle"], ["x0"]),
        helper.make_node("Mul", ["x0", "unit"], ["x1"]),
        helper.make_node("Conv", ["x1", "w1"], ["c1"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        _norm("n1", "c1", "b1"),
        helper.make_node("PRelu", ["b1", "s1"], ["p1"]),
        helper.make_node("Conv", ["p1", "w2", "d2"], ["c2"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], group=6),
        _norm("n2", "c2", "b2"),
        helper.make_node("PRelu", ["b2", "s2"], ["p2"]),
        _norm("n3", "p2", "b3"),
        helper.make_node("Dropout", ["b3"], ["o3"]),
        helper.make_node("Flatten", ["o3"], ["f"]),
        helper.make_node("Gemm", ["f", "w4", "d4"], ["g"], transB=1),
        _norm("n4", "g", "y"),
    ]
    constants: dict[str, NDArray[Any]] = {
        "middle": np.array(0.5, np.float32),
        "unit": np.array(0.25, np.float32),
        "w1": _values(6, 3, 3, 3),
        "w2": _values(6, 1, 3, 3),
        "d2": _values(6),
        "w4": _values(10, 6 * 64) / 10,
        "d4": _values(10),
        "s1": _values(6, 1, 1) / 4,
        "s2": _values(6, 1, 1) / 4,
    }
    for name, channels in (("n1", 6), ("n2", 6), ("n3", 6), ("n4", 10)):
        constants |= _norm_constants(name, channels)
    return _graph(nodes, constants, 10)


def _run(graph: Graph, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(write_graph(graph), providers=["CPUExecutionProvider"])
    result: NDArray[np.float32] = session.run(None, {"x": pictures})[0]
    return result


def _kinds(graph: Graph) -> set[str]:
    return {node.op_type for node in graph.nodes}


def _ready(network: Graph) -> Graph:
    return fuse_batch_norms(drop_nodes(network, "Dropout", "Sub", "Mul"))


def test_folding_norms_and_dropping_the_normalisation_changes_no_answer(network: Graph) -> None:
    expected = _run(network, PICTURES)
    fused = _ready(network)
    assert _kinds(fused) == {"Conv", "PRelu", "Flatten", "Gemm"}
    np.testing.assert_allclose(_run(fused, (PICTURES - 0.5) * 0.25), expected, rtol=1e-4, atol=1e-5)
    assert [node.op_type for node in network.nodes].count("BatchNormalization") == 4, "the original is left alone"


@pytest.mark.parametrize("rewrite", [rewrite_for_float, rewrite_for_int8])
def test_rewriting_prelu_changes_no_answer(network: Graph, rewrite: Any) -> None:
    fused = _ready(network)
    rewritten = rewrite(fused)
    assert "PRelu" not in _kinds(rewritten)
    np.testing.assert_allclose(_run(rewritten, PICTURES), _run(fused, PICTURES), rtol=1e-4, atol=1e-5)


def _measured_ranges(graph: Graph) -> dict[str, tuple[float, float]]:
    """Of every value, by making each an output."""
    model = onnx.load_from_string(write_graph(graph))
    names = [node.output[0] for node in graph.nodes]
    model.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names if name != "y"
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ranges = {"x": (float(PICTURES.min()), float(PICTURES.max()))}
    for name, value in zip(names, session.run(names, {"x": PICTURES}), strict=True):
        ranges[name] = (float(value.min()), float(value.max()))
    return ranges


def test_eight_bits_stay_close_and_are_really_used(network: Graph) -> None:
    exact = rewrite_for_int8(_ready(network))
    rounded = quantise(exact, _measured_ranges(exact))
    weights = rounded.constants["w1_q"], rounded.constants["w2_q"], rounded.constants["w4_q"]
    assert [value.dtype for value in weights] == [np.int8] * 3
    assert [int(np.abs(value).max()) for value in weights] == [64, 127, 64], "dense weights have seven bits"
    before, after = _run(exact, PICTURES), _run(rounded, PICTURES)
    cosines = (before * after).sum(axis=1) / np.linalg.norm(before, axis=1) / np.linalg.norm(after, axis=1)
    assert cosines.min() > 0.995
    assert np.abs(before - after).max() > 1e-4, "eight bits leave a trace"


def test_ranges_of_another_model_are_refused(network: Graph) -> None:
    exact = rewrite_for_int8(_ready(network))
    ranges = _measured_ranges(exact)
    del ranges["p1_u"]
    with pytest.raises(Corrupt, match="p1_u"):
        quantise(exact, ranges)


def test_what_cannot_be_quantised_or_folded_is_named(network: Graph) -> None:
    with pytest.raises(Unsupported, match="PRelu"):
        quantise(_ready(network), _measured_ranges(rewrite_for_int8(_ready(network))))
    alone = _graph([_norm("n", "x", "b"), helper.make_node("Flatten", ["b"], ["y"])], _norm_constants("n", 3), 192)
    with pytest.raises(Unsupported, match="y cannot be folded"):
        fuse_batch_norms(alone)


@pytest.mark.parametrize("block", [0, 4])
def test_blocks_of_eight_bit_weights_become_floats(block: int) -> None:
    """The same weights by onnxruntime, which can scale by row but not all by block, and by hand."""
    levels = CHANCE.integers(-127, 128, (10, 192)).astype(np.int8)
    scales = np.abs(_values(10, 48) if block else _values(10)) + 0.01
    constants: dict[str, NDArray[Any]] = {
        "levels": levels.reshape(10, 3, 64).reshape(10, 192),
        "scales": scales,
        "zeros": np.zeros(scales.shape, np.int8),
        "shape": np.array([0, -1], np.int64),
    }
    given = {"axis": 1, "block_size": block} if block else {"axis": 0}
    nodes = [
        helper.make_node("DequantizeLinear", ["levels", "scales", "zeros"], ["w"], **given),
        helper.make_node("Reshape", ["w", "shape"], ["w2"]),
        helper.make_node("Flatten", ["x"], ["f"]),
        helper.make_node("Gemm", ["f", "w2"], ["y"], transB=1),
    ]
    folded = fold_constants(_graph(nodes, constants, 10))
    assert _kinds(folded) == {"Flatten", "Gemm"}
    weights = levels * (np.repeat(scales, block, axis=1) if block else scales[:, None])
    expected = PICTURES.reshape(4, 192).astype(np.float64) @ weights.T
    np.testing.assert_allclose(_run(folded, PICTURES), expected, rtol=1e-3, atol=1e-3)


def test_an_unknown_constant_is_named() -> None:
    nodes = [helper.make_node("Cos", ["w"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])]
    with pytest.raises(Unsupported, match="Cos"):
        fold_constants(_graph(nodes, {"w": _values(8)}, 8))


def test_equal_graphs_give_equal_bytes_in_any_order_of_constants(network: Graph) -> None:
    turned = dict(reversed(network.constants.items()))
    again = Graph(network.nodes, turned, network.inputs, network.outputs)
    assert write_graph(again) == write_graph(network)
    model = onnx.load_from_string(write_graph(network))
    assert (model.producer_name, model.ir_version, model.opset_import[0].version) == ("edged", 8, 17)


def test_a_file_that_is_no_model_is_corrupt() -> None:
    with pytest.raises(Corrupt):
        read_graph(b"\xff" * 40)


@pytest.mark.parametrize("ranges", [b"", b"[]", b'{"ranges": {"x": [1]}}', b'{"ranges": 5}'])
def test_a_damaged_ranges_file_is_corrupt(ranges: bytes, network: Graph) -> None:
    with pytest.raises(Corrupt, match="ranges"):
        RECIPES["sface-int8"](write_graph(network), ranges)
