"""Several sights at work: photographs to portraits on every core."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from queue import SimpleQueue

from edged.config.document import ModelSettings, QualitySettings
from edged.domain.errors import Refused
from edged.recognition.enrolment import portray
from edged.recognition.finding import Looked
from edged.vision.sight import Sight, open_sight


@dataclass(frozen=True, slots=True)
class Terms:
    """What is taken.

    Attributes:
        quality: the bounds.
        largest, covered_eyes: see `portray`.
        strict: refuse what is doubted.
    """

    quality: QualitySettings
    largest: bool = False
    covered_eyes: bool = False
    strict: bool = False


class Portrayers:
    """A few threads with a sight each. Photographs wait in no long line: `begin` blocks while all are busy.

    Attributes:
        sight: one of theirs, for what it says of the model; not to look with.
    """

    def __init__(self, sights: list[Sight], terms: Terms, pool: ThreadPoolExecutor) -> None:
        self.sight = sights[0]
        self._terms = terms
        self._pool = pool
        self._free: SimpleQueue[Sight] = SimpleQueue()
        for sight in sights:
            self._free.put(sight)
        self._most = 2 * len(sights)
        self._begun: deque[Future[Looked]] = deque()

    def begin(self, photo: bytes) -> Future[Looked]:
        """Looks at a photograph; the future has a portrait or a refusal. Called by one thread."""
        while len(self._begun) >= self._most:
            self._begun.popleft().exception()
        future = self._pool.submit(self._look, photo)
        self._begun.append(future)
        return future

    def _look(self, photo: bytes) -> Looked:
        sight = self._free.get()
        try:
            terms = self._terms
            return portray(sight, photo, terms.quality, largest=terms.largest, covered_eyes=terms.covered_eyes)
        except Refused as refusal:
            return refusal
        finally:
            self._free.put(sight)


@contextmanager
def open_portrayers(settings: ModelSettings, terms: Terms) -> Iterator[Portrayers]:
    """As many portrayers as the models may have threads, each with one.

    Two of one thread take 11 to 13 ms of each of two cores for a photograph, one of two threads 16 to 21 ms (LFW, three
    rounds in one run): its second core waits while the first decodes and aligns.

    Raises:
        Unavailable, Corrupt: see `open_sight`.
    """
    one_thread = settings.model_copy(update={"threads": 1})
    sights = [open_sight(one_thread) for _ in range(settings.threads)]
    pool = ThreadPoolExecutor(len(sights), thread_name_prefix="portray")
    try:
        yield Portrayers(sights, terms, pool)
    finally:
        pool.shutdown(cancel_futures=True)
