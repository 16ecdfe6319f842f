"""The booth: events, photographs, and the pages that guests see."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edged.config.field import AbsolutePath, Section, live, restart


def _address(text: str) -> str:
    ipaddress.ip_network(text, strict=False)  # raises ValueError, which says what is wrong with it
    return text


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F.:]{2,45}(/\d{1,3})?$"), AfterValidator(_address)]
"""Of a machine or, with a slash, of a network."""


class GuestSettings(Section):
    """Where guests' phones find their photographs: an address of its own, at which there is nothing else."""

    listen: str = restart("127.0.0.1", min_length=1, max_length=253)
    """The address to listen on; that of the access point, or with `url` 0.0.0.0 for all."""
    port: int = restart(8767, ge=0, le=65535)
    """0 takes a free one."""
    url: str = restart("", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?$", max_length=256, file_only=True)
    """What links and QR codes begin with, as phones can reach it; made from the address and the port unless set.
    Needed where `listen` is all addresses."""
    certificate: AbsolutePath | None = restart(None, file_only=True)
    """With `key`: TLS."""
    key: AbsolutePath | None = restart(None, file_only=True)
    """The certificate's private key."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together")
        if not self.url and self.listen in {"0.0.0.0", "::"}:  # noqa: S104  that it cannot be in a link
            raise ValueError(f"set url: a link to {self.listen} leads no phone anywhere")
        return self

    @property
    def address(self) -> str:
        """What links begin with, without a slash at the end."""
        return self.address_at(self.port)

    def address_at(self, port: int) -> str:
        """`address`, where the port is another one than was set: a free one was taken."""
        if self.url:
            return self.url.rstrip("/")
        host = f"[{self.listen}]" if ":" in self.listen else self.listen
        return f"{'https' if self.certificate else 'http'}://{host}:{port}"

    @property
    def host(self) -> str:
        """What phones call this device."""
        return urlsplit(self.address).hostname or ""

    @property
    def is_reachable(self) -> bool:
        """Whether a phone may find this device: not under what every machine calls itself, or all its addresses."""
        if self.host in {"", "localhost"}:
            return False
        try:
            address = ipaddress.ip_address(self.host)
        except ValueError:
            return True
        return not (address.is_loopback or address.is_unspecified)


class PhotoSyncSettings(Section):
    """Events that the hub of `central` has, too: the same photographs and searches under the same ids."""

    enabled: bool = restart(False)
    """Tell the hub of events, photographs and searches, and take those that it has of this organisation."""
    token_file: AbsolutePath | None = restart(None, file_only=True)
    """What it lets the booth in by: of a token that `edged hub token create --org … --right enroll` made."""
    originals: bool = live(False)
    """Also the files as they came; else what is shown of them."""
    every_s: float = live(30.0, ge=1, le=86_400)
    """It is asked so often."""
    max_kbit_s: int = restart(0, ge=0, le=10_000_000)
    """The bandwidth that may be taken; 0: any."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.enabled and self.token_file is None:
            raise ValueError("give token_file: a hub lets nobody in without")
        return self


class PhotoSettings(Section):
    """Events and their photographs, in which guests find themselves with a selfie."""

    enabled: bool = restart(False)
    """Keep events and photographs, and answer guests."""
    organisation: Slug = restart("booth")
    """Whose events these are, in the addresses of the 9Pic interface; made when it is not there yet."""
    event: str = live("", pattern=r"^[a-z0-9-]{0,64}$")
    """The event that the booth's camera and the watched folder add to; the newest one that is open unless set."""
    camera: str = live("", max_length=32)
    """The booth's camera; the only one unless set."""
    folder: AbsolutePath | None = restart(None, file_only=True)
    """Photographs that appear here, or below, are added to the event: of a tethered camera, or of a card that is put
    in. Each is read once; the files themselves are never changed."""
    screens: tuple[Address, ...] = live(("127.0.0.1", "::1"), max_length=16, strict=False)
    """Who may show the page /booth, which takes photographs: these addresses or networks."""
    max_gb: float = live(32.0, gt=0, le=100_000)
    """So much is kept at most; 500 MB of the disk stay free in any case."""
    when_full: Literal["refuse", "oldest"] = live("refuse")
    """Then new photographs are refused, or those that were added first to events that are closed or over go."""
    link_hours: float = live(72.0, gt=0, le=8760)
    """A guest's link is good for so long, and never longer than the event."""
    countdown_s: int = live(3, ge=1, le=10)
    """Before the booth takes a photograph."""
    language: Literal["en", "de", "es", "fr"] = live("en")
    """What the booth and guests' pages speak before somebody chooses."""
    guests: GuestSettings = Field(default_factory=GuestSettings)
    sync: PhotoSyncSettings = Field(default_factory=PhotoSyncSettings)
