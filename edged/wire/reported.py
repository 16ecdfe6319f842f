"""What a device says of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from edged.wire.payload import Instant, Part, Payload


class ReportStatus(StrEnum):
    """What became of the newest order."""

    NONE = "none"
    """There was none yet."""
    APPLYING = "applying"
    """It is valid and in force, on probation: the parts it touches have to prove themselves."""
    APPLIED = "applied"
    """It holds."""
    REJECTED = "rejected"
    """It is not followed; nothing has changed. `problems` says why, all of it."""
    REVERTED = "reverted"
    """It was in force and something it touched did not work: what was there before holds again."""


class ProblemPart(Part):
    """One thing that is wrong with an order."""

    path: str
    """Dotted path of the setting; empty for the order as a whole."""
    message: str
    got: str = ""
    """What was there, in short; empty for secrets."""
    allowed: str = ""
    """What may be there."""


class Reported(Payload):
    """How the configuration stands: `config/reported`, retained."""

    at: Instant
    """When this became true."""
    source: str
    """Who gave the newest order: `device` for its own topic, `group:<name>`, `page`; empty where there was none."""
    version: int | None
    """Of that order; null where it could not be read."""
    token: str | None
    by: str = ""
    """Who gave it: the name of the key that signed it, else what the order says itself."""
    status: ReportStatus
    problems: tuple[ProblemPart, ...] = ()
    overruled: tuple[str, ...] = ()
    """Paths that the order sets and that a nearer word sets otherwise: the device's own topic, or its page."""
    config: str
    """Digest of what is in force, as in `info` and in events."""
    versions: Mapping[str, int]
    """By source, the version that was followed last."""
    effective: Mapping[str, Any]
    """The whole document in force; secrets are `********`."""
    provenance: Mapping[str, str]
    """By dotted path, where a value comes from: `default`, `group:<name>`, `pushed`, `page` or `file`."""
