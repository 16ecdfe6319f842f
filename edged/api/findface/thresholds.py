"""From which confidence on two faces are called one person's: by number, by text, by name."""

from __future__ import annotations

import math
from typing import Any, Final

from edged.api.findface.faults import bad_param

PRESETS: Final = {"strict": 0.7834, "medium": 0.6616, "low": 0.5690}
NONE: Final = "none"
"""Nothing is decided: whoever asks does that with the confidence."""


def read_threshold(param: str, value: Any, default: float) -> float | None:
    """A confidence, 0–1; None where nothing is to be decided.

    Args:
        param: the name of the parameter, for the complaint.
        value: a number, a number as text, the name of a preset in any case; None where none was sent.
        default: where none was sent.

    Raises:
        Fault: `BAD_PARAM`.
    """
    if value is None:
        return default
    if isinstance(value, str):
        word = value.strip().lower()
        if not word:
            return default
        if word == NONE:
            return None
        if word in PRESETS:
            return PRESETS[word]
    number = _number(value)
    if number is None or not 0 <= number <= 1:
        raise bad_param(param, value, f"{param} is a number from 0 to 1, or one of strict, medium, low, none")
    return number


def _number(value: Any) -> float | None:
    """A finite one; None for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
