"""Photographs by address: what is fetched, and that nothing in the house can be reached so."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edged.api.access import Cost, Grant
from edged.api.centre import Centre, Manners
from edged.api.parameters import Parameters, Upload
from edged.api.photo_parameter import photo_of, uploaded_photo
from edged.api.photo_source import INTERNET, Network, fetch_photo
from edged.api.public_address import is_public
from edged.domain.errors import Refused
from tests.api.painted import PaintedEyes

JPEG = b"\xff\xd8\xff\xe0 a picture"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(JPEG), JPEG)
HOST = "photos.example.org"


@dataclass
class Web:
    """A server on loopback that gives one answer, piece by piece, to everybody, and remembers who came."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def web(*pieces: bytes, every_s: float = 0.0, tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Web]:
    listener = socket.create_server(("127.0.0.1", port))
    found = Web(listener.getsockname()[1])
    over = threading.Event()

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                if over.is_set():
                    return
                found.connections += 1
                try:
                    answer(connection if tls is None else tls.wrap_socket(connection, server_side=True))
                except OSError:
                    # The client has hung up, as it should where it was refused.
                    continue

    def answer(connection: socket.socket) -> None:
        with connection:
            found.requests.append(connection.recv(65536))
            for piece in pieces:
                connection.sendall(piece)
                if over.wait(every_s):
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        # The last connection wakes the thread up.
        socket.create_connection(listener.getsockname()).close()
        thread.join()
        listener.close()


def leading_to(*addresses: str) -> Network:
    """Every name is at these addresses, and all of them may be reached."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return Network(resolve=resolve, may_reach=lambda _address: True)


HOME = leading_to("127.0.0.1")


def fetch(url: str, *hosts: str, network: Network = HOME, max_bytes: int = 1000) -> bytes:
    return anyio.run(fetch_photo, url, hosts, max_bytes, network)


def refused(url: str, *hosts: str, network: Network = HOME, max_bytes: int = 1000) -> str:
    with pytest.raises(Refused) as caught:
        fetch(url, *hosts, network=network, max_bytes=max_bytes)
    return caught.value.reason


# --- What is fetched


def test_a_photograph_of_an_allowed_host_is_fetched() -> None:
    with web(OK) as site:
        port = site.port
        assert (
            fetch(f"http://Photos.Example.org:{port}/a b.jpg".replace(" ", "%20") + "?x=ü&y=/", f"{HOST}:{port}")
            == JPEG
        )
    head, *lines = site.requests[0].decode().split("\r\n")
    assert head == "GET /a%20b.jpg?x=%C3%BC&y=/ HTTP/1.1"
    assert f"Host: {HOST}:{port}" in lines
    assert "Connection: close" in lines


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n"
        % (JPEG[:5], len(JPEG) - 5, JPEG[5:]),
        b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + JPEG,
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK,
    ],
)
def test_answers_in_every_framing_are_read(answer: bytes) -> None:
    with web(answer) as site:
        assert fetch(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}") == JPEG


def test_names_in_other_scripts_are_compared_as_the_resolver_is_asked() -> None:
    asked = []

    async def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with web(OK) as site:
        network = replace(HOME, resolve=resolve)
        assert fetch(f"http://BÜCHER.example:{site.port}/", f"bücher.example:{site.port}", network=network) == JPEG
    assert asked == ["xn--bcher-kva.example"]


def test_of_several_addresses_the_one_that_answers_is_taken() -> None:
    with web(OK) as site:
        network = leading_to("127.0.0.2", "127.0.0.1")
        assert fetch(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}", network=network) == JPEG


# --- What is not


def test_without_allowed_hosts_nothing_is_fetched() -> None:
    with web(OK) as site:
        assert refused(f"http://127.0.0.1:{site.port}/") == "url_off"
    assert site.connections == 0


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with web(OK) as home, web(b"HTTP/1.1 %d X\r\nLocation: http://127.0.0.1:%d/\r\n\r\n" % (status, home.port)) as site:
        assert refused(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}", "127.0.0.1") == "url_forbidden"
    assert (site.connections, home.connections) == (1, 0)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + JPEG,
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + JPEG,
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n" + JPEG,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,
        b"",
    ],
)
def test_what_is_no_whole_answer_is_refused(answer: bytes) -> None:
    with web(answer) as site:
        assert refused(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}") == "url_unreachable"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 1001\r\n\r\n",
        b"\r\n" + bytes(1001),
        b"Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + bytes(1001),
    ],
)
def test_what_is_too_large_is_refused(head: bytes) -> None:
    with web(b"HTTP/1.1 200 OK\r\n" + head) as site:
        assert refused(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}") == "too_large"


def test_no_more_than_10_mb_are_fetched_whatever_may_be_sent() -> None:
    with web(b"HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n") as site:
        address = f"{HOST}:{site.port}"
        assert refused(f"http://{address}/", address, max_bytes=100_000_000) == "too_large"


def test_five_seconds_are_for_everything() -> None:
    assert INTERNET.all_s == 5.0


@pytest.mark.parametrize("pieces", [[b""] * 50, [bytes([byte]) for byte in OK], [OK[:-12]] + [b"x"] * 3])
def test_a_server_that_drips_is_given_up(pieces: list[bytes]) -> None:
    with web(*pieces, every_s=0.1) as site:
        network = replace(HOME, all_s=0.3)
        assert refused(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}", network=network) == "url_unreachable"


def test_a_resolver_that_hangs_is_given_up() -> None:
    async def hang(_host: str, _port: int) -> Sequence[str]:
        await anyio.sleep(60)
        return []

    assert refused(f"http://{HOST}/", HOST, network=Network(hang, all_s=0.2)) == "url_unreachable"


def test_no_server_and_no_such_name_are_unreachable() -> None:
    with web(OK) as site:
        port = site.port
    assert refused(f"http://{HOST}:{port}/", f"{HOST}:{port}") == "url_unreachable"
    assert refused(f"http://{HOST}:{port}/", f"{HOST}:{port}", network=leading_to()) == "url_unreachable"
    assert refused(f"http://{'a' * 64}.invalid/", f"{'a' * 64}.invalid", network=INTERNET) == "url_unreachable"


def test_a_proxy_in_the_environment_is_not_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    with web(OK) as proxy, web(OK) as site:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert fetch(f"http://{HOST}:{site.port}/", f"{HOST}:{site.port}") == JPEG
    assert proxy.connections == 0


# --- TLS


def _certificate(directory: Path, name: str) -> Path:
    """A certificate for a name that vouches for itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = directory / f"{name}.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


