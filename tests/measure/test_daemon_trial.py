from __future__ import annotations

import os
from pathlib import Path

from edged.config.document import Document, ModelSettings
from edged.domain.progress import quiet
from edged.measure.daemon_trial import try_daemon
from edged.measure.memory import read_memory
from edged.runtime.machine import resident_mb


def test_a_real_daemon_is_timed_and_weighed(model_settings: ModelSettings, astronaut_path: Path) -> None:
    cores = os.sched_getaffinity(0)
    trial = try_daemon(Document(models=model_settings), astronaut_path, 1, 1.0, quiet)
    stranger, known = trial.latencies
    assert (stranger.outcome, known.outcome) == ("unknown", "known")
    for latency in trial.latencies:
        assert (latency.told, latency.as_expected) == (1, 1)
        assert latency.frames >= 2
        assert 0 < latency.telling.p50 < latency.from_deciding.p50 < latency.from_first.p50
        assert latency.from_first.p50 - latency.from_deciding.p50 > 50, "it waits for a second frame at least"
    assert 50 < trial.memory.own < trial.memory.resident <= trial.memory.peak
    assert os.sched_getaffinity(0) == cores


def test_the_memory_of_a_process_is_what_the_kernel_says() -> None:
    memory = read_memory(os.getpid())
    assert abs(memory.resident - resident_mb()) < 5
    assert abs(memory.own + memory.files - memory.resident) < 5
    assert memory.peak >= memory.resident
