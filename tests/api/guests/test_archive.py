"""All photographs of a guest in one file, and files that are long: whole, and without a trace in memory."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import repeat
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anyio
import httpx
import pytest

from edged.api.guests.pieces import PIECE
from edged.api.server import Server
from edged.photos.album import Features
from edged.photos.photo import Standing
from tests.api.guests.house import JSON, House, Phone, served
from tests.hub.album_site import BY, JPEG

MB = 1 << 20


def unpacked(answer: httpx.Response) -> dict[str, bytes]:
    """What an archive holds, each file compared with its checksum."""
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def enlarge(house: House, tmp_path: Path, content: bytes, size: int) -> None:
    """Makes a photograph's file as long as `size` without writing as much: what is behind its end is zeroes."""
    digest = hashlib.sha256(content).hexdigest()
    os.truncate(tmp_path / "photos" / digest[:2] / digest, size)


def test_an_archive_has_every_photograph_as_it_came(house: House) -> None:
    for name in ("a", "bb", "ccc"):
        house.add(name)
    house.add("theirs", who=2)
    answer = house.phone().get("/photos.zip")

    assert unpacked(answer) == {f"{name}.jpg": JPEG + name.encode() for name in ("a", "bb", "ccc")}
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="party.zip"')
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_other_programs_can_read_it_too(house: House, tmp_path: Path) -> None:
    for number in range(30):
        house.add(f"{number:03d}", content=JPEG + os.urandom(3 * PIECE // 2), filename=f"Läufer {number} ü.jpg")
    archive = tmp_path / "a.zip"
    archive.write_bytes(house.phone().get("/photos.zip").content)
    done = subprocess.run(["unzip", "-t", archive], capture_output=True, text=True, check=True, timeout=60)
    assert "No errors detected" in done.stdout
    assert done.stdout.count("OK") == 30


def test_names_are_one_segment_each_once_also_where_letters_have_no_case(house: House) -> None:
    odd = [
        "IMG_1.JPG",
        "img_1.jpg",
        "IMG_1.jpg",
        "../../etc/passwd.jpg",
        "a/b\\c.jpg",
        "CON.jpg",
        "é.jpg",
        "\u202egpj.exe",
    ]
    for number, filename in enumerate(odd):
        house.add(f"{number:02d}", filename=filename)

    names = sorted(unpacked(house.phone().get("/photos.zip")))

    assert names == sorted(
        ["IMG_1.JPG", "img_1 (2).jpg", "IMG_1 (3).jpg", "passwd.jpg", "c.jpg", "_CON.jpg", "é.jpg", "gpj.jpg"]
    )


def test_where_originals_are_not_kept_what_is_shown_is_in_it(house: House) -> None:
    house.change(keeps_originals=False)
    png = b"\x89PNG\r\n\x1a\n" + b"x" * 40
    house.add("a", content=png, filename="a.png")
    assert unpacked(house.phone().get("/photos.zip")) == {"a.jpg": JPEG + b"preview of a"}


def test_photographs_say_when_they_were_taken(house: House) -> None:
    taken = time.mktime((2026, 6, 14, 18, 30, 22, 0, 0, -1))
    for name, when in (("a", taken), ("bb", -1e18), ("ccc", 1e11)):
        house.add(name, taken=when)
    answer = house.phone().get("/photos.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        times = {info.filename: info.date_time for info in archive.infolist()}
    assert times["a.jpg"] == (2026, 6, 14, 18, 30, 22)
    assert times["bb.jpg"][0] == 1980
    assert times["ccc.jpg"][0] == 2107


def test_those_that_were_chosen_are_in_it_and_no_others(house: House) -> None:
    ids = [house.add(f"{number:02d}") for number in range(5)]
    hidden, theirs = house.add("hidden"), house.add("theirs", who=2)
    phone = house.phone()
    house.albums.set_standing(house.event, hidden, Standing.HIDDEN, by=BY)

    chosen = phone.get("/photos.zip", params={"photo": [ids[1], ids[3], ids[1], theirs, hidden, "../x", ""]})

    assert set(unpacked(chosen)) == {"01.jpg", "03.jpg"}
    assert phone.get("/photos.zip", params={"photo": [ids[0]] * 201}, headers=JSON).json()["error"] == "unclear"
    house.change(Features(downloads=False))
    assert phone.get("/photos.zip").status_code == 403


@dataclass
class Swallowed:
    """What an answer had: its bytes, its longest piece, the length that was said; and the most memory meanwhile."""

    total: int = 0
    longest: int = 0
    said: int = -1
    resident: int = 0


async def _swallowed(house: House, phone: Phone, path: str) -> Swallowed:
    """An answer that nobody keeps any of."""
    swallowed = Swallowed()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in asked:
            return message
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            swallowed.said = int(dict(message["headers"])[b"content-length"])
        piece = message.get("body", b"")
        if swallowed.total // MB != (swallowed.total + len(piece)) // MB:
            swallowed.resident = max(swallowed.resident, _resident())
        swallowed.total += len(piece)
        swallowed.longest = max(swallowed.longest, len(piece))
        await anyio.lowlevel.checkpoint()

    query = urlencode({"t": phone.token}).encode()
    scope = {"type": "http", "method": "GET", "path": phone.path + path, "query_string": query, "headers": []}
    await house.app({**scope, "client": ("10.42.0.9", 1)}, receive, send)
    return swallowed


def test_an_archive_of_a_gigabyte_takes_no_memory(house: House, tmp_path: Path) -> None:
    for number in range(16):
        house.add(f"{number:02d}")
        enlarge(house, tmp_path, JPEG + b"%02d" % number, 64 * MB)
    phone = house.phone()
    phone.get("/photos.zip", params={"photo": "none"})
    before = _resident()
    swallowed = house.portal.call(_swallowed, house, phone, "/photos.zip")
    assert swallowed.total == swallowed.said > 1024 * MB
    assert swallowed.longest < PIECE + 1024
    assert swallowed.resident - before < 32 * MB


@contextmanager
def at_home(house: House) -> Iterator[Server]:
    """The application on a real server, as guests' phones find it."""
    with served(Server(house.app, "127.0.0.1", 0, connections=512, stall_s=60.0)) as server:
        yield server


def open_photographs(tmp_path: Path) -> int:
    """How many files of photographs this process has open."""
    open_now = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            open_now += str(tmp_path / "photos") + "/" in str(link.readlink())
        except OSError:
            continue
    return open_now


def wait_until(done: Any, what: str) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_phones_that_take_nothing_hold_no_thread_and_no_memory_and_leave_nothing_open(
    house: House, tmp_path: Path
) -> None:
    photo = house.add("long")
    enlarge(house, tmp_path, JPEG + b"long", 256 * MB)
    requests = [f"11111111-2222-4333-8444-{number:012d}" for number in range(32)]
    phones = [house.phone(house.find(request)) for request in requests]
    with at_home(house) as server:
        before = _resident()
        with httpx.Client(base_url=server.url, timeout=20, limits=httpx.Limits(max_connections=200)) as client:
            slow = []
            for at, phone in enumerate(phones):
                tail = "/photos.zip" if at % 2 else f"/photos/{photo}/original"
                request = client.build_request("GET", phone.path + tail, params={"t": phone.token})
                slow.append(client.send(request, stream=True))
            assert {answer.status_code for answer in slow} == {200}
            wait_until(lambda: open_photographs(tmp_path) == len(slow), "each has its file open")
            # The others do not wait: looking, and the same files, piece by piece.
            quick = phones[0]
            for tail in ("", f"/photos/{photo}/thumbnail", f"/photos/{photo}/preview"):
                assert client.get(quick.path + tail, params={"t": quick.token}).status_code == 200
            assert _resident() - before < 64 * MB
            for answer in slow:
                answer.close()
        wait_until(lambda: open_photographs(tmp_path) == 0, "a phone that went away left a file open")


def test_a_guest_who_fetches_everything_twice_at_once_waits_with_the_third(house: House, tmp_path: Path) -> None:
    house.add("long")
    enlarge(house, tmp_path, JPEG + b"long", 64 * MB)
    phone = house.phone()
    with at_home(house) as server, httpx.Client(base_url=server.url, timeout=20) as client:

        def archive() -> httpx.Response:
            request = client.build_request("GET", f"{phone.path}/photos.zip", params={"t": phone.token}, headers=JSON)
            return client.send(request, stream=True)

        first, second, third = archive(), archive(), archive()
        assert [answer.status_code for answer in (first, second, third)] == [200, 200, 503]
        assert third.headers["retry-after"]
        first.close()

        def is_room() -> bool:
            house.clock.now += 10
            answer = archive()
            answer.close()
            return answer.status_code == 200

        wait_until(is_room, "a place that was left was not free")
        second.close()
        third.close()


@pytest.mark.parametrize("end", ["hidden", "forgotten", "purged"])
def test_an_archive_is_cut_when_the_guest_may_not_see_the_rest_any_more(house: House, tmp_path: Path, end: str) -> None:
    ids = {}
    for name in ("a", "bb"):
        ids[name] = house.add(name)
        enlarge(house, tmp_path, JPEG + name.encode(), 32 * MB)
    phone = house.phone()
    last = phone.get("/photos").json()["photos"][1]["id"]
    with at_home(house) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        request = client.build_request("GET", f"{phone.path}/photos.zip", params={"t": phone.token})
        answer = client.send(request, stream=True)
        pieces = answer.iter_raw(65536)
        next(pieces)
        match end:
            case "hidden":
                house.albums.set_standing(house.event, last, Standing.HIDDEN, by=BY)
            case "forgotten":
                house.search.forget(house.event, phone.path.rpartition("/")[2], by=BY)
            case "purged":
                house.albums.purge_event("booth", "party", by=BY)
        with pytest.raises(httpx.RemoteProtocolError):
            for _piece in pieces:
                pass
    wait_until(lambda: open_photographs(tmp_path) == 0, "a file was left open")


def test_fifty_phones_open_their_page_at_once(house: House) -> None:
    for number in range(24):
        house.add(f"{number:02d}", thumbnail=JPEG + os.urandom(15_000))
    links = [house.find(f"11111111-2222-4333-8444-{number:012d}") for number in range(50)]

    def look(link: str, port: int) -> list[int]:
        """A page and what one sees of it first, over one connection as a phone keeps it."""
        path, _, token = link.partition("?t=")
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            page = _got(connection, f"{path}?t={token}")
            photos = re.findall(r'data-photo="([^"]+)"', page[1].decode())[:9]
            pictures = [_got(connection, f"{path}/photos/{photo}/thumbnail?t={token}") for photo in photos]
        return [status for status, _body in (page, *pictures)]

    with at_home(house) as server, ThreadPoolExecutor(50) as pool:
        looks = list(pool.map(look, links, repeat(server.port)))
    assert looks == [[200] * 10] * 50


def _got(connection: HTTPConnection, address: str) -> tuple[int, bytes]:
    connection.request("GET", address)
    answer = connection.getresponse()
    return answer.status, answer.read()
