"""Another embedder, with the real models: from kept faces, without enrolling anybody again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.config.layers import load
from edged.domain.event import BestShot, Outcome
from edged.domain.frame import Image
from edged.domain.person import Person, Template
from edged.gallery.people import People
from edged.measure.sample_event import sample_event
from edged.mqtt.outbox import Outbox
from edged.runtime.state_dir import StateDir
from edged.vision.sight import Sight

OTHER = "sface-2021dec-f32"
OURS = "sface-2021dec-int8"


@pytest.fixture
def config(tmp_path: Path, models_dir: Path, astronaut_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A device on which Eileen is enrolled, with a kept face, and Otto, of whom only the template is left."""
    path = tmp_path / "edged.yaml"
    path.write_text(
        json.dumps({"device": {"state": str(tmp_path / "state")}, "models": {"directory": str(models_dir)}})
    )
    assert main(["enroll", "4711", str(astronaut_path), "--name", "Eileen", "--config", str(path)]) == 0
    capsys.readouterr()
    return path


def edged(config: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, dict[str, Any]]:
    code = main([*words, "--json", "--config", str(config)])
    return code, json.loads(capsys.readouterr().out)


def enroll_without_face(config: Path, sight: Sight, crop: Image) -> None:
    document = load(config).document
    with closing(StateDir.of(document).open_gallery(document, sight.model)) as gallery:
        gallery.enroll(Person("", "4712", "Otto"), [Template(sight.embed([crop])[0], 0.5, "ab" * 32)])


def keep_event(config: Path, crops: Sequence[Image]) -> str:
    """An event as the daemon keeps it, with the faces that voted."""
    document = load(config).document
    state = StateDir.of(document)
    event = replace(sample_event(1), outcome=Outcome.KNOWN, best=None)
    shot = BestShot(tuple(crops), crops[0], event.captured)
    with closing(Outbox.open(state.events, "boot", now=event.captured.utc)) as outbox:
        outbox.append([event])
    state.open_shots(document).save(event.id, shot, event.outcome)
    return event.id


def test_switching_and_rolling_back_is_one_command_each(
    config: Path, capsys: pytest.CaptureFixture[str], astronaut_path: Path
) -> None:
    code, switched = edged(config, capsys, "models", "switch", OTHER)
    assert (code, switched["made"], switched["left_out"]) == (0, 1, [])
    assert load(config).document.models.embedder == OTHER
    code, who = edged(config, capsys, "identify", str(astronaut_path))
    (face,) = who["faces"]
    assert face["person"]["customer_person_id"] == "4711"
    assert face["similarity"] > 0.95, "the kept face is as good as the photograph"

    code, back = edged(config, capsys, "models", "rollback")
    assert (code, back["model"], back["made"]) == (0, OURS, 0)
    assert load(config).document.models.embedder == OURS
    (face,) = edged(config, capsys, "identify", str(astronaut_path))[1]["faces"]
    assert face["person"]["customer_person_id"] == "4711"


def test_whoever_has_no_kept_face_is_listed_and_keeps_the_switch_from_happening(
    config: Path, capsys: pytest.CaptureFixture[str], sight: Sight, astronaut: Image
) -> None:
    enroll_without_face(config, sight, astronaut[:112, :112].copy())

    code, prepared = edged(config, capsys, "models", "prepare", OTHER)
    assert (code, prepared["people"], prepared["left_out"]) == (1, 1, ["4712"])

    code, refused = edged(config, capsys, "models", "switch", OTHER)
    assert (code, refused["error"]["reason"]) == (1, "left_out")
    assert load(config).document.models.embedder == OURS

    code, switched = edged(config, capsys, "models", "switch", OTHER, "--leave-out")
    assert (code, switched["left_out"]) == (0, ["4712"])


def test_preparing_again_does_only_what_is_new(
    config: Path, capsys: pytest.CaptureFixture[str], astronaut_path: Path
) -> None:
    assert edged(config, capsys, "models", "prepare", OTHER)[1]["made"] == 1
    assert edged(config, capsys, "models", "prepare", OTHER)[1]["made"] == 0
    assert main(["enroll", "4799", str(astronaut_path), "--config", str(config)]) == 0
    capsys.readouterr()
    assert edged(config, capsys, "models", "prepare", OTHER)[1]["made"] == 1


def test_both_models_are_compared_on_what_the_cameras_saw(
    config: Path, capsys: pytest.CaptureFixture[str], sight: Sight, astronaut: Image
) -> None:
    (face,) = sight.detect(astronaut)
    event = keep_event(config, [sight.crop(astronaut, face)] * 3)

    code, compared = edged(config, capsys, "models", "compare", OTHER)
    assert (code, compared["events"], compared["same"]) == (1, 1, 0)
    (disagreement,) = compared["disagreements"]
    assert disagreement["event"] == event
    assert (disagreement["current"]["person"], disagreement["other"]["outcome"]) == ("4711", "unknown")

    edged(config, capsys, "models", "prepare", OTHER)
    code, compared = edged(config, capsys, "models", "compare", OTHER)
    assert (code, compared["events"], compared["same"]) == (0, 1, 1)


def test_a_file_that_names_the_embedder_is_not_pushed_over(
    config: Path, capsys: pytest.CaptureFixture[str], models_dir: Path
) -> None:
    document = json.loads(config.read_text())
    document["models"]["embedder"] = OURS
    config.write_text(json.dumps(document))

    code, refused = edged(config, capsys, "models", "switch", OTHER)

    assert code == 78
    assert refused["error"]["problems"][0]["path"] == "models.embedder"


def test_templates_of_a_model_that_is_not_wanted_any_more_are_deleted(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edged(config, capsys, "models", "prepare", OTHER)
    document = load(config).document

    assert edged(config, capsys, "models", "drop", OTHER)[1]["templates"] == 1
    assert edged(config, capsys, "models", "drop", OURS)[1]["error"]["reason"] == "in_use"

    people: People = StateDir.of(document).open_people(document)
    assert [model.name for model, _people in people.models()] == [OURS]
    people.close()
