"""The addresses of the console's configuration: what holds and why, what a change would cost, and making it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, Protocol

from anyio import to_thread
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import Form, asked_of, told
from edged.api.entrance import account_of, needs
from edged.config.schema import json_schema
from edged.config.text import MAX_BYTES
from edged.wire.payload import Instant, Part, Payload
from edged.wire.reported import ProblemPart, ReportStatus

CONFIG: Final = "/api/v1/console/config"


class OrderReport(Payload):
    """What became of the newest order over the configuration, whoever gave it."""

    at: Instant
    source: str
    """Who gave it: `page`, `device` for its own topic, `group:<name>`; empty where there was none."""
    by: str
    status: ReportStatus
    problems: tuple[ProblemPart, ...] = ()
    overruled: tuple[str, ...] = ()
    """Paths that it sets and that a nearer word sets otherwise."""


class ConfigState(Payload):
    """The configuration as it is."""

    source: str
    """The owner's file; empty where there is none."""
    config: str
    """Digest of what is in force."""
    effective: Mapping[str, Any]
    """The whole document in force; secrets are `********`."""
    provenance: Mapping[str, str]
    """By dotted path, where a value comes from: `default`, `group:<name>`, `pushed`, `page` or `file`."""
    hidden: tuple[str, ...]
    """Dotted paths of what is set and not shown, or not wholly."""
    names: Mapping[str, str]
    """Where each camera, door, schedule and holiday comes from, by its dotted path; `page`: it can be removed here."""
    set_aside: tuple[ProblemPart, ...]
    """Why a part of what was pushed does not hold; empty is as it should be."""
    report: OrderReport


class ChangePart(Part):
    """A setting that would be another one."""

    path: str
    apply: str
    """What following it costs: live, camera, models or restart."""
    before: Any = None
    after: Any = None
    """Both as they are shown; null where the setting is not there."""
    origin: str = ""
    """Where the value would come from; empty where it would not be there."""


class Forecast(Payload):
    """What would come of a change. With problems it would not be made at all."""

    problems: tuple[ProblemPart, ...] = ()
    changes: tuple[ChangePart, ...] = ()
    costliest: str = ""
    """The greatest cost of all; empty where nothing would change."""
    overruled: tuple[str, ...] = ()
    """Paths that would be set and that a nearer word sets otherwise."""


class ConfigDesk(Protocol):
    """The device's configuration. Every method is called on worker threads and blocks for some seconds at most."""

    def state(self) -> ConfigState:
        """How it is now."""

    def forecast(self, patch: Mapping[str, Any]) -> Forecast:
        """What would come of a JSON merge patch of what was set on the page. Nothing changes."""

    def propose(self, patch: Mapping[str, Any], by: str) -> OrderReport:
        """Has the change made, as an order over MQTT is: refused with all its problems, or on probation, `applying`.

        Raises:
            Unavailable: the device did not come round to it.
        """

    def report(self) -> OrderReport:
        """On the newest order, whoever gave it. Returns at once."""


class PatchForm(Form):
    """A change to the configuration."""

    patch: dict[str, Any] = Field(repr=False)
    """JSON merge patch; null takes back what was set on the page."""


def config_routes(desk: ConfigDesk) -> list[Route]:
    """All of it is the installer's."""
    counter = _Counter(desk)
    installer = needs(Role.INSTALLER)
    return [
        Route(CONFIG, installer(counter.state)),
        Route(f"{CONFIG}/schema", installer(counter.schema)),
        Route(f"{CONFIG}/report", installer(counter.report)),
        Route(f"{CONFIG}/forecast", installer(counter.forecast), methods=["POST"]),
        Route(f"{CONFIG}/propose", installer(counter.propose), methods=["POST"]),
    ]


class _Counter:
    """Answers requests, one method an address."""

    def __init__(self, desk: ConfigDesk) -> None:
        self._desk = desk
        self._schema = json.dumps(json_schema(), separators=(",", ":"), ensure_ascii=False).encode()

    async def schema(self, _request: Request) -> Response:
        return Response(self._schema, media_type="application/schema+json", headers={"cache-control": "no-cache"})

    async def state(self, _request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.state))

    async def report(self, _request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.report))

    async def forecast(self, request: Request) -> Response:
        form = await asked_of(request, PatchForm, MAX_BYTES)
        return told(await to_thread.run_sync(partial(self._desk.forecast, form.patch)))

    async def propose(self, request: Request) -> Response:
        form = await asked_of(request, PatchForm, MAX_BYTES)
        account = account_of(request)
        by = f"account:{account.name}" if account else ""
        return told(await to_thread.run_sync(partial(self._desk.propose, form.patch, by)))
