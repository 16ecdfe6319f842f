"""The wish to stop reaches everyone who waits, whoever says it and whenever."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from edged.runtime.stop import Stop

WISHES_FROM_A_HANDLER = """
import signal
from edged.runtime.stop import Stop

stop = Stop()
signal.signal(signal.SIGALRM, lambda *_: stop.set())
for turn in range(5000):
    stop = Stop()
    signal.setitimer(signal.ITIMER_REAL, 0.0001 + turn % 97 * 1e-6)
    while not stop.wait(1e-6):
        stop.nudge()
"""


def test_a_signal_that_comes_in_the_middle_of_waiting_is_heard() -> None:
    """With a lock between the two, the handler waits for the very thread that it interrupted. Short waits find, too,
    what happens when the time is over before anybody has begun to wait.
    """
    subprocess.run([sys.executable, "-c", WISHES_FROM_A_HANDLER], check=True, timeout=60)


def test_everyone_who_waits_is_woken() -> None:
    stop = Stop()
    woken: list[bool] = []
    waiting = [threading.Thread(target=lambda: woken.append(stop.wait(30))) for _ in range(5)]
    for thread in waiting:
        thread.start()
    stop.set()
    for thread in waiting:
        thread.join(10)
    assert woken == [True] * 5


def test_a_nudge_ends_one_wait_and_is_no_stop() -> None:
    stop = Stop()
    stop.nudge()
    assert stop.wait(30) is False
    begun = time.monotonic()
    assert stop.wait(0.05) is False
    assert time.monotonic() - begun >= 0.05


def test_waiting_ends_with_its_time_and_says_that_nobody_asked() -> None:
    stop = Stop()
    begun = time.monotonic()
    assert stop.wait(0.05) is False
    assert time.monotonic() - begun >= 0.05
    stop.set()
    assert stop.wait(30) is True
    assert stop.is_set()
