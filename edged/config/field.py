"""What a configuration field is: a value, its bounds, and what changing it costs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationInfo


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
    """A part of the document: immutable; an unknown key is a mistake, not a comment; a value is what it says, so that
    neither `"5"` nor `true` is a number.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # the input may be a password
    )


COST: Final = "apply"
"""The key under which a field's cost stands in the JSON schema."""

FILE_ONLY: Final = "file_only"
"""The key that marks, in the JSON schema, what only the device's own file may set."""

FOLDER: Final = "folder"
"""The key of the validation context that names the folder of the file being read."""


def costs(cost: Cost, default: Any = ..., *, file_only: bool = False, **bounds: Any) -> Any:
    """A pydantic field that says what changing it costs.

    Args:
        cost: what a change needs.
        default: the default; absent makes the field required.
        file_only: the value may not come over the network: it names a program or library to load, or a file whose
            content would be sent somewhere.
        bounds: anything `pydantic.Field` takes (`ge`, `le`, `pattern`, `default_factory`, …).
    """
    if "default_factory" not in bounds:
        bounds["default"] = default
    extra: dict[str, Any] = {COST: cost.value}
    if file_only:
        extra[FILE_ONLY] = True
    return Field(json_schema_extra=extra, **bounds)


def live(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.LIVE, default, **bounds)


def camera(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.CAMERA, default, **bounds)


def models(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.MODELS, default, **bounds)


def restart(default: Any = ..., **bounds: Any) -> Any:
    return costs(Cost.RESTART, default, **bounds)


def _absolute(path: Path, info: ValidationInfo) -> Path:
    """Relative paths count from the folder of the file that they were read from; nothing else has such a folder."""
    if path.is_absolute():
        return path
    folder: Path | None = (info.context or {}).get(FOLDER)
    if folder is None:
        raise ValueError("must be an absolute path")
    return folder / path


AbsolutePath = Annotated[Path, Strict(strict=False), AfterValidator(_absolute)]
"""A path that means the same whichever directory the process runs in."""
