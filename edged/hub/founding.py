"""Founding a hub: a directory with everything that it needs to run."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edged.api.access import Right
from edged.api.token import Minted
from edged.domain.errors import Refused, Unavailable
from edged.hub.authority import CA_CERTIFICATE, CERTIFICATE, KEY, Validity, fingerprint, make_authority
from edged.hub.home import HubHome
from edged.hub.operator import operator
from edged.hub.sample import sample
from edged.hub.settings import load_settings, settings_from
from edged.hub.stores import open_stores
from edged.vault.private_file import private_directory, private_file

CONFIG: Final = "hub.yaml"
TLS: Final = "tls"
_DATA: Final = "data"
_ALWAYS: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Founded:
    """A hub that was made.

    Attributes:
        config: its document; ca: the certificate that clients are to trust; fingerprint: its SHA-256.
        certificate: what the hub's own certificate is good for.
        url: where clients reach it.
        token: the first one, of an administrator; its text is kept nowhere.
    """

    config: Path
    ca: Path
    fingerprint: str
    certificate: Validity
    url: str
    token: Minted = field(repr=False)


def found(
    folder: Path,
    names: Sequence[str],
    listen: str,
    port: int,
    models: Path | None,
    store: Mapping[str, str] | None = None,
) -> Founded:
    """Makes configuration, authority, certificate, key, database and the first token. Blocks for a moment.

    Args:
        folder: must be empty or not there.
        names: what clients call the hub, the first of them in links that are shown; none: the name of this machine.
        listen, port: where it will listen.
        models: the folder of the models; None: the usual one.
        store: more settings of where the data lie; a server that they name is tried before anything is made.

    Raises:
        Refused: `not_empty`: there is something in the folder; or one of the names is none.
        ConfigInvalid: address, port or `store` are not fit.
        Unavailable: the disk or the server does not let us.
        Unsupported: the server, or its driver here, is not fit.
    """
    folder = folder.absolute()
    called = tuple(names) or (socket.gethostname() or "localhost",)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refused("not_empty", f"there is something at {folder} already", "Name a folder that is empty or new")
        _try(store or {}, folder)
        private_directory(folder)
        private_directory(folder / TLS)
    except OSError as error:
        raise Unavailable(f"{folder} cannot be made: {error.strerror}", "Check who may write there") from error
    certificate = make_authority(folder / TLS, [*called, *_ALWAYS], time.time())
    given: dict[str, dict[str, Any]] = {
        "serve": {
            "listen": listen,
            "port": port,
            "certificate": f"{TLS}/{CERTIFICATE}",
            "key": f"{TLS}/{KEY}",
        },
        "store": {"directory": _DATA, **(store or {})},
    }
    if models is not None:
        given["models"] = {"directory": str(models.absolute())}
    config = folder / CONFIG
    try:
        with private_file(config) as file:
            file.write(sample(given).encode())
    except OSError as error:
        raise Unavailable(f"{config} cannot be written: {error.strerror}", "Check the disk") from error
    settings = load_settings(config)
    home = HubHome.of(settings)
    home.open_vault()
    with closing(open_stores(settings.store, home)) as stores:
        _, token = stores.tokens.create("first administrator", {Right.ADMIN}, by=operator())
    host = f"[{called[0]}]" if ":" in called[0] else called[0]
    ca = folder / TLS / CA_CERTIFICATE
    return Founded(config, ca, fingerprint(ca), certificate, f"https://{host}:{port}", token)


def _try(store: Mapping[str, str], folder: Path) -> None:
    """Opens the stores that are not in the folder, to see whether they can be."""
    chosen = settings_from({"store": dict(store)}, "what was typed", folder).store
    if chosen.on_server:
        open_stores(chosen, HubHome(folder / _DATA)).close()
