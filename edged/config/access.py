"""Doors, and who may pass them when."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Literal, Self, TypeAlias
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, model_validator

from edged.config.field import AbsolutePath, Section, live, restart

DoorName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
ScheduleName = DoorName
AreaName = DoorName
PersonGroup = Annotated[str, StringConstraints(min_length=1, max_length=128)]
PersonKey = Annotated[str, StringConstraints(min_length=1, max_length=256)]


@cache
def _zones() -> frozenset[str]:
    """A look at some hundred files: once is enough."""
    return frozenset(available_timezones())


def _zone(name: str) -> str:
    if name and name not in _zones():
        raise ValueError("is no time zone of the IANA database, as Europe/Berlin is")
    return name


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_day)]
"""A day, ISO 8601, in quotes in a YAML file."""

TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]


def _span(text: str) -> str:
    if text[:5] == text[6:]:
        raise ValueError("ends when it begins; 00:00-24:00 is the whole day")
    return text


Span = Annotated[
    str,
    StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"),
    AfterValidator(_span),
]
"""From, up to and without: `08:00-18:00`. One that ends before it begins reaches into the next day."""

Spans: TypeAlias = tuple[Span, ...]


class ScheduleSettings(Section):
    """Hours of a week."""

    mon: Spans = live((), max_length=12, strict=False, examples=[["08:00-12:00", "13:00-18:00"]])
    """Monday."""
    tue: Spans = live((), max_length=12, strict=False)
    """Tuesday."""
    wed: Spans = live((), max_length=12, strict=False)
    """Wednesday."""
    thu: Spans = live((), max_length=12, strict=False)
    """Thursday."""
    fri: Spans = live((), max_length=12, strict=False)
    """Friday."""
    sat: Spans = live((), max_length=12, strict=False)
    """Saturday."""
    sun: Spans = live((), max_length=12, strict=False)
    """Sunday."""
    holidays: Spans = live((), max_length=12, strict=False)
    """On a holiday these hold instead; none unless set."""
    time_zone: TimeZone = live("")
    """Where the hours are meant; `access.time_zone` unless set."""


class HolidaySettings(Section):
    """A day, or several, on which the holiday hours hold."""

    first: Day = live(examples=["2026-12-24"])
    """The first day."""
    last: Day | None = live(None)
    """The last one; only the first unless set."""
    yearly: bool = live(False)
    """Every year again, on the same days."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.last is not None and self.last < self.first:
            raise ValueError("last must not lie before first")
        return self


