from __future__ import annotations

from edged.config.document import ModelSettings
from edged.measure.sync_kills import kill_syncing


def test_a_device_that_is_killed_while_it_syncs_loses_nobody_and_brings_nobody_back(
    model_settings: ModelSettings,
) -> None:
    result = kill_syncing(model_settings, 200, 60)
    assert result.is_good, result
    assert result.people > 100
