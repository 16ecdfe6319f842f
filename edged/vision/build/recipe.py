"""What is done to a published model, by the name under which a manifest asks for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from edged.domain.errors import Corrupt
from edged.vision.build.defold import fold_constants
from edged.vision.build.fuse import drop_nodes, fuse_batch_norms
from edged.vision.build.graph import Graph, free_axes, read_graph, write_graph
from edged.vision.build.prelu import rewrite_for_float, rewrite_for_int8
from edged.vision.build.quantise import Ranges, quantise

Recipe = Callable[[bytes, bytes], bytes]
"""From the published file and the ranges file (empty where a manifest names none) to the model."""


def _as_published(content: bytes, _ranges: bytes) -> bytes:
    return content


def _yunet(content: bytes, _ranges: bytes) -> bytes:
    """Weights in float32; pictures of any size that is a multiple of 32."""
    graph = fold_constants(read_graph(content))
    (picture,) = graph.inputs
    return write_graph(
        Graph(
            graph.nodes,
            graph.constants,
            (free_axes(picture, {2: "height", 3: "width"}),),
            tuple(free_axes(value, {1: f"{value.name}_answers"}) for value in graph.outputs),
        )
    )


def _sface_float(content: bytes, _ranges: bytes) -> bytes:
    return write_graph(rewrite_for_float(_sface(content)))


def _sface_int8(content: bytes, ranges: bytes) -> bytes:
    return write_graph(quantise(rewrite_for_int8(_sface(content)), _read_ranges(ranges)))


def _sface(content: bytes) -> Graph:
    """SFace in float32 for batches of any size. Its own (x - 127.5) / 128 is gone: the manifest states it."""
    graph = fold_constants(read_graph(content))
    graph = fuse_batch_norms(drop_nodes(graph, "Dropout", "Sub", "Mul"))
    return Graph(
        graph.nodes,
        graph.constants,
        tuple(free_axes(value, {0: "batch"}) for value in graph.inputs),
        tuple(free_axes(value, {0: "batch"}) for value in graph.outputs),
    )


def _read_ranges(content: bytes) -> Ranges:
    try:
        document = json.loads(content)
        return {name: (float(low), float(high)) for name, (low, high) in document["ranges"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Corrupt("the ranges file cannot be read", "Restore it from edged's sources.") from error


RECIPES: Final[dict[str, Recipe]] = {
    "as-published": _as_published,
    "yunet": _yunet,
    "sface-float": _sface_float,
    "sface-int8": _sface_int8,
}
