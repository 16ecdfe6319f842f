"""Folders and archives from elsewhere."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from edged.domain.errors import Refused
from edged.gallery import bundle
from edged.gallery.bundle import open_bundle

MOST = 1_000_000


def _zip(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def _refusal(path: Path, name: str | None = None, most: int = MOST) -> str:
    def try_it() -> None:
        open_bundle(path).read(name or "", most)

    with pytest.raises(Refused) as refusal:
        try_it()
    assert refusal.value.remedy
    return refusal.value.reason


def test_a_folder_and_its_archive_hold_the_same(tmp_path: Path) -> None:
    for name in ("anna/1.jpg", "anna/2.jpg", "Ünal/李.png", ".hidden", "__MACOSX/anna/1.jpg", "anna/Thumbs.db"):
        path = tmp_path / "people" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    with zipfile.ZipFile(tmp_path / "people.zip", "w") as archive:
        for path in (tmp_path / "people").rglob("*"):
            archive.write(path, path.relative_to(tmp_path / "people"))

    for found in (open_bundle(tmp_path / "people"), open_bundle(tmp_path / "people.zip")):
        assert list(found.names) == ["anna/1.jpg", "anna/2.jpg", "Ünal/李.png"]
        assert found.read("Ünal/李.png", MOST) == "Ünal/李.png".encode()
        with pytest.raises(Refused, match="no file"):
            found.read("anna/3.jpg", MOST)
        found.close()


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../outside.jpg", "anna/../../outside.jpg", "C:\\outside.jpg", "a\\..\\b"]
)
def test_an_archive_with_names_that_lead_out_of_it_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("anna/1.jpg", b"good")
        archive.writestr(name, b"bad")
    assert _refusal(tmp_path / "bad.zip") == "unsafe"


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        link = zipfile.ZipInfo("anna/1.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert _refusal(tmp_path / "bad.zip") == "unsafe"


def test_a_link_in_a_folder_is_neither_listed_nor_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "people" / "anna").mkdir(parents=True)
    (tmp_path / "people" / "anna" / "1.jpg").symlink_to(tmp_path / "secret")
    (tmp_path / "people" / "ben").symlink_to(tmp_path)
    assert list(open_bundle(tmp_path / "people").names) == []
    assert _refusal(tmp_path / "people", "anna/1.jpg") == "unsafe"
    assert _refusal(tmp_path / "people", "ben/secret") == "unsafe"
    assert _refusal(tmp_path / "people", "../secret") == "unsafe"


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "1.jpg").write_bytes(bytes(1001))
    _zip(tmp_path / "people.zip", **{"1.jpg": bytes(1001)})
    assert _refusal(tmp_path / "people", "1.jpg", 1000) == "too_large"
    assert _refusal(tmp_path / "people.zip", "1.jpg", 1000) == "too_large"


def test_a_file_that_unpacks_to_far_more_than_it_is_worth_is_given_up(tmp_path: Path) -> None:
    _zip(tmp_path / "bomb.zip", **{"1.jpg": bytes(64 * 1024**2)})
    assert (tmp_path / "bomb.zip").stat().st_size < 70_000
    assert _refusal(tmp_path / "bomb.zip", "1.jpg", 32 * 1024**2) == "unsafe"


def test_all_files_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_TOTAL_BYTES", 1500)
    found = open_bundle(_zip(tmp_path / "people.zip", **{"1.jpg": bytes(1000), "2.jpg": bytes(1000)}))
    assert len(found.read("1.jpg", MOST)) == 1000
    with pytest.raises(Refused, match="far more"):
        found.read("2.jpg", MOST)
    found.close()


def test_an_archive_may_not_have_any_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _zip(tmp_path / "many.zip", **{f"{number}.jpg": b"" for number in range(11)})
    monkeypatch.setattr(bundle, "MAX_FILES", 10)
    assert _refusal(tmp_path / "many.zip") == "unsafe"


def test_a_table_of_contents_that_says_it_is_huge_is_not_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "huge.zip", **{"1.jpg": b"1"})
    data = bytearray(path.read_bytes())
    at = data.rfind(b"PK\x05\x06")
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 2**40, 2**40, 0)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at, 1)
    path.write_bytes(bytes(data[:at]) + record + locator + bytes(data[at:]))
    assert _refusal(path) == "unsafe"


@pytest.mark.parametrize("name", [b"anna\xff.jpg", b"\x1b[2J.jpg"])
def test_a_name_that_cannot_be_shown_is_refused_before_anything_is_read(tmp_path: Path, name: bytes) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / os.fsdecode(name)).write_bytes(b"1")
    with pytest.raises(Refused, match="has a file named") as refusal:
        _ = open_bundle(tmp_path / "people").names
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("cut", [10, 60, 120])
def test_half_an_archive_is_called_damaged(tmp_path: Path, cut: int) -> None:
    path = _zip(tmp_path / "people.zip", **{"anna__1.jpg": bytes(range(256)) * 10})
    path.write_bytes(path.read_bytes()[:-cut])
    assert _refusal(path) == "damaged"


def test_a_damaged_file_in_a_whole_archive_is_named(tmp_path: Path) -> None:
    path = _zip(tmp_path / "people.zip", **{"1.jpg": bytes(range(256)) * 10, "2.jpg": b"good"})
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)
    assert _refusal(path, "1.jpg") == "damaged"
    assert open_bundle(path).read("2.jpg", MOST) == b"good"


def test_something_else_is_no_bundle(tmp_path: Path) -> None:
    (tmp_path / "people.txt").write_text("Anna")
    assert _refusal(tmp_path / "people.txt") == "no_bundle"
    assert _refusal(tmp_path / "nothing") == "no_bundle"