def _serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_https_is_verified_for_the_name_of_the_host(tmp_path: Path) -> None:
    certificate = _certificate(tmp_path, HOST)
    trusting = replace(HOME, tls=lambda: ssl.create_default_context(cafile=str(certificate)))
    with web(OK, tls=_serving(certificate)) as site:
        port = site.port
        assert fetch(f"https://{HOST}:{port}/", f"{HOST}:{port}", network=trusting) == JPEG
        other = f"other.example.org:{port}"
        assert refused(f"https://{other}/", other, network=trusting) == "url_unreachable"
        assert refused(f"https://{HOST}:{port}/", f"{HOST}:{port}") == "url_unreachable"
    assert len(site.requests) == 1


# --- Addresses of the house

_SSRF = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST:{port}/",
    "http://localhost.:{port}/",
    "http://127.1:{port}/",
    "http://127.0.1:{port}/",
    "http://2130706433:{port}/",
    "http://017700000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0x7f000001:{port}/",
    "http://0x7f.1:{port}/",
    "http://0x7f.0x0.0x0.0x1:{port}/",
    "http://127.127.127.127:{port}/",
    "http://0.0.0.0:{port}/",
    "http://0:{port}/",
    "http://[::1]:{port}/",
    "http://[::]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[::1%25lo]:{port}/",
    "http://photos.example.org@127.0.0.1:{port}/",
    "http://photos.example.org:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@photos.example.org/",
    "http://127.0.0.1:{port}#@photos.example.org/",
    "http://127.0.0.1:{port}?@photos.example.org/",
    "http://127.0.0.1:{port}\\@photos.example.org/",
    "http://photos.example.org\\@127.0.0.1:{port}/",
    "http://127.0.0.1%2f@photos.example.org:{port}/",
    "http://127.0.0.1:{port}%23.photos.example.org/",
    "http://127。0。0。1:{port}/",
    "http://１２７.0.0.1:{port}/",
    "http://①②⑦.⓪.⓪.①:{port}/",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "http://127.0.0.1.:{port}/",
    "http://127.0.0.1 :{port}/",
    " http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/\r\nX: y",
    "http:\t//127.0.0.1:{port}/",
    "http://127.0.0.1\t:{port}/",
    "http:/127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/",
    "http:///127.0.0.1:{port}/",
    "//127.0.0.1:{port}/",
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://[fe80::1%25eth0]/",
    "file:///etc/passwd",
    "file://127.0.0.1:{port}/etc/passwd",
    "gopher://127.0.0.1:{port}/_GET%20/",
    "ftp://127.0.0.1:{port}/a.jpg",
    "dict://127.0.0.1:{port}/",
    "ws://127.0.0.1:{port}/",
    "jar:http://127.0.0.1:{port}/!/",
    "url:http://127.0.0.1:{port}/",
    "data:image/jpeg;base64,/9j/",
    "http://photos.example.org:{port}/",
    "http://photos.example.org:0/",
    "http://photos.example.org:99999/",
    "http://photos.example.org:-1/",
    "http://photos.example.org.:{port}/",
    "http://photos.example.org.evil.example:{port}/",
    "http://evil.photos.example.org:{port}/",
    "http://[photos.example.org]:{port}/",
    "http://[::1/",
    "http://",
    "http://:{port}/",
    "http://" + "a" * 3000,
]


@pytest.fixture(scope="module")
def house() -> Iterator[Web]:
    """What listens in the house."""
    with web(OK) as found:
        yield found


