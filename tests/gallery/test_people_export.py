"""`edged people export`, and that nothing is lost on the way back."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from edged.cli import main
from edged.domain.person import Person
from edged.gallery.roster import open_roster
from tests.gallery.sample import MODEL, NOON, open_people, somebody, template

PEOPLE = (
    somebody("4711", name="Anna Berg", email="anna@example.org", phone="+49 30 1", groups=("staff", "a|b\\c")),
    somebody("=1+1", name="'=2", notes='two\nlines, "quoted"; and more', valid_from=NOON, valid_until=NOON + 0.5),
    somebody("李小龍", name="-Li"),
)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "edged.yaml"
    path.write_text(json.dumps({"device": {"state": str(tmp_path / "state")}}))
    people = open_people(tmp_path / "state" / "gallery.db")
    for number, person in enumerate(PEOPLE):
        people.enroll(person, [template(number)], MODEL)
    people.close()
    return str(path)


def _read(source: Path) -> list[Person]:
    roster = open_roster(source)
    roster.bundle.close()
    assert not roster.rejected
    return [applicant.person for applicant in roster.applicants]


@pytest.mark.parametrize("name", ["people.zip", "people"])
def test_an_export_says_all_there_is_to_a_person(tmp_path: Path, config: str, name: str) -> None:
    assert main(["people", "export", str(tmp_path / name), "--config", config]) == 0
    by_key = {person.customer_person_id: person for person in _read(tmp_path / name)}
    assert by_key == {person.customer_person_id: person for person in PEOPLE}


def test_the_table_for_spreadsheets_has_no_formulas_and_loses_nothing(tmp_path: Path, config: str) -> None:
    main(["people", "export", str(tmp_path / "people"), "--config", config])
    (tmp_path / "people" / "manifest.json").unlink()
    text = (tmp_path / "people" / "manifest.csv").read_text(encoding="utf-8-sig")
    assert not any(line.startswith(("=", "+", "-", "@")) or ",+" in line or ",-" in line for line in text.splitlines())
    by_key = {person.customer_person_id: person for person in _read(tmp_path / "people")}
    assert by_key == {person.customer_person_id: person for person in PEOPLE}


def test_an_export_is_for_its_owner_and_replaces_nothing(
    tmp_path: Path, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "people.zip"
    assert main(["people", "export", str(target), "--json", "--config", config]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 3
    assert target.stat().st_mode & 0o777 == 0o600
    before = target.read_bytes()
    assert main(["people", "export", str(target), "--config", config]) == 1
    assert "there already" in capsys.readouterr().err
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edged.yaml", "people.zip", "state"]
    with zipfile.ZipFile(target) as archive:
        assert sorted(archive.namelist()) == ["manifest.csv", "manifest.json"]
