from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.domain.errors import Corrupt, Unavailable
from edged.vault.seal import OVERHEAD, Seal, new_key
from edged.vault.vault import CREDENTIAL, Vault


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_what_is_sealed_opens_in_its_own_context_only(plain: bytes, context: bytes) -> None:
    seal = Seal(new_key())

    sealed = seal.seal(plain, context)

    assert seal.open(sealed, context) == plain
    assert len(sealed) == len(plain) + OVERHEAD
    with pytest.raises(Corrupt):
        seal.open(sealed, context + b"x")
    with pytest.raises(Corrupt):
        Seal(new_key()).open(sealed, context)


@given(st.data())
def test_no_changed_byte_goes_unnoticed(data: st.DataObject) -> None:
    seal = Seal(new_key())
    sealed = bytearray(seal.seal(b"a face", b"anna"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(Corrupt):
        seal.open(bytes(sealed), b"anna")


def test_the_same_value_is_never_sealed_alike_twice() -> None:
    seal = Seal(new_key())

    assert seal.seal(b"a face", b"") != seal.seal(b"a face", b"")


def test_a_key_is_made_once_and_read_by_nobody_else(tmp_path: Path) -> None:
    sealed = Vault.open(tmp_path, environment={}).seal_for("people").seal(b"a face", b"anna")

    assert Vault.open(tmp_path, environment={}).seal_for("people").open(sealed, b"anna") == b"a face"
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    vault = Vault.open(tmp_path, environment={})

    with pytest.raises(Corrupt):
        vault.seal_for("shots").open(vault.seal_for("people").seal(b"a face", b""), b"")


def test_systemds_credential_comes_first(tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / CREDENTIAL).write_text("ab" * 32 + "\n")
    state = tmp_path / "state"
    state.mkdir()

    vault = Vault.open(state, environment={"CREDENTIALS_DIRECTORY": str(credentials)})

    assert not (state / "key").exists()
    file = tmp_path / "stick"
    file.write_text("ab" * 32)
    sealed = vault.seal_for("people").seal(b"a face", b"")
    assert Vault.open(state, file, environment={}).seal_for("people").open(sealed, b"") == b"a face"


def test_another_key_than_before_is_named(tmp_path: Path) -> None:
    Vault.open(tmp_path, environment={})
    other = tmp_path / "other"
    other.write_text("cd" * 32)

    with pytest.raises(Unavailable, match="not the one"):
        Vault.open(tmp_path, other, environment={})


def test_a_key_that_is_gone_is_missed_and_no_other_is_made(tmp_path: Path) -> None:
    Vault.open(tmp_path, environment={})
    (tmp_path / "key").unlink()

    with pytest.raises(Unavailable, match="key is missing"):
        Vault.open(tmp_path, environment={})

    assert not (tmp_path / "key").exists()


def test_a_command_beside_the_service_finds_its_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, credentials = tmp_path / "state", tmp_path / "credentials"
    state.mkdir()
    credentials.mkdir()
    (credentials / CREDENTIAL).write_text("ab" * 32)
    Vault.open(state, environment={"CREDENTIALS_DIRECTORY": str(credentials)})
    monkeypatch.setattr("edged.vault.vault.SERVICE_CREDENTIAL", credentials / CREDENTIAL)

    sealed = Vault.open(state, environment={}).seal_for("people").seal(b"a face", b"")

    assert Vault(bytes.fromhex("ab" * 32)).seal_for("people").open(sealed, b"") == b"a face"


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31, "ab" * 33])
def test_what_is_no_key_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "stick"
    file.write_text(content)

    with pytest.raises(Corrupt, match="holds no key"):
        Vault.open(tmp_path, file, environment={})


def test_a_missing_key_file_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        Vault.open(tmp_path, tmp_path / "stick", environment={})

    assert not (tmp_path / "stick").exists()
