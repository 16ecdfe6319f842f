"""Files that somebody sends as photographs: the sound ones pass as they are, the others are refused by name."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edged.domain.errors import Refused
from edged.measure.hostile_exif import camera_exif
from edged.measure.hostile_guests import guests
from edged.measure.hostile_photo import hostile_photos
from edged.measure.photo_file import jpeg_of, jpeg_parts, with_segment
from edged.measure.sound_photo import sound_photos
from edged.measure.upload import Upload
from edged.photos.inspection import MAX_PIXELS, inspect
from edged.photos.stowaway import find_stowaway
from edged.vision.photo import MAX_ALBUM_PIXELS, decode_photo, read_size
from tests.api.painted import crowd, paint

JPEG = paint(size=(64, 48), suffix=".jpg")
EMPTY_EXIF = b"\xff\xe1\0\x08Exif\0\0"
SMALL = {upload.name: upload.content for upload in sound_photos(paint(size=(64, 48)))}
HOSTILE = [upload for upload in hostile_photos(paint(size=(64, 48))) if len(upload.content) < 100_000]


@pytest.fixture(scope="module")
def hostile(astronaut_path: Path) -> list[Upload]:
    return list(hostile_photos(astronaut_path.read_bytes()))


def test_every_hostile_file_is_refused_with_its_reason_and_a_remedy(hostile: list[Upload]) -> None:
    judged: dict[str, str] = {}
    for upload in hostile:
        with pytest.raises(Refused) as caught:
            inspect(upload.content)
        assert caught.value.remedy
        if caught.value.reason != upload.reason:
            judged[f"{upload.family}: {upload.name}"] = caught.value.reason
    assert judged == {}


def test_there_are_more_than_five_hundred_hostile_files_and_no_two_are_the_same(hostile: list[Upload]) -> None:
    assert len(hostile) > 500
    assert len({upload.content for upload in hostile}) == len(hostile)
    assert len({(upload.family, upload.name) for upload in hostile}) == len(hostile)
    assert min(Counter(upload.family for upload in hostile).values()) >= 10


def test_the_decoder_alone_survives_them_all(hostile: list[Upload]) -> None:
    """Other dialects have people's photographs decoded, and keep none of them."""
    refused = 0
    for upload in hostile:
        try:
            decode_photo(upload.content)
        except Refused:
            refused += 1
    assert refused > 300


def test_photographs_as_phones_and_cameras_write_them_pass_and_can_be_decoded(astronaut_path: Path) -> None:
    refused: dict[str, str] = {}
    for upload in sound_photos(astronaut_path.read_bytes()):
        try:
            image = decode_photo(inspect(upload.content).content)
        except Refused as refusal:
            refused[upload.name] = str(refusal)
        else:
            assert image.shape[0] * image.shape[1] == read_size(upload.content).pixels
    assert refused == {}


@pytest.mark.parametrize(
    ("suffix", "media_type"), [(".jpg", "image/jpeg"), (".png", "image/png"), (".webp", "image/webp")]
)
def test_a_photograph_is_kept_byte_by_byte(suffix: str, media_type: str) -> None:
    photo = paint(suffix=suffix)
    assert inspect(photo).content == photo
    assert inspect(photo).media_type == media_type


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("behind", [bytes(300), b"\xff" * 300, b"vivo{}", b"\0\0\0\x18ftypmp42" + bytes(500), JPEG])
def test_what_follows_the_picture_is_cut_off(suffix: str, behind: bytes) -> None:
    photo = paint(suffix=suffix)
    assert inspect(photo + behind).content == photo


def test_the_end_of_the_thumbnail_is_not_the_end_of_the_picture() -> None:
    with_thumbnail = with_segment(JPEG, 0xE1, b"Exif\0\0" + camera_exif("<") + JPEG)
    assert inspect(with_thumbnail).content == with_thumbnail
    with pytest.raises(Refused) as caught:
        inspect(with_thumbnail[: len(JPEG) + 200])
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_the_limit_of_pixels_is_inclusive(suffix: str) -> None:
    photo = paint(size=(64, 48), suffix=suffix)
    assert inspect(photo, most_pixels=64 * 48)
    with pytest.raises(Refused, match="64 × 48 pixels") as caught:
        inspect(photo, most_pixels=64 * 48 - 1)
    assert caught.value.reason == "too_many_pixels"


