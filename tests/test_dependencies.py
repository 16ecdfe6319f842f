"""What comes with the dependencies and must not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

UPLOADER = b"OneCollector"
"""Path of the service that onnxruntime's wheels send usage data to, from 1.29 on."""


@pytest.mark.parametrize("package", ["onnxruntime", "ai_edge_litert", "cv2"])
def test_no_library_on_the_frames_way_sends_usage_data(package: str) -> None:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    libraries = list(Path(found.origin).parent.rglob("*.so*"))
    assert libraries
    assert [path.name for path in libraries if UPLOADER in path.read_bytes()] == []
