"""What holds now, as server-sent events: told at once and whenever it changes, and a sign of life each second."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import anyio

from edged.api.streams import Streams
from edged.wire.payload import Payload

MEDIA_TYPE: Final = "text/event-stream"
_BEAT_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """Something that holds now.

    Attributes:
        name: of the message.
        key: by what it is told from the one before it.
        document: what it says.
    """

    name: str
    key: object
    document: Payload


async def news(
    now: Callable[[], Awaitable[Sequence[Told]]], streams: Streams, look_s: float, retry_ms: int = 1000
) -> AsyncIterator[bytes]:
    """The messages for one reader, until the streams close; `alive` each second in which nothing else is told.

    Nothing is queued: a slow reader misses what is past. What no longer holds and holds again is told again.

    Args:
        now: asked every `look_s` seconds.
        retry_ms: after so long a browser that was cut off asks again.
    """
    yield b"retry: %d\n\n" % retry_ms
    last: dict[str, object] = {}
    due = anyio.current_time() + _BEAT_S
    while not streams.closing:
        holding = await now()
        last = {told.name: last[told.name] for told in holding if told.name in last}
        for told in holding:
            if told.name not in last or last[told.name] != told.key:
                last[told.name] = told.key
                yield message(told.name, told.document)
                due = anyio.current_time() + _BEAT_S
        if anyio.current_time() >= due:
            due = anyio.current_time() + _BEAT_S
            yield b"event: alive\ndata: {}\n\n"
        await anyio.sleep(look_s)


def message(name: str, document: Payload) -> bytes:
    """A server-sent event; the document is one line."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), document.encoded())
