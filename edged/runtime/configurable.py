"""What can be configured: the daemon, as far as the steward needs to know it."""

from __future__ import annotations

from typing import Protocol

from edged.config.layers import Loaded
from edged.config.plan import Plan
from edged.domain.errors import Problem
from edged.runtime.errand import Errand
from edged.runtime.probation import Vitals


class Configurable(Protocol):
    """All of it is called on the main thread."""

    @property
    def loaded(self) -> Loaded:
        """The document in force."""

    def follow(self, loaded: Loaded) -> None:
        """Takes over another document, as far as that goes without a restart."""

    def vitals(self) -> Vitals:
        """How the device is now."""

    def begin_anew(self) -> None:
        """Ends in good order and starts again with what is kept; does not wait for it."""

    def prove(self, loaded: Loaded, plan: Plan) -> Errand[tuple[Problem, ...]]:
        """Has `edged.runtime.proof.prove` done on a thread of its own; returns at once."""
