from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def test_what_was_acknowledged_survives_sigkill(tmp_path: Path) -> None:
    """Twenty writers killed at random moments: nobody is lost, nobody comes back, nobody is half there."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.gallery.killed_writer", str(tmp_path / "gallery.db"), "20"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )

    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    assert result["faults"] == []
    assert result["acknowledged"] > 100
