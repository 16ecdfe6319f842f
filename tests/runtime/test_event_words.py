"""`edged event`, as an organiser's technician types it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.audit.act import Act
from edged.audit.selection import Selection
from edged.cli import main
from edged.photos.album import Tally, Terms
from edged.photos.kept import KeptPurge
from edged.photos.sqlite_albums import SqliteAlbums
from edged.runtime import purger
from edged.runtime.event_purge import EventPurge
from edged.runtime.state_dir import StateDir
from edged.vault.receipt import is_genuine
from tests.runtime.booth_evening import Evening, document_in, files_with, opened

Said = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What must be gone with the event `gala` of the device whose configuration is found."""
    config = tmp_path / "edged.yaml"
    config.write_text(f"device: {{name: booth-1, state: {tmp_path / 'state'}}}\n")
    monkeypatch.setenv("EDGED_CONFIG", str(config))
    monkeypatch.setattr(purger, "SETTLE_S", 0.0)
    state = StateDir.of(document_in(tmp_path))
    with closing(opened(state)) as database:
        evening = Evening(SqliteAlbums(database, state.photo_files), 1)
        event = evening.event("gala", Terms(consent="We look for your face.", keeps_selfies=True))
        evening.whole(event, 5, 4)
    return evening.secrets


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*words: str) -> tuple[int, Any, str]:
        code = main(["event", *words])
        told = capsys.readouterr()
        return code, json.loads(told.out) if "--json" in words else told.out, told.err

    return run


class Typed(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("line", ["", "yes\n", "galas\n"])
def test_nothing_is_purged_unless_the_events_own_name_is_typed(
    secrets: list[bytes], said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    monkeypatch.setattr("sys.stdin", Typed(line))
    code, _out, err = said("purge", "gala")
    assert code == 1
    assert "This destroys Gala: 5 photographs" in err
    assert "nothing was purged" in err

    code, out, _err = said("purge", "gala", "--json")
    assert (code, out["error"]["reason"]) == (1, "not_confirmed")
    assert files_with(tmp_path / "state", secrets)


def test_a_purge_that_was_confirmed_leaves_nothing_and_gives_a_report_that_can_be_checked(
    secrets: list[bytes], said: Said, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", Typed("gala\n"))
    report = tmp_path / "report.json"

    code, out, _err = said("purge", "gala", "--verify", "--report", str(report))

    assert code == 0
    assert "removed: 5 photographs, 18 files" in out
    assert "traces: 0 found" in out
    assert files_with(tmp_path / "state", secrets) == {}
    assert said("verify-report", str(report))[0] == 0
    report.write_text(report.read_text().replace('"photographs": 5', '"photographs": 4'))
    code, out, _err = said("verify-report", str(report))
    assert (code, out) == (1, "not genuine: it was changed, or is no report\n")
    (purge,) = said("purges", "--json")[1]["purges"]
    assert (purge["slug"], purge["photographs"]) == ("gala", 5)
    assert is_genuine(purge["report"])
    state = StateDir.of(document_in(tmp_path))
    with closing(opened(state)) as database:
        work = EventPurge(state, document_in(tmp_path), database)
        work.heed("https://hub.example", KeptPurge(purge["event"], 1_900_000_000.0, Tally(shown=5)), 1_900_000_009.0)
    text = said("report", "gala")[1]
    assert "was purged by shell:" in text
    assert "https://hub.example says: purged 2030-03-17T17:46:40Z, removed: 5 photographs" in text
    assert "2030-03-17T17:46:40Z" in said("purges")[1]
    assert said("purge", "gala", "--yes")[0] == 1


def test_a_purge_that_left_something_behind_says_what_and_where(
    secrets: list[bytes], said: Said, tmp_path: Path
) -> None:
    (tmp_path / "state" / "copied-by-hand").write_bytes(b"..." + secrets[0] + b"...")

    code, out, _err = said("purge", "gala", "--yes", "--verify")

    assert code == 1
    assert "copied-by-hand" in out
    assert "traces: 0 found" not in out


def test_a_purge_is_in_the_audit_log_and_no_guest_is(secrets: list[bytes], said: Said, tmp_path: Path) -> None:
    said("purge", "gala", "--yes", "--json")

    document = document_in(tmp_path)
    with closing(StateDir.of(document).open_records(document)) as records:
        (entry,) = records.entries(Selection(acts=(Act.PHOTOS,)), limit=10)
    assert entry.facts["what"] == "purge_event"
    assert entry.facts["of"] == "booth/gala, 5 photographs, 3 searches"


def test_a_report_tells_what_came_of_the_evening_and_is_signed(
    secrets: list[bytes], said: Said, tmp_path: Path
) -> None:
    code, report, _err = said("report", "gala", "--json")

    assert code == 0
    assert is_genuine(report)
    assert report["photographs"]["by_source"] == {"camera": 5}
    assert (report["guests"]["searches"], report["guests"]["not_me"], report["guests"]["forgotten"]) == (3, 1, 1)
    assert report["consent"]["searches"] == [{"version": 1, "searches": 3}]
    text = said("report", "gala")[1]
    assert text.startswith("Gala (gala), open\n")
    file = tmp_path / "sign-off.json"
    file.write_text(json.dumps(report))
    assert said("verify-report", str(file))[0] == 0
    assert "5 (5 camera)" in text
    assert "1 asked to be forgotten" in text
    assert "3 under version 1" in text


def test_an_event_that_is_not_there_and_a_device_without_events_are_told_plainly(
    said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "edged.yaml"
    config.write_text(f"device: {{name: booth-1, state: {tmp_path / 'state'}}}\n")
    monkeypatch.setenv("EDGED_CONFIG", str(config))
    code, _out, err = said("report", "gala")
    assert code == 1
    assert "there is no event gala" in err
    assert said("purges")[1] == "No event was purged.\n"
