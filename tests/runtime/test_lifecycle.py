"""The life of the real daemon, as systemd sees it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from edged.runtime.mosquitto import Mosquitto
from tests.runtime.asking import asking
from tests.runtime.daemon import running

DEMO = {"kind": "demo", "appear_s": 5.0, "absent_s": 1.0}


@pytest.fixture
def demo_camera(astronaut_path: Path) -> dict[str, object]:
    return {**DEMO, "photo": str(astronaut_path)}


def test_it_is_ready_feeds_the_watchdog_and_stops_in_good_order(
    tmp_path: Path, models_dir: Path, demo_camera: dict[str, object]
) -> None:
    with running(tmp_path, models_dir, watchdog_s=5, cameras={"door": demo_camera}) as daemon:
        daemon.ready()
        daemon.wait_for("WATCHDOG=1")
        daemon.wait_for("STATUS=ready; cameras 1/1")
        daemon.signal(signal.SIGTERM)
        daemon.wait_for("STOPPING=1")
        assert daemon.process.wait(5) == 0


def test_it_is_ready_without_a_camera_or_a_broker_and_says_so(tmp_path: Path, models_dir: Path) -> None:
    away = {"door": {"kind": "video", "path": str(tmp_path / "not-there.mp4")}}
    broker = {"host": "127.0.0.1", "port": 1}
    with running(tmp_path, models_dir, cameras=away, mqtt=broker) as daemon:
        daemon.ready()
        status = ""
        while not all(name in status for name in ("; broker: ", "; camera.door: ")):
            status = daemon.wait_for("STATUS=ready; cameras 0/1; ")


def test_a_reload_takes_over_what_changed_and_refuses_what_is_invalid(
    tmp_path: Path, models_dir: Path, demo_camera: dict[str, object]
) -> None:
    with running(tmp_path, models_dir, cameras={"door": demo_camera}) as daemon:
        daemon.ready()
        daemon.wait_for("STATUS=ready; cameras 1/1")
        daemon.change(cameras={"door": demo_camera, "yard": demo_camera})
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("RELOADING=1")
        daemon.ready()
        daemon.wait_for("STATUS=ready; cameras 2/2")
        daemon.change(decision={"frames": 0, "margin": 7})
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("STATUS=ready; cameras 2/2; config: the configuration file is not in force: 2 problem(s)")
        assert "decision.margin" in daemon.log.read_text()
        daemon.change(decision={"frames": 2})
        daemon.signal(signal.SIGHUP)
        daemon.ready()
        status = daemon.wait_for("STATUS=ready; cameras 2/2")
        assert "config" not in status


@pytest.fixture
def hanging_camera() -> Iterator[dict[str, object]]:
    """A network camera that takes the call and never says a word: the video library waits inside its own code."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield {"kind": "rtsp", "url": f"rtsp://127.0.0.1:{silent.getsockname()[1]}/cam", "open_timeout_s": 60.0}


def test_a_camera_that_hangs_does_not_delay_the_end(
    tmp_path: Path, models_dir: Path, hanging_camera: dict[str, object]
) -> None:
    with running(tmp_path, models_dir, cameras={"door": hanging_camera}) as daemon:
        daemon.ready()
        daemon.wait_for("STATUS=ready; cameras 0/1")
        begun = time.monotonic()
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(10) == 0
        assert time.monotonic() - begun < 3.0
        assert "left behind, hanging in the driver: door" in daemon.log.read_text()


def test_a_supervisor_that_does_not_listen_does_not_hold_it_up(tmp_path: Path, models_dir: Path) -> None:
    with running(tmp_path, models_dir) as daemon:
        daemon.ready()
        for _ in range(40):  # each is answered with notices; far more than the socket holds
            daemon.signal(signal.SIGHUP)
            time.sleep(0.1)
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(5) == 0


def test_a_second_signal_means_now(tmp_path: Path, models_dir: Path, hanging_camera: dict[str, object]) -> None:
    with running(tmp_path, models_dir, cameras={"door": hanging_camera}) as daemon:
        daemon.ready()
        daemon.signal(signal.SIGINT)
        daemon.signal(signal.SIGTERM)  # another one: two of a kind that wait together are one to the kernel
        assert daemon.process.wait(3) in {128 + signal.SIGINT, 128 + signal.SIGTERM}


def test_signals_while_it_begins_anew_are_heeded_and_kill_nothing(
    tmp_path: Path, models_dir: Path, hanging_camera: dict[str, object], broker: Mosquitto
) -> None:
    mqtt = {"host": "127.0.0.1", "port": broker.port}
    with (
        running(tmp_path, models_dir, cameras={"door": hanging_camera}, mqtt=mqtt) as daemon,
        asking(broker.port) as client,
    ):
        client.next(lambda message: message.topic.endswith("/available") and message.payload == b"online")
        daemon.ready()
        client.say("edged/testbed/request/restart", {"transaction": "a"})
        daemon.wait_for("STATUS=beginning anew")
        deadline = time.monotonic() + 60
        while "READY=1" not in daemon.notices:
            assert time.monotonic() < deadline
            daemon.signal(signal.SIGHUP)
            with suppress(AssertionError):
                daemon.wait_for("NONE", 0.05)
            assert daemon.process.poll() is None, daemon.log.read_text()
        client.next(lambda message: message.topic.endswith("/response/restart"))
        daemon.notices.clear()
        client.say("edged/testbed/request/restart", {"transaction": "b"})
        daemon.wait_for("STATUS=beginning anew")
        daemon.signal(signal.SIGTERM)
        assert daemon.process.wait(10) == 0


def test_an_invalid_document_that_never_worked_is_final(tmp_path: Path) -> None:
    config = tmp_path / "edged.yaml"
    config.write_text("cameras:\n  door: {kind: rtsp}\ndecision: {frames: many, colour: blue}\n")
    environment = {**os.environ, "STATE_DIRECTORY": str(tmp_path / "state")}
    finished = subprocess.run(
        [sys.executable, "-m", "edged", "run", "--config", str(config)],
        capture_output=True,
        env=environment,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 78
    words = finished.stderr.decode()
    assert all(path in words for path in ("cameras.door.url", "decision.frames", "decision.colour"))


def test_missing_models_are_named_with_what_to_do(tmp_path: Path, models_dir: Path) -> None:
    manifests = tmp_path / "models"
    manifests.mkdir()
    for manifest in models_dir.glob("*.yaml"):
        shutil.copy(manifest, manifests)
    with running(tmp_path, manifests) as daemon:
        assert daemon.process.wait(60) == 1
        assert "edged models build" in daemon.log.read_text()
