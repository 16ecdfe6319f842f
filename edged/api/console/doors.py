"""The addresses of the console's doors: how each stands, opening and locking, who is inside, what passed and why."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Final, Literal, Protocol

from anyio import to_thread
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edged.accounts.account import Account, Role
from edged.api.asked import Form, asked_of, queried, told
from edged.api.console.passage import KeptPassage, PassageList, WhoPart
from edged.api.entrance import account_of, needs
from edged.api.refusal import refusal
from edged.domain.door import Alarm, Contact, Mode
from edged.wire.payload import Instant, Part, Payload

DOORS: Final = "/api/v1/console/doors"

Name = Annotated[str, Field(min_length=1, max_length=32)]


class DoorPart(Part):
    """A door: how it is, and what is asked of whoever wants to pass."""

    name: str
    mode: Mode
    contact: Contact
    unlocked: bool
    """The relay lets people through."""
    reachable: bool
    """The relay answers."""
    alarms: tuple[Alarm, ...]
    since: Instant
    """When it last changed."""
    camera: str
    """Whose faces open it; empty: codes only."""
    way: str
    area: str
    """What lies behind it; may be empty."""
    relay: str
    """Its kind; `none`: nothing is switched."""
    pulse_s: float
    schedule: str
    """When people may pass; empty: always."""
    hold_open: str
    """The hours at which it stands open; empty: none."""
    liveness: str
    second_factor: tuple[str, ...]
    two_person: bool


class InsidePart(Part):
    """Somebody who counts as being inside."""

    who: WhoPart | None
    """Null: a visitor with a pass, or somebody who is not enrolled any more."""
    since: Instant


class AreaPart(Part):
    """What lies behind doors, and who is there."""

    name: str
    doors: tuple[str, ...]
    inside: tuple[InsidePart, ...]


class DoorList(Payload):
    """All doors, as they are now."""

    at: Instant
    doors: tuple[DoorPart, ...]
    areas: tuple[AreaPart, ...]


class HolidayPart(Part):
    """Days on which the holiday hours hold."""

    first: str
    last: str
    yearly: bool


class Hours(Payload):
    """The schedules, for everybody who looks after the doors."""

    time_zone: str
    """Where the hours are meant; IANA."""
    schedules: Mapping[str, Mapping[str, tuple[str, ...]]]
    """By name: by day (`mon` … `sun`, `holidays`), from and to."""
    zones: Mapping[str, str]
    """Schedules that are meant elsewhere."""
    holidays: Mapping[str, HolidayPart]
    origins: Mapping[str, str]
    """Where each comes from, by dotted path; `page`: it can be changed and removed here."""
    fixed: tuple[str, ...]
    """Dotted paths of settings that the owner's file sets, so that they are changed there only."""


class OpenForm(Form):
    """A door to be opened for one passage."""

    door: Name


class ModeForm(Form):
    """How a door is to stand."""

    door: Name
    mode: Mode


class QuietForm(Form):
    """An alarm that somebody has seen to."""

    door: Name
    alarm: Alarm


class AreaForm(Form):
    """An area in which nobody is to be any more."""

    area: Name


class TrialForm(Form):
    """Somebody who might want to pass."""

    door: Name
    person: str = Field(default="", max_length=256)
    """Their customer_person_id; empty: somebody who is not enrolled."""
    at: AwareDatetime | None = None
    """When; now unless given."""
    factors: tuple[Literal["face", "pin", "card", "qr"], ...] = Field(default=("face",), max_length=4)
    living: bool = True
    """Whether a living face is seen, where the door asks."""


class PassageQuery(Form):
    """Which passages."""

    door: str = Field(default="", max_length=32)
    """Empty: of all doors."""
    since: AwareDatetime | None = None
    before: int | None = Field(default=None, ge=1)
    """Only those with a lower number: the next page."""
    limit: int = Field(default=100, ge=1, le=500)


