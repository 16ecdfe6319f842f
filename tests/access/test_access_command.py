"""`edged access`, as somebody at a terminal uses it."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import pytest

from edged.access.standing import Standing
from edged.access.standing_record import encoded
from edged.audit.act import Act
from edged.audit.ledger_file import FILE
from edged.audit.records import Records
from edged.audit.selection import Selection
from edged.cli import main
from edged.config.layers import load
from edged.domain.frame import Moment
from edged.domain.passage import Factor
from edged.domain.person import ModelRef, Person
from edged.runtime.clock import SystemClock
from edged.runtime.machine import boot_id
from edged.runtime.state_dir import StateDir
from tests.access.site import ask, knock, site

CONFIG = """\
device:
  name: door
  state: {state}
access:
  time_zone: Europe/Berlin
  schedules:
    office: {{mon: ["08:00-18:00"], thu: ["08:00-18:00"]}}
  doors:
    front: {{groups: [staff], schedule: office, visitors: true, area: lab, second_factor: [pin]}}
    back: {{}}
"""
Run = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edged.yaml"
    path.write_text(CONFIG.format(state=tmp_path / "state"))
    return path


@pytest.fixture
def anna(config: Path) -> Person:
    document = load(config).document
    with closing(StateDir.of(document).open_people(document)) as people:
        return people.enroll(Person("", "4711", "Anna Berg", groups=("staff",)), [], ModelRef("toy", "0" * 64, 32))


@pytest.fixture
def run(config: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, dict[str, Any]]:
        code = main(["access", *words, "--config", str(config), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def noted(config: Path) -> list[tuple[Act, dict[str, Any]]]:
    document = load(config).document
    state = StateDir.of(document)
    secret = state.open_vault(document).secret_for("audit")
    with closing(Records.open(state.root / FILE, secret)) as records:
        return [(Act(entry.act), json.loads(entry.about)) for entry in records.entries(Selection(), limit=100)]


def test_a_pin_is_drawn_or_typed_and_taken_away(
    run: Run, anna: Person, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, drawn = run("pin", "4711", "--new")
    assert code == 0
    document = load(config).document
    with closing(StateDir.of(document).open_credentials(document)) as credentials:
        assert credentials.fits(anna.id, Factor.PIN, drawn["pin"])
        monkeypatch.setattr(sys, "stdin", io.StringIO("271828\n"))
        assert run("pin", "4711") == (0, {"id": "4711", "factor": "pin"})
        assert credentials.fits(anna.id, Factor.PIN, "271828")
        monkeypatch.setattr(sys, "stdin", io.StringIO("04:A2:24:1B\n"))
        assert run("card", "4711")[0] == 0
        assert credentials.whose(Factor.CARD, "04a2241b") == anna.id
    assert run("pin", "4711", "--remove")[0] == 0
    assert run("pin", "4711", "--remove")[1]["error"]["reason"] == "no_code"
    assert run("pin", "4712", "--new")[1]["error"]["reason"] == "unknown_person"
    changes = [about["change"] for act, about in noted(config) if act is Act.CODE]
    assert sorted(changes) == ["removed", "set", "set", "set"]
    assert not any("271828" in str(about) or drawn["pin"] in str(about) for _act, about in noted(config))


def test_a_pass_is_issued_drawn_listed_and_revoked(run: Run, config: Path, tmp_path: Path) -> None:
    png, svg = tmp_path / "pass.png", tmp_path / "pass.svg"

    code, issued = run("pass", "issue", "Parcel", "--for", "2h", "--uses", "1", "--png", str(png), "--svg", str(svg))

    assert code == 0
    picture = cv2.imread(str(png), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    assert cv2.QRCodeDetector().detectAndDecode(picture)[0] == issued["code"]
    assert svg.read_bytes().startswith(b"<?xml")
    (listed,) = run("pass", "list")[1]["passes"]
    assert "code" not in listed
    assert (listed["id"], listed["uses_left"]) == (issued["id"], 1)
    assert run("pass", "revoke", issued["id"][:13])[0] == 0
    assert run("pass", "list")[1]["passes"] == []
    assert [about["change"] for act, about in noted(config) if act is Act.PASS] == ["revoked", "issued"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--door", "side"], "no_door"),
        (["--door", "back"], "no_visitors"),
        (["--from", "tomorrow"], "time"),
        (["--person", "4712"], "unknown_person"),
        (["--uses", "0"], "pass_uses"),
    ],
)
def test_a_pass_that_would_open_nothing_is_not_issued(run: Run, words: list[str], reason: str) -> None:
    code, document = run("pass", "issue", "Parcel", "--for", "2h", *words)
    assert (code, document["error"]["reason"]) == (1, reason)


def test_blocking(run: Run, anna: Person, config: Path) -> None:
    assert run("block", "4711", "--why", "card stolen")[0] == 0
    assert run("block")[1] == {"blocked": [{"id": "4711", "name": "Anna Berg", "why": "card stolen"}]}
    assert run("try", "front", "4711")[1]["why"] == "blocked"
    assert run("unblock", "4711")[0] == 0
    assert run("block")[1] == {"blocked": []}
    assert run("unblock", "4711")[1]["error"]["reason"] == "not_blocked"
    assert [about["person"] for act, about in noted(config) if act is Act.BLOCK] == [anna.id, anna.id]


def test_the_rules_are_tried_without_opening_anything(run: Run, anna: Person) -> None:
    code, document = run("try", "front", "4711", "--at", "2026-11-26T08:00")
    assert (code, document["verdict"], document["decided_by"]) == (1, "waits", "second_factor")
    assert run("try", "front", "4711", "--at", "2026-11-26T08:00", "--with", "pin")[0] == 0
    code, document = run("try", "front", "4711", "--at", "2026-11-27T08:00", "--with", "pin")
    assert (code, document["why"], document["said_at_the_door"]) == (1, "outside_hours", "outside_hours")
    assert document["retry_at"] == "2026-11-30T07:00:00Z"
    assert [item["rule"] for item in document["rules"]][:2] == ["fresh", "emergency"]
    (known,) = (item for item in document["rules"] if item["rule"] == "known")
    assert (known["why"], known["detail"]) == ("face", ""), "no face was compared: no figures are made up"
    assert run("try", "front", "4711", "--no-face", "--with", "pin")[1]["why"] == "face_needed"
    assert run("try", "side", "4711")[1]["error"]["reason"] == "no_door"


def test_the_answer_is_a_table_for_people(config: Path, anna: Person, capsys: pytest.CaptureFixture[str]) -> None:
    main(["access", "try", "front", anna.customer_person_id, "--at", "2026-11-27T08:00", "--config", str(config)])
    text = capsys.readouterr().out
    assert "schedule       no       outside_hours" in text
    assert "first_person   unasked\n" in text
    assert "refused: schedule, outside_hours" in text


def test_who_is_inside_and_a_reset_that_the_daemon_does(run: Run, anna: Person, config: Path) -> None:
    now, document = SystemClock().now(), load(config).document
    access = site(area="lab")
    standing = Standing().after_passage(ask(knock(anna, Moment(now.mono, now.utc)), access), access)
    with closing(StateDir.of(document).open_credentials(document)) as credentials:
        credentials.keep_standing(encoded(standing, boot=boot_id(), now=now))

        (there,) = run("inside")[1]["inside"]
        assert (there["area"], there["id"], there["name"]) == ("lab", "4711", "Anna Berg")
        assert run("inside", "cellar")[1]["error"]["reason"] == "no_area"
        assert run("reset", "lab")[0] == 0
        assert [reset.area for reset in credentials.resets()] == ["lab"]
