"""A broker for trying edged out, as a program of its own: `python -m edged.runtime.embedded_broker PORT`.

amqtt speaks MQTT 3.1.1, keeps everything in memory and lets anybody in, so it listens on loopback only. Mosquitto is
the real one.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Final

from amqtt.broker import Broker

_ANYBODY: Final = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}


async def serve(port: int) -> None:
    """Listens on a loopback port until the process is told to end."""
    listeners = {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}
    await Broker({"listeners": listeners, "plugins": _ANYBODY}).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # it logs a stack trace for every client that hangs up early
    asyncio.run(serve(int(sys.argv[1])))
