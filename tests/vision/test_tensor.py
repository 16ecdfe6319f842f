from __future__ import annotations

import numpy as np
import pytest

from edged.vision.manifest import InputSpec
from edged.vision.tensor import fit, to_tensor

BLUE, GREEN, RED = 10, 20, 30


def _spec(**changes: object) -> InputSpec:
    plain: dict[str, object] = {"layout": "nchw", "colour": "bgr", "mean": 0, "std": 1}
    return InputSpec.model_validate(plain | changes)


def _picture(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, 3), (BLUE, GREEN, RED), np.uint8)


def test_layout_colour_mean_and_std_are_the_manifests() -> None:
    plain = to_tensor([_picture(4, 6)], _spec())
    assert plain.shape == (1, 3, 4, 6)
    assert plain.dtype == np.float32
    assert plain[0, :, 0, 0].tolist() == [BLUE, GREEN, RED]
    other = to_tensor([_picture(4, 6)] * 2, _spec(layout="nhwc", colour="rgb", mean=10, std=5))
    assert other.shape == (2, 4, 6, 3)
    assert other[1, 3, 5].tolist() == [4, 2, 0]


@pytest.mark.parametrize(
    ("height", "width", "long_side", "shape", "scale"),
    [
        (480, 640, 640, (480, 640), 1.0),
        (1080, 1920, 640, (384, 640), 1 / 3),
        (1080, 1920, 1920, (1088, 1920), 1.0),
        (100, 50, 640, (128, 64), 1.0),
        (1000, 3000, 640, (224, 640), 640 / 3000),
        (3, 5, 640, (32, 32), 1.0),
        (4000, 2, 400, (416, 32), 0.1),
    ],
)
def test_pictures_are_scaled_down_never_up_and_padded(
    height: int, width: int, long_side: int, shape: tuple[int, int], scale: float
) -> None:
    tensor, found = fit(_picture(height, width), _spec(multiple_of=32), long_side)
    assert tensor.shape[2:] == shape
    assert found == pytest.approx(scale)
    assert tensor[0, :, 0, 0].tolist() == [BLUE, GREEN, RED]


def test_a_model_of_one_size_gets_the_whole_picture_and_black_beside_it() -> None:
    tensor, scale = fit(_picture(240, 120), _spec(width=128, height=128, mean=10, std=10), 9999)
    assert tensor.shape == (1, 3, 128, 128)
    assert scale == pytest.approx(128 / 240)
    assert tensor[0, 2, 127, 63] == pytest.approx((RED - 10) / 10)
    assert tensor[0, 2, 0, 64] == -1


@pytest.mark.parametrize("size", [(1080, 1920), (1079, 1917), (720, 1280), (600, 900)])
def test_scaling_down_averages_instead_of_skipping(size: tuple[int, int]) -> None:
    chequered = np.zeros((*size, 3), np.uint8)
    chequered[::2, ::2] = chequered[1::2, 1::2] = 255
    tensor, scale = fit(chequered, _spec(), max(size) // 3)
    assert scale == pytest.approx(1 / 3, abs=0.01)
    assert tensor.std() < 30
    assert tensor.mean() == pytest.approx(127.5, abs=2)
