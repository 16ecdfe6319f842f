"""Does requests and is killed meanwhile: `python -m tests.control.journal_writer FOLDER FIRST`.

The effect of each is a line in `effects`; a line on standard output says that its end is remembered.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

from edged.control.journal import FILE, Journal


def main(folder: Path, first: int) -> None:
    journal = Journal(folder / FILE, time.time)
    print("open", flush=True)
    effects = os.open(folder / "effects", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in itertools.count(first):
        # Each also brings some of those before again, as a broker does that is not sure.
        for name in (f"t{max(number - 3, 0)}", f"t{max(number - 1, 0)}", f"t{number}"):
            if journal.begin(name, "open_door", time.time() + 600, {"of": name}) is None:
                os.write(effects, f"{name}\n".encode())
                journal.finish(name, {"opened": name})
                os.write(1, f"done {name}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
