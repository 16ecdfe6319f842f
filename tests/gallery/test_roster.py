"""Who a folder, a manifest or an archive names."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from edged.domain.errors import Refused
from edged.gallery.roster import Roster, open_roster


def _files(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return root


def _keys(roster: Roster) -> dict[str, tuple[str, ...]]:
    return {applicant.person.customer_person_id: applicant.photos for applicant in roster.applicants}


def _rejected(roster: Roster) -> dict[str, str]:
    return {item.where: item.refusal.reason for item in roster.rejected}


def _manifest(root: Path, people: Any) -> Path:
    path = root / "manifest.json"
    path.write_text(json.dumps(people))
    return path


def test_a_folder_a_person(tmp_path: Path) -> None:
    _files(tmp_path, "4711/a.jpg", "4711/b.PNG", "4711/readme.txt", "Ünal/1.jpeg", "empty/readme.txt", "loose.jpg")
    (tmp_path / "4711" / "person.json").write_text(
        json.dumps({"name": "Anna Berg", "groups": ["staff"], "valid_until": "2026-12-31"})
    )
    roster = open_roster(tmp_path)
    assert _keys(roster) == {"4711": ("4711/a.jpg", "4711/b.PNG"), "Ünal": ("Ünal/1.jpeg",)}
    assert _rejected(roster) == {"empty": "no_photos"}
    anna = roster.applicants[0].person
    assert (anna.name, anna.groups) == ("Anna Berg", ("staff",))
    assert anna.valid_until == datetime(2027, 1, 1).astimezone().timestamp()
    assert roster.photos == 3


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"customer_person_id": "4712"}, "customer_person_id"),
        ({"vaild_until": "2026-12-31"}, "unknown_column"),
        ({"valid_until": "31.12.2026"}, "valid_until"),
        ({"name": ["Anna"]}, "name"),
        ({"groups": "staff"}, "groups"),
        ([], "not_json"),
    ],
)
def test_a_person_file_that_cannot_be_meant_rejects_the_person_alone(tmp_path: Path, person: Any, reason: str) -> None:
    _files(tmp_path, "4711/a.jpg", "4713/a.jpg")
    (tmp_path / "4711" / "person.json").write_text(json.dumps(person))
    roster = open_roster(tmp_path)
    assert _rejected(roster) == {"4711": reason}
    assert list(_keys(roster)) == ["4713"]


@pytest.mark.parametrize("top", ["", "people/"])
def test_an_archive_is_read_as_the_folder_it_was_made_of(tmp_path: Path, top: str) -> None:
    with zipfile.ZipFile(tmp_path / "people.zip", "w") as archive:
        archive.writestr(f"{top}4711/a.jpg", b"a")
        archive.writestr(f"{top}4712/a.jpg", b"b")
    roster = open_roster(tmp_path / "people.zip")
    assert _keys(roster) == {"4711": (f"{top}4711/a.jpg",), "4712": (f"{top}4712/a.jpg",)}
    assert roster.bundle.read(roster.applicants[1].photos[0], 10) == b"b"
    roster.bundle.close()


def test_a_table_from_excel(tmp_path: Path) -> None:
    _files(tmp_path, "anna/1.jpg", "anna/2.jpg", "li.png")
    (tmp_path / "staff.csv").write_bytes(
        "customer_person_id;name;phone;groups;valid_from;photos\r\n"
        "4711;Anna Berg;+49 30 1;staff|lab;2026-01-01;anna\\1.jpg|anna/2.jpg\r\n"
        "李小龍;Li;;;;li.png\r\n"
        ";nobody;;;;\r\n"
        "4714;Eve;;;;../secret.jpg\r\n".encode("utf-8-sig")
    )
    roster = open_roster(tmp_path / "staff.csv")
    assert _keys(roster) == {"4711": ("anna/1.jpg", "anna/2.jpg"), "李小龍": ("li.png",)}
    assert roster.applicants[0].person.phone == "+49 30 1"
    assert roster.applicants[0].person.groups == ("staff", "lab")
    assert _rejected(roster) == {"line 4": "customer_person_id", "line 5": "unsafe"}


def test_several_lines_may_be_about_one_person(tmp_path: Path) -> None:
    (tmp_path / "staff.csv").write_text(
        "customer_person_id,name,photo\n4711,Anna,1.jpg\n4711,,2.jpg\n4711,Anne,3.jpg\n"
    )
    roster = open_roster(tmp_path / "staff.csv")
    assert _keys(roster) == {"4711": ("1.jpg", "2.jpg")}
    assert roster.applicants[0].person.name == "Anna"
    assert _rejected(roster) == {"line 4": "name"}


def test_a_manifest_in_an_archive_names_photographs_beside_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "people.zip", "w") as archive:
        archive.writestr("out/manifest.json", json.dumps({"people": [{"customer_person_id": "1", "photo": "p/a.jpg"}]}))
        archive.writestr("out/p/a.jpg", b"a")
    roster = open_roster(tmp_path / "people.zip")
    assert _keys(roster) == {"1": ("out/p/a.jpg",)}
    roster.bundle.close()


@pytest.mark.parametrize("photo", ["/etc/passwd", "../x.jpg", "a/../../x.jpg", "C:\\x.jpg"])
def test_a_manifest_never_leads_out_of_its_folder(tmp_path: Path, photo: str) -> None:
    roster = open_roster(_manifest(tmp_path, [{"customer_person_id": "1", "photos": [photo]}]))
    assert _rejected(roster) == {"entry 1": "unsafe"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[", "not_json"),
        ('{"persons": []}', "not_json"),
        ("[4]", "not_json"),
        ('[{"customer_person_id": "1", "nmae": "x"}]', "unknown_column"),
        ("[]", "nobody"),
        ("[" * 100_000, "not_json"),
    ],
)
def test_a_manifest_that_is_none_is_refused_as_a_whole(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "people.json").write_text(content)
    with pytest.raises(Refused) as refusal:
        open_roster(tmp_path / "people.json")
    assert refusal.value.reason == reason


def test_too_many_photographs_of_one_person_are_refused(tmp_path: Path) -> None:
    people = [{"customer_person_id": "1", "photos": [f"{number}.jpg" for number in range(65)]}]
    assert _rejected(open_roster(_manifest(tmp_path, people))) == {"entry 1": "too_many_templates"}
