"""`edged event`, with the real models and a real person."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edged.cli import main
from edged.domain.frame import Image


@dataclass
class Shell:
    """Somebody who types commands on a device."""

    folder: Path
    config: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str, code: int = 0) -> dict[str, Any]:
        assert main(["event", *words, "--json", "--config", str(self.config)]) == code
        told = json.loads(self.capsys.readouterr().out)
        assert isinstance(told, dict)
        return told

    def refused(self, *words: str) -> str:
        return str(self(*words, code=1)["error"]["reason"])

    def said(self, *words: str) -> str:
        assert main(["event", *words, "--config", str(self.config)]) == 0
        return self.capsys.readouterr().out


@pytest.fixture
def shell(tmp_path: Path, models_dir: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    config = tmp_path / "edged.yaml"
    state = tmp_path / "state"
    state.mkdir()
    config.write_text(
        json.dumps(
            {
                "device": {"name": "testbed", "state": str(state)},
                "models": {"directory": str(models_dir)},
                "mqtt": {"enabled": False},
                "photos": {"enabled": True},
            }
        )
    )
    return Shell(tmp_path, config, capsys)


class Typed(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(path: Path, image: Image) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


def card(folder: Path, astronaut: Image) -> Path:
    """Three photographs of her, one of them twice, a broken one, and an empty room."""
    written(folder / "card/a.jpg", astronaut)
    written(folder / "card/b.jpg", np.ascontiguousarray(astronaut[:, ::-1]))
    written(folder / "card/below/c.png", cv2.resize(astronaut, (400, 400)))  # type: ignore[arg-type]
    written(folder / "card/room.jpg", np.full((300, 400, 3), 90, np.uint8))
    (folder / "card/a again.jpg").write_bytes((folder / "card/a.jpg").read_bytes())
    (folder / "card/broken.png").write_bytes((folder / "card/below/c.png").read_bytes()[:200])
    (folder / "card/notes.txt").write_text("a text")
    return folder / "card"


def test_an_event_is_made_told_of_closed_and_opened_again(shell: Shell) -> None:
    consent = shell.folder / "consent.txt"
    consent.write_text("You agree to this.\n")
    made = shell(
        "create", "gala", "--name", "Winter gala", "--consent", f"@{consent}", "--closes", "+8h", "--moderated"
    )
    assert (made["state"], made["consent"], made["is_moderated"]) == ("open", "You agree to this.", True)
    assert (made["expires"], made["name"]) == (None, "Winter gala")
    (listed,) = shell("list")["events"]
    assert listed == made
    assert shell("close", "gala")["state"] == "closed"
    assert shell("open", "gala")["state"] == "open"
    assert "Winter gala (booth/gala)" in shell.said("show", "gala")


def test_an_event_that_closed_by_the_clock_is_opened_again(shell: Shell) -> None:
    shell("create", "gala", "--closes", "2001-01-01T10:00Z")
    assert shell("show", "gala")["state"] == "closed"
    opened = shell("open", "gala")
    assert (opened["state"], opened["closes"]) == ("open", None)


def test_an_event_that_is_over_is_not_opened_again(shell: Shell) -> None:
    shell("create", "gala", "--closes", "2001-01-01T10:00Z", "--expires", "2001-01-02T10:00Z")
    assert shell.refused("open", "gala") == "event_over"
    assert shell("show", "gala")["closes"] is not None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["create", "Gala!"], "bad_slug"),
        (["create", "gala", "--threshold", "2"], "bad_threshold"),
        (["create", "gala", "--consent", "@/nowhere"], "bad_consent"),
        (["show", "none"], "no_event"),
        (["close", "none"], "no_event"),
        (["add", "none", "x.jpg"], "no_event"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(shell: Shell, words: list[str], reason: str) -> None:
    assert shell.refused(*words) == reason


def test_a_card_is_added_once_and_its_people_are_found_and_copied(shell: Shell, astronaut: Image) -> None:
    source = card(shell.folder, astronaut)
    shell("create", "gala")
    first = shell("add", "gala", str(source), code=1)
    assert (first["added"], first["there"], first["ignored"]) == (4, 1, {"other_kind": 1})
    ((file, reason),) = [(one["file"], one["reason"]) for one in first["refused"]]
    assert (file, reason) == (str(source / "broken.png"), "truncated")

    again = shell("add", "gala", str(source), str(source / "a.jpg"), code=1)
    assert (again["added"], again["there"], len(again["refused"])) == (0, 6, 1)

    told = shell("show", "gala")
    assert (told["tally"]["shown"], told["tally"]["faces"]) == (4, 3)
    assert told["room"]["used_bytes"] > 0

    copies = shell.folder / "copies"
    found = shell("search", "gala", str(source / "a.jpg"), "--save", str(copies))
    assert {photo["filename"] for photo in found["photos"]} == {"a.jpg", "b.jpg", "c.png"}
    assert {path.name for path in copies.iterdir()} == {"a.jpg", "b.jpg", "c.png"}
    assert (copies / "b.jpg").read_bytes() == (source / "b.jpg").read_bytes()
    shell("search", "gala", str(source / "a.jpg"), "--save", str(copies))
    assert len(list(copies.iterdir())) == 6
    assert shell("search", "gala", str(source / "room.jpg"))["face"] is False


def test_a_guest_who_asks_the_organiser_is_forgotten_and_found_no_more(shell: Shell, astronaut: Image) -> None:
    source = card(shell.folder, astronaut)
    shell("create", "gala")
    shell("add", "gala", str(source), code=1)
    former = shell("search", "gala", str(source / "a.jpg"))
    assert shell.refused("forget", "gala", str(source / "room.jpg"), "--yes") == "nobody"
    assert shell.refused("forget", "gala", str(source / "b.jpg")) == "not_confirmed"
    assert shell("show", "gala")["tally"]["searches"] == 1, "what was looked for to ask is not kept"

    removed = shell("forget", "gala", str(source / "b.jpg"), "--yes")["removed"]

    assert removed == {"searches": 1, "selfies": 0, "denials": 0, "faces": 3}
    assert shell.refused("forget", "gala", former["request_id"], "--yes") == "nobody"
    assert shell("search", "gala", str(source / "a.jpg"))["photos"] == []
    tally = shell("show", "gala")["tally"]
    assert (tally["shown"], tally["guests_forgotten"]) == (4, 1)


def test_a_guest_is_forgotten_by_the_id_in_their_link_once_somebody_says_yes(
    shell: Shell, astronaut_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("create", "gala")
    shell("add", "gala", str(astronaut_path))
    request = shell("search", "gala", str(astronaut_path))["request_id"]
    monkeypatch.setattr("sys.stdin", Typed("yes\n"))
    assert "1 searches, 1 faces" in shell.said("forget", "gala", request.upper())


def test_nothing_more_goes_into_an_event_that_is_closed(shell: Shell, astronaut_path: Path) -> None:
    shell("create", "gala")
    shell("close", "gala")
    assert shell.refused("add", "gala", str(astronaut_path)) == "event_closed"


def test_what_was_done_is_in_the_audit_log(shell: Shell, astronaut_path: Path) -> None:
    shell("create", "gala")
    shell("add", "gala", str(astronaut_path))
    shell("search", "gala", str(astronaut_path))
    assert main(["audit", "show", "--json", "--config", str(shell.config)]) == 0
    told = shell.capsys.readouterr().out
    for act in ("create_event", "add_photos", "selfie_search"):
        assert f'"{act}"' in told
