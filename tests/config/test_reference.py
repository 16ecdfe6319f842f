from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from edged.config.document import Document
from edged.config.problems import checked
from edged.config.reference import commented_file, tables
from edged.config.schema import json_schema
from edged.config.setting import settings
from edged.config.text import read_yaml
from tests.config.full import COMMENTED, ROOT, defaults, example_cameras


def schema_text() -> str:
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(
    ("name", "write", "command"),
    [
        ("config/edged.yaml", commented_file, "edged config schema --as yaml"),
        ("docs/configuration.md", tables, "edged config schema --as markdown"),
        ("config/edged.schema.json", schema_text, "edged config schema"),
    ],
)
def test_what_is_written_from_the_schema_is_up_to_date(name: str, write: Callable[[], str], command: str) -> None:
    assert (ROOT / name).read_text() == write(), f"out of date: run `{command} > {name}`"


def test_the_commented_file_sets_nothing() -> None:
    assert read_yaml(COMMENTED.encode(), "edged.yaml") == {}


def test_uncommented_it_is_the_defaults_and_says_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "entrance")
    document = checked(defaults(), "test")
    assert document == Document()
    assert all(setting.given for setting in settings(document))


def test_its_example_cameras_are_valid_one_of_each_kind_and_the_first_says_everything() -> None:
    cameras = checked({"cameras": example_cameras()}, "test").cameras
    kinds = [entry.kind for entry in cameras.values()]
    assert kinds == ["v4l2", "rtsp", "mjpeg", "video", "stills", "command", "demo"]
    first, *others = cameras.values()
    assert all(setting.given for setting in settings(first))
    shared = {setting.path for setting in settings(first)}
    for entry in others:
        assert all(setting.given or setting.path in shared for setting in settings(entry))


def test_editors_find_the_schema_beside_the_file() -> None:
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", COMMENTED)
    assert named
    assert (ROOT / "config" / named[1]).is_file()


def test_the_tables_name_every_setting() -> None:
    text = tables()
    for setting in settings(Document()):
        assert f"| `{setting.path.partition('.')[2]}` |" in text
