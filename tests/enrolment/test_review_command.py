"""`edged review`: strangers who were seen, from events and pictures as the daemon leaves them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from edged.cli import main
from edged.domain.event import BestShot, Event, Outcome, Phase
from edged.domain.frame import Image, Moment
from edged.gallery.shots import ShotStore
from edged.measure.sample_event import SAMPLE_UTC, sample_event
from edged.mqtt.outbox import Outbox
from edged.vault.vault import Vault
from edged.vision.sight import Sight
from tests.enrolment.conftest import Edged

Enrolled = Callable[[], dict[str, int]]


@pytest.fixture
def seen(tmp_path: Path, sight: Sight, photographs: dict[str, bytes]) -> dict[str, Event]:
    """Anna comes twice and somebody else once, all unknown; a visit that was unknown at first becomes known; one has no
    picture."""
    (tmp_path / "state").mkdir()
    shots = ShotStore(tmp_path / "state" / "shots", Vault.open(tmp_path / "state").seal_for("shots"))

    def visit(number: int, photo: str | None, **changes: object) -> Event:
        event = replace(sample_event(number, utc=SAMPLE_UTC + 100 * number), **changes)  # type: ignore[arg-type]
        if photo:
            image: Image = np.asarray(cv2.imdecode(np.frombuffer(photographs[photo], np.uint8), 1), np.uint8)
            crop = sight.crop(image, sight.detect(image)[0])
            shots.save(event.id, BestShot((crop, crop), image, Moment(0, event.captured.utc)), event.outcome)
        return event

    events = {
        "anna": visit(1, "front"),
        "other": visit(2, "else"),
        "again": visit(3, "left"),
        "doubted": visit(4, "front"),
        "bare": visit(5, None),
    }
    known = {"phase": Phase.UPDATE, "outcome": Outcome.KNOWN, "visit": events["doubted"].visit}
    events["settled"] = visit(6, "front", **known)
    outbox = Outbox.open(tmp_path / "state" / "events.db", "b1", now=SAMPLE_UTC)
    outbox.append(list(events.values()))
    outbox.close()
    return events


def test_a_stranger_who_comes_twice_is_one_group(edged: Edged, seen: dict[str, Event]) -> None:
    code, document = edged("review", "list")
    assert code == 0
    anna, other = document["groups"]
    assert (anna["group"], anna["visits"], anna["cameras"]) == (seen["anna"].visit, 2, ["front"])
    assert anna["events"] == [seen["again"].id, seen["anna"].id]
    assert (other["group"], other["visits"], other["likely"]) == (seen["other"].visit, 1, None)


def test_enrolling_a_group_takes_it_off_the_list(edged: Edged, enrolled: Enrolled, seen: dict[str, Event]) -> None:
    code, document = edged("review", "enroll", seen["anna"].visit, "4711", "--name", "Anna")
    assert (code, document["templates"]) == (0, 2)
    assert enrolled() == {"4711": 2}
    assert [group["group"] for group in edged("review", "list")[1]["groups"]] == [seen["other"].visit]


def test_whoever_was_enrolled_meanwhile_is_named(
    tmp_path: Path, edged: Edged, photographs: dict[str, bytes], seen: dict[str, Event]
) -> None:
    (tmp_path / "anna.jpg").write_bytes(photographs["tinted"])
    edged("enroll", "4711", str(tmp_path / "anna.jpg"))
    anna, other = edged("review", "list")[1]["groups"]
    assert anna["likely"]["customer_person_id"] == "4711"
    assert other["likely"] is None


def test_a_dismissed_group_stays_away_and_leaves_no_face_behind(
    tmp_path: Path, edged: Edged, seen: dict[str, Event]
) -> None:
    assert edged("review", "dismiss", seen["again"].id)[0] == 0
    assert [group["group"] for group in edged("review", "list")[1]["groups"]] == [seen["other"].visit]
    kept = json.loads((tmp_path / "state" / "review.json").read_text())
    assert set(kept["dismissed"]) == {seen["anna"].visit, seen["again"].visit}
    assert (tmp_path / "state" / "review.json").stat().st_size < 300


def test_a_page_to_look_at(tmp_path: Path, edged: Edged, seen: dict[str, Event]) -> None:
    edged("review", "list", "--html", str(tmp_path / "strangers.html"))
    page = (tmp_path / "strangers.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 2
    assert "seen 2 times" in page
    assert (tmp_path / "strangers.html").stat().st_mode & 0o777 == 0o600


def test_in_words(config: Path, seen: dict[str, Event], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "list", "--config", str(config)]) == 0
    anna, other = capsys.readouterr().out.splitlines()
    assert seen["anna"].visit.startswith(anna.split()[0])
    assert "seen 2 times" in anna
    assert seen["other"].visit.startswith(other.split()[0])


@pytest.mark.parametrize(("prefix", "reason"), [("ffff", "no_such_group"), ("0", "ambiguous")])
def test_a_group_must_be_meant_alone(edged: Edged, seen: dict[str, Event], prefix: str, reason: str) -> None:
    code, document = edged("review", "dismiss", prefix)
    assert (code, document["error"]["reason"]) == (1, reason)


def test_before_anybody_came_there_is_nothing_to_look_through(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "list", "--config", str(config)]) == 0
    assert "No strangers" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["enroll"],
        ["people", "import"],
        ["people", "export"],
        ["review", "list"],
        ["review", "enroll"],
        ["review", "dismiss"],
    ],
)
def test_help_has_examples(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([*words, "--help"])
    assert leaving.value.code == 0
    assert f"Examples:\n  edged {' '.join(words)}" in capsys.readouterr().out
