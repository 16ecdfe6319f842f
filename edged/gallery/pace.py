"""Long work: that lets other threads in, that the collector does not slow down, that goes on beside other work."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Beside(Protocol):
    """Who can have something done meanwhile."""

    def __call__(self, work: Callable[[], _Result], /) -> Callable[[], _Result]:
        """Begins the work on another thread; what it returns waits for the end, and returns or raises as it did."""
        ...


def at_once(work: Callable[[], _Result]) -> Callable[[], _Result]:
    """A `Beside` without a thread: the work is done when it returns, and raises here."""
    result = work()
    return lambda: result


def unhurried(items: Iterable[_Item], every: int) -> Iterator[_Item]:
    """The same items; gives the interpreter away for a moment after every so many.

    A thread that computes in Python keeps a waiting one out for 5 ms at a time, and a lookup waits several times.
    """
    for number, item in enumerate(items):
        if number % every == 0:
            time.sleep(0)
        yield item


@contextmanager
def uncollected() -> Iterator[None]:
    """While the block makes objects by the hundred thousand, all of which stay, none is looked at for being garbage.

    The collector would walk them all each time their number has grown by a quarter: a fifth of the time it takes.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
