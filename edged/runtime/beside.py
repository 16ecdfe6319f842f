"""Work that has an end, on a thread of its own, while the calling thread goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Result = TypeVar("_Result")


def beside(work: Callable[[], _Result]) -> Callable[[], _Result]:
    """Begins the work; see `edged.gallery.pace.Beside`."""
    future: Future[_Result] = Future()

    def top() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001  raised again by whoever waits
            future.set_exception(error)

    threading.Thread(target=top, name="beside", daemon=True).start()
    return future.result
