"""Asking the centre about a face that stays unknown here: seldom, not twice about the same, not while it fails."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edged.central.miicloud import Match
from edged.central.port import HOPELESS, TryLater
from edged.domain.errors import Refused, Unavailable

_MINUTE_S: Final = 60.0
_REMEMBERED_S: Final = 600.0
_MOST_REMEMBERED: Final = 256
_ALIKE: Final = 0.8
"""Cosine from which a face is the one that was asked about, far above what two people have in common: one who only
resembles another must not be given the other's answer."""
_FAILURES: Final = 3
"""So many in a row, and the centre is left alone."""
_ALONE_S: Final = 60.0
_UNTIL_CHANGED_S: Final = 3600.0
"""So long it is left alone when it does not let the device in: somebody has to change something."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the centre says of a face; `match` is None where it knows nobody like it."""

    match: Match | None


class SecondOpinion:
    """A centre's answers about faces, within a budget. One thread.

    Args:
        ask: a picture of a face to whom the centre takes it for; blocks, and raises as `Centre` does.
        now: seconds of a clock that never goes back.
        per_minute: so many questions at most in any minute.

    Attributes:
        problem: why the centre did not answer last; None where it did.
    """

    def __init__(self, ask: Callable[[bytes], Match | None], now: Callable[[], float], per_minute: int) -> None:
        self._ask = ask
        self._now = now
        self._per_minute = per_minute
        self._asked: deque[float] = deque()
        self._answers: deque[tuple[float, NDArray[np.float32], Opinion]] = deque(maxlen=_MOST_REMEMBERED)
        self._failures = 0
        self._closed_until = 0.0
        self.problem: Unavailable | Refused | None = None

    def of(self, vector: NDArray[np.float32], jpeg: bytes) -> Opinion | None:
        """What the centre says; None where it was not asked or did not answer: the face stays unknown. Raises nothing.

        A face like one that was asked about within ten minutes has the same answer, without a question. After three
        failures in a row nothing is asked for a minute, or for as long as the centre wants; then one question shows
        whether it is well again.

        Args:
            vector: of the face, float32, unit length.
            jpeg: the face with a margin. It leaves the device when the centre is asked.
        """
        now = self._now()
        known = self._remembered(vector, now)
        if known is not None or not self._may_ask(now):
            return known
        self._asked.append(now)
        try:
            opinion = Opinion(self._ask(jpeg))
        except Refused as refusal:
            if refusal.reason in HOPELESS:
                self._leave_alone(refusal, _UNTIL_CHANGED_S)
                return None
            opinion = Opinion(None)  # of this picture, which would be refused again
        except TryLater as error:
            self._leave_alone(error, error.after_s)
            return None
        except Unavailable as error:
            self._failures += 1
            self.problem = error
            if self._failures >= _FAILURES:
                self._leave_alone(error, _ALONE_S)
            return None
        self._failures, self.problem = 0, None
        self._answers.append((self._now(), vector.copy(), opinion))
        return opinion

    def forget(self) -> None:
        """Forgets all answers: somebody was enrolled or deleted."""
        self._answers.clear()

    def _remembered(self, vector: NDArray[np.float32], now: float) -> Opinion | None:
        while self._answers and now - self._answers[0][0] >= _REMEMBERED_S:
            self._answers.popleft()
        if not self._answers:
            return None
        alike = np.stack([known for _at, known, _opinion in self._answers]) @ vector
        best = int(np.argmax(alike))
        return self._answers[best][2] if alike[best] >= _ALIKE else None

    def _may_ask(self, now: float) -> bool:
        while self._asked and now - self._asked[0] >= _MINUTE_S:
            self._asked.popleft()
        return now >= self._closed_until and len(self._asked) < self._per_minute

    def _leave_alone(self, problem: Unavailable | Refused, seconds: float) -> None:
        """Until then nothing is asked; one more failure after it, and it is left alone again."""
        self.problem = problem
        self._failures = _FAILURES
        self._closed_until = self._now() + seconds
