"""A daemon that does nothing but hold doors, to be killed and stopped: `python -m edged.measure.door_holder PROGRAM…`.

Reads the document as a line of JSON from its standard input, then an order a line; answers each with a line.
`PROGRAM…`: the helper to start; none: the real one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any, Self

from edged.config.document import Document
from edged.domain.door import DoorSignal
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.runtime.clock import SystemClock
from edged.runtime.door_line import PROGRAM, DoorLine
from edged.runtime.stop import Stop


class DoorHolder:
    """Such a process, seen from the one that tries it."""

    def __init__(self, document: Mapping[str, Any], program: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edged.measure.door_holder", *program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._write(document)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process itself."""
        return self._process

    @property
    def helper(self) -> int:
        """The helper's process id; 0 while there is none."""
        return int(self._ask(do="helper")["helper"])

    @property
    def spare(self) -> int:
        """The process id of the helper that stands by; 0 while there is none."""
        return int(self._ask(do="helper")["spare"])

    def pulse(self, door: str, seconds: float, token: str, age: float = 0.0) -> str:
        """Orders it; the reason of a refusal, `unavailable`, or empty. `age`: seconds since the decision."""
        return str(self._ask(do="pulse", door=door, seconds=seconds, token=token, age=age)["refused"])

    def hold(self, door: str, on: bool) -> None:
        """See `DoorLine.hold`."""
        self._ask(do="hold", door=door, on=on)

    def wait_reachable(self, door: str, seconds: float = 20.0) -> None:
        """Blocks until the door's relay answers.

        Raises:
            Unavailable: it does not.
        """
        if not self._ask(do="wait", door=door, seconds=seconds)["reachable"]:
            raise Unavailable(f"the door {door} could not be reached for {seconds:g} s")

    def stop(self) -> int:
        """Ends in good order; the exit code."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        return self._process.wait(10)

    def _ask(self, **order: Any) -> dict[str, Any]:
        self._write(order)
        said = _pipe(self._process.stdout).readline()
        if not said:
            raise Unavailable("the process that holds the doors is gone")
        answer: dict[str, Any] = json.loads(said)
        return answer

    def _write(self, tree: Mapping[str, Any]) -> None:
        pipe = _pipe(self._process.stdin)
        pipe.write(json.dumps(tree).encode() + b"\n")
        pipe.flush()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("this process has no pipes")
    return pipe


def _quiet(_signal: DoorSignal) -> None:
    """Nobody listens."""


def _answer(line: DoorLine, order: Mapping[str, Any]) -> dict[str, Any]:
    match order["do"]:
        case "helper":
            return {"helper": line.helper or 0, "spare": line.spare or 0}
        case "hold":
            line.hold(order["door"], order["on"])
        case "wait":
            deadline = time.monotonic() + order["seconds"]
            while not line.reachable(order["door"]) and time.monotonic() < deadline:
                time.sleep(0.005)
            return {"reachable": line.reachable(order["door"])}
        case "pulse":
            made = time.monotonic() - order["age"]
            try:
                line.pulse(order["door"], order["seconds"], token=order["token"], made=made)
            except Refused as refusal:
                return {"refused": refusal.reason}
            except EdgedError:
                return {"refused": "unavailable"}
            return {"refused": ""}
    return {}


def _main(program: Sequence[str]) -> int:
    document = Document.model_validate_json(sys.stdin.buffer.readline())
    stop = Stop()
    line = DoorLine(document, _quiet, SystemClock(), program=program or PROGRAM)
    thread = threading.Thread(target=line.run, args=(stop,), daemon=True)
    thread.start()
    for order in sys.stdin.buffer:
        print(json.dumps(_answer(line, json.loads(order))), flush=True)  # noqa: T201
    stop.set()
    thread.join()
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
