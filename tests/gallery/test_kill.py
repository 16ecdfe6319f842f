from __future__ import annotations

from edged.measure.gallery_kills import kill_writers


def test_what_was_acknowledged_survives_sigkill() -> None:
    """Writers killed at random moments, also of a migration: nobody is lost, comes back, or is half there."""
    result = kill_writers(15)

    assert (result.lost, result.resurrected, result.damaged) == (0, 0, 0)
    assert result.migrations == 3
    assert result.acknowledged > 50
