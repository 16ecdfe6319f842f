"""The hub's own certificate authority."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from edged.domain.errors import Corrupt, Refused
from edged.hub.authority import CA_DAYS, DAYS, fingerprint, make_authority, renew, validity

_NOW = 1_800_000_000.0
_DAY = 86400


def _verified(folder: Path, name: str, at: float = _NOW) -> None:
    """As a strict client does; raises VerificationError."""
    from datetime import UTC, datetime  # noqa: PLC0415

    ca = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
    leaf = x509.load_pem_x509_certificate((folder / "hub.crt").read_bytes())
    policy = PolicyBuilder().store(Store([ca])).time(datetime.fromtimestamp(at, UTC))
    policy.build_server_verifier(x509.DNSName(name)).verify(leaf, [])


def test_a_strict_client_accepts_the_certificate_for_its_names_only(tmp_path: Path) -> None:
    made = make_authority(tmp_path, ["hub.example.org", "192.168.1.10", "::1"], _NOW)
    _verified(tmp_path, "hub.example.org")
    with pytest.raises(VerificationError):
        _verified(tmp_path, "other.example.org")
    assert made.names == ("hub.example.org", "192.168.1.10", "::1")


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    make_authority(tmp_path, ["hub"], _NOW)
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {
        "ca.crt": 0o644,
        "ca.key": 0o600,
        "hub.crt": 0o600,
        "hub.key": 0o600,
    }


def test_the_certificate_ends_before_browsers_refuse_it_and_the_authority_later(tmp_path: Path) -> None:
    made = make_authority(tmp_path, ["hub"], _NOW)
    assert made.days_left(_NOW) == DAYS <= 397
    assert validity(tmp_path / "ca.crt").days_left(_NOW) == CA_DAYS
    with pytest.raises(VerificationError):
        _verified(tmp_path, "hub", _NOW + (DAYS + 1) * _DAY)


def test_a_renewed_certificate_keeps_its_names_and_is_trusted_without_a_new_authority(tmp_path: Path) -> None:
    make_authority(tmp_path, ["hub.example.org"], _NOW)
    before, ca = (tmp_path / "hub.crt").read_bytes(), fingerprint(tmp_path / "ca.crt")
    later = _NOW + 380 * _DAY
    made = renew(tmp_path, [], later)
    assert (tmp_path / "hub.crt").read_bytes() != before
    assert made.names == ("hub.example.org",)
    assert fingerprint(tmp_path / "ca.crt") == ca
    _verified(tmp_path, "hub.example.org", later + 100 * _DAY)


def test_a_certificate_never_outlives_its_authority(tmp_path: Path) -> None:
    make_authority(tmp_path, ["hub"], _NOW)
    late = _NOW + (CA_DAYS - 30) * _DAY
    assert renew(tmp_path, [], late).days_left(late) == 30
    with pytest.raises(Refused, match="has ended"):
        renew(tmp_path, [], _NOW + CA_DAYS * _DAY)


def test_the_authority_may_sign_nothing_but_the_end_of_a_chain(tmp_path: Path) -> None:
    make_authority(tmp_path, ["hub"], _NOW)
    ca = x509.load_pem_x509_certificate((tmp_path / "ca.crt").read_bytes())
    constraints = ca.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


def test_the_key_of_another_authority_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    make_authority(tmp_path, ["hub"], _NOW)
    make_authority(tmp_path / "other", ["hub"], _NOW)
    (tmp_path / "other" / "ca.key").replace(tmp_path / "ca.key")
    with pytest.raises(Corrupt, match="is not the key of"):
        renew(tmp_path, [], _NOW)


@pytest.mark.parametrize("name", ["", "https://hub", "hub:8443", "hub/..", "-hub", "a b", "x" * 300, "hub\n"])
def test_what_is_no_name_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    if name == "hub\n":
        name = "hub\nevil"
    with pytest.raises(Refused) as caught:
        make_authority(tmp_path, [name], _NOW)
    assert caught.value.reason == "bad_name"
    assert not any(tmp_path.iterdir())


def test_names_in_other_scripts_are_written_as_dns_does(tmp_path: Path) -> None:
    assert make_authority(tmp_path, ["bücher.example"], _NOW).names == ("xn--bcher-kva.example",)


def test_key_and_certificate_belong_together(tmp_path: Path) -> None:
    make_authority(tmp_path, ["hub"], _NOW)
    key = load_pem_private_key((tmp_path / "hub.key").read_bytes(), None)
    leaf = x509.load_pem_x509_certificate((tmp_path / "hub.crt").read_bytes())
    assert key.public_key() == leaf.public_key()
