"""The centre: where it is, how often it is asked, and what is let happen by it."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, StringConstraints, model_validator

from edged.config.field import AbsolutePath, Section, live, restart
from edged.config.loopback import is_loopback

Hours = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
"""From when to when, 22:00-06:00; the end is not part of it."""


class CentralSettings(Section):
    """The centre that people are synced with; the device recognises them without it, too."""

    kind: Literal["none", "hub", "findface", "miicloud"] = restart("none")
    """What it speaks: `hub` is ours. A miiCloud server can be told of people, but does not tell whom it has."""
    url: str = restart("", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$", max_length=512, file_only=True)
    """Its address, https://hub.example.org:8443; without encryption only on this machine."""
    token: SecretStr | None = restart(None)
    """What it lets the device in by. Shown to nobody; `token_file` keeps it out of the document altogether."""
    token_file: AbsolutePath | None = restart(None, file_only=True)
    """Read instead of `token`."""
    ca_file: AbsolutePath | None = restart(None, file_only=True)
    """The authority that signed its certificate; the system's own where absent."""
    every_s: float = live(60.0, ge=5, le=86_400)
    """It is asked so often, and at once when it has told the broker of a change. A fifth of it is left to chance, so
    that devices do not come all at once."""
    hours: tuple[Hours, ...] = live((), max_length=16, strict=False)
    """When people may be fetched and pushed, local time; none: always. Deletions are fetched at any time."""
    max_kbit_s: int = live(0, ge=0, le=10_000_000)
    """The bandwidth that may be taken; 0: any."""
    push: bool = live(True)
    """Tell the centre who is enrolled, changed and deleted on this device."""
    hold_share: float = live(0.2, ge=0, le=1)
    """When the centre has deleted more than this part of those it shares with the device, somebody is asked first."""
    hold_least: int = live(10, ge=0, le=100_000)
    """Up to so many deletions at once nobody is asked."""
    ask_unknown: bool = live(False)
    """Ask a miiCloud centre about faces that stay unknown here. Their pictures leave the device."""
    asks_per_minute: int = live(6, ge=1, le=600)
    """So many faces at most; others stay unknown."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.kind != "none" and not self.url:
            raise ValueError("url must name the centre")
        if self.token is not None and self.token_file is not None:
            raise ValueError("give token or token_file, not both")
        if self.kind != "none" and self.token is None and self.token_file is None:
            raise ValueError("give token or token_file: a centre lets nobody in without")
        if self.url.startswith("http:") and not is_loopback(urlsplit(self.url).hostname or ""):
            raise ValueError("url must begin with https: the token and faces would travel readable")
        if self.ask_unknown and self.kind != "miicloud":
            raise ValueError("ask_unknown is for a centre of the kind miicloud")
        return self
