"""`edged people import`, with real photographs and real models."""

from __future__ import annotations

import csv
import json
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from edged.cli import main
from edged.config.layers import load
from edged.domain.progress import quiet
from edged.gallery.roster import open_roster
from edged.runtime.bulk_enrolment import BulkEnrolment
from edged.runtime.clock import SystemClock
from edged.runtime.import_journal import ImportJournal
from edged.runtime.portrayers import Terms, open_portrayers
from edged.runtime.state_dir import StateDir
from tests.enrolment.conftest import Edged, begin
from tests.runtime.hand_clock import HandClock

Enrolled = Callable[[], dict[str, int]]


@pytest.fixture
def people(tmp_path: Path, photographs: dict[str, bytes]) -> Path:
    """Anna, whose third photograph shows somebody else; Ben, who is Anna under another ID; Cleo, of whom nothing is
    good enough."""
    files = {
        "4711/1.jpg": "front",
        "4711/2.jpg": "left",
        "4711/3.jpg": "else",
        "4712 Ben/1.jpg": "tinted",
        "4713/blurred.jpg": "blurred",
        "4713/two.jpg": "two",
        "4713/text.jpg": "text",
    }
    root = tmp_path / "people"
    for name, photo in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(photographs[photo])
    (root / "4711" / "person.json").write_text(json.dumps({"name": "Anna <Berg>", "groups": ["staff"]}))
    (root / "4714").mkdir()
    (root / "4714" / "readme.txt").write_text("to come")
    return root


def _journals(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "state" / "imports").glob("*"))


def test_what_is_good_is_enrolled_and_the_rest_is_named(
    tmp_path: Path, people: Path, edged: Edged, enrolled: Enrolled
) -> None:
    code, document = edged("people", "import", str(people))
    assert code == 1
    assert enrolled() == {"4711": 3, "4712 Ben": 1}
    counts = {name: value for name, value in document.items() if isinstance(value, int)}
    assert counts == {
        "people": 2, "people_refused": 2, "photos": 4, "photos_refused": 3, "photos_doubted": 2, "dry_run": False,
    }  # fmt: skip
    assert document["reasons"] == {"blurred": 1, "several_faces": 1, "not_an_image": 1, "no_photos": 1}
    by_key = {item["customer_person_id"] or item["where"]: item for item in document["findings"]}
    assert [photo["warnings"] and photo["warnings"][0]["reason"] for photo in by_key["4711"]["photos"]] == [
        [],
        [],
        "unlike_others",
    ]
    (ben,) = by_key["4712 Ben"]["photos"]
    assert [item["reason"] for item in ben["warnings"]] == ["resembles_other"]
    assert "Anna <Berg> (4711)" in ben["warnings"][0]["what"]
    assert all(photo["what"] and photo["remedy"] for photo in by_key["4713"]["photos"])
    assert by_key["4714"]["reason"] == "no_photos"
    assert _journals(tmp_path) == []


def test_warnings_alone_are_no_failure_and_strict_refuses_them(people: Path, edged: Edged, enrolled: Enrolled) -> None:
    shutil.rmtree(people / "4713")
    shutil.rmtree(people / "4714")
    code, document = edged("people", "import", str(people), "--strict")
    assert (code, document["photos"]) == (1, 2)
    assert enrolled() == {"4711": 2}
    code, document = edged("people", "import", str(people))
    assert (code, document["photos_refused"], document["photos_doubted"]) == (0, 0, 2)
    assert enrolled() == {"4711": 3, "4712 Ben": 1}


def test_importing_twice_is_importing_once(people: Path, edged: Edged, enrolled: Enrolled) -> None:
    edged("people", "import", str(people))
    before = enrolled()
    edged("people", "import", str(people))
    assert enrolled() == before


def test_a_dry_run_says_the_same_and_enrols_nobody(
    tmp_path: Path, people: Path, edged: Edged, enrolled: Enrolled
) -> None:
    _, rehearsed = edged("people", "import", str(people), "--dry-run")
    assert enrolled() == {}
    assert not (tmp_path / "state" / "imports").exists()
    _, done = edged("people", "import", str(people))
    assert rehearsed["findings"] == done["findings"]


def test_an_archive_is_imported_without_being_unpacked(people: Path, edged: Edged, enrolled: Enrolled) -> None:
    with zipfile.ZipFile(people.parent / "people.zip", "w") as archive:
        for path in people.rglob("*.jpg"):
            archive.write(path, path.relative_to(people.parent))
    edged("people", "import", str(people.parent / "people.zip"))
    assert enrolled() == {"4711": 3, "4712 Ben": 1}
    assert sorted(path.name for path in people.parent.iterdir()) == ["edged.yaml", "people", "people.zip", "state"]


def test_people_of_a_manifest_without_photographs_are_stored_by_name(
    tmp_path: Path, edged: Edged, enrolled: Enrolled
) -> None:
    (tmp_path / "staff.csv").write_text("customer_person_id,name,photo\n1,Anna,\n2,Ben,missing.jpg\n")
    code, document = edged("people", "import", str(tmp_path / "staff.csv"))
    assert code == 1
    assert enrolled() == {"1": 0}
    assert document["findings"][0]["photos"][0]["reason"] == "no_such_file"


