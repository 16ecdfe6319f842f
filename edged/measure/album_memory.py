"""What a photograph of an album takes of a hub's memory: `python -m edged.measure.album_memory MODELS FILE`.

Looks at a small photograph and then at the one in the file, and writes two numbers: the process's memory after the
first, and the most that it was during the second; MB (10⁶ bytes).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edged.config.document import ModelSettings
from edged.domain.errors import Unavailable
from edged.hub.eyes import open_eyes
from edged.measure.memory import read_memory

_PATIENCE_S: Final = 120.0
_SMALL: Final = (480, 640, 3)
_RESET_PEAK: Final = "5"
"""See proc(5), /proc/pid/clear_refs."""


def memory_of(models: ModelSettings, photo: Path) -> tuple[float, float]:
    """What the words of the process above say, in a process of its own.

    Raises:
        Unavailable: it did not come to its end.
    """
    command = [sys.executable, "-m", "edged.measure.album_memory", models.model_dump_json(), str(photo)]
    try:
        ended = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=_PATIENCE_S, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(f"memory could not be measured: {error}") from error
    before, peak = (float(word) for word in ended.stdout.split())
    return before, peak


def _main(models: str, photo: str) -> None:
    eyes = open_eyes(ModelSettings.model_validate_json(models).model_copy(update={"threads": 1}))
    data = Path(photo).read_bytes()
    eyes.see_all(cv2.imencode(".jpg", np.zeros(_SMALL, np.uint8))[1].tobytes(), (320,))
    before = read_memory(os.getpid()).resident
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    eyes.see_all(data, (1600, 320))
    sys.stdout.write(f"{before} {read_memory(os.getpid()).peak}\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