def test_whatever_the_eyes_take_for_an_album_is_not_refused_for_its_size() -> None:
    assert MAX_PIXELS >= MAX_ALBUM_PIXELS


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic", "Most Compatible"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "not_an_image", "an AVIF"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0qt  ", "not_an_image", "a film"),
        (b"GIF89a" + bytes(20), "not_an_image", "a GIF"),
        (b"II*\0" + bytes(20), "not_an_image", "raw"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "not_an_image", "an SVG"),
        (b"\n<!DOCTYPE html><html>", "not_an_image", "a web page"),
        (b"%PDF-1.7", "not_an_image", "a PDF"),
        (b"PK\x03\x04" + bytes(40), "not_an_image", "an archive"),
        (b"Dear all", "not_an_image", "known format"),
        (b"", "empty_file", "empty"),
    ],
)
def test_what_is_no_photograph_is_called_by_its_name(content: bytes, reason: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        inspect(content)
    assert caught.value.reason == reason
    assert words in str(caught.value)


def test_a_guest_is_called_by_its_name() -> None:
    with pytest.raises(Refused, match="a PDF document") as caught:
        inspect(with_segment(JPEG, 0xFE, b"%PDF-1.4"))
    assert caught.value.reason == "polyglot"


@pytest.mark.parametrize("name", sorted(guests()))
@pytest.mark.parametrize("before", [0, 1, 2_097_151 - 2, 2_097_152 - 1, 2_097_152, 3_000_001])
def test_a_stowaway_is_found_wherever_it_is(name: str, before: int) -> None:
    guest = guests()[name]
    assert find_stowaway(bytes(before) + guest)
    assert find_stowaway(bytes(before) + guest + bytes(2_000_000))


def test_chance_makes_no_stowaway() -> None:
    assert find_stowaway(random.Random(1).randbytes(8_000_000)) == ""


@pytest.mark.parametrize(
    "piece",
    [b"\xff", b"\xff\xd0", b"PK\x03\x04", b"<svg ", b"<html", b"*/ ", b"\xff\xfe\0\2", b"\xff\xe1\0\x08Exif\0\0"],
)
@pytest.mark.parametrize("head", [b"\xff\xd8\xff\xe0/*", JPEG[:-2], JPEG])
def test_megabytes_of_a_trap_are_done_with(piece: bytes, head: bytes) -> None:
    """What is looked for with patterns could take hours where one of them goes back again and again."""
    with suppress(Refused):
        assert inspect(head + piece * (3_000_000 // len(piece))).content == JPEG


def test_comments_between_scans_are_part_of_the_picture() -> None:
    *parts, scan = jpeg_parts(JPEG)
    photo = jpeg_of([*parts, scan, b"\xff\xfe\0\x07hello"])
    assert inspect(photo).content == photo


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(sorted(SMALL)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    spliced=st.sampled_from(["", *sorted(SMALL)]),
)
def test_a_mutated_file_is_refused_or_small_and_decodable_without_harm(
    name: str, changes: list[tuple[float, int]], cuts: tuple[float, float], spliced: str
) -> None:
    data = bytearray(SMALL[name])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    if spliced:
        other = SMALL[spliced]
        data = data[: int(cuts[0] * len(data))] + other[int(cuts[1] * len(other)) :]
    try:
        inspected = inspect(bytes(data), most_pixels=20_000)
        image = decode_photo(inspected.content, max_pixels=20_000)
    except Refused:
        return
    assert bytes(data).startswith(inspected.content)
    assert image.shape[0] * image.shape[1] <= 20_000


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(range(len(HOSTILE))), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6))
def test_a_mutated_hostile_file_raises_nothing_but_refusals(number: int, changes: list[tuple[float, int]]) -> None:
    data = bytearray(HOSTILE[number].content)
    for place, value in changes if data else ():
        data[int(place * (len(data) - 1))] = value
    with suppress(Refused):
        assert bytes(data).startswith(inspect(bytes(data), most_pixels=20_000).content)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftyp"]),
)
def test_noise_is_refused(noise: bytes, head: bytes) -> None:
    with pytest.raises(Refused):
        inspect(head + noise)


def test_a_crowd_is_no_polyglot() -> None:
    assert inspect(crowd(1, 5)).media_type == "image/png"
