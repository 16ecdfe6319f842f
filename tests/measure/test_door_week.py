"""A door without network: whoever is enrolled gets in, and everything is told afterwards."""

from __future__ import annotations

from pathlib import Path

from edged.config.document import ModelSettings
from edged.measure.door_week import live_a_week
from edged.vision.sight import open_sight


def test_a_short_week_loses_nobody_and_nothing(models_dir: Path) -> None:
    week = live_a_week(open_sight(ModelSettings(directory=models_dir)), 60, lambda *_: None)
    assert week.is_good, week
    assert 0 < week.opened < week.decided == 60, "some who came were strangers"
    assert week.heard == 3 * 60, "two events and a passage of each"
