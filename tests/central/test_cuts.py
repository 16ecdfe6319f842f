"""A device that follows a real hub over HTTPS, whose line is cut or which is killed, while people come and go."""

from __future__ import annotations

from edged.config.document import ModelSettings
from edged.measure.sync_cuts import cut_connections


def test_two_hundred_cuts_lose_nobody_double_nobody_and_bring_nobody_back(model_settings: ModelSettings) -> None:
    result = cut_connections(model_settings, 200, 200, seed=2)
    assert result.is_good, result
    assert result.cuts >= 200
    assert result.people > 100
