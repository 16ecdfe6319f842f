"""The keys of the storage of photographs: where they come from, and that nobody is shown them."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from edged.domain.errors import Corrupt, Refused, Unavailable
from edged.hub.photo_keys import open_bucket
from tests.hub.storage_server import ACCESS, SECRET, storage

CONTENT = b"a photograph"
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def test_keys_in_a_file_open_the_storage(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"[default]\naws_access_key_id = {ACCESS}\naws_secret_access_key = {SECRET}\n")
    with storage() as server, closing(open_bucket(server.address, keys, environment={})) as bucket:
        bucket.put(DIGEST, CONTENT)
        assert bucket.get(DIGEST) == CONTENT


def test_keys_in_the_environment_open_the_storage() -> None:
    environment = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
    with storage() as server, closing(open_bucket(server.address, None, environment=environment)) as bucket:
        bucket.put(DIGEST, CONTENT)
        assert bucket.get(DIGEST) == CONTENT


def test_a_file_wins_over_the_environment(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"[default]\naws_access_key_id = {ACCESS}\n")
    environment = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
    with pytest.raises(Refused, match="missing in") as refused:
        open_bucket("s3://s3.example.org/acme", keys, environment=environment)
    assert refused.value.reason == "no_keys"


@pytest.mark.parametrize("text", [SECRET, f"[default]\n{SECRET}\n", f"[default]\na = 1\na = {SECRET}\n"])
def test_a_file_in_another_form_is_refused_without_what_it_holds(tmp_path: Path, text: str) -> None:
    keys = tmp_path / "keys"
    keys.write_text(text)
    with pytest.raises(Corrupt, match="does not hold keys") as refused:
        open_bucket("s3://s3.example.org/acme", keys, environment={})
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot read .*nowhere"):
        open_bucket("s3://s3.example.org/acme", tmp_path / "nowhere", environment={})
