"""What all requests have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from edged.wire.payload import Part

CameraChoice = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9_-]{0,31})?$")]
"""A camera's name in the configuration; empty: the only one there is."""

PersonKey = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""The customer's own key of a person."""


class Asked(Part):
    """What a command needs to know. An unknown key is a mistake: nobody may believe that something was asked that was
    not.
    """

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Nothing(Asked):
    """The command needs to know nothing."""
