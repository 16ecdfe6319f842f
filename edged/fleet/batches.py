"""In which steps a change reaches many devices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from edged.domain.errors import Refused

_STEP: Final = re.compile(r"([0-9]{1,6})(%?)")
_MOST_STEPS: Final = 50

USUAL: Final = "1,10%,50%,100%"
"""One alone first: most mistakes show there."""


def batches(names: Sequence[str], steps: str = USUAL) -> tuple[tuple[str, ...], ...]:
    """The names, in their order, cut into batches; none is empty, and together they are all.

    Args:
        names: of devices.
        steps: how many there are to have it after each step, as counts or percentages of all, separated by commas:
            `1,10%,50%,100%`. What is left after the last step is one more.

    Raises:
        Refused: `bad_batches`.
    """
    words = [word.strip() for word in steps.split(",")]
    if len(words) > _MOST_STEPS:
        raise _refused(steps)
    found: list[tuple[str, ...]] = []
    done = 0
    for word in [*words, "100%"]:
        step = _STEP.fullmatch(word)
        if step is None or int(step[1]) == 0 or (step[2] and int(step[1]) > 100):
            raise _refused(steps)
        upto = -(-len(names) * int(step[1]) // 100) if step[2] else int(step[1])
        if done < min(upto, len(names)):
            found.append(tuple(names[done:upto]))
            done = min(upto, len(names))
    return tuple(found)


def _refused(steps: str) -> Refused:
    return Refused(
        "bad_batches",
        f"{steps[:80]!r} is no list of steps",
        f"Write how many devices are to have it after each step, as counts or percentages: {USUAL}",
    )
