"""`edged bench events` counts what it claims to count; the hundred kills are run by hand."""

from edged.domain.progress import quiet
from edged.measure.events import kill_repeatedly, measure_speed


def test_five_kills_lose_nothing() -> None:
    result = kill_repeatedly(5, quiet)
    assert (result.kills, result.lost, result.out_of_order, result.intact) == (5, 0, 0, True)
    assert result.delivered >= result.accepted > 5


def test_speed_is_measured() -> None:
    result = measure_speed(40, quiet)
    assert result.events == 40
    assert 0 < result.latency_p50_ms <= result.latency_p95_ms
    assert result.per_second > 0
