"""Somebody who reads along on the broker."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from edged.measure.listener import Listener
from edged.runtime.mosquitto import Mosquitto


@pytest.fixture
def listen(broker: Mosquitto) -> Iterator[Callable[[str], Listener]]:
    """Connects a listener to a topic of the broker."""
    with ExitStack() as stack:

        def connected(topic: str) -> Listener:
            listener = stack.enter_context(closing(Listener(broker.port, topic)))
            listener.connect()
            return listener

        yield connected
