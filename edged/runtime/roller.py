"""Rolls a change out: looks, writes down, sends, and again, until it is over."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from edged.domain.errors import Refused, Unavailable
from edged.fleet.census import Census, desired_topic
from edged.fleet.course import Order, advance, looked_at_anew
from edged.fleet.rollout import Rollout
from edged.fleet.shelf import Shelf
from edged.fleet.standing import Pen
from edged.mqtt.lookout import Lookout
from edged.wire.order import MOST_VERSIONS, Desired

_LOOK_S: Final = 0.2
_STANDS_S: Final = 30.0
"""What was sent and does not stand on the broker after so long never will."""
_REFRESH_S: Final = 30.0
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 8.0
_GIVE_UP_S: Final = 600.0
"""A broker that is away for so long is somebody's business."""

Tell = Callable[[Rollout, Census, str], None]
"""Called with how it stands, on every look: whoever shows it decides what is news. The text says what is in the way at
the moment; empty: nothing."""


class Roller:
    """Moves roll-outs. Belongs to one thread.

    Whenever it is interrupted, by an exception or by the end of the process, what is on the shelf is enough to go on.

    Args:
        lookout: connected or not; census: what it gathers.
        shelf: where the roll-out is written down before anything is sent.
        pen: writes the orders.
        tell: see `Tell`.
    """

    def __init__(self, lookout: Lookout, census: Census, shelf: Shelf, pen: Pen, tell: Tell) -> None:
        self._lookout = lookout
        self._census = census
        self._shelf = shelf
        self._pen = pen
        self._tell = tell
        self._sent: dict[tuple[str, int], float] = {}
        self._kept: Rollout | None = None
        self._refreshed = time.monotonic()

    def roll(self, rollout: Rollout) -> Rollout:
        """Goes on with a roll-out until it is over; blocks. A broker that is away is waited for.

        Raises:
            Unavailable: the broker is away for ten minutes, or the disk does not let us.
            Refused: the broker does not let us in, or does not take an order; or an order cannot be signed.
        """
        rollout, wait, away_since = looked_at_anew(rollout), _FIRST_WAIT_S, 0.0
        while not rollout.is_over:
            try:
                if not self._lookout.is_connected:
                    self._lookout.connect()
                    self._sent.clear()
                    self._refreshed = time.monotonic()
                    rollout, wait = looked_at_anew(rollout), _FIRST_WAIT_S
                rollout = self._step(rollout)
                if not rollout.is_over:
                    self._lookout.look(_LOOK_S)
                    self._refresh()
            except Unavailable as error:
                if self._lookout.is_connected:
                    raise  # it is the disk
                if wait == _FIRST_WAIT_S:
                    away_since = time.monotonic()
                if time.monotonic() - away_since > _GIVE_UP_S:
                    raise
                self._tell(rollout, self._census, error.what)
                time.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_S)
        return rollout

    def _refresh(self) -> None:
        if time.monotonic() - self._refreshed > _REFRESH_S:
            self._refreshed = time.monotonic()
            self._lookout.refresh()

    def _step(self, rollout: Rollout) -> Rollout:
        found = advance(rollout, self._census, time.monotonic())
        if found.rollout != self._kept:
            self._shelf.keep(found.rollout)
            self._kept = found.rollout
        for order in found.orders:
            self._send(found.rollout, order)
        self._tell(found.rollout, self._census, "")
        return found.rollout

    def _send(self, rollout: Rollout, order: Order) -> None:
        """Sends an order once on each connection."""
        name = (order.address, order.version)
        since = self._sent.get(name)
        if since is not None:
            if time.monotonic() - since > _STANDS_S:
                raise Refused(
                    "not_taken",
                    f"what was said for {order.address} does not come to stand on the broker",
                    "Let this user write there in the broker's access list",
                )
            return
        if order.version > MOST_VERSIONS:
            raise Refused(
                "no_version_left",
                f"what stands for {order.address} has the last version that there is",
                "Clear the topic (an empty retained message), have the devices forget it (`edged config forget`), and"
                " push everything anew",
            )
        self._pen.trusts(self._census.standing(order.address), order.address)
        desired = Desired(
            to=order.address, version=order.version, token=rollout.id, by=rollout.by[:80], patch=dict(order.patch)
        )
        topic = desired_topic(self._census.prefix, order.address)
        self._lookout.say(topic, self._pen.written(desired))
        self._sent[name] = time.monotonic()
