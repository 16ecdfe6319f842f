"""The thread that looks at all devices on the broker."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Final

from edged.config.document import BrokerSettings
from edged.domain.errors import EdgedError, Refused, Unavailable
from edged.fleet.census import Census, address_of
from edged.fleet.masking import masked
from edged.fleet.muster import muster
from edged.fleet.patch import difference
from edged.hub.sightings import Sightings
from edged.mqtt.lookout import Lookout
from edged.wire.fleet import FleetPush

_log = logging.getLogger(__name__)

_SHOW_EVERY_S: Final = 1.0
_SHOW_ANYWAY_S: Final = 30.0
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 8.0
_GOODBYE_S: Final = 0.3
_END_S: Final = 0.8
_REMEMBERED: Final = 5000
"""Pushes that are known from before the hub was started."""


class Watchtower:
    """Keeps `Sightings` up to date while the broker is there, and says when it is not; tries again for ever.

    Whoever asks the hub anything waits for none of this. Each outage is logged once, and its end.

    Args:
        settings: the broker.
        sightings: where what is seen is put down.
    """

    def __init__(self, settings: BrokerSettings, sightings: Sightings) -> None:
        self._broker = f"{settings.host}:{settings.port}"
        self._sightings = sightings
        self._witness = _Witness(Census(settings.prefix), sightings)
        self._lookout = Lookout(settings, f"edged-watch-{secrets.token_hex(4)}", self._witness)
        self._stopped = threading.Event()
        self._is_out = False
        self._shown_at = 0.0
        self._thread = threading.Thread(target=self._top, name="watchtower", daemon=True)

    def start(self) -> None:
        """Begins; blocks for a look at the disk. Once only."""
        with suppress(Unavailable):  # the disk: the thread will say so
            self._show_old("the hub has only just begun to look")
        self._thread.start()

    def stop(self) -> None:
        """Ends the session; blocks for a second at most."""
        self._stopped.set()
        self._lookout.wake()
        self._thread.join(_END_S)

    def _top(self) -> None:
        try:
            self._run()
        except Exception:  # noqa: BLE001  the top of a thread; the hub goes on answering
            _log.critical("the watchtower ended by a bug", exc_info=True)
        finally:
            self._lookout.close(_GOODBYE_S)

    def _run(self) -> None:
        wait = _FIRST_WAIT_S
        while not self._stopped.is_set():
            try:
                self._watch()
            except EdgedError as error:
                wait = _FIRST_WAIT_S if self._witness.is_whole else min(_LONGEST_WAIT_S, 2 * wait)
                self._out(error)
                self._stopped.wait(_LONGEST_WAIT_S if isinstance(error, Refused) else wait)

    def _watch(self) -> None:
        """On one connection, until the end or until something goes wrong."""
        self._lookout.connect()
        self._witness.compare()
        if self._is_out:
            self._is_out = False
            _log.info("the devices on the broker at %s are seen again", self._broker)
        self._show()
        while not self._stopped.is_set():
            changed = self._lookout.look(_SHOW_EVERY_S)
            since = time.monotonic() - self._shown_at
            if changed and since < _SHOW_EVERY_S:
                self._stopped.wait(_SHOW_EVERY_S - since)
            if changed or since >= _SHOW_ANYWAY_S:
                self._show()

    def _show(self, trouble: str = "") -> None:
        self._shown_at = time.monotonic()
        self._sightings.show(muster(self._witness.census, datetime.now(UTC), trouble=trouble))

    def _out(self, error: EdgedError) -> None:
        if self._stopped.is_set():
            return
        if not self._is_out:
            self._is_out = True
            _log.warning("the devices on the broker are not seen: %s", error)
        try:
            if self._witness.is_whole:
                self._show(error.what)
            else:
                self._show_old(error.what)
        except Unavailable as trouble:
            _log.warning("%s", trouble)
        self._witness.is_whole = False

    def _show_old(self, trouble: str) -> None:
        """What was seen last, by an earlier hub perhaps, with why it is not seen now."""
        try:
            old = self._sightings.fleet()
        except Unavailable:  # nothing ever was
            self._show(trouble)
        else:
            self._sightings.show(old.model_copy(update={"connected": False, "trouble": trouble}))


class _Witness:
    """Gathers what is seen, and puts down who has told anybody something new.

    Attributes:
        census: what is seen.
        is_whole: everything that stood on the broker has been seen on this connection.
    """

    def __init__(self, census: Census, sightings: Sightings) -> None:
        self.census = census
        self.is_whole = False
        self._sightings = sightings
        self._known = {(push.address, push.version, push.token) for push in sightings.pushes(_REMEMBERED).pushes}
        self._orders: dict[str, tuple[int, dict[str, object]]] = {}

    @property
    def topics(self) -> tuple[str, ...]:
        return self.census.topics

    def heed(self, topic: str, payload: bytes) -> str:
        address = self.census.heed(topic, payload)
        if address and self.is_whole and topic.endswith("/config/desired"):
            self._look_at(address)
        return address

    def forget(self) -> None:
        self.is_whole = False
        self.census.forget()

    def compare(self) -> None:
        """Everything that stands has been seen: what is not known of it was pushed while nobody looked."""
        self.is_whole = True
        for address in [*self.census.devices, *map(address_of, self.census.orders)]:
            self._look_at(address)

    def _look_at(self, address: str) -> None:
        standing = self.census.standing(address)
        _, before = self._orders.get(address, (0, {}))
        self._orders[address] = (standing.version, dict(standing.patch))
        name = (address, standing.version, standing.token)
        if not standing.version or name in self._known:
            return
        self._sightings.add(
            FleetPush(
                at=datetime.now(UTC),
                address=address,
                version=standing.version,
                by=standing.by,
                key=standing.key,
                token=standing.token,
                change=masked(difference(before, standing.patch)),
            )
        )
        self._known.add(name)


@contextmanager
def watching(settings: BrokerSettings, sightings: Sightings) -> Iterator[None]:
    """A `Watchtower` that runs until the block ends."""
    tower = Watchtower(settings, sightings)
    tower.start()
    try:
        yield
    finally:
        tower.stop()
