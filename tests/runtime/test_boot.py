"""Beginning anew in the place of one's own process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """\
import os, sys
from edged.runtime.boot import begin_anew
if len(sys.argv) > 1 and not os.path.exists(sys.argv[1]):
    open(sys.argv[1], "w").write(str(os.getpid()))
    left = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(left, True)  # as a C library leaves them
    begin_anew()
print(os.getpid() == int(open(sys.argv[1]).read()), sorted(os.listdir("/proc/self/fd")))
"""


def test_the_same_command_runs_again_under_the_same_pid_and_nothing_is_left_open(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "mark")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert done.stdout.strip() == "True ['0', '1', '2', '3']"  # 3 is the listing
