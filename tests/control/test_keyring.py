from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from edged.control.authority import CONFIG, Authority
from edged.control.keyring import MOST_KEYS, Keyring
from edged.control.signer import is_weak, key_id
from edged.domain.errors import Refused
from edged.wire.order import SEAL, Desired
from tests.control.orders import ANNA, BOB, NOW, signed_order

ANNA_ID, BOB_ID = (key_id(key.public_key().public_bytes_raw()) for key in (ANNA, BOB))


def pem(key: Ed25519PublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.mkdir(mode=0o755)
    put(path, "anna", ANNA)
    return path


def put(folder: Path, name: str, key: Ed25519PrivateKey) -> Path:
    path = folder / f"{name}.pem"
    path.write_bytes(pem(key.public_key()))
    path.chmod(0o644)
    return path


def test_the_names_are_those_of_the_files(folder: Path) -> None:
    put(folder, "bob.smith@example-1", BOB)
    keyring = Keyring(folder)
    assert {key: keyring[key].name for key in keyring} == {ANNA_ID: "anna", BOB_ID: "bob.smith@example-1"}
    assert len(keyring) == 2
    assert keyring.now().problems == ()


def test_a_key_is_revoked_by_removing_its_file_and_counts_as_soon_as_it_is_there(folder: Path) -> None:
    authority = Authority("door", tuple, Keyring(folder))

    def followed(key: Ed25519PrivateKey) -> bool:
        try:
            authority.opened(signed_order(CONFIG, "door", key), Desired, kind=CONFIG, to="door", now=NOW)
        except Refused as error:
            assert error.reason == "unknown_key"  # noqa: PT017  the other ones are failures
            return False
        return True

    assert (followed(ANNA), followed(BOB)) == (True, False)
    path = put(folder, "bob", BOB)
    assert (followed(ANNA), followed(BOB)) == (True, True)
    (folder / "anna.pem").unlink()
    assert (followed(ANNA), followed(BOB)) == (False, True)
    path.write_bytes(pem(ANNA.public_key()))
    assert (followed(ANNA), followed(BOB)) == (True, False)
    path.rename(folder / "bob.revoked")
    assert (followed(ANNA), followed(BOB)) == (False, False)


def test_what_is_no_key_is_named_and_the_others_hold(folder: Path) -> None:
    private = ANNA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    contents = {
        "empty.pem": b"",
        "junk.pem": os.urandom(100),
        "curve.pem": pem(ec.generate_private_key(ec.SECP256R1()).public_key()),
        "private.pem": private,
        "long.pem": pem(BOB.public_key()) + b"\n" * 9000,
        "zero.pem": pem(Ed25519PublicKey.from_public_bytes(bytes(32))),
        "again.pem": pem(ANNA.public_key()),
        "bob.pub": pem(BOB.public_key()),
        "two words.pem": pem(BOB.public_key()),
        ".pem": pem(BOB.public_key()),
        ".bob.pem.swp": pem(BOB.public_key()),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
    (folder / "folder.pem").mkdir()
    (folder / "link.pem").symlink_to("bob.pub")
    os.mkfifo(folder / "pipe.pem")
    found = Keyring(folder).now()
    assert [*found.signers] == [ANNA_ID]
    # `again` is in front of `anna`, so it is `anna` that is one too many.
    wrong = {*contents, "folder.pem", "link.pem", "pipe.pem", "anna.pem"} - {".pem", ".bob.pem.swp", "again.pem"}
    named = {name for name in wrong if any(f"{folder / name}" in problem for problem in found.problems)}
    assert named == wrong
    assert len(found.problems) == len(wrong)
    assert "PRIVATE" not in " ".join(found.problems)


@pytest.mark.parametrize("mode", [0o666, 0o664, 0o646])
def test_a_key_that_others_may_write_does_not_count(folder: Path, mode: int) -> None:
    put(folder, "bob", BOB)
    (folder / "anna.pem").chmod(mode)
    keyring = Keyring(folder)
    assert [*keyring] == [BOB_ID]
    assert "anna.pem" in keyring.now().problems[0]
    (folder / "anna.pem").chmod(0o600)
    assert len(keyring) == 2


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_in_a_folder_that_others_may_write_nothing_counts(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    assert len(Keyring(folder)) == 0
    assert str(folder) in Keyring(folder).now().problems[0]


def test_without_a_folder_nobodys_orders_are_followed(folder: Path, tmp_path: Path) -> None:
    keyring = Keyring(tmp_path / "none")
    assert len(keyring) == 0
    assert "none" in keyring.now().problems[0]
    folder.rename(tmp_path / "none")
    assert [*keyring] == [ANNA_ID]
    (tmp_path / "none").rename(folder)
    assert len(keyring) == 0


def test_there_are_bounds(folder: Path) -> None:
    (folder / "anna.pem").unlink()
    for number in range(MOST_KEYS + 2):
        put(folder, f"k{number:03}", Ed25519PrivateKey.generate())
    found = Keyring(folder).now()
    assert len(found.signers) == MOST_KEYS
    assert len(found.problems) == 1
    for number in range(300):
        (folder / f".{number}").touch()
    assert len(Keyring(folder)) == 0


def test_keys_that_anybody_can_sign_for_are_known() -> None:
    """All eight of them, found by arithmetic on the curve (RFC 8032, section 5.1)."""
    small: set[tuple[int, int]] = set()
    for y in range(2, 200):
        x = root((y * y - 1) * pow(BEND * y * y + 1, -1, PRIME))
        if x is not None and len(small) < 8:
            small.add(times(LARGE, (x, y)))
    assert len(small) == 8
    for x, y in small:
        assert is_weak((y | (x & 1) << 255).to_bytes(32, "little"))
    assert not is_weak(ANNA.public_key().public_bytes_raw())
    Ed25519PublicKey.from_public_bytes(bytes([1]) + bytes(31)).verify(bytes([1]) + bytes(63), SEAL + b"whatever")


PRIME = 2**255 - 19
BEND = -121665 * pow(121666, -1, PRIME) % PRIME
LARGE = 2**252 + 27742317777372353535851937790883648493
"""The order of the large part: a point times it lies in the small one."""


def root(square: int) -> int | None:
    guess = pow(square, (PRIME + 3) // 8, PRIME)
    for candidate in (guess, guess * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
        if candidate * candidate % PRIME == square % PRIME:
            return candidate
    return None


def times(factor: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while factor:
        if factor & 1:
            total = added(total, point)
        point, factor = added(point, point), factor >> 1
    return total


def added(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    (a, b), (c, d) = one, other
    twist = BEND * a * b * c * d % PRIME
    return (
        (a * d + b * c) * pow(1 + twist, -1, PRIME) % PRIME,
        (b * d + a * c) * pow(1 - twist, -1, PRIME) % PRIME,
    )
