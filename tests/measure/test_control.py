"""The measurement of control over MQTT, in small: it is the test of it with a real daemon and a real broker, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edged.config.document import ModelSettings
from edged.domain.progress import quiet
from edged.measure.control_report import QUICK, Control, control_report, measure_control


def test_a_device_takes_orders_refuses_bad_ones_and_mends_itself(
    model_settings: ModelSettings, astronaut_path: Path
) -> None:
    found: Control = measure_control(model_settings, astronaut_path, replace(QUICK, mutants=30), quiet)
    assert found.speed.pushes == 10
    assert found.mutants.is_good, found.mutants
    assert found.faults.is_good, found.faults
    assert {fault.what: fault.status for fault in found.faults.faults} == {
        "a camera whose photograph is not there": "reverted",
        "another camera that cannot be reached": "reverted",
        "a broker where nobody answers": "rejected",
        "a broker that dies once it is proven": "reverted",
        "a model that is not there": "rejected",
        "a damaged model": "rejected",
    }
    assert found.faults.events > 0
    assert found.kills.is_good, found.kills
    assert "SIGKILL × 3" in control_report(found).text()
