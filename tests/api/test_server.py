"""Beginning and ending of the server."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from edged.api.app import make_app
from edged.api.port import Closed
from edged.api.server import Server
from edged.domain.errors import Refused, Unavailable
from edged.web.pages import PAGES
from tests.api.asking import ask, next_message, next_part, streaming
from tests.api.pretend_device import PretendDevice, serving
from tests.api.signed_in import accounts_in

ROOT = Path(__file__).parents[2]


def _server(host: str, port: int) -> Server:
    with TemporaryDirectory() as folder, closing(accounts_in(Path(folder))) as accounts:
        app = make_app(PretendDevice(), PAGES, accounts=accounts, reviewer=Closed("closed", ""))
        return Server(app, host, port)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}.*http.port"):
            _server("127.0.0.1", port)


@pytest.mark.parametrize(("host", "error"), [("no.such.host.invalid", Refused), ("192.0.2.1", Unavailable)])
def test_an_address_that_is_not_ours_is_named(host: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=rf"{host}.*http\.listen"):
        _server(host, 0)


def test_port_zero_gives_a_real_one() -> None:
    with serving(PretendDevice("front")) as server:
        assert server.port > 0
        assert server.url == f"http://127.0.0.1:{server.port}/"
        assert ask(server, "/").status == 200


def test_stop_ends_open_streams_and_frees_the_port() -> None:
    with (
        serving(PretendDevice("front")) as server,
        streaming(server, "/api/v1/stream") as news,
        streaming(server, "/api/v1/cameras/front/live.mjpeg") as live,
    ):
        next_message(news)
        next_part(live)
        begun = time.monotonic()
        server.stop()
        news.read()
        assert time.monotonic() - begun < 5
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def test_the_page_costs_little_memory() -> None:
    command = [sys.executable, "-m", "tests.api.memory_of_the_page"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert float(done.stdout) < 30, "MB of resident memory, with a page open"
