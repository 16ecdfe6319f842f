"""The hub's document, `hub.yaml`: where it listens, where its data lies, and how it behaves."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import unquote

from pydantic import Field, StringConstraints, ValidationError, model_validator

from edged.api.centre import Manners
from edged.config.document import BrokerSettings, ModelSettings
from edged.config.field import FOLDER, AbsolutePath, Section, restart
from edged.config.problems import problems_of
from edged.config.schema import Node, schema_of
from edged.config.store import read_file
from edged.config.text import read_yaml
from edged.domain.errors import ConfigInvalid, Problem, Refused
from edged.hub.photo_bucket import BucketAddress

DEFAULT_FILE: Final = Path("/etc/edged/hub.yaml")
"""Read where no other file is named."""

_SERVER: Final = re.compile(r"postgres(ql)?://|\w+\s*=")
"""How an address of libpq begins."""
_PASSWORD: Final = re.compile(r"(password|secret|scram_\w+_key)\s*=|^\w+://[^/@]*:[^/@]*@")

Host = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$")]
Proxy = Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f:.]{2,45}(/[0-9]{1,3})?$")]


class ServeSettings(Section):
    """Where the hub answers, and under what name."""

    listen: str = restart("127.0.0.1", min_length=1, max_length=253)
    """Address to listen on; 0.0.0.0 and :: mean all of them."""
    port: int = restart(8443, ge=0, le=65535)
    """0: any that is free."""
    certificate: AbsolutePath | None = restart(None)
    """The certificate's file, PEM, followed by those in between where there are any."""
    key: AbsolutePath | None = restart(None)
    """The file of the certificate's key, PEM."""
    plain_http: bool = restart(False)
    """Answer without encryption on an address that others reach: only behind a proxy of yours that encrypts. Tokens and
    faces travel readable."""
    public_url: str = restart("", pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*[^\s?#/])?)?$", max_length=512)
    """What links in answers begin with, without a slash at the end; empty: as the client called us."""
    proxies: tuple[Proxy, ...] = restart((), strict=False, max_length=32)
    """Addresses or networks of proxies whose X-Forwarded-For is believed. Limits count by address: without this all
    clients behind a proxy are one."""
    processes: int = restart(1, ge=1, le=64)
    """Processes that answer side by side. Each loads the models anew, and looks at up to `models.threads` photographs
    at a time."""
    connections: int = restart(512, ge=8, le=10_000)
    """So many connections at once for each process; more are told to come again."""

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.listen).is_loopback
        except ValueError:
            return self.listen == "localhost"

    @property
    def encrypts(self) -> bool:
        return self.certificate is not None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        if self.certificate is None and not self.is_local and not self.plain_http:
            raise ValueError(
                f"without a certificate the hub listens on loopback only, and {self.listen} is not: give certificate "
                "and key (`edged hub init` makes them), or plain_http: true behind a proxy that encrypts"
            )
        return self


class StoreSettings(Section):
    """Where people, photographs, tokens and the log of what was done lie."""

    directory: AbsolutePath = restart(Path("/var/lib/edged-hub"))
    """Readable by the hub's user only."""
    key_file: AbsolutePath | None = restart(None)
    """The hub's key, 64 hexadecimal digits, best on a medium of its own. Without it systemd's credential `edged.key`
    is used, else the file `key` in the directory."""
    postgresql: str = restart("")
    """The PostgreSQL server that keeps everything but photographs, postgresql://USER@HOST/DATABASE, without a password:
    that comes from PGPASSWORD or ~/.pgpass. Empty, and without `postgresql_file`: an SQLite file in the directory."""
    postgresql_file: AbsolutePath | None = restart(None)
    """In the place of `postgresql`: a file that holds the address, password and all, readable by the hub only."""
    photos: str = restart("")
    """Where hubs on several machines keep the photographs of events: s3://HOST/BUCKET/PREFIX, which is for this site
    alone. Empty: in the folder `photos` of the directory."""
    photos_keys: AbsolutePath | None = restart(None)
    """The file with that storage's keys, as ~/.aws/credentials has them. Without it they come from AWS_ACCESS_KEY_ID
    and AWS_SECRET_ACCESS_KEY."""

    @property
    def on_server(self) -> bool:
        """Whether a PostgreSQL server has the data."""
        return bool(self.postgresql) or self.postgresql_file is not None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Here and not at the fields, whose values would be shown: a password may stand in them by mistake."""
        if self.postgresql and self.postgresql_file is not None:
            raise ValueError("postgresql and postgresql_file say the same: give one of them")
        if any(map(_PASSWORD.search, (self.postgresql, unquote(self.postgresql)))):
            raise ValueError(
                "postgresql has a password: change it, and put the new one into PGPASSWORD, ~/.pgpass or the file of "
                "postgresql_file"
            )
        if self.postgresql and not _SERVER.match(self.postgresql):
            raise ValueError("postgresql is no address of a server: write postgresql://USER@HOST:5432/DATABASE")
        if self.photos and not self.on_server:
            raise ValueError("photos are in a storage of their own only where postgresql is set")
        if self.photos:
            try:
                BucketAddress.read(self.photos)
            except Refused as error:
                raise ValueError(f"{error.what}: write s3://HOST/BUCKET/PREFIX?region=REGION") from None
        return self


class LimitSettings(Section):
    """How much is let in. Each process of the hub counts on its own; who asks for more is told when to come again."""

    reading: int = restart(60_000, ge=1, le=1_000_000)
    """Requests a minute of one token at which no photograph is looked at."""
    looking: int = restart(3000, ge=1, le=1_000_000)
    """Requests a minute of one token at which one is."""
    address_reading: int = restart(120_000, ge=1, le=1_000_000)
    """The same from one address, whatever the tokens."""
    address_looking: int = restart(6000, ge=1, le=1_000_000)
    """The same from one address, whatever the tokens."""
    strangers: int = restart(120, ge=1, le=1_000_000)
    """Requests a minute from one address without a token, or with a wrong one."""
    burst_s: float = restart(10.0, ge=1, le=600)
    """After a pause, as much as in so many seconds may come at once."""
    max_photo_mb: int = restart(16, ge=1, le=64)
    """Larger photographs are refused."""


class MannerSettings(Section):
    """Where the three dialects leave a choice."""

    known: float = restart(0.9, gt=0, le=1)
    """The confidence from which miiCloud calls a face known."""
    fail_as_200: bool = restart(False)
    """Failures of miiCloud have the status 200, for clients that read the field `status` only."""
    v0_threshold: float = restart(0.75, ge=0, le=1)
    """The confidence FindFace asks for on /v0 where none is sent."""
    v1_threshold: float = restart(0.5690, ge=0, le=1)
    """The same on /v1."""
    photo_hosts: tuple[Host, ...] = restart((), strict=False, max_length=256)
    """Whose addresses photographs may be fetched from; none: photographs by address are refused."""


class AnnounceSettings(BrokerSettings):
    """The MQTT broker where devices hear at once that people were enrolled, changed or deleted. Without it they notice
    when they ask the next time. `prefix` must be that of the devices.
    """

    events: bool = restart(False)
    """Take the devices' events there, keep them, and tell each device which ones are kept: for devices with
    mqtt.acknowledged_by: hub. Whoever may write below a device's topics is believed to be that device."""

    @model_validator(mode="after")
    def _events_need_a_broker(self) -> Self:
        if self.events and not self.enabled:
            raise ValueError("events: true needs enabled: true, and the broker's address")
        return self


class WatchSettings(Section):
    """Looking at all devices on the broker of `mqtt`, for the page /fleet: who is online, what each follows, what is
    wrong with it, and who has pushed what.
    """

    enabled: bool = restart(False)
    """Look; needs mqtt.enabled."""
    username: str | None = restart(None, max_length=256)
    """A user of its own at the broker, who may read everything below the prefix; that of `mqtt` unless set, which will
    not do where the broker lets each user in only once (use_username_as_clientid)."""
    password_file: AbsolutePath | None = restart(None)
    """The password of that user."""


class LogSettings(Section):
    """What is written to the journal. Never a token, a name or a face."""

    level: Literal["debug", "info", "warning", "error"] = restart("info")
    """This and whatever is more serious."""


class HubSettings(Section):
    """The whole configuration of one hub."""

    serve: ServeSettings = Field(default_factory=ServeSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    models: ModelSettings = Field(default_factory=ModelSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    manners: MannerSettings = Field(default_factory=MannerSettings)
    mqtt: AnnounceSettings = Field(default_factory=AnnounceSettings)
    watch: WatchSettings = Field(default_factory=WatchSettings)
    log: LogSettings = Field(default_factory=LogSettings)

    @model_validator(mode="after")
    def _watch_needs_a_broker(self) -> Self:
        if self.watch.enabled and not self.mqtt.enabled:
            raise ValueError("watch.enabled needs mqtt.enabled, and the broker's address")
        return self

    def watched_broker(self) -> BrokerSettings:
        """The broker, as the user who looks at all devices there."""
        own = {} if self.watch.username is None else {"password": None, "password_file": self.watch.password_file}
        user = self.mqtt.username if self.watch.username is None else self.watch.username
        return self.mqtt.model_copy(update={"username": user, **own})

    def chosen_manners(self) -> Manners:
        """As the dialects want them."""
        return Manners(
            known=self.manners.known,
            v0_threshold=self.manners.v0_threshold,
            v1_threshold=self.manners.v1_threshold,
            fail_as_200=self.manners.fail_as_200,
            max_photo_bytes=self.limits.max_photo_mb * 1024 * 1024,
            photo_hosts=frozenset(host.lower() for host in self.manners.photo_hosts),
            public_url=self.serve.public_url,
        )


@cache
def hub_schema() -> Node:
    """The document's JSON schema. Shared: treat it as read-only."""
    return schema_of(HubSettings)


def load_settings(path: Path | None = None) -> HubSettings:
    """Reads the document; relative paths in it count from its folder.

    Args:
        path: of the file; None: `DEFAULT_FILE`.

    Raises:
        ConfigInvalid: there is no such file, or it is invalid, with all problems.
        Unavailable: it cannot be read.
    """
    source = path or DEFAULT_FILE
    text = read_file(source)
    if text is None:
        problem = Problem(
            "", "there is no such file", allowed="one that `edged hub init DIR` made: --config DIR/hub.yaml"
        )
        raise ConfigInvalid((problem,), str(source))
    return settings_from(read_yaml(text, str(source)), str(source), source.absolute().parent)


def settings_from(tree: Mapping[str, Any], source: str, folder: Path) -> HubSettings:
    """What plain data mean.

    Args:
        tree: as the document has it.
        source: what to call it in errors.
        folder: where relative paths count from.

    Raises:
        ConfigInvalid: with all problems.
    """
    try:
        return HubSettings.model_validate(tree, context={FOLDER: folder})
    except ValidationError as error:
        raise ConfigInvalid(problems_of(error, hub_schema()), source) from None
