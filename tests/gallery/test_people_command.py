from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main
from tests.gallery.sample import MODEL, NOON, open_gallery, open_people, somebody, state_with_key, template


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose gallery holds Anna and Li."""
    path = tmp_path / "edged.yaml"
    path.write_text(json.dumps({"device": {"state": str(tmp_path / "state")}}))
    state_with_key(tmp_path / "state")
    people = open_people(tmp_path / "state" / "gallery.db")
    people.enroll(
        somebody("4711", name="Anna Berg", groups=("staff", "lab"), valid_until=NOON), [template(1), template(2)], MODEL
    )
    people.enroll(somebody("李小龍", notes="two\nlines"), [template(3)], MODEL)
    people.close()
    return path


def test_the_list_is_a_table(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "list", "--config", str(config)]) == 0

    heading, anna, li = capsys.readouterr().out.splitlines()
    assert heading.split() == ["ID", "NAME", "PHOTOS", "GROUPS", "VALID", "ENROLLED"]
    assert anna.startswith("4711    Anna Berg  2       staff, lab")
    assert li.startswith("李小龍             1 ")
    assert heading.index("PHOTOS") == anna.index("2       staff")


def test_the_list_as_json_has_everybody(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "list", "--json", "--config", str(config)]) == 0

    anna, li = json.loads(capsys.readouterr().out)["people"]
    assert (anna["customer_person_id"], anna["photos"], anna["groups"]) == ("4711", 2, ["staff", "lab"])
    assert (anna["valid_from"], anna["valid_until"]) == (None, "2025-06-15T15:06:40Z")
    assert (li["customer_person_id"], li["notes"]) == ("李小龍", "two\nlines")


def test_more_people_than_a_page_holds(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = open_people(tmp_path / "state" / "gallery.db")
    for number in range(510):
        people.enroll(somebody(f"guest {number}"), [], MODEL)
    people.close()
    main(["people", "list", "--json", "--config", str(config)])

    assert len({person["customer_person_id"] for person in json.loads(capsys.readouterr().out)["people"]}) == 512


def test_show(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "show", "4711", "--config", str(config)]) == 0

    lines = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["name"].strip() == "Anna Berg"
    assert lines["groups"].strip() == "staff, lab"
    assert "phone" not in lines


def test_show_nobody(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "show", "4799", "--json", "--config", str(config)]) == 1

    assert json.loads(capsys.readouterr().out)["error"]["reason"] == "unknown_person"


def test_delete_is_followed_by_a_running_gallery(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gallery = open_gallery(tmp_path / "state" / "gallery.db")
    assert main(["people", "delete", "4711", "4799", "--json", "--config", str(config)]) == 1

    said = json.loads(capsys.readouterr().out)
    assert (said["deleted"], said["unknown"], len(said["receipts"])) == (["4711"], ["4799"], 1)
    assert gallery.refresh()
    assert gallery.snapshot().persons == 1
    gallery.close()


def test_forgetting_leaves_a_receipt_that_can_be_found_and_checked(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "receipt.json"
    assert main(["people", "forget", "4711", "--receipt", str(file), "--config", str(config)]) == 0
    assert "forgotten everywhere" in capsys.readouterr().out

    assert main(["people", "receipts", "--id", "4711", "--json", "--config", str(config)]) == 0
    (receipt,) = json.loads(capsys.readouterr().out)["receipts"]
    assert receipt == json.loads(file.read_text())
    assert receipt["removed"]["templates"] == 2
    assert "Anna" not in file.read_text()
    assert main(["people", "receipts", "--id", "4799", "--config", str(config)]) == 1

    assert main(["people", "receipts", "--verify", str(file), "--config", str(config)]) == 0
    file.write_text(file.read_text().replace('"templates": 2', '"templates": 3'))
    assert main(["people", "receipts", "--verify", str(file), "--config", str(config)]) == 1
    assert "changed" in capsys.readouterr().out


def test_nobody_is_forgotten_who_is_not_there(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "forget", "4799", "--json", "--config", str(config)]) == 1

    assert json.loads(capsys.readouterr().out)["error"]["reason"] == "unknown_person"


def test_a_damaged_gallery_is_put_back_from_its_backup(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "state" / "gallery.db"
    people = open_people(path)
    people.back_up(3)
    people.close()
    path.write_bytes(b"nonsense" * 1000)

    assert main(["people", "restore", "--config", str(config)]) == 0
    assert main(["people", "show", "4711", "--config", str(config)]) == 0
    assert "Anna Berg" in capsys.readouterr().out


def test_delete_without_a_daemon_takes_the_index_files_as_well(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = tmp_path / "state" / "index" / "555555555555"
    index.mkdir(parents=True)
    (index / "base-0123456789abcdef.scan").write_bytes(b"faces")
    assert main(["people", "delete", "4799", "--config", str(config)]) == 1
    assert list(index.iterdir())

    assert main(["people", "delete", "4711", "--config", str(config)]) == 0
    assert list(index.iterdir()) == []


def test_an_empty_gallery_says_how_to_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "edged.yaml"
    path.write_text(json.dumps({"device": {"state": str(tmp_path / "state")}}))

    assert main(["people", "list", "--config", str(path)]) == 0
    assert "edged enroll" in capsys.readouterr().out


def test_a_damaged_gallery_is_named(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state" / "gallery.db").write_bytes(b"nonsense" * 1000)

    assert main(["people", "list", "--config", str(config)]) == 1
    assert "backup" in capsys.readouterr().err


@pytest.mark.parametrize(
    "word", [["people"], ["people", "list"], ["people", "show"], ["people", "delete"], ["people", "forget"]]
)
def test_help(word: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*word, "--help"])
    assert leaving.value.code == 0
    assert "people" in capsys.readouterr().out
