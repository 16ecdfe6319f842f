"""What a configuration field is: a value, its bounds, and what changing it costs."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field


class Cost(StrEnum):
    """What has to be taken up again when a field changes. Data on the field, never an `if` elsewhere."""

    LIVE = "live"
    """The next frame is judged by the new value; nothing restarts."""
    CAMERA = "camera"
    """The camera it belongs to is opened anew."""
    MODELS = "models"
    """Model sessions are loaded anew."""
    RESTART = "restart"
    """The process starts again."""


class Section(BaseModel):
    """A part of the document: immutable, and an unknown key is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


COST: Final = "apply"
"""The key under which a field's cost stands in the JSON schema."""


def costs(cost: Cost, default: Any = ..., **bounds: Any) -> Any:
    """A pydantic field that says what changing it costs.

    Args:
        cost: what a change needs.
        default: the default; absent makes the field required.
        bounds: anything `pydantic.Field` takes (`ge`, `le`, `pattern`, `default_factory`, …).
    """
    if "default_factory" not in bounds:
        bounds["default"] = default
    return Field(json_schema_extra={COST: cost.value}, **bounds)


def live(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.LIVE, default, **bounds)


def camera(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.CAMERA, default, **bounds)


def models(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.MODELS, default, **bounds)


def restart(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.RESTART, default, **bounds)
