"""`edged bench`, as it is typed, with what it measures given: the measuring itself is tested beside this."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from edged.cli import main
from edged.measure import events, pipeline
from edged.measure.daemon_trial import DaemonTrial
from edged.measure.events import KillResult, SpeedResult
from edged.measure.frame_cost import FrameCost
from edged.measure.gate_saving import GateSaving
from edged.measure.latency import Latency, Spread
from edged.measure.memory import Memory
from edged.measure.meter import STEPS
from edged.measure.pipeline import Pipeline
from edged.measure.rival import Contest

FAST, SLOW = Spread(100.0, 200.0), Spread(200.0, 700.0)
COST = FrameCost(frames=9, embedded=9, p50=2.0, p95=3.0, steps=dict.fromkeys(STEPS, 0.1))
FOUND = Pipeline(
    voting=COST,
    watching=COST,
    gate=(GateSaving(640, 480, 9, 0.5, 10.0, 1.0),),
    contest=Contest(photos=3, faces=3, rival_faces=3, cpu_ms=10.0, rival_cpu_ms=100.0),
    daemon=DaemonTrial(
        (
            Latency("unknown", 4, 4, 4, FAST, FAST, 3.0, FAST, FAST, FAST),
            Latency("known", 4, 4, 4, SLOW, FAST, 2.0, FAST, FAST, FAST),
        ),
        Memory(resident=161.0, peak=162.0, own=100.0, files=61.0),
        idle_s=60.0,
    ),
    missing=(),
)


def test_it_says_what_was_reached_and_what_was_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], astronaut_path: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr(pipeline, "measure_pipeline", lambda *_: FOUND)
    page = tmp_path / "benchmarks.md"
    assert main(["bench", "pipeline", "--photo", str(astronaut_path), "--write", str(page)]) == 0
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    verdicts = {words[0]: words[-1].strip() for words in lines if words[-1].strip() in {"reached", "missed"}}
    assert verdicts == {
        "non-model work of a 1080p frame with one face, watching": "reached",
        "non-model work of a 1080p frame with one face, voting": "reached",
        "detect and embed, beside face_recognition": "reached",
        "face to event, unknown": "reached",
        "face to event, known": "missed",
        "resident memory": "missed",
    }
    text = page.read_text()
    assert "## Pipeline\n" in text
    assert "| resident memory | ≤ 160 MB | 161 MB | missed |" in text


def test_what_is_missing_is_said_and_the_rest_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], astronaut_path: Path
) -> None:
    partly = Pipeline(COST, COST, FOUND.gate, None, None, ("no Mosquitto. apt-get install mosquitto",))
    monkeypatch.setattr(pipeline, "measure_pipeline", lambda *_: partly)
    assert main(["bench", "pipeline", "--photo", str(astronaut_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["missing"] == ["no Mosquitto. apt-get install mosquitto"]
    assert document["contest"] is document["daemon"] is None
    assert set(document["voting"]["steps"]) == set(STEPS)
    assert "cores" in document["machine"]
    assert main(["bench", "pipeline", "--photo", str(astronaut_path)]) == 0
    assert "Not measured: no Mosquitto" in capsys.readouterr().out


@pytest.mark.parametrize(("lost", "intact", "code"), [(0, True, 0), (1, True, 1), (0, False, 1)])
def test_a_lost_event_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lost: int, intact: bool, code: int
) -> None:
    killed = KillResult(100, 5000, 5000 - lost, lost, 12, 0, intact)
    monkeypatch.setattr(events, "kill_repeatedly", lambda *_: killed)
    monkeypatch.setattr(events, "measure_speed", lambda *_: SpeedResult(1000, 2.0, 3.0, 4000.0))
    assert main(["bench", "events"]) == code
    out = capsys.readouterr().out
    assert f"{lost} of 5,000" in out
    assert ("missed" in out) == bool(code)


def test_an_index_is_compared_for_as_many_people_as_are_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # else the command starts itself anew with it
    monkeypatch.setattr("edged.commands.bench._PROBES", 60)
    command = ["bench", "index", "--people", "50", "--people", "60", "--templates", "2", "--dimension", "16"]
    assert main([*command, "--kills", "2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    sizes = [(found["people"], found["templates"], found["dimension"]) for found in document["comparisons"]]
    assert sizes == [(50, 100, 16), (60, 120, 16)]
    assert document["life"]["people"] == 60
    assert (document["kills"]["kills"], document["damage"]["noticed"]) == (2, 60)


def test_photographs_cannot_give_any_number_of_numbers(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, models_dir: Path
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    config = tmp_path / "edged.yaml"
    config.write_text(f"models: {{directory: {models_dir}}}", encoding="utf-8")
    command = ["bench", "index", "--images", str(tmp_path), "--dimension", "200", "--config", str(config)]
    assert main(command) == 1
    assert "photographs give 128 or 512 numbers" in capsys.readouterr().err


def test_a_survey_is_costed_and_what_it_misses_is_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, models_dir: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # as above
    config = tmp_path / "edged.yaml"
    config.write_text(f"models: {{directory: {models_dir}}}")
    assert main(["bench", "survey", "--people", "300", "--templates", "2", "--json", "--config", str(config)]) == 0
    (cost,) = json.loads(capsys.readouterr().out)["surveys"]
    assert (cost["people"], cost["templates"], cost["source"]) == (300, 600, "made-up people")
    assert cost["missed"] == 0


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for word in ("pipeline", "index", "survey", "events", "hub", "hub-search", "sync"):
        with pytest.raises(SystemExit) as left:
            main(["bench", word, "--help"])
        assert left.value.code == 0
        text = capsys.readouterr().out
        assert f"edged bench {word} " in text.partition("Example")[2]
        assert "--write PAGE" in text