@pytest.mark.parametrize("url", _SSRF)
def test_an_address_of_the_house_is_not_reached(house: Web, url: str) -> None:
    before = house.connections
    url = url.replace("{port}", str(house.port))
    # The list of one who is careful; and one on which the host of this very address stands.
    careless = {_between(url), _between(url).rpartition(":")[0], f"localhost:{house.port}", f"127.0.0.1:{house.port}"}
    for hosts in ({HOST}, {HOST, *careless}):
        assert refused(url, *hosts, network=_hostile()) == "url_forbidden"
    assert house.connections == before


def _between(url: str) -> str:
    return url.partition("//")[2].partition("/")[0]


def _hostile() -> Network:
    """Numbers in every writing as the system reads them; every name leads home."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror:
            return ["127.0.0.1"]
        return [str(one[4][0]) for one in found]

    return Network(resolve=resolve)


def test_a_name_with_one_address_of_the_house_among_others_is_not_reached(house: Web) -> None:
    before = house.connections
    address = f"{HOST}:{house.port}"
    for addresses in (["93.184.215.14", "127.0.0.1"], ["127.0.0.1", "93.184.215.14"], ["2606:2800:21f::1", "::1"]):
        network = replace(leading_to(*addresses), may_reach=is_public)
        assert refused(f"http://{address}/", address, network=network) == "url_forbidden"
    assert house.connections == before


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_once(house: Web) -> None:
    asked = 0

    async def rebinding(_host: str, _port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["127.0.0.2" if asked == 1 else "127.0.0.1"]

    before = house.connections
    network = Network(rebinding, may_reach=lambda address: address != "127.0.0.1")
    assert refused(f"http://{HOST}:{house.port}/", f"{HOST}:{house.port}", network=network) == "url_unreachable"
    assert asked == 1
    assert house.connections == before


@pytest.mark.parametrize("port", [22, 25, 443, 6379, 8080])
def test_other_ports_than_the_usual_one_must_be_allowed(port: int) -> None:
    assert refused(f"http://{HOST}:{port}/", HOST) == "url_forbidden"
    assert refused(f"http://{HOST}/", f"{HOST}:{port}") == "url_forbidden"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:8.8.8.8",
        "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
        "2002:808:808::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "",
        "a",
    ],
)  # fmt: skip
def test_this_is_no_address_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111"]
)
def test_this_is_one(address: str) -> None:
    assert is_public(address)
    assert ip_address(address).is_global


# --- Among the parameters


class _Gate:
    def grant(self, token: str) -> Grant | None:
        return None

    def admit(self, grant: Grant | None, address: str, cost: Cost) -> int:
        return 0


def centre(*hosts: str) -> Centre:
    manners = Manners(photo_hosts=frozenset(hosts))
    # No photograph is looked for in a directory here.
    return Centre(PaintedEyes(), None, _Gate(), bytes(32), manners=manners)  # type: ignore[arg-type]


def asked_for(name: str, parameters: Parameters, *hosts: str) -> bytes | None:
    return anyio.run(photo_of, parameters, name, centre(*hosts), HOME)


def reason_of(name: str, parameters: Parameters, *hosts: str) -> str:
    with pytest.raises(Refused) as caught:
        asked_for(name, parameters, *hosts)
    return caught.value.reason


def test_a_photograph_is_a_file_or_an_address_or_absent() -> None:
    with web(OK) as site:
        address = f"{HOST}:{site.port}"
        parameters = Parameters({"photo2": f"http://{address}/b"}, {"photo1": Upload("a.jpg", JPEG + b"!")})
        assert asked_for("photo1", parameters, address) == JPEG + b"!"
        assert asked_for("photo2", parameters, address) == JPEG
        assert asked_for("photo3", parameters, address) is None
        assert uploaded_photo(parameters, "photo2") is None
        assert reason_of("photo2", parameters) == "url_off"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n...", b"RIFF\0\0\0\0WEBPVP8 ", JPEG])
def test_photographs_are_known_by_their_bytes(content: bytes) -> None:
    assert uploaded_photo(Parameters({}, {"file": Upload("notes.txt", content)}), "file") == content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (b"GIF89a", "not_an_image"),
        (b"<svg>", "not_an_image"),
        (b"RIFF\0\0\0\0WAVE", "not_an_image"),
    ],
)
def test_files_that_are_no_photographs_are_refused(content: bytes, reason: str) -> None:
    assert reason_of("file", Parameters({}, {"file": Upload("a.jpg", content)})) == reason


def test_what_an_address_gives_must_be_a_photograph_too() -> None:
    with web(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\nroot:x:0:0") as site:
        address = f"{HOST}:{site.port}"
        assert reason_of("photo", Parameters({"photo": f"http://{address}/"}, {}), address) == "not_an_image"


@pytest.mark.parametrize(
    "value", ["/home/me/face.jpg", "@face.jpg", 7, ["http://a/", "http://b/"], {"url": "http://a/"}]
)
def test_a_photograph_that_is_neither_is_refused(value: object) -> None:
    assert reason_of("photo", Parameters({"photo": value}, {}), HOST) == "bad_parameter"
