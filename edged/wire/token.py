"""Tokens as an administrator asks for them over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from edged.wire.payload import Instant, Part, Payload

Word = Literal["read", "enroll", "match", "device", "metrics", "admin"]


class TokenOrder(Part):
    """A token to make."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What it will be known by."""
    rights: Annotated[tuple[Word, ...], Field(min_length=1, max_length=6)]
    gallery: Annotated[str, Field(min_length=1, max_length=48)] | None = None
    """For this gallery only."""
    organisation: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """For this organisation only."""
    device: Annotated[str, Field(max_length=64)] = ""
    """For this device."""
    expires_s: Annotated[float, Field(gt=0, le=3.2e9)] | None = None
    """For how many seconds it holds; null: for good."""


class Rotation(Part):
    """Another text for a token."""

    grace_s: Annotated[float, Field(ge=0, le=2_592_000)] = 86400
    """For how many seconds the old text opens, too."""


class TokenPart(Part):
    """A token, without its text."""

    id: str
    name: str
    rights: tuple[Word, ...]
    gallery: str | None
    organisation: str | None
    device: str
    created: Instant
    expires: Instant | None
    revoked: Instant | None
    last_used_hour: Instant | None
    """The hour in which it was last used."""
    former_until: Instant | None
    """Until when the text before the last rotation opens."""


class TokenList(Payload):
    """All tokens, the newest first."""

    tokens: tuple[TokenPart, ...]


class TokenMade(Payload):
    """A text for a token: in this answer, and nowhere else."""

    id: str
    text: str
