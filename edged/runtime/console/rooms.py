"""The console's doors, passes, configuration and audit: their addresses, with what answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from edged.api.console.audit import audit_routes
from edged.api.console.config import config_routes
from edged.api.console.doors import doors_routes
from edged.api.console.passes import pass_routes
from edged.audit.ledger_file import FILE
from edged.runtime.console.audit_desk import DeviceAuditDesk
from edged.runtime.console.config_desk import config_desk
from edged.runtime.console.doors_desk import DeviceDoorsDesk, Doorkeeper, local_zone
from edged.runtime.console.pass_desk import DevicePassDesk
from edged.runtime.state_dir import new_id

if TYPE_CHECKING:
    from starlette.routing import Route

    from edged.audit.noting import Noting
    from edged.config.document import Document
    from edged.domain.person import Person
    from edged.gallery.snapshot import Snapshot
    from edged.runtime.clock import Clock
    from edged.runtime.daemon import Daemon
    from edged.runtime.state_dir import StateDir


def door_rooms(
    document: Document,
    state: StateDir,
    *,
    keeper: Doorkeeper,
    gallery: Callable[[], Snapshot],
    audit: Noting,
    daemon: Callable[[], Daemon],
    clock: Clock,
) -> list[Route]:
    """For `make_app`; `daemon` is asked once it runs."""

    def people() -> Iterator[Person]:
        return (member.person for member in gallery().roll.members.values())

    doors = DeviceDoorsDesk(
        keeper,
        people=people,
        loaded=lambda: daemon().loaded,
        outbox=state.events,
        zone=local_zone(),
        clock=clock,
        new_id=new_id,
    )
    passes = DevicePassDesk(lambda: state.open_credentials(document), lambda: daemon().loaded.document.access, audit)
    vault = state.open_vault(document)
    log = DeviceAuditDesk(
        state.root / FILE,
        vault.secret_for("audit"),
        vault.signing_key(),
        device=document.device.name,
        people=people,
        notes=audit,
        clock=clock,
    )
    return [
        *config_routes(config_desk(daemon, clock)),
        *doors_routes(doors),
        *pass_routes(passes),
        *audit_routes(log),
    ]
