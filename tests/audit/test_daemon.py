"""What the real daemon notes, and that its log is whole however it ends."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from edged.audit.ledger_file import FILE
from edged.audit.records import Records
from edged.audit.selection import Selection
from edged.config.layers import load
from edged.domain.errors import EdgedError
from edged.runtime.state_dir import StateDir
from tests.audit.conftest import Edged
from tests.runtime.daemon import RunningDaemon, running


def _entries(daemon: RunningDaemon) -> list[tuple[str, str, dict[str, object]]]:
    try:
        with closing(_records(daemon)) as records:
            found = records.entries(Selection(), limit=1000)[::-1]
    except EdgedError:
        return []
    return [(entry.act, entry.by, entry.facts) for entry in found]


def _records(daemon: RunningDaemon) -> Records:
    document = load(daemon.config).document
    return StateDir.of(document).open_records(document)


def _until(is_so: Callable[[], bool], daemon: RunningDaemon) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline, daemon.log.read_text()
        time.sleep(0.05)


def test_start_configuration_enrolment_and_stop_are_noted(
    tmp_path: Path, models_dir: Path, astronaut_path: Path, edged: Edged
) -> None:
    with running(tmp_path, models_dir) as daemon:
        daemon.ready()
        _until(lambda: "start" in [act for act, _, _ in _entries(daemon)], daemon)
        daemon.change(decision={"margin": 0.07})
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("RELOADING=1")
        _until(lambda: "config" in [act for act, _, _ in _entries(daemon)], daemon)
        assert edged("enroll", "4711", str(astronaut_path))[0] == 0, "a command beside the daemon"
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(10) == 0
        noted = _entries(daemon)
        assert [act for act, _, _ in noted] == ["beginning", "start", "config", "enrolment", "stop"]
        _, by, config = noted[2]
        assert (by, config["change"], config["source"], config["paths"]) == (
            "file",
            "taken_over",
            "file",
            "decision.margin",
        )
        with closing(_records(daemon)) as records:
            assert records.verify().is_whole
    assert (tmp_path / "state" / FILE).stat().st_mode & 0o777 == 0o600


def test_a_daemon_that_is_killed_leaves_a_log_that_is_whole(tmp_path: Path, models_dir: Path) -> None:
    with running(tmp_path, models_dir) as daemon:
        daemon.ready()
        _until(lambda: "start" in [act for act, _, _ in _entries(daemon)], daemon)
        daemon.process.kill()
        daemon.process.wait(10)
    with closing(_records(daemon)) as records:
        assert records.verify().is_whole
    assert [act for act, _, _ in _entries(daemon)] == ["beginning", "start"]
