"""A door to measure: everything that keeps doors, in this process, on a clock that is moved by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from edged.audit.act import Act
from edged.audit.entry import Fact
from edged.config.layers import Loaded
from edged.config.problems import checked
from edged.config.pushed import Pushed
from edged.credentials.credentials import Credentials
from edged.domain.curve import Curve
from edged.domain.frame import Moment
from edged.domain.identity import uuid7
from edged.domain.person import Person
from edged.mqtt.outbox import News
from edged.runtime.code_reader import CodeReader
from edged.runtime.conditions import Conditions
from edged.runtime.doorman import Doorman

DOOR: Final = "front"
CAMERA: Final = "porch"


class HandClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, utc: float) -> None:
        self._now = Moment(1000.0, utc)

    def now(self) -> Moment:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now = Moment(self._now.mono + seconds, self._now.utc + seconds)


class CountingLine:
    """In the place of the line to the relays: remembers for which decisions it was told to open.

    Attributes:
        tokens: of the pulses, in their order.
    """

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def pulse(self, door: str, seconds: float, *, token: str, made: float) -> None:  # noqa: ARG002  the line's
        self.tokens.append(token)

    def hold(self, door: str, on: bool) -> None:
        """Nothing stands open."""

    def reachable(self, door: str) -> bool:  # noqa: ARG002  the line's
        return True


class _NoAudit:
    def note(self, act: Act, *, by: str, about: Mapping[str, Fact], at: Moment | None = None) -> None:
        """Nothing is kept: measured apart."""


def door_document(**door: object) -> Loaded:
    """A document with one door at one camera; `door`: what is set of it."""
    tree = {
        "cameras": {CAMERA: {"kind": "v4l2"}},
        "access": {"doors": {DOOR: {"camera": CAMERA, "relay": {"kind": "none"}, **door}}},
    }
    return Loaded(checked(tree, "bench"), {}, "0" * 12, None, {}, Pushed())


def door_site(
    folder: Path,
    loaded: Loaded,
    *,
    clock: HandClock,
    curve: Curve,
    line: CountingLine,
    people: Callable[[str], Person | None],
    tell: Callable[[tuple[News, ...]], None],
) -> Doorman:
    """The daemon's own doorman, with a real access.db; `run_once(0)` is its turn."""

    def new_id(at: Moment) -> str:
        return uuid7(at.utc, os.urandom(10))

    return Doorman(
        lambda: loaded,
        line,
        open_credentials=lambda: Credentials.open(
            folder / "access.db", bytes(32), now=lambda: clock.now().utc, new_id=lambda: new_id(clock.now())
        ),
        departed=tuple,
        codes=CodeReader(),
        boot="bench",
        curve=curve,
        person=people,
        sees=lambda _camera: True,
        tell=tell,
        audit=_NoAudit(),
        took=lambda _camera, _seconds: None,
        closely=lambda _cameras: None,
        changed=lambda: None,
        new_id=new_id,
        clock=clock,
        conditions=Conditions(clock),
    )