class RelaySettings(Section):
    """What lets people through."""

    kind: Literal["none", "gpio", "mqtt", "http"] = restart("none", file_only=True)
    """none: nothing is switched, for trying rules; gpio: a pin of this board; mqtt: a relay on the broker, as Shelly,
    Tasmota, Zigbee2MQTT and ESPHome have; http: one that is asked over HTTP."""
    pin: int | None = restart(None, ge=0, le=255, file_only=True, examples=[17])
    """gpio: number of the line, as the chip counts (BCM on a Raspberry Pi)."""
    active_low: bool = restart(False, file_only=True)
    """gpio: the relay is on while the pin is low."""
    topic: str = restart("", max_length=256, pattern=r"^[^#+\x00]*$", file_only=True)
    """mqtt: where it is told what to do."""
    on_payload: str = restart("ON", max_length=256, file_only=True)
    """mqtt: the payload that switches it on; `{seconds}` in it becomes the length of the pulse, in whole seconds."""
    off_payload: str = restart("OFF", max_length=256, file_only=True)
    """mqtt: the payload that switches it off. The broker says it by itself when edged dies."""
    username: str | None = restart(None, max_length=256, file_only=True)
    """mqtt: as whom, if not as `mqtt.username`: needed where the broker takes user names for client ids, for there a
    second session of one user ends the first."""
    password_file: AbsolutePath | None = restart(None, file_only=True)
    """mqtt: the password of `username`."""
    on_url: SecretStr | None = restart(None, file_only=True, examples=["http://192.168.1.30/relay/0?turn=on&timer=5"])
    """http: the address that switches it on; `{seconds}` in it becomes the length of the pulse, in whole seconds."""
    off_url: SecretStr | None = restart(None, file_only=True, examples=["http://192.168.1.30/relay/0?turn=off"])
    """http: the address that switches it off."""
    method: Literal["POST", "GET", "PUT"] = restart("POST", file_only=True)
    """http: how it is asked."""
    ca_file: AbsolutePath | None = restart(None, file_only=True)
    """http: the authority that signed the relay's certificate; the system's own where absent."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.kind == "gpio" and self.pin is None:
            raise ValueError("a gpio relay needs a pin")
        if self.kind == "mqtt" and not self.topic:
            raise ValueError("an mqtt relay needs a topic")
        if self.password_file is not None and self.username is None:
            raise ValueError("password_file needs username")
        if self.kind == "http" and (self.on_url is None or self.off_url is None):
            raise ValueError("an http relay needs on_url and off_url")
        return self


class PinSettings(Section):
    """A contact or button at a pin of this board."""

    pin: int | None = restart(None, ge=0, le=255, file_only=True, examples=[27])
    """Number of the line, as the chip counts; there is none unless set."""
    closed_when: Literal["low", "high"] = restart("low", file_only=True)
    """What the pin shows while the contact is closed; low: it pulls the pin to ground."""
    debounce_ms: int = restart(30, ge=0, le=1000, file_only=True)
    """What lasts for less is not believed."""


class AntiPassbackSettings(Section):
    """Nobody enters twice without having left."""

    mode: Literal["off", "soft", "hard", "timed"] = live("off")
    """soft: lets through and says so; hard: refuses; timed: refuses the same person within `minutes`."""
    minutes: float = live(10.0, gt=0, le=10_080)
    """Of `timed`."""
    reset_at: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = live(None)
    """Once a day everybody counts as being outside."""


class DoorSettings(Section):
    """One door, in one way: a door that is guarded on both sides is two, with one relay each."""

    camera: str = live("", max_length=32)
    """Whose faces open it: a camera of the configuration. None: codes only."""
    way: Literal["in", "out"] = live("in")
    """Where it leads."""
    area: AreaName | None = live(None)
    """What lies behind it; anti-passback counts who is there. Doors of one area share one count."""
    groups: tuple[PersonGroup, ...] = live((), max_length=64, strict=False)
    """People of these groups may pass. With none here and nobody in `people`, everybody who is enrolled may."""
    people: tuple[PersonKey, ...] = live((), max_length=1000, strict=False)
    """These may, too: their customer_person_id."""
    schedule: ScheduleName | None = live(None)
    """When; always unless set."""
    exempt_groups: tuple[PersonGroup, ...] = live((), max_length=64, strict=False)
    """Whoever is in one of these passes outside the schedule, too, and is not held up by anti-passback."""
    visitors: bool = live(False)
    """Let visitors in by a pass."""
    hold_open: ScheduleName | None = live(None)
    """At these hours the door stands open."""
    first_person: tuple[PersonGroup, ...] = live((), max_length=64, strict=False)
    """At the hours of `hold_open` it stands open only once somebody of these groups has come through; and others pass
    only after them. Nobody waits where this is empty."""
    anti_passback: AntiPassbackSettings = Field(default_factory=AntiPassbackSettings)
    interlock: tuple[DoorName, ...] = live((), max_length=16, strict=False)
    """Opens only while these doors are shut."""
    two_person: bool = live(False)
    """Two people who may pass, one after the other within `wait_s`."""
    second_factor: tuple[Literal["pin", "card", "qr"], ...] = live((), max_length=3, strict=False)
    """Besides the face, one of these; none: the face is enough. A door that matters asks for one."""
    code_alone: tuple[Literal["pin", "card", "qr"], ...] = live((), max_length=3, strict=False)
    """Who is not recognised may pass with one of these alone."""
    wait_s: float = live(15.0, ge=3, le=120)
    """So long a second factor or a second person is waited for."""
    again_s: float = live(4.0, ge=1, le=600)
    """Whoever passed and still stands there is not asked about again for so long."""
    liveness: Literal["off", "passive", "challenge"] = live("off")
    """How a living face is told from a picture. Measure it on this very camera first: `edged liveness test`."""
    alarm_after: int = live(3, ge=1, le=20)
    """So many attempts without a living face, or wrong codes, within ten minutes raise an alarm."""
    relay: RelaySettings = Field(default_factory=RelaySettings)
    fail: Literal["secure", "safe"] = restart("secure", file_only=True)
    """What the relay means while it is off, as it is when nothing works. secure: off is locked, and it is switched on
    to unlock; safe: off is unlocked, and it is switched on to keep locked: the door is open whenever edged is down."""
    pulse_s: float = live(4.0, ge=0.2, le=60)
    """So long it is unlocked for one passage."""
    contact: PinSettings = Field(default_factory=PinSettings)
    """The door contact, closed while the door is shut."""
    exit_button: PinSettings = Field(default_factory=PinSettings)
    """Request to exit, closed while it is pressed: opens without asking who."""
    tamper: PinSettings = Field(default_factory=PinSettings)
    """Closed while the case is."""
    open_too_long_s: float = live(30.0, ge=1, le=3600)
    """A door that stands open for longer is an alarm."""


class AccessSettings(Section):
    """Doors, and who may pass them when."""

    time_zone: TimeZone = live("")
    """Where the hours of the schedules are meant; this machine's zone unless set."""
    schedules: dict[ScheduleName, ScheduleSettings] = Field(
        default_factory=dict, max_length=64, json_schema_extra={"additionalProperties": False}
    )
    """Hours, by a name."""
    holidays: dict[DoorName, HolidaySettings] = Field(
        default_factory=dict, max_length=128, json_schema_extra={"additionalProperties": False}
    )
    """Days on which the holiday hours hold, by a name."""
    doors: dict[DoorName, DoorSettings] = Field(
        default_factory=dict, max_length=16, json_schema_extra={"additionalProperties": False}
    )
    """One entry a door, by its name."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for name, door in self.doors.items():
            for field in ("schedule", "hold_open"):
                schedule = getattr(door, field)
                if schedule is not None and schedule not in self.schedules:
                    raise ValueError(f"doors.{name}.{field} names a schedule that is not there: {schedule}")
            for other in door.interlock:
                if other not in self.doors or other == name:
                    raise ValueError(f"doors.{name}.interlock names a door that is not there, or itself: {other}")
            if door.first_person and door.hold_open is None and door.schedule is None:
                raise ValueError(f"doors.{name}.first_person needs hold_open or schedule: it begins anew with each")
        return self
