from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from edged.config.tree import Tree
from edged.control.authority import CONFIG, Authority
from edged.control.keyring import Keyring, public_key
from edged.control.signer import key_id
from edged.control.signing import load_private, make_pair, sealed
from edged.domain.errors import ConfigInvalid, Refused, Unavailable
from edged.wire.order import MAX_ORDER_BYTES, Desired, Order, Request
from edged.wire.payload import instant
from tests.control.orders import ANNA, LOCKED, NOW, order_of, signed_order

DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "mqtt.md").read_text()
SECTION = DOCUMENTATION.partition("\n## Signed orders\n")[2].partition("\n## ")[0]


def reason(order: Order, kind: str = "request/sync", to: str = "door") -> str:
    with pytest.raises(Refused) as refused:
        sealed(order, kind, to, ANNA)
    return refused.value.reason


def test_a_new_pair_signs_what_its_public_half_opens(tmp_path: Path) -> None:
    private, public = tmp_path / "anna.key", tmp_path / "anna.pem"
    key = make_pair(private, public)
    assert (private.stat().st_mode & 0o777, public.stat().st_mode & 0o777) == (0o600, 0o644)
    assert key == key_id(public_key(public)) == key_id(load_private(private).public_key().public_bytes_raw())
    order = signed_order(CONFIG, "door", load_private(private))
    authority = Authority("door", tuple, Keyring(tmp_path))
    assert authority.opened(order, Desired, kind=CONFIG, to="door", now=NOW).by == "anna"


@pytest.mark.parametrize("there", ["anna.key", "anna.pem"])
def test_a_key_is_never_replaced(tmp_path: Path, there: str) -> None:
    (tmp_path / there).symlink_to("nowhere")
    with pytest.raises(Refused) as refused:
        make_pair(tmp_path / "anna.key", tmp_path / "anna.pem")
    assert refused.value.reason == "exists"
    assert [path.name for path in tmp_path.iterdir()] == [there]
    with pytest.raises(Unavailable):
        make_pair(tmp_path / "none" / "a.key", tmp_path / "none" / "a.pem")


def test_a_private_key_is_private(tmp_path: Path) -> None:
    path = tmp_path / "anna.key"
    make_pair(path, tmp_path / "anna.pem")
    for mode in (0o640, 0o604):
        path.chmod(mode)
        with pytest.raises(Refused) as refused:
            load_private(path)
        assert refused.value.reason == "key_exposed"
    path.chmod(0o400)
    load_private(path)
    with pytest.raises(Refused) as refused:
        public_key(path)
    assert refused.value.reason == "private_key"


def test_a_private_key_may_have_a_password(tmp_path: Path) -> None:
    path = tmp_path / "anna.key"
    path.touch(0o600)
    path.write_bytes(ANNA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")))
    assert load_private(path, b"hunter2").private_bytes_raw() == ANNA.private_bytes_raw()
    for password, code in ((None, "password_needed"), (b"hunter3", "bad_password")):
        with pytest.raises(Refused) as refused:
            load_private(path, password)
        assert refused.value.reason == code
    path.write_bytes(ANNA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    assert load_private(path, b"needless").private_bytes_raw() == ANNA.private_bytes_raw()


def test_what_is_no_private_key(tmp_path: Path) -> None:
    path = tmp_path / "x.key"
    path.touch(0o600)
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own = ANNA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for content in (b"", b"junk", curve, own + b"\n" * 9000):
        path.write_bytes(content)
        with pytest.raises(Refused) as refused:
            load_private(path)
        assert refused.value.reason == "no_key"
    with pytest.raises(Unavailable):
        load_private(tmp_path / "none")


def test_what_no_device_would_follow_is_not_signed() -> None:
    end = instant(NOW + 60)

    def request(data: Tree) -> Request:
        return Request(transaction="a", expires=end, data=data)

    assert reason(Request(transaction="a")) == "no_expiry"
    assert reason(Request(transaction="a", expires=end, to="gate")) == "other_target"
    assert reason(Request(transaction="a", expires=end, order=CONFIG)) == "other_order"
    assert reason(request({"x": "x" * MAX_ORDER_BYTES})) == "too_large"
    assert reason(request({"x": float("inf")})) == "not_json"
    assert reason(request({"x": "two\nlines"})) == "not_json"
    assert reason(request({"x": "\ud800"})) == "not_json"
    with pytest.raises(ConfigInvalid):
        sealed(order_of(CONFIG), "request/no such", "door", ANNA)


def test_what_is_signed_is_what_was_meant() -> None:
    patch = {"a": None, "b": {"ü": [0.1, 1e300, True, "\N{GRINNING FACE}", ""]}, "c": {}}
    order = Desired(version=7, token="t", patch=patch, expires=instant(NOW + 60), by="Anna")
    opened = LOCKED.opened(sealed(order, CONFIG, "door", ANNA), CONFIG, "door")
    assert opened.order == order.model_copy(update={"to": "door", "order": CONFIG})


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_programs_of_the_documentation_sign(tmp_path: Path, language: str) -> None:
    """Keys and signature by openssl, as docs/mqtt.md has it; then by Python."""
    program = next(
        text
        for text in re.findall(rf"^```{language}\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
        if "message" in text
    )
    keys = re.findall(r"`(openssl (?:genpkey|pkey)[^`]*anna\.(?:key|pem))`", SECTION)
    assert len(keys) == 2
    for command in keys:
        subprocess.run(command.split(), cwd=tmp_path, check=True, umask=0o022)
    interpreter = ["sh", "-eu", "-c"] if language == "sh" else [sys.executable, "-c"]
    for _ in range(2):
        subprocess.run([*interpreter, program], cwd=tmp_path, check=True)
    message = (tmp_path / "message").read_bytes()
    authority = Authority("door", tuple, Keyring(tmp_path))
    now = json.loads(json.loads(message)["signed"])["expires"]
    expires = Request(transaction="a", expires=now).expires
    assert expires is not None
    opened = authority.opened(message, Request, kind="request/sync", to="door", now=expires.timestamp() - 100)
    assert (opened.by, opened.signed) == ("anna", True)
