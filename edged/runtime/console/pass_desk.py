"""What the console asks of the device about visitors' passes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Final

import segno

from edged.api.console.passes import IssuedPass, PassForm, PassList, PassPart
from edged.audit.act import Act
from edged.audit.noting import Noting
from edged.config.access import AccessSettings
from edged.credentials.code import shown_pass
from edged.credentials.credentials import Credentials
from edged.domain.errors import Refused
from edged.domain.passage import Pass
from edged.wire.payload import instant

_MARGIN: Final = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""


class DevicePassDesk:
    """The device's passes: `edged.api.console.passes.PassDesk`. Any thread; each question opens the file for itself.

    Args:
        open_credentials: the file of codes and passes.
        access: the doors, as they are in force.
        audit: takes notes.
    """

    def __init__(
        self, open_credentials: Callable[[], Credentials], access: Callable[[], AccessSettings], audit: Noting
    ) -> None:
        self._open_credentials = open_credentials
        self._access = access
        self._audit = audit

    def passes(self) -> PassList:
        with closing(self._open_credentials()) as credentials:
            return PassList(passes=tuple(map(_part, credentials.passes())))

    def issue(self, form: PassForm, by: str) -> IssuedPass:
        self._check(form)
        with closing(self._open_credentials()) as credentials:
            ticket, code = credentials.issue(
                form.name,
                valid_from=form.valid_from.timestamp(),
                valid_until=form.valid_until.timestamp(),
                doors=form.doors,
                uses=form.uses,
            )
        about = {"pass": ticket.id, "change": "issued", "doors": ", ".join(ticket.doors), "uses": ticket.uses_left}
        self._audit.note(Act.PASS, by=f"account:{by}", about=about)
        return IssuedPass(ticket=_part(ticket), code=shown_pass(code), picture=_picture(code))

    def revoke(self, pass_id: str, by: str) -> None:
        with closing(self._open_credentials()) as credentials:
            was_there = credentials.revoke(pass_id)
        if not was_there:
            raise Refused("no_pass", "this pass is not there any more", "Load the page again")
        self._audit.note(Act.PASS, by=f"account:{by}", about={"pass": pass_id, "change": "revoked"})

    def _check(self, form: PassForm) -> None:
        doors = self._access().doors
        for name in form.doors:
            if name not in doors:
                raise Refused("no_door", f"there is no door {name}", "Load the page again")
            if not doors[name].visitors:
                raise Refused(
                    "no_visitors",
                    f"the door {name} lets no visitors in",
                    f"Set access.doors.{name}.visitors under Config first",
                )
        if not any(door.visitors for door in doors.values()):
            raise Refused(
                "no_visitors", "no door lets visitors in", "Set visitors of one of the doors under Config first"
            )


def _part(ticket: Pass) -> PassPart:
    return PassPart(
        id=ticket.id,
        name=ticket.name,
        doors=ticket.doors,
        valid_from=instant(ticket.valid_from),
        valid_until=instant(ticket.valid_until),
        uses_left=ticket.uses_left,
        with_face=bool(ticket.person_id),
    )


def _picture(code: str) -> tuple[str, ...]:
    rows = segno.make_qr(shown_pass(code), error="q").matrix_iter(border=_MARGIN)
    return tuple("".join("1" if dark else "0" for dark in row) for row in rows)
