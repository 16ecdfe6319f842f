"""Identifiers that sort by time."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.identity import uuid7

_times = st.integers(0, 2**47).map(lambda milliseconds: milliseconds / 1000)
_entropy = st.binary(min_size=10, max_size=16)


@given(_times, _entropy)
def test_it_is_a_version_7_uuid(utc: float, entropy: bytes) -> None:
    text = uuid7(utc, entropy)
    parsed = uuid.UUID(text)
    assert str(parsed) == text
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert abs((parsed.int >> 80) - utc * 1000) <= 1


@given(_times, _times, _entropy, _entropy)
def test_they_sort_by_time(one: float, other: float, some: bytes, more: bytes) -> None:
    early, late = sorted((one, other))
    if late - early >= 0.002:
        assert uuid7(early, some) < uuid7(late, more)


@given(_times, st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_entropy_tells_those_of_one_millisecond_apart(utc: float, some: bytes, more: bytes) -> None:
    same = uuid7(utc, some) == uuid7(utc, more)
    kept = [(data[0] & 0x0F, data[1], data[2] & 0x3F, data[3:]) for data in (some, more)]
    assert same == (kept[0] == kept[1])


def test_the_example_of_the_standard() -> None:
    """RFC 9562, appendix A.6: 22 February 2022, 14:22:22.000 GMT-05:00."""
    entropy = bytes([0x0C, 0xC3]) + bytes.fromhex("18c4dc0c0c07398f")
    assert uuid7(1645557742.0, entropy) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_too_little_entropy_is_refused() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        uuid7(0.0, bytes(9))
