"""The addresses of the console's timeline: visits, passages and alarms, and everything that explains one of them."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal, Protocol

from anyio import to_thread
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edged.accounts.account import Role
from edged.api.asked import queried, told
from edged.api.entrance import needs
from edged.api.refusal import refusal
from edged.domain.event import Outcome
from edged.domain.passage import Verdict
from edged.wire.door import AlarmRecord
from edged.wire.event import EventRecord
from edged.wire.passage import PassageRecord
from edged.wire.payload import Instant, Part, Payload

EVENTS: Final = "/api/v1/console/events"
MOST: Final = 100
"""Items on a page."""

_NO_STORE: Final = {"cache-control": "no-store"}
_LARGEST: Final = 2**62

Item = Literal["visit", "passage", "alarm"]
_Empty = Annotated[str, StringConstraints(strip_whitespace=True, max_length=128)]


def _absent(value: Any) -> Any:
    """A field of a form that was left empty."""
    return None if value == "" else value


class TimelineAsked(BaseModel):
    """What is looked for: the query of the page's own address; what is empty does not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: _Empty = ""
    """Part of a name, an ID, a pseudonym or a pass."""
    person: _Empty = ""
    """Our id of somebody."""
    kind: Annotated[Item | None, BeforeValidator(_absent)] = None
    camera: _Empty = ""
    door: _Empty = ""
    outcome: Annotated[Outcome | None, BeforeValidator(_absent)] = None
    verdict: Annotated[Verdict | None, BeforeValidator(_absent)] = None
    since: Annotated[Instant | None, BeforeValidator(_absent)] = None
    until: Annotated[Instant | None, BeforeValidator(_absent)] = None
    """Not part of it."""
    below: Annotated[int | None, BeforeValidator(_absent), Field(ge=0, le=_LARGEST)] = None
    """`next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class VisitPart(Part):
    """A visit: what is known of it by now."""

    id: str
    event: EventRecord
    """Its newest event."""
    first: Instant
    last: Instant
    delay_ms: float | None
    """From the frame that settled the answer to the decision."""
    replay: str
    """The event whose best shot is kept; the newest where none is."""
    pseudonym: str
    """The name that somebody made up for whoever it was; empty where nobody has."""


class TimelineItem(Part):
    """One thing that happened."""

    id: str
    kind: Item
    number: int
    """Its place: the newest has the highest."""
    at: Instant
    picture: str | None
    """Path of the best shot; null where none is kept."""
    visit: VisitPart | None = None
    passage: PassageRecord | None = None
    """Of a visit, its newest."""
    alarm: AlarmRecord | None = None


class Timeline(Payload):
    """A page of what happened, the newest first."""

    items: tuple[TimelineItem, ...]
    next: int | None
    """Give it as `below` for the page after this one; null: this is the last."""
    cameras: tuple[str, ...]
    doors: tuple[str, ...]
    """Those that there are, or of which something is kept."""


class PortraitPart(Part):
    """The person beside whose enrolled photograph a visit is shown."""

    id: str
    name: str
    customer_person_id: str
    enrolled: bool
    """False: they are not, or not any more."""
    picture: str | None
    """Path of their best kept face."""


class TimelineDetail(Payload):
    """Everything that explains one item."""

    item: TimelineItem
    steps: tuple[EventRecord, ...]
    """All that the visit was at one time or another, the oldest first."""
    passages: tuple[PassageRecord, ...]
    """Those of the visit, the oldest first."""
    portrait: PortraitPart | None


class EventsDesk(Protocol):
    """What the timeline asks. Called on worker threads; blocks for the disk. Raises Unavailable, Corrupt."""

    def timeline(self, asked: TimelineAsked) -> Timeline: ...
    def detail(self, item: str) -> TimelineDetail | None:
        """By the id of a visit, a passage or an alarm; None where there is none."""


def events_routes(desk: EventsDesk) -> list[Route]:
    """For guards."""
    answers = _Answers(desk)
    return [
        Route(EVENTS, needs(Role.GUARD)(answers.timeline)),
        Route(f"{EVENTS}/{{id:uuid}}", needs(Role.GUARD)(answers.detail)),
    ]


class _Answers:
    """One method an address."""

    def __init__(self, desk: EventsDesk) -> None:
        self._desk = desk

    async def timeline(self, request: Request) -> Response:
        asked = queried(request, TimelineAsked, "Open /events without it")
        return told(await to_thread.run_sync(partial(self._desk.timeline, asked)))

    async def detail(self, request: Request) -> Response:
        found = await to_thread.run_sync(self._desk.detail, str(request.path_params["id"]))
        if found is None:
            return refusal(HTTPStatus.NOT_FOUND, "this is not kept any more", "Events are kept for a while; see Config")
        return told(found)
