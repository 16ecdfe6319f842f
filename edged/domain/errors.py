"""Errors, named by what the caller does next.

Every error carries two sentences for a person: what happened, and what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass


class EdgedError(Exception):
    """The root of every error that edged raises on purpose.

    Anything else that escapes is a bug and ends the process.

    Attributes:
        what: what happened, one sentence without a full stop.
        remedy: what the reader can do about it; empty where there is nothing to do.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what if not remedy else f"{what}. {remedy}")
        self.what = what
        self.remedy = remedy


class Unavailable(EdgedError):
    """It may work later: a camera, a broker or a centre is away. Try again with backoff."""


class Busy(Unavailable):
    """Others are being served: come again in a moment.

    Its words are for whoever asks, strangers too; those of other errors of this kind may name our files and servers.
    """


class Refused(EdgedError):
    """It will not work however often it is tried: the input itself is at fault.

    Attributes:
        reason: a stable machine-readable word (`no_face`, `too_many_pixels`, …).
    """

    def __init__(self, reason: str, what: str, remedy: str = "") -> None:
        super().__init__(what, remedy)
        self.reason = reason


class Corrupt(EdgedError):
    """A file of ours is damaged. Rebuild it from the truth, or restore a backup."""


class Unsupported(EdgedError):
    """This machine or build cannot do it. Say so once and go on without."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration document.

    Attributes:
        path: dotted path of the field (`cameras.door.fps`); empty for the whole document.
        message: what is wrong, in words.
        got: the offending value as short text, never a secret.
        allowed: what would be accepted, or empty.
    """

    path: str
    message: str
    got: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        text = f"{self.path or '(document)'}: {self.message}"
        if self.got:
            text += f" (got {self.got})"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return text


class ConfigInvalid(EdgedError):
    """A configuration document was refused. `problems` holds all of them, not the first."""

    def __init__(self, problems: tuple[Problem, ...], source: str = "the configuration") -> None:
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source} has {len(problems)} problem(s):\n{lines}")
        self.problems = problems
