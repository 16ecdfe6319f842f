"""`edged audit`, and what other commands leave in the audit log."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edged.audit.ledger_file import FILE, HEAD_FILE
from edged.cli import main
from edged.config.kept import push
from edged.config.pushed import PAGE
from edged.measure.audit_damage import without_triggers
from tests.audit.conftest import Edged


@pytest.fixture
def anna(edged: Edged, astronaut_path: Path) -> str:
    """Our id of somebody who is enrolled under 4711."""
    code, document = edged("enroll", "4711", str(astronaut_path), "--name", "Anna Secret")
    assert code == 0
    return str(document["id"])


def test_enrolment_and_deletion_are_noted_by_id_and_shown_by_name(edged: Edged, anna: str, tmp_path: Path) -> None:
    _, shown = edged("audit", "show", "--person", "4711")
    (entry,) = shown["entries"]
    assert entry["act"] == "enrolment"
    assert entry["by"].startswith("shell:")
    assert entry["about"] == {"person": anna, "faces": 1, "new": True}
    assert entry["person"] == {"customer_person_id": "4711", "name": "Anna Secret"}

    assert edged("people", "delete", "4711")[0] == 0
    _, shown = edged("audit", "show", "--person", anna)
    assert [(item["act"], item["person"]) for item in shown["entries"]] == [("enrolment", None), ("deletion", None)]
    assert edged("audit", "verify")[0] == 0, "the chain holds although somebody is forgotten"
    content = b"".join(path.read_bytes() for path in (tmp_path / "state").glob("audit*"))
    assert b"Anna" not in content
    assert b"4711" not in content


def test_what_is_shown_to_people_says_deleted(
    edged: Edged, anna: str, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert edged("people", "delete", "4711")[0] == 0
    assert main(["audit", "show", "--config", str(config)]) == 0
    assert f"deleted ({anna})" in capsys.readouterr().out


def test_entries_are_selected(edged: Edged, anna: str) -> None:
    edged("audit", "verify")
    assert [item["act"] for item in edged("audit", "show", "--act", "verification")[1]["entries"]] == ["verification"]
    assert len(edged("audit", "show", "--by", "shell:")[1]["entries"]) == 2
    assert edged("audit", "show", "--by", "account:")[1]["entries"] == []
    assert len(edged("audit", "show", "--since", "1h", "--last", "2")[1]["entries"]) == 2
    assert edged("audit", "show", "--door", "front")[1]["entries"] == []
    assert edged("audit", "show", "--act", "nothing")[1]["error"]["reason"] == "bad_act"
    assert edged("audit", "show", "--last", "0")[1]["error"]["reason"] == "bad_number"


def test_verify_says_which_entry_and_what_was_done(edged: Edged, anna: str, tmp_path: Path) -> None:
    code, document = edged("audit", "verify")
    assert (code, document["whole"], document["faults"]) == (0, True, [])
    with closing(without_triggers(tmp_path / "state" / FILE)) as connection:
        connection.execute("UPDATE entry SET by = 'account:eve' WHERE number = 2")
        connection.execute("COMMIT")
    code, document = edged("audit", "verify")
    assert code == 1
    assert [(item["kind"], item["number"]) for item in document["faults"]] == [("altered", 2)]


def test_a_noted_head_finds_an_older_copy(edged: Edged, anna: str, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with closing(sqlite3.connect(state / FILE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    old = {name: (state / name).read_bytes() for name in (FILE, HEAD_FILE)}
    edged("audit", "verify")
    _, head = edged("audit", "head")
    assert edged("audit", "verify", "--head", head["head"])[0] == 0
    for path in state.glob(f"{FILE}-*"):
        path.unlink()
    for name, content in old.items():
        (state / name).write_bytes(content)
    assert edged("audit", "verify")[0] == 0
    code, document = edged("audit", "verify", "--head", head["head"])
    assert (code, document["faults"][0]["kind"]) == (1, "rolled_back")
    assert edged("audit", "verify", "--head", "nonsense")[1]["error"]["reason"] == "bad_head"


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_export_is_verified_elsewhere(edged: Edged, anna: str, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"audit.{form}"
    _, head = edged("audit", "head")
    code, document = edged("audit", "export", "--format", form, str(file))
    assert (code, document["statement"]["entries"], document["statement"]["device"]) == (0, 2, "testbed")
    assert file.stat().st_mode & 0o777 == 0o600
    check = ("audit", "verify", "--file", str(file))
    assert edged(*check, "--key", head["public_key"], "--head", head["head"])[0] == 0
    code, document = edged(*check, "--key", "00" * 32)
    assert (code, document["faults"][0]["kind"]) == (1, "signature")
    file.write_bytes(file.read_bytes().replace(b"enrolment", b"enrolmeny"))
    code, document = edged(*check)
    assert (code, document["faults"][0]["kind"]) == (1, "altered")
    assert edged("audit", "export", str(file))[1]["error"]["reason"] == "exists"
    assert "cannot be written" in edged("audit", "export", str(tmp_path / "no" / "folder"))[1]["error"]["what"]
    assert edged("audit", "show", "--act", "export")[1]["entries"][0]["about"]["format"] == form


def test_an_export_of_a_log_that_is_not_whole_says_so(edged: Edged, anna: str, tmp_path: Path) -> None:
    (tmp_path / "state" / HEAD_FILE).unlink()
    file = tmp_path / "audit.json"
    code, document = edged("audit", "export", str(file))
    assert (code, document["statement"]["faults"]) == (1, 1)
    assert "the device itself found 1 fault(s)" in edged("audit", "verify", "--file", str(file))[1]["remarks"][1]


def test_prune_removes_what_is_too_old_only(edged: Edged, anna: str) -> None:
    assert edged("audit", "prune") == (0, {"removed": 0})


def test_without_an_audit_log_it_is_said(edged: Edged) -> None:
    for words in (("show",), ("verify",), ("head",)):
        code, document = edged("audit", *words)
        assert (code, document["error"]["kind"]) == (1, "Unavailable")


def test_an_audit_log_that_refuses_undoes_nothing_and_it_is_said(
    edged: Edged, config: Path, tmp_path: Path, astronaut_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edged("people", "list")
    (tmp_path / "state" / FILE).mkdir()
    assert main(["enroll", "4711", str(astronaut_path), "--config", str(config)]) == 0
    assert "this is not in the audit log" in capsys.readouterr().err
    assert json.loads(config.read_text())
    assert len(edged("people", "list")[1]["people"]) == 1


def test_a_command_that_changes_the_configuration_is_noted(edged: Edged, tmp_path: Path) -> None:
    edged("people", "list")
    push(tmp_path / "state", PAGE, {"decision": {"margin": 0.07}, "mqtt": {"password": "a secret"}})
    assert edged("config", "forget")[0] == 0
    (entry,) = edged("audit", "show", "--act", "config")[1]["entries"]
    assert entry["by"].startswith("shell:")
    assert entry["about"] == {"change": "forgotten", "source": "page", "paths": "decision.margin mqtt.password"}
