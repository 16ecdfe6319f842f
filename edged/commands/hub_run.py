"""`edged hub run`: the server."""

from __future__ import annotations

import argparse
import logging
import socket
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from edged.commands.console import Console, Exit
from edged.commands.hub_word import add_word, settings_of
from edged.commands.word import Words

if TYPE_CHECKING:
    from edged.hub.settings import HubSettings

_log = logging.getLogger(__name__)

_DESCRIPTION: Final = """\
Run the hub in the foreground. Writes one line, `READY` and its address, to standard output when it
answers; its log goes to standard error and never holds a token, a name or a face.

It answers with HTTPS. Plain HTTP is served on loopback, or where the configuration asks for it in
so many words (serve.plain_http), behind a proxy of yours that encrypts.

Signals: TERM and INT stop it in good order: answers under way are given first, for up to ten
seconds (a second signal stops at once).
"""
_ANNOUNCE: Final = "--announce"
_EPILOG: Final = """\
Several hubs may run on one directory; serve.processes starts as many on one port.

Exit codes: 0 stopped in good order, 1 failed, 78 the configuration is invalid.

Examples:
  edged hub run --config /srv/hub/hub.yaml
"""


def register(words: Words) -> None:
    parser = add_word(words, "run", "run the hub", _DESCRIPTION, _EPILOG, _run)
    parser.add_argument("--inherit", type=int, help=argparse.SUPPRESS)  # a member of the crew: its listening socket
    parser.add_argument(_ANNOUNCE, action="store_true", help=argparse.SUPPRESS)  # the member that tells of changes


def _run(args: argparse.Namespace, _out: Console) -> int:
    from edged.runtime import heap, journal  # noqa: PLC0415  the hub's imports take a second: not for `--help`

    heap.share_one_pool()  # before the libraries that follow allocate
    from edged.hub.home import HubHome  # noqa: PLC0415
    from edged.hub.server import listening  # noqa: PLC0415

    journal.set_up("info")
    settings = settings_of(args)
    journal.set_level(settings.log.level)
    with HubHome.of(settings).held():
        if args.inherit is not None:
            return _serve(settings, socket.socket(fileno=args.inherit), member=True, announces=args.announce)
        with listening(settings.serve) as listener:
            _warn(settings)
            if settings.serve.processes == 1:
                return _serve(settings, listener, member=False, announces=True)
            return _lead(settings, listener, args.config)


def _serve(settings: HubSettings, listener: socket.socket, *, member: bool, announces: bool) -> int:
    from edged.hub.build import build  # noqa: PLC0415
    from edged.hub.crew import when_orphaned  # noqa: PLC0415
    from edged.hub.home import HubHome  # noqa: PLC0415
    from edged.hub.server import HubServer, address_of, stop_on_signals  # noqa: PLC0415

    with ExitStack() as stack:
        hub = stack.enter_context(closing(build(settings, HubHome.of(settings))))
        server = HubServer(hub.app, listener, settings.serve)
        stop_on_signals(server.stop, at_once=not member)
        if member:
            when_orphaned(sys.stdin, server.stop)
        if announces and settings.mqtt.enabled:
            from edged.hub.announcer import announcing  # noqa: PLC0415  not everybody needs its libraries
            from edged.hub.taking import Taking  # noqa: PLC0415

            fleet = hub.stores.fleet
            taking = Taking.of(settings.mqtt, HubHome.of(settings), fleet.keep_all)
            stack.enter_context(announcing(settings.mqtt, fleet.newest, taking))
        if announces and settings.watch.enabled:
            from edged.hub.sightings import Sightings  # noqa: PLC0415  as above
            from edged.hub.watchtower import watching  # noqa: PLC0415

            home = HubHome.of(settings)
            stack.enter_context(watching(settings.watched_broker(), Sightings(home.fleet, home.pushes)))
        _ready(address_of(listener, settings.serve), notify=not member)
        server.serve()
    return Exit.OK


def _lead(settings: HubSettings, listener: socket.socket, config: Path | None) -> int:
    from edged.hub.crew import Crew  # noqa: PLC0415
    from edged.hub.server import address_of, stop_on_signals  # noqa: PLC0415
    from edged.hub.shared_figures import shared_figures  # noqa: PLC0415

    named = [] if config is None else ["--config", str(config)]
    command = [sys.executable, "-m", "edged", "hub", "run", *named, "--inherit", str(listener.fileno())]
    with shared_figures():
        crew = Crew(command, settings.serve.processes, listener.fileno(), first=[_ANNOUNCE])
        stop_on_signals(crew.stop)
        crew.wait_ready()
        _ready(address_of(listener, settings.serve), notify=True)
        return Exit.OK if crew.watch() else Exit.FAILED


def _ready(address: str, *, notify: bool) -> None:
    from edged.hub.crew import READY  # noqa: PLC0415
    from edged.runtime.notify import Notifier  # noqa: PLC0415

    print(f"{READY} {address}", flush=True)  # noqa: T201  what programs that start a hub wait for
    if notify:
        Notifier().ready(f"answering at {address}")


def _warn(settings: HubSettings) -> None:
    from edged.hub.authority import RENEW_DAYS, validity  # noqa: PLC0415

    serve = settings.serve
    if serve.certificate is None:
        if not serve.is_local:
            _log.warning("plain HTTP on %s, as serve.plain_http asks: tokens and faces travel readable", serve.listen)
        return
    left = validity(serve.certificate).days_left(time.time())
    if left < RENEW_DAYS:
        _log.warning("the certificate %s holds for %d more days: edged hub renew", serve.certificate, left)
