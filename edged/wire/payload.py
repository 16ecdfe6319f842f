"""What every payload has in common: its version, and how a time is written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

DECIMALS: Final = 6
"""Scores leave with so many decimals: less than the noise of a float32 cosine, so that no comparison turns over."""


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999, on the other side of midnight: nobody could write it again
        raise ValueError("is no time that can be written in UTC") from None


Instant = Annotated[
    AwareDatetime,
    AfterValidator(_in_utc),
    PlainSerializer(_rfc3339, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment: RFC 3339 in UTC with milliseconds and `Z` on the wire, an aware `datetime` in Python."""


def instant(utc: float) -> datetime:
    """The moment that lies `utc` seconds after the Unix epoch."""
    return datetime.fromtimestamp(utc, UTC)


class Part(BaseModel):
    """A part of a payload. Frozen; unknown keys are ignored, so that a reader outlives additions to version 1."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, use_attribute_docstrings=True)


class Payload(Part):
    """One whole message body, a JSON object."""

    v: Literal[1] = 1
    """Version of the payload. Fields may be added to a version; none changes its meaning or goes away."""

    def encoded(self) -> bytes:
        """The bytes that go to the broker: compact JSON in UTF-8, keys in the order of the model."""
        return self.model_dump_json().encode()

    @classmethod
    def schema_document(cls) -> dict[str, Any]:
        """JSON Schema (2020-12) of what is published."""
        return cls.model_json_schema(mode="serialization")
