from __future__ import annotations

from edged.domain.timestamp import utc


def test_a_time_is_written_to_the_second_and_none_stays() -> None:
    assert utc(0.999) == "1970-01-01T00:00:00Z"
    assert utc(1_900_000_000.0) == "2030-03-17T17:46:40Z"
    assert utc(None) is None
