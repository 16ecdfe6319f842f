"""Vectors as a centre and its devices write them."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from edged.domain.errors import Refused
from edged.wire.feed import read_vector, written


def test_a_vector_comes_back_as_it_was_in_any_byte_order() -> None:
    vector = np.array([0.5, -0.25, 1e-7], np.float32)
    assert written(vector) == base64.b64encode(np.array(vector, "<f4").tobytes()).decode()
    assert written(vector.astype(">f4")) == written(vector)
    assert np.array_equal(read_vector(written(vector), 3), vector)


@pytest.mark.parametrize("text", ["", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "not base64!", "AAAAAAAAAAAAAAAA\n"])
def test_what_is_no_vector_of_that_length_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_vector(text, 3)
    assert refused.value.reason == "bad_vector"
