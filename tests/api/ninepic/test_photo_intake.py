from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from edged.api.photo_intake import add_photo
from edged.domain.errors import Refused
from edged.photos.photo import PhotoKind
from edged.vision.photo import decode_photo
from tests.api.ninepic.site import STAFF, Site
from tests.api.painted import MODEL, crowd, paint, portrait, vector
from tests.photos.test_exif import NOON, exif, jpeg


def test_all_faces_of_a_photograph_are_found_from_then_on(site: Site) -> None:
    photo = site.add(crowd(1, 3))
    for who in (1, 2, 3):
        (found,) = site.albums.like(site.event, MODEL, vector(who), 0.9)
        assert found.photo == photo
    assert site.albums.faces(site.event) == 3


@pytest.mark.parametrize(
    ("size", "preview", "thumbnail"),
    [
        ((3200, 1600), (1600, 800), (320, 160)),
        ((900, 1800), (800, 1600), (160, 320)),
        ((200, 100), (200, 100), (200, 100)),
    ],
)
def test_a_preview_and_a_thumbnail_are_made_and_nothing_is_enlarged(
    site: Site, size: tuple[int, int], preview: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    photo = site.add(paint(size=size))
    for kind, wanted in ((PhotoKind.PREVIEW, preview), (PhotoKind.THUMBNAIL, thumbnail), (PhotoKind.ORIGINAL, size)):
        file = site.albums.content(photo, kind)
        assert file is not None
        image = decode_photo(file.content)
        assert (image.shape[1], image.shape[0]) == wanted


def test_the_time_is_the_callers_or_what_the_camera_wrote(site: Site) -> None:
    written, told = jpeg(exif()), jpeg(exif(zone=b"+01:00\0"))
    assert taken(site, site.add(written)) == NOON
    assert taken(site, site.add(told, taken=5.0)) == 5.0
    assert taken(site, site.add(portrait(1))) is None


@pytest.mark.parametrize("suffix", [".bmp", ".tiff"])
def test_a_picture_in_another_format_is_refused_before_anybody_looks(site: Site, suffix: str) -> None:
    content = bytes(cv2.imencode(suffix, np.zeros((8, 8, 3), np.uint8))[1])
    with pytest.raises(Refused) as refusal:
        site.add(content)
    assert refusal.value.reason == "not_an_image"
    assert site.eyes.looks == 0


def test_a_damaged_photograph_leaves_nothing(site: Site) -> None:
    with pytest.raises(Refused) as refusal:
        site.add(portrait(1)[:60])
    assert refusal.value.reason == "truncated"
    assert site.albums.photos(site.event, 0, 10).total == 0
    assert not (site.folder / "photos").exists()


def test_what_phones_put_behind_a_picture_is_neither_kept_nor_served(site: Site) -> None:
    picture = paint(suffix=".jpg")
    film = b"\0\0\0\x18ftypmp42" + bytes(500)
    photo = site.add(picture + film)
    assert site.add(picture) == photo
    file = site.albums.content(photo, PhotoKind.ORIGINAL)
    assert file is not None
    assert file.content == picture


def test_a_stowaway_is_refused_before_anybody_looks(site: Site) -> None:
    with pytest.raises(Refused) as refusal:
        site.add(portrait(1) + b"<script>alert(1)</script>")
    assert refusal.value.reason == "polyglot"
    assert site.eyes.looks == 0


def test_a_device_has_no_events_to_add_to(site: Site) -> None:
    device = replace(site.centre, albums=None)
    with pytest.raises(Refused) as refusal:
        add_photo(device, site.event, portrait(1), filename="a.png", taken=None, by=STAFF)
    assert refusal.value.reason == "no_albums"


def taken(site: Site, photo: str) -> float | None:
    (found,) = site.albums.photos_by_id(site.event, [photo])
    return found.taken
