from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from edged.config import layers
from edged.config.document import Document
from edged.config.kept import PUSHED, Kept, write_pushed
from edged.config.layers import GOOD, Loaded, Origin, keep_good, last_good, load
from edged.config.propose import Accepted, propose
from edged.config.pushed import DEVICE, PAGE
from edged.domain.errors import ConfigInvalid, Unavailable
from tests.config.keeping import keep_pushed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that sets the state directory, a camera and two decisions."""
    path = tmp_path / "edged.yaml"
    path.write_text(
        "device: {state: ./state}\n"
        "decision: {frames: 5, threshold: ~}\n"
        "cameras: {door: {kind: v4l2, region: {x1: 0.1}}}\n"
        "mqtt: {username: door, password: hunter2}\n"
    )
    (tmp_path / "state").mkdir()
    return path


def pushed(loaded: Loaded, patch: dict[str, Any]) -> Loaded:
    answer = propose(loaded, patch)
    assert isinstance(answer, Accepted), answer
    return answer.loaded


def test_without_a_file_there_are_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(layers, "DEFAULT_FILE", tmp_path / "edged.yaml")
    monkeypatch.setattr(layers, "read_pushed", lambda _state: Kept())
    loaded = load()
    assert loaded.document == Document()
    assert loaded.source is None
    assert set(loaded.provenance.values()) == {Origin.DEFAULT}


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="no such file"):
        load(tmp_path / "edged.yaml")


def test_a_file_that_cannot_be_read_is_no_invalid_document(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot be read"):
        load(tmp_path)


def test_a_folder_named_as_state_is_found_from_the_files_folder(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert load(Path("edged.yaml")).document.device.state == file.parent / "state"


def test_each_value_says_where_it_comes_from(file: Path) -> None:
    keep_pushed(pushed(load(file), {"decision": {"margin": 0.05}, "cameras": {"door": {"fps": 7}}}))
    loaded = load(file)
    assert loaded.document.decision.margin == 0.05
    assert loaded.document.cameras["door"].fps == 7
    assert {path: origin for path, origin in loaded.provenance.items() if origin is not Origin.DEFAULT} == {
        "device.state": Origin.FILE,
        "decision.frames": Origin.FILE,
        "decision.threshold": Origin.FILE,
        "decision.margin": Origin.PUSHED,
        "cameras.door.kind": Origin.FILE,
        "cameras.door.region.x1": Origin.FILE,
        "cameras.door.fps": Origin.PUSHED,
        "mqtt.username": Origin.FILE,
        "mqtt.password": Origin.FILE,
    }


def test_the_file_wins_over_what_was_pushed_before_it_spoke(file: Path) -> None:
    keep_pushed(pushed(load(file), {"visits": {"leave_s": 3}}))
    file.write_text(file.read_text() + "visits: {leave_s: 2}\n")
    loaded = load(file)
    assert loaded.document.visits.leave_s == 2
    assert loaded.provenance["visits.leave_s"] is Origin.FILE


def test_what_was_pushed_is_private_and_replaced_in_one_step(file: Path) -> None:
    loaded = pushed(load(file), {"log": {"level": "debug"}})
    keep_pushed(loaded)
    keep_pushed(pushed(loaded, {"log": {"level": "error"}}))
    state = file.parent / "state"
    assert sorted(file.name for file in state.iterdir()) == [".desired.lock", PUSHED]
    assert stat.S_IMODE((state / PUSHED).stat().st_mode) == 0o600
    assert json.loads((state / PUSHED).read_text())["layers"] == {"device": {"log": {"level": "error"}}}


def test_a_full_disk_leaves_the_former_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = pushed(load(file), {"log": {"level": "debug"}})
    keep_pushed(loaded)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="No space left"):
        keep_pushed(pushed(loaded, {"log": {"level": "error"}}))
    monkeypatch.undo()
    assert load(file).document.log.level == "debug"
    keep_pushed(pushed(loaded, {"log": {"level": "error"}}))
    assert load(file).document.log.level == "error"


def test_a_damaged_push_is_an_error_that_names_its_file(file: Path) -> None:
    (file.parent / "state" / PUSHED).write_bytes(b'{"log": {"lev')
    with pytest.raises(ConfigInvalid, match=PUSHED):
        load(file)


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        ("cameras: {entrance: {kind: v4l2}}", "cameras.door.kind"),
        ("cameras: {door: {kind: video, path: a.mp4}}", "cameras.door.width"),
        ("mqtt: {tls: true, cert_file: a, key_file: b}", "mqtt"),
    ],
)
def test_a_push_that_no_longer_fits_the_edited_file_is_set_aside_and_named(file: Path, edit: str, path: str) -> None:
    former = {"cameras": {"door": {"width": 640}}, "mqtt": {"tls": False}, "log": {"level": "debug"}}
    keep_pushed(pushed(load(file), former))
    file.write_text(f"device: {{state: state}}\n{edit}\n")
    if "mqtt" in edit:
        (file.parent / "state" / PUSHED).write_text(
            '{"layers": {"device": {"mqtt": {"password": "a", "password_file": "/b"}, "log": {"level": "debug"}}}}'
        )
    loaded = load(file)
    assert [problem.path for problem in loaded.set_aside] == [path]
    assert loaded.document.log.level == "debug"
    assert (file.parent / "state" / PUSHED).exists()


def test_the_last_good_document_is_there_when_the_file_is_broken(file: Path) -> None:
    state = file.parent / "state"
    assert last_good(state) is None
    loaded = pushed(load(file), {"decision": {"margin": 0.05}})
    keep_good(loaded)
    assert stat.S_IMODE((state / GOOD).stat().st_mode) == 0o600
    file.write_text("decision: {frames: many}\n")
    with pytest.raises(ConfigInvalid):
        load(file)
    good = last_good(state)
    assert good == loaded
    assert good.document.mqtt.password is not None
    assert good.document.mqtt.password.get_secret_value() == "hunter2"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"source": 1, "file": {}, "pushed": "ab"}', b"\xff"])
def test_a_damaged_last_good_is_none(file: Path, content: bytes) -> None:
    state = file.parent / "state"
    (state / GOOD).write_bytes(content)
    assert last_good(state) is None


def test_the_digest_names_the_document_and_not_the_secret(file: Path) -> None:
    text = file.read_text()
    first = load(file).digest
    file.write_text(text.replace("hunter2", "another"))
    assert load(file).digest == first
    file.write_text(text.replace("frames: 5", "frames: 6"))
    assert load(file).digest != first
    file.write_text(f"{text}visits: {{leave_s: 15e-1}} # the default, said in another way\n")
    assert load(file).digest == first
    assert len(first) == 12


def test_all_of_a_push_that_no_longer_fits_is_set_aside_also_what_shows_only_after_the_rest_is_gone(file: Path) -> None:
    state = load(file).document.device.state
    asked = {
        DEVICE: {"quality": {"min_light": 240}, "decision": {"margin": 0.2}},
        PAGE: {"control": {"allow": ["sync"]}},  # an upgrade may have made it the file's alone
    }
    write_pushed(state, Kept(layers=asked))
    loaded = load(file)
    assert {problem.path.split(".")[0] for problem in loaded.set_aside} == {"quality", "control"}
    assert loaded.document.decision.margin == 0.2
