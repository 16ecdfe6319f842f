"""The thread that tells devices over MQTT that something has changed."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.hub.settings import AnnounceSettings
from edged.mqtt.notice import Disconnected, Published
from edged.mqtt.session import Session
from edged.wire.feed import Announcement
from edged.wire.topics import announcements

_log = logging.getLogger(__name__)

_LOOK_EVERY_S: Final = 0.25
_CONNECT_S: Final = 4.0
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 8.0
_STOOD_S: Final = 30.0
"""A connection that lasted so long was no failure: only after a shorter one is the next wait longer."""
_GOODBYE_S: Final = 0.3
_END_S: Final = 0.8


class Announcer:
    """Keeps the newest revision standing on the broker, retained: soon after each change, and on each new connection.

    It has one session with the broker, and tries again for ever when the broker or the store is away; nobody who asks
    the hub anything waits for it. Each outage is logged once, and its end.

    Args:
        settings: the broker.
        newest: of the hub's store, see `edged.api.fleet.Fleet.newest`; called a few times a second, on our thread.
    """

    def __init__(self, settings: AnnounceSettings, newest: Callable[[], tuple[str, int]]) -> None:
        # A name of its own for each process: under a common one, two hubs of one site would put each other out.
        self._session = Session(settings, f"edged-hub-{secrets.token_hex(4)}")
        self._broker = f"{settings.host}:{settings.port}"
        self._topic = announcements(settings.prefix)
        self._newest = newest
        self._stopped = threading.Event()
        self._is_out = False
        self._thread = threading.Thread(target=self._top, name="announcer", daemon=True)

    def start(self) -> None:
        """Begins; returns at once. Once only."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the session; blocks for a second at most. What was told stays on the broker.

        A thread that hangs in the attempt to reach the broker or the store is left to itself: it does nothing more.
        """
        self._stopped.set()
        self._session.wake()
        self._thread.join(_END_S)

    def _top(self) -> None:
        try:
            self._run()
        except Exception:  # noqa: BLE001  the top of a thread; devices ask by themselves, and the hub goes on answering
            _log.critical("the announcer ended by a bug", exc_info=True)
        finally:
            self._session.close(_GOODBYE_S)

    def _run(self) -> None:
        wait = _FIRST_WAIT_S
        while not self._stopped.is_set():
            begun = time.monotonic()
            try:
                self._speak()
            except EdgedError as error:
                self._out(error)
                if time.monotonic() - begun >= _STOOD_S:
                    wait = _FIRST_WAIT_S
                self._stopped.wait(_LONGEST_WAIT_S if isinstance(error, Refused) else wait)
                wait = min(_LONGEST_WAIT_S, 2 * wait)

    def _speak(self) -> None:
        """On one connection, until the end or until something goes wrong."""
        self._session.connect(_CONNECT_S)
        told: tuple[str, int] | None = None
        under_way: int | None = None
        while not self._stopped.is_set():
            newest = self._newest()
            if newest != told and under_way is None:  # one at a time: a broker that hangs gathers none
                payload = Announcement(epoch=newest[0], revision=newest[1]).encoded()
                under_way = self._session.publish(self._topic, payload, qos=1, retain=True)
                told = newest
            match self._session.next_notice(_LOOK_EVERY_S):
                case Published(mid, refusal) if mid == under_way:
                    under_way = None
                    self._heard(refusal)
                case Disconnected(reason):
                    raise Unavailable(f"the broker hung up: {reason}", "Its log says why")
                case _:
                    pass

    def _heard(self, refusal: str) -> None:
        """The broker has answered."""
        if refusal:
            raise Refused(
                "not_taken",
                f"the broker does not take what is told under {self._topic} ({refusal})",
                "Allow the hub's user to write there in the broker's access list",
            )
        if self._is_out:
            self._is_out = False
            _log.info("devices are told of changes again, by the broker at %s", self._broker)

    def _out(self, error: EdgedError) -> None:
        if not self._is_out and not self._stopped.is_set():
            self._is_out = True
            _log.warning("devices are not told of changes: %s", error)


@contextmanager
def announcing(settings: AnnounceSettings, newest: Callable[[], tuple[str, int]]) -> Iterator[None]:
    """An `Announcer` that runs until the block ends."""
    announcer = Announcer(settings, newest)
    announcer.start()
    try:
        yield
    finally:
        announcer.stop()
