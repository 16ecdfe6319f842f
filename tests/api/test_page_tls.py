"""The page with a certificate, as other machines open it."""

from __future__ import annotations

import datetime as dt
import json
import ssl
from contextlib import closing
from http.client import HTTPSConnection
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edged.accounts.account import Account, Role
from edged.api.app import make_app
from edged.api.port import Closed
from edged.api.server import Server
from edged.web.pages import PAGES
from tests.api.pretend_device import PretendDevice
from tests.api.signed_in import accounts_in


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "door")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "page.crt", tmp_path / "page.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    return paths


def test_cookies_go_over_tls_only_and_to_this_host_only(tmp_path: Path, pair: tuple[Path, Path]) -> None:
    with closing(accounts_in(tmp_path)) as accounts:
        accounts.add(Account("Anna", Role.GUARD), None)
        app = make_app(PretendDevice("front"), PAGES, accounts=accounts, reviewer=Closed("closed", ""))
        server = Server(app, "127.0.0.1", 0, certificate=pair)
        thread = Thread(target=server.serve, name="page", daemon=True)
        thread.start()
        try:
            context = ssl.create_default_context(cafile=pair[0])
            connection = HTTPSConnection("127.0.0.1", server.port, timeout=10, context=context)
            body = json.dumps({"link": accounts.link("Anna")})
            # Of an older browser, which sends no Sec-Fetch-Site.
            headers = {"Content-Type": "application/json", "Origin": f"https://127.0.0.1:{server.port}"}
            connection.request("POST", "/api/v1/sign-in/link", body, headers)
            answer = connection.getresponse()
            answer.read()
            cookies = answer.headers.get_all("Set-Cookie") or []
            assert answer.status == 200
            assert len(cookies) == 2
            assert all(text.startswith("__Host-edged") and "; secure" in text.lower() for text in cookies)
            cookie = "; ".join(text.partition(";")[0] for text in cookies)
            connection.request("GET", "/api/v1/me", headers={"Cookie": cookie})
            assert json.loads(connection.getresponse().read())["name"] == "Anna"
            connection.request("GET", "/api/v1/me", headers={"Cookie": cookie.replace("__Host-", "")})
            assert connection.getresponse().status == 401, "a cookie that anybody on the way could have set"
            connection.close()
        finally:
            server.stop()
            thread.join(10)
