"""Work that one thread has another do, between two of its own tasks, and waits for."""

from __future__ import annotations

import queue
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from typing import Any, Generic, TypeVar

from edged.domain.errors import EdgedError, Unavailable

_T = TypeVar("_T")


class Errand(Generic[_T]):
    """One piece of work and the answer that comes back.

    Args:
        work: done on the thread that calls `do`; an EdgedError that it raises is raised where the result is awaited,
            anything else is a bug of the thread that does it.
    """

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        self._future: Future[_T] = Future()

    def do(self) -> None:
        """Does it, unless nobody waits for it any more. Blocks for the work."""
        if not self._future.set_running_or_notify_cancel():
            return
        try:
            self._future.set_result(self._work())
        except EdgedError as error:
            self._future.set_exception(error)

    @property
    def is_done(self) -> bool:
        """Whether `result` would not wait."""
        return self._future.done()

    def call_off(self) -> None:
        """It will not be done: whoever waits is told so."""
        self._future.cancel()

    def result(self, seconds: float) -> _T:
        """What came of it. Blocks for so long at most, and, if it has been begun by then, for as long again.

        Raises:
            Unavailable: nobody came round to it, and nobody will.
            EdgedError: what the work raised.
        """
        try:
            return self._future.result(seconds)
        except CancelledError as error:
            raise _undone() from error
        except TimeoutError as error:
            if self._future.cancel():
                raise _undone() from error
        try:
            return self._future.result(seconds)
        except TimeoutError as error:
            raise Unavailable(
                "the device is slow and has not finished yet", "Look in a moment whether it was done"
            ) from error


class Errands:
    """Errands that wait for one thread. Any thread adds, one does."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[Errand[Any]] = queue.SimpleQueue()
        self._closed = False

    def add(self, work: Callable[[], _T]) -> Errand[_T]:
        """Has `work` done; returns at once."""
        errand = Errand(work)
        self._waiting.put(errand)
        if self._closed:
            self.close()
        return errand

    def waits(self) -> bool:
        """Whether there is one."""
        return not self._waiting.empty()

    def do_one(self) -> None:
        """Does the oldest, if there is one. Blocks for it."""
        errand = self._next()
        if errand is not None:
            errand.do()

    def close(self) -> None:
        """From now on none is done: the thread ends, and nobody shall wait for it."""
        self._closed = True
        while (errand := self._next()) is not None:
            errand.call_off()

    def _next(self) -> Errand[Any] | None:
        try:
            return self._waiting.get_nowait()
        except queue.Empty:
            return None


def _undone() -> Unavailable:
    return Unavailable("the device did not come round to it; nothing was changed", "Try again in a moment")