class DoorsDesk(Protocol):
    """The device's doors. Every method is called on worker threads and blocks for some seconds at most."""

    def doors(self) -> DoorList:
        """How they are. Asked every second for each open page."""

    def hours(self) -> Hours:
        """When people may pass."""

    def open(self, door: str, by: str) -> float:
        """Opens it for one passage; for how many seconds.

        Raises:
            Refused: there is none of that name, or why it stays shut.
            Unavailable: its relay does not answer.
        """

    def set_mode(self, door: str, mode: Mode, by: str) -> None:
        """Sets how it stands; `normal`: as its hours say. Raises as `open`."""

    def quiet(self, door: str, alarm: Alarm, by: str) -> None:
        """Somebody has seen to an alarm. Raises as `open`."""

    def reset_area(self, area: str, by: str) -> None:
        """Everybody counts as being outside.

        Raises:
            Refused: there is no such area.
        """

    def passages(self, query: PassageQuery) -> PassageList:
        """What was decided, newest first."""

    def trial(self, form: TrialForm) -> KeptPassage:
        """What every rule would answer. Nothing opens, nothing is kept.

        Raises:
            Refused: there is no such door or person.
        """


def doors_routes(desk: DoorsDesk) -> list[Route]:
    """A guard opens, locks, declares an emergency and quiets alarms; what undoes a schedule is the installer's."""
    counter = _Counter(desk)
    guard, installer = needs(Role.GUARD), needs(Role.INSTALLER)
    return [
        Route(DOORS, guard(counter.doors)),
        Route(f"{DOORS}/hours", guard(counter.hours)),
        Route(f"{DOORS}/passages", guard(counter.passages)),
        Route(f"{DOORS}/open", guard(counter.open), methods=["POST"]),
        Route(f"{DOORS}/mode", guard(counter.mode), methods=["POST"]),
        Route(f"{DOORS}/quiet", guard(counter.quiet), methods=["POST"]),
        Route(f"{DOORS}/reset", installer(counter.reset), methods=["POST"]),
        Route(f"{DOORS}/try", guard(counter.trial), methods=["POST"]),
    ]


def may_set(account: Account, now: Mode, wanted: Mode) -> bool:
    """Whether somebody may have a door stand so. A guard locks and unlocks, and declares an emergency; an emergency is
    ended, and a door is held open, by whoever answers for the hours.
    """
    if account.role.may(Role.INSTALLER) or wanted in (Mode.LOCKED, Mode.EMERGENCY):
        return now is not Mode.EMERGENCY or wanted is Mode.EMERGENCY or account.role.may(Role.INSTALLER)
    return wanted is Mode.NORMAL and now is Mode.LOCKED


class _Counter:
    """Answers requests, one method an address."""

    def __init__(self, desk: DoorsDesk) -> None:
        self._desk = desk

    async def doors(self, _request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.doors))

    async def hours(self, _request: Request) -> Response:
        return told(await to_thread.run_sync(self._desk.hours))

    async def passages(self, request: Request) -> Response:
        query = queried(request, PassageQuery)
        return told(await to_thread.run_sync(self._desk.passages, query))

    async def open(self, request: Request) -> Response:
        form = await asked_of(request, OpenForm)
        seconds = await to_thread.run_sync(self._desk.open, form.door, _by(request))
        return _done(open_s=seconds)

    async def mode(self, request: Request) -> Response:
        form = await asked_of(request, ModeForm)
        account = account_of(request)
        doors = await to_thread.run_sync(self._desk.doors)
        now = next((door.mode for door in doors.doors if door.name == form.door), Mode.NORMAL)
        if account is None or not may_set(account, now, form.mode):
            return refusal(
                HTTPStatus.FORBIDDEN,
                f"your account is a {account.role}'s, and this takes an installer's" if account else "nobody asks",
                "Ask an installer or an administrator of this device",
            )
        await to_thread.run_sync(self._desk.set_mode, form.door, form.mode, account.name)
        return _done()

    async def quiet(self, request: Request) -> Response:
        form = await asked_of(request, QuietForm)
        await to_thread.run_sync(self._desk.quiet, form.door, form.alarm, _by(request))
        return _done()

    async def reset(self, request: Request) -> Response:
        form = await asked_of(request, AreaForm)
        await to_thread.run_sync(self._desk.reset_area, form.area, _by(request))
        return _done()

    async def trial(self, request: Request) -> Response:
        form = await asked_of(request, TrialForm)
        return told_passage(await to_thread.run_sync(self._desk.trial, form))


def told_passage(passage: KeptPassage) -> Response:
    """One passage as an answer."""
    return told(PassageList(passages=(passage,), more=False))


def _by(request: Request) -> str:
    account = account_of(request)
    return account.name if account else ""


def _done(**said: float) -> Response:
    return JSONResponse({"ok": True, **said}, headers={"cache-control": "no-store"})
