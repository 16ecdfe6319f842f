"""Names that try to leave the folder: whatever a client calls a file, an event or a photograph."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from edged.photos.photo_format import clean_filename
from tests.api.ninepic.site import EVENT, Site, data, failed, selfie
from tests.api.painted import portrait

NAMES = [
    "../a.png",
    "../../a.png",
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "/",
    ".",
    "..",
    "...",
    "./a",
    "a/../../b",
    "a/./b",
    "..\\a.png",
    "..\\..\\windows\\win.ini",
    "C:\\windows\\win.ini",
    "C:a.png",
    "\\\\host\\share\\a.png",
    "\\\\?\\C:\\a.png",
    "file:///etc/passwd",
    "~/a.png",
    "~root/.ssh/authorized_keys",
    "$HOME/a",
    "%2e%2e%2fa.png",
    "%2e%2e/%2e%2e/a",
    "..%2fa.png",
    "..%252fa.png",
    "%252e%252e%252fa",
    "..%5ca.png",
    "..%c0%afa.png",
    "%c0%ae%c0%ae/a",
    "..%ef%bc%8fa",
    "..／a.png",
    "．．/a.png",
    "..∕a.png",
    "a\r\nset-cookie: x",
    "a\nb",
    "a\tb",
    "a;b|c&d`e`$(f)",
    "-rf",
    ".htaccess",
    ".ssh",
    "hub.db",
    "../hub.db",
    "../photos/../hub.db",
    "CON",
    "nul.png",
    "a.png ",
    "a.png.",
    "a::$DATA",
    "\u202egnp.exe",
    "a" * 5000,
    "",
    '"; filename="evil.exe',
]


def test_there_are_fifty_of_them() -> None:
    assert len(set(NAMES)) >= 50


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_named_so_is_kept_under_its_digest_and_downloaded_under_a_plain_name(site: Site, name: str) -> None:
    photo = site.add(portrait(1), filename=name)

    for file in files_below(site.folder):
        assert re.fullmatch(r"hub\.db(-wal|-shm)?|photos/([0-9a-f]{2})/\2[0-9a-f]{62}", file), file
    body = {"method": "image_id", "identifier": photo}
    (link,) = data(site.client.post(f"{EVENT}/original-photos", json=body))["presigned_urls"]
    filename = link["filename"]
    assert filename.endswith(".png")
    assert not filename.startswith((".", " "))
    assert len(filename) <= 120
    assert not re.search(r'[/\\:*?"<>|\x00-\x1f\x7f\u202e]', filename)
    answer = site.visitor(None).get(link["url"])
    assert answer.content == portrait(1)
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("name", NAMES)
def test_a_selfie_named_so_is_looked_at_and_kept_nowhere(site: Site, name: str) -> None:
    before = files_below(site.folder)
    data(site.client.post(f"{EVENT}/faces", files={"file": (name or "x", portrait(1), "image/png")}))
    assert files_below(site.folder) == before


@pytest.mark.parametrize("name", NAMES)
def test_an_event_or_an_organisation_called_so_is_404(site: Site, name: str) -> None:
    there = quote(name, safe="%")
    for address in (f"/api/v1/ext/acme/event/{there}/images", f"/api/v1/ext/{there}/event/run/images"):
        assert failed(site.client.get(address), 404)


@pytest.mark.parametrize("name", NAMES)
def test_a_photograph_called_so_is_not_given_out(site: Site, name: str) -> None:
    there = quote(name, safe="%")
    for address in (f"/edged/photos/{there}/original", f"/edged/photos/{there}", f"/edged/photos/x/{there}"):
        assert site.visitor(None).get(f"{address}?expires=1&signature=x").status_code in (403, 404)
    body = {"method": "image_ids", "identifier": [name or "x"]}
    assert data(site.client.post(f"{EVENT}/original-photos", json=body))["failed_count"] == 1
    assert site.client.get(f"{EVENT}/faces/{there or 'x'}").status_code in (400, 404, 405)


@pytest.mark.parametrize("selfie_name", ["file", "../file"])
def test_a_part_named_otherwise_is_no_file(site: Site, selfie_name: str) -> None:
    answer = site.client.post(f"{EVENT}/faces", files={selfie_name: selfie()["file"]})
    assert answer.status_code == (200 if selfie_name == "file" else 422)


@pytest.mark.parametrize(
    ("name", "kind", "clean"),
    [
        ("IMG_1.JPG", "image/jpeg", "IMG_1.JPG"),
        ("IMG_1.jpeg", "image/jpeg", "IMG_1.jpeg"),
        ("IMG_1", "image/jpeg", "IMG_1.jpg"),
        ("IMG_1.exe", "image/jpeg", "IMG_1.jpg"),
        ("a.b.webp", "image/webp", "a.b.webp"),
        ("läufer.png", "image/png", "läufer.png"),
        (".png", "image/png", "photo.png"),
        ("", "image/webp", "photo.webp"),
    ],
)
def test_a_name_keeps_what_is_good_of_it_and_says_what_the_file_is(name: str, kind: str, clean: str) -> None:
    assert clean_filename(name, kind) == clean
