from __future__ import annotations

import calendar
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.domain.errors import Corrupt, EdgedError, Refused, Unavailable
from edged.hub.photo_bucket import BucketAddress, PhotoBucket
from edged.hub.signature import Call, Credentials, signed
from edged.photos.photo_files import PhotoFiles, PhotoFolder
from tests.hub.album_site import digest
from tests.hub.storage_server import ACCESS, SECRET, Storage, storage
from tests.photos.photo_files_contract import PhotoFilesContract

KEYS = Credentials(ACCESS, SECRET)
NOTHING = digest(b"")


@pytest.fixture
def server() -> Iterator[Storage]:
    with storage() as running:
        yield running


@pytest.fixture
def bucket(server: Storage) -> Iterator[PhotoBucket]:
    with closing(PhotoBucket(BucketAddress.read(server.address), KEYS)) as opened:
        yield opened


class TestFolder(PhotoFilesContract):
    """The contract."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> PhotoFiles:
        return PhotoFolder(tmp_path / "photos")


class TestBucket(PhotoFilesContract):
    """The contract."""

    @pytest.fixture
    def files(self, bucket: PhotoBucket) -> PhotoFiles:
        return bucket


def test_a_draft_that_becomes_a_file_while_all_are_listed_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = PhotoFolder(tmp_path)
    files.put(digest(b"a"), b"a")
    (tmp_path / digest(b"a")[:2] / ".draft").touch()
    see = Path.stat

    def late(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if path.name == ".draft":
            path.unlink(missing_ok=True)
        return see(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", late)

    assert list(files.digests()) == [digest(b"a")]


def test_what_a_killed_writer_left_goes_at_once_and_what_somebody_writes_stays(tmp_path: Path) -> None:
    folder = PhotoFolder(tmp_path)
    folder.put(digest(b"a"), b"a")
    there = tmp_path / digest(b"a")[:2]
    left, written, fresh = (there / f".{name}" for name in ("left", "written", "fresh"))
    for draft in (left, written, fresh):
        draft.write_bytes(b"half")
    for draft in (left, written):
        os.utime(draft, (time.time() - 2, time.time() - 2))
    with written.open("rb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)

        assert list(folder.digests()) == [digest(b"a")]

        assert [draft.exists() for draft in (left, written, fresh)] == [False, True, True]
    assert list(folder.digests()) == [digest(b"a")]
    assert not written.exists()


def test_whoever_writes_a_file_holds_its_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def seen(_descriptor: int) -> None:
        for draft in tmp_path.glob("*/.*"):
            with draft.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    held.append(True)

    monkeypatch.setattr("edged.vault.private_file.os.fsync", seen)
    PhotoFolder(tmp_path).put(digest(b"a"), b"a")
    assert True in held


# The four requests whose signatures Amazon publishes with the description of Signature Version 4.
@pytest.mark.parametrize(
    ("call", "signature"),
    [
        (
            Call("GET", "/test.txt", {}, {"range": "bytes=0-9"}, NOTHING),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Call(
                "PUT",
                "/test$file.text",
                {},
                {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
                digest(b"Welcome to Amazon S3."),
            ),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            Call("GET", "/", {"lifecycle": ""}, {}, NOTHING),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            Call("GET", "/", {"max-keys": "2", "prefix": "J"}, {}, NOTHING),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_requests_are_signed_as_amazon_says(call: Call, signature: str) -> None:
    keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    headers = {**call.headers, "host": "examplebucket.s3.amazonaws.com"}
    whole = Call(call.method, call.path, call.query, headers, call.content_hash)
    midnight = calendar.timegm((2013, 5, 24, 0, 0, 0))

    assert signed(whole, keys, "us-east-1", midnight)["authorization"].endswith(f"Signature={signature}")


def test_names_in_the_bucket_begin_with_the_prefix_and_others_are_not_listed(
    server: Storage, bucket: PhotoBucket
) -> None:
    bucket.put(digest(b"a"), b"a")
    server.objects["site-one/notes.txt"] = b"not ours"
    server.objects[f"site-one/zz/{digest(b'b')}"] = b"not where we put it"

    assert f"site-one/{digest(b'a')[:2]}/{digest(b'a')}" in server.objects
    assert list(bucket.digests()) == [digest(b"a")]


def test_what_is_there_is_not_sent_again(server: Storage, bucket: PhotoBucket) -> None:
    bucket.put(digest(b"a"), b"a")
    bucket.put(digest(b"a"), b"a")

    assert [method for method, _path in server.requests] == ["HEAD", "PUT", "HEAD"]


@pytest.mark.parametrize("failures", [[500], [503, 0], [0, 0]])
def test_a_storage_that_stumbles_is_asked_again(server: Storage, bucket: PhotoBucket, failures: list[int]) -> None:
    bucket.put(digest(b"a"), b"a")
    server.failures = failures

    assert bucket.get(digest(b"a")) == b"a"


def test_connections_that_rested_too_long_cost_nothing(server: Storage, bucket: PhotoBucket) -> None:
    bucket.put(digest(b"a"), b"a")
    for _ in range(4):
        connection = bucket._opened()
        connection.connect()
        connection.sock.shutdown(socket.SHUT_RDWR)
        bucket._resting.put(connection)

    assert bucket.get(digest(b"a")) == b"a"


def test_a_storage_that_fails_is_unavailable(server: Storage, bucket: PhotoBucket) -> None:
    server.failures = [500] * 3
    with pytest.raises(Unavailable, match="does not answer"):
        bucket.get(digest(b"a"))


@pytest.mark.parametrize("keys", [Credentials(ACCESS, "wrong"), Credentials("AKIDOTHER", SECRET)])
def test_wrong_keys_are_told_and_never_shown(server: Storage, keys: Credentials) -> None:
    bucket = PhotoBucket(BucketAddress.read(server.address), keys)
    with closing(bucket), pytest.raises(Unavailable, match="does not let us GET") as error:
        bucket.get(digest(b"a"))

    assert keys.secret not in str(error.value)
    assert keys.secret not in repr(keys)


def test_a_clock_that_is_wrong_is_told(server: Storage) -> None:
    bucket = PhotoBucket(BucketAddress.read(server.address), KEYS, now=lambda: time.time() - 3600)
    with closing(bucket), pytest.raises(Unavailable, match=r"RequestTimeTooSkewed.*clock"):
        bucket.get(digest(b"a"))


def test_another_bucket_is_an_error_and_no_absent_photograph(server: Storage) -> None:
    address = BucketAddress.read(server.address.replace("photos-of-acme", "photos-of-others"))
    with closing(PhotoBucket(address, KEYS)) as bucket:
        for act in (bucket.get, bucket.delete):
            with pytest.raises(Unavailable, match="NoSuchBucket"):
                act(digest(b"a"))


def test_a_photograph_that_was_changed_in_the_storage_is_not_handed_out(server: Storage, bucket: PhotoBucket) -> None:
    bucket.put(digest(b"a"), b"a")
    server.objects = dict.fromkeys(server.objects, b"something else")
    with pytest.raises(Corrupt):
        bucket.get(digest(b"a"))


def test_nothing_is_put_under_a_digest_that_is_not_its_own(server: Storage, bucket: PhotoBucket) -> None:
    with pytest.raises(ValueError, match="digest"):
        bucket.put(digest(b"a"), b"b")
    assert server.requests == []


def test_an_address_is_read_in_all_its_parts() -> None:
    assert BucketAddress.read("s3://s3.example.org/acme/hub/one?region=eu-1") == BucketAddress(
        "s3.example.org", 443, secure=True, bucket="acme", prefix="hub/one/", region="eu-1"
    )
    assert BucketAddress.read("s3://[::1]:9000/acme?tls=no").port == 9000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://s3.example.org/acme",
        "s3:///acme",
        "s3://s3.example.org",
        "s3://s3.example.org/UPPER",
        "s3://s3.example.org/acme/../other",
        "s3://s3.example.org/acme?tls=no",
        "s3://key:secret@s3.example.org/acme",
        "s3://s3.example.org/acme?colour=red",
        "s3://s3.example.org:port/acme",
    ],
)
def test_an_address_that_cannot_be_one_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Refused) as error:
        BucketAddress.read(text)
    assert isinstance(error.value, EdgedError)
    assert "secret" not in str(error.value)
