"""The thread that serves the device's own page, and what the page may ask the daemon."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from starlette.routing import Route

from edged.accounts.accounts import Accounts
from edged.accounts.note import Note, untold
from edged.api.app import make_app
from edged.api.booth_port import BoothDesk
from edged.api.guard import LOOPBACK_HOSTS
from edged.api.kiosk import KioskDesk
from edged.api.port import BrokerPart, BrokerState, Closed, DeviceState, Fitness, KeptEvent, Reviewer, View
from edged.api.server import Server
from edged.config.document import Document, HttpSettings
from edged.gallery.shots import ShotStore
from edged.mqtt.outbox_reader import OutboxReader
from edged.runtime.eye import Eye
from edged.runtime.history import History
from edged.runtime.judge import Judge
from edged.runtime.pulse import Pulse
from edged.runtime.rounds import Rounds
from edged.runtime.talker import Talker
from edged.web.pages import PAGES

_FRESH_S: Final = 0.3
"""A frame that was looked at so lately is shown with its own boxes; after that the newest frame is shown without any:
boxes that trail behind a face mislead."""

_NEEDED: Final = {
    "judge": "the inference thread makes no progress: nobody is recognised",
    "keeper": "the thread that keeps events makes no progress",
}
"""Threads without which nothing is decided; document, gallery and models are there when the page is."""


class DeviceDesk:
    """Answers the page's questions: `edged.api.port.Device`. Any thread; each question reads for itself."""

    def __init__(
        self,
        document: Document,
        *,
        pulse: Pulse,
        rounds: Rounds,
        judge: Judge,
        talker: Talker | None,
        eyes: Callable[[], Mapping[str, Eye]],
        outbox: Path,
        shots: ShotStore,
    ) -> None:
        self._document = document
        self._pulse = pulse
        self._rounds = rounds
        self._judge = judge
        self._talker = talker
        self._eyes = eyes
        self._outbox = outbox
        self._shots = shots

    def fitness(self) -> Fitness:
        stuck = self._rounds.stuck()
        return Fitness(self._pulse.life, stuck, {name: _NEEDED[name] for name in stuck if name in _NEEDED})

    def state(self) -> DeviceState:
        reader = OutboxReader.open(self._outbox)
        try:
            counters = reader.counters()
        finally:
            reader.close()
        return DeviceState(
            info=self._pulse.info(),
            health=self._pulse.health(counters, self._talker.queues if self._talker else {}),
            index=self._pulse.index(),
            cameras=self._pulse.cameras(),
            broker=self._broker(),
            doors=self._pulse.doors(),
        )

    def events(self, *, after: int, limit: int) -> Sequence[KeptEvent]:
        reader = OutboxReader.open(self._outbox)
        try:
            if reader.newest() <= after:
                return ()
            events = [event for event in reader.recent(limit) if event.number > after]
        finally:
            reader.close()
        return [
            KeptEvent(event.number, event.record, self._shots.has_picture(event.record.id))
            for event in reversed(events)
        ]

    def picture(self, event_id: str) -> bytes | None:
        return self._shots.picture(event_id)

    def view(self, camera: str) -> View | None:
        eye = self._eyes().get(camera)
        frame = eye.newest if eye else None
        if frame is None:
            return None
        seen = self._judge.seen.get(camera)
        if seen is not None and frame.at.mono - seen.frame.at.mono <= _FRESH_S:
            return View(seen.frame, seen.look.sightings)
        return View(frame, ())

    def _broker(self) -> BrokerPart:
        mqtt = self._document.mqtt
        if self._talker is None:
            return BrokerPart(state=BrokerState.OFF, address="")
        state = BrokerState.CONNECTED if self._talker.connected else BrokerState.AWAY
        return BrokerPart(state=state, address=f"{mqtt.host}:{mqtt.port}")


class Page:
    """The HTTP server on its own thread; see `make_app` for what it is made of.

    Raises:
        Unavailable, Refused: the address cannot be listened on, or the certificate cannot be used; see `Server`.
    """

    def __init__(
        self,
        desk: DeviceDesk,
        reviewer: Reviewer | Closed,
        settings: HttpSettings,
        accounts: Accounts,
        *,
        history: History,
        note: Note = untold,
        rooms: Sequence[Route] = (),
        kiosk: KioskDesk | None = None,
        booth: BoothDesk | None = None,
    ) -> None:
        app = make_app(
            desk,
            PAGES,
            accounts=accounts,
            reviewer=reviewer,
            note=note,
            rooms=rooms,
            kiosk=kiosk,
            booth=booth,
            allowed_hosts=_names(settings.listen),
        )
        self.history = history
        """To be run beside it, on a thread of its own."""
        certificate = (settings.certificate, settings.key) if settings.certificate and settings.key else None
        self._server = Server(app, settings.listen, settings.port, certificate=certificate)

    @property
    def url(self) -> str:
        return self._server.url

    def run(self) -> None:
        """Serves until `end`. Blocks."""
        self._server.serve()

    def end(self) -> None:
        """Makes `run` return within seconds. Any thread."""
        self._server.stop()


def _names(host: str) -> set[str]:
    """What a browser may call this device: on loopback that; elsewhere also the address and the machine's name."""
    own = f"[{host}]" if ":" in host else host
    if own in LOOPBACK_HOSTS:
        return set(LOOPBACK_HOSTS)
    return {*LOOPBACK_HOSTS, own, socket.gethostname(), f"{socket.gethostname()}.local"}
