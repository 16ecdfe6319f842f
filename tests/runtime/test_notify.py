"""What systemd hears."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from edged.runtime.notify import Notifier


def test_a_status_may_have_any_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(address)
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        notifier = Notifier()
        notifier.ready("camera.tür: rtsp://192.0.2.1/…: die Kamera 東 antwortet nicht")
        heard = systemd.recv(4096).decode()
        notifier._systemd.socket.close()
    assert heard.startswith("READY=1\n")
    assert "camera.tür: rtsp://192.0.2.1/…: die Kamera 東" in heard
