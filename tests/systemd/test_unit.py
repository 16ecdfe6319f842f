"""The unit as a file."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.conftest import ROOT


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("unit", ["edged.service", "edged-hub.service"])
def test_it_is_hardened_to_one_and_a_half(unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager"]
    done = subprocess.run([*command, str(ROOT / "systemd" / unit)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
