"""The thread that speaks with devices over MQTT: it tells them that something has changed, and takes their events."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.hub.event_taker import AT_ONCE, EventTaker
from edged.hub.settings import AnnounceSettings
from edged.hub.taking import Taking
from edged.mqtt.notice import Disconnected, Notice, Published, Received, Subscribed
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
_EXPIRY_S: Final = 86_400
"""For so long the broker keeps what devices hand in while the hub is away."""


class Announcer:
    """Keeps the newest revision standing on the broker, retained: soon after each change, and on each new connection.
    And has events taken, where that is wanted and it is this process's turn.

    It has one session with the broker for both, since a broker that names its clients by their user lets each have one
    only. It tries again for ever when the broker or the store is away; nobody who asks the hub anything waits for it.
    Each outage is logged once, and its end.

    Args:
        settings: the broker.
        newest: of the hub's store, see `edged.api.fleet.Fleet.newest`; called a few times a second, on our thread.
        taking: None: no events are taken.
    """

    def __init__(
        self, settings: AnnounceSettings, newest: Callable[[], tuple[str, int]], taking: Taking | None = None
    ) -> None:
        # A name of its own for each process: under a common one, two hubs of one site would put each other out.
        self._session = Session(settings, f"edged-hub-{secrets.token_hex(4)}")
        self._settings = settings
        self._taking = taking
        self._taker: EventTaker | None = None
        self._broker = f"{settings.host}:{settings.port}"
        self._topic = announcements(settings.prefix)
        self._newest = newest
        self._stopped = threading.Event()
        self._is_out = False
        self._told: tuple[str, int] | None = None
        self._under_way: int | None = None
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
                self._take_turn()
                self._speak()
            except EdgedError as error:
                self._out(error)
                self._save()
                if time.monotonic() - begun >= _STOOD_S:
                    wait = _FIRST_WAIT_S
                self._stopped.wait(_LONGEST_WAIT_S if isinstance(error, Refused) else wait)
                wait = min(_LONGEST_WAIT_S, 2 * wait)

    def _take_turn(self) -> bool:
        """Whether this process has just become the one that takes events: then another session is needed."""
        if self._taking is None or self._taker is not None or not self._taking.turn.is_mine():
            return False
        self._taker = self._taking.taker
        self._session.close(_GOODBYE_S)
        self._session = Session(self._settings, self._taking.client_id, expiry_s=_EXPIRY_S)
        return True

    def _speak(self) -> None:
        """On one connection, until the end or until something goes wrong."""
        self._keep()  # what came before, where the store was away
        self._session.connect(_CONNECT_S)
        self._told = self._under_way = None
        if self._taker is not None:
            self._taker.listen(self._session)
        looked = float("-inf")
        while not self._stopped.is_set():
            if time.monotonic() - looked >= _LOOK_EVERY_S:
                if self._take_turn():
                    return
                looked = time.monotonic()
                self._announce()
            for notice in self._notices():
                self._heed(notice)
            self._keep()
            if self._taker is not None:
                self._taker.acknowledge(self._session)

    def _announce(self) -> None:
        newest = self._newest()
        if newest != self._told and self._under_way is None:  # one at a time: a broker that hangs gathers none
            payload = Announcement(epoch=newest[0], revision=newest[1]).encoded()
            self._under_way = self._session.publish(self._topic, payload, qos=1, retain=True)
            self._told = newest

    def _heed(self, notice: Notice) -> None:
        match notice:
            case Published(mid, refusal) if mid == self._under_way:
                self._under_way = None
                self._heard(refusal)
            case Disconnected(reason):
                self._keep()
                raise Unavailable(f"the broker hung up: {reason}", "Its log says why")
            case Received() | Published() | Subscribed() if self._taker is not None:
                self._taker.heed(notice)
            case _:
                pass

    def _notices(self) -> Iterator[Notice]:
        """What comes within a moment, and then all that is there, as far as one transaction takes it."""
        wait = _LOOK_EVERY_S
        for _ in range(AT_ONCE):
            notice = self._session.next_notice(wait)
            if notice is None:
                return
            yield notice
            wait = 0.0

    def _save(self) -> None:
        """What came before the connection broke: the broker has done with it, and would not send it again."""
        with suppress(Unavailable):  # there was none
            for notice in self._notices():
                if self._taker is not None and isinstance(notice, Received):
                    self._taker.heed(notice)

    def _keep(self) -> None:
        """Has what came kept, also when nobody can be told of it any more."""
        if self._taker is not None:
            self._taker.keep()

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
            untaken = "" if self._taker is None else ", and their events are not taken"
            _log.warning("devices are not told of changes%s: %s", untaken, error)


@contextmanager
def announcing(
    settings: AnnounceSettings, newest: Callable[[], tuple[str, int]], taking: Taking | None = None
) -> Iterator[None]:
    """An `Announcer` that runs until the block ends."""
    announcer = Announcer(settings, newest, taking)
    announcer.start()
    try:
        yield
    finally:
        announcer.stop()