def test_killed_it_goes_on_where_it_was_and_looks_at_nothing_twice(
    tmp_path: Path, photographs: dict[str, bytes], config: Path, edged: Edged, enrolled: Enrolled
) -> None:
    for number in range(40):
        folder = tmp_path / "people" / f"{number:03}"
        folder.mkdir(parents=True)
        # Bytes behind a JPEG's end change its hash and nothing else.
        name = "blurred" if number % 4 == 0 else "front"
        (folder / "1.jpg").write_bytes(photographs[name] + bytes([number]))
    process = begin(config, "people", "import", str(tmp_path / "people"))
    until = time.monotonic() + 60
    while not (_journals(tmp_path) and _journals(tmp_path)[0].read_bytes().count(b"\n") >= 8):
        assert process.poll() is None, "it was through before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.005)
    process.kill()
    process.communicate()
    (journal,) = _journals(tmp_path)
    assert journal.stat().st_mode & 0o777 == 0o600
    done = journal.read_text().splitlines()[:8]
    marked = [
        line.replace('"taken": true', '"taken": false').replace('"reason": "blurred"', '"reason": "seen"')
        for line in done
    ]
    journal.write_text("\n".join(marked) + '\n{"digest": "cut sho')

    code, document = edged("people", "import", str(tmp_path / "people"))
    assert code == 1
    assert len(enrolled()) == 30
    assert document["reasons"]["seen"] == 2, "those in the journal were not looked at again"
    assert document["reasons"]["blurred"] == 8
    assert _journals(tmp_path) == []


def test_two_imports_of_one_source_do_not_mix(tmp_path: Path, people: Path, config: Path, edged: Edged) -> None:
    first = ImportJournal.open(StateDir.of(load(config).document).root, people)
    code, document = edged("people", "import", str(people))
    assert (code, document["error"]["kind"]) == (1, "Unavailable")
    first.close()
    assert edged("people", "import", str(people))[1]["photos"] == 4


def test_progress_tells_how_far_how_fast_and_how_long(people: Path, config: Path) -> None:
    document = load(config).document
    clock, told = HandClock(), list[tuple[str, float]]()

    def progress(doing: str, share: float) -> None:
        told.append((doing, share))
        clock.sleep(2.0)

    terms = Terms(document.quality)
    with open_portrayers(document.models, terms) as portrayers:
        gallery = StateDir.of(document).open_gallery(document, portrayers.sight.model)
        BulkEnrolment(gallery, portrayers, terms, None, clock).run(open_roster(people), progress)
        gallery.close()
    assert [doing for doing, _share in told] == [
        "3 of 7 photographs",
        "4 of 7 photographs, 2 a second, 2 s left",
        "7 of 7 photographs, 2 a second, 0 s left",
    ]
    assert told[-1][1] == 1.0


def test_a_photograph_that_was_replaced_meanwhile_is_looked_at_again(
    tmp_path: Path, people: Path, photographs: dict[str, bytes], config: Path, edged: Edged, enrolled: Enrolled
) -> None:
    document = load(config).document
    state = StateDir.of(document)
    terms = Terms(document.quality)
    with open_portrayers(document.models, terms) as portrayers:
        gallery = state.open_gallery(document, portrayers.sight.model)
        journal = ImportJournal.open(state.root, people)
        BulkEnrolment(gallery, portrayers, terms, journal, SystemClock()).run(open_roster(people), quiet)
        journal.close()
        gallery.close()
    assert len(_journals(tmp_path)) == 1
    (people / "4713" / "blurred.jpg").write_bytes(photographs["left"])

    edged("people", "import", str(people))
    assert enrolled() == {"4711": 3, "4712 Ben": 1, "4713": 1}


def test_a_report_names_what_was_refused_or_doubted(tmp_path: Path, people: Path, edged: Edged) -> None:
    for ending in ("csv", "json", "html"):
        edged("people", "import", str(people), "--dry-run", "--report", str(tmp_path / f"report.{ending}"))
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["customer_person_id"], row["result"], row["reason"]) for row in rows] == [
        ("", "refused", "no_photos"),
        ("4711", "doubtful", "unlike_others"),
        ("4712 Ben", "doubtful", "resembles_other"),
        ("4713", "refused", "blurred"),
        ("4713", "refused", "not_an_image"),
        ("4713", "refused", "several_faces"),
    ]
    assert json.loads((tmp_path / "report.json").read_text())["photos_refused"] == 3
    page = (tmp_path / "report.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 4
    assert "Anna &lt;Berg&gt;" in page
    assert (tmp_path / "report.html").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("report", ["report.pdf", "nowhere/report.csv"])
def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    tmp_path: Path, people: Path, edged: Edged, enrolled: Enrolled, report: str
) -> None:
    code, document = edged("people", "import", str(people), "--report", str(tmp_path / report))
    assert (code, document["error"]["reason"]) == (1, "report")
    assert enrolled() == {}


def test_in_words(people: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["people", "import", str(people), "--config", str(config)]) == 1
    text = capsys.readouterr().out
    assert "enrolled: 2 people with 4 photographs, 2 of them doubtful" in text
    assert "✗ 4713 4713/blurred.jpg: the face is blurred" in text
    assert "? Anna <Berg> (4711) 4711/3.jpg: the face does not look like the person's other 2 photographs" in text
