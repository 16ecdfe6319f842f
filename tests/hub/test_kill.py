from __future__ import annotations

from edged.measure.hub_kills import HubKills, kill_hub_writers


def test_what_was_acknowledged_survives_sigkill() -> None:
    """Writers killed at random moments: nobody is lost, comes back, or is half there."""
    result = kill_hub_writers(8)

    assert result == HubKills(kills=8, acknowledged=result.acknowledged)
    assert result.acknowledged > 8
