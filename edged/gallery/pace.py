"""Long loops that let other threads in."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_Item = TypeVar("_Item")


def unhurried(items: Iterable[_Item], every: int) -> Iterator[_Item]:
    """The same items; gives the interpreter away for a moment after every so many.

    A thread that computes in Python keeps a waiting one out for 5 ms at a time, and a lookup waits several times.
    """
    for number, item in enumerate(items):
        if number % every == 0:
            time.sleep(0)
        yield item
