"""`edged hub migrate …` as typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.hub.home import HubHome
from edged.hub.settings import load_settings
from edged.hub.sqlite.directory import SqliteDirectory
from edged.photos.photo_files import PhotoFolder
from edged.photos.sqlite_albums import SqliteAlbums
from tests.api.painted import new_face
from tests.hub.album_site import BY, new_event, new_photo
from tests.hub.storage_server import ACCESS, SECRET, storage

Say = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> HubHome:
    """Of a hub with a person and a photograph."""
    assert main(["hub", "init", str(tmp_path / "hub"), "--models", str(tmp_path), "--json"]) == 0
    capsys.readouterr()
    home = HubHome.of(load_settings(tmp_path / "hub" / "hub.yaml"))
    with closing(home.open_database()) as database:
        SqliteDirectory(database).enroll("4711", [new_face(1)], by=BY)
        albums = SqliteAlbums(database, PhotoFolder(home.photos))
        albums.add_photo(new_event(albums), new_photo("a", (1, 0)), by=BY)
    return home


@pytest.fixture
def say(home: HubHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    def typed(*words: str, code: int = 0) -> Any:
        config = str(tmp_path / "hub" / "hub.yaml")
        assert main(["hub", "migrate", "--config", config, *words, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return typed


def test_a_site_is_moved_while_its_hub_runs_and_finished_when_it_is_stopped(
    say: Say, home: HubHome, address: str
) -> None:
    with home.held():
        first = say("--to", address)
        assert (first["people"], first["photos"], first["finished"]) == (1, 1, False)
        refused = say("--to", address, "--finish", code=1)
        assert "a hub runs" in refused["error"]["what"]

    done = say("--to", address, "--finish")

    assert done["finished"]
    assert done["compared"]["people"] == 1
    assert done["configuration"] == {"store": {"postgresql": address}}


def test_photographs_move_to_a_bucket_with_keys_from_the_environment(
    say: Say, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with storage() as server:
        assert say("--to", address, "--photos", server.address, code=1)["error"]["reason"] == "no_keys"
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        done = say("--to", address, "--photos", server.address, "--finish")
        assert len(server.objects) == 3
    assert SECRET not in json.dumps(done)
    assert done["configuration"]["store"]["photos"] == server.address


def test_a_password_on_the_command_line_is_refused_and_not_repeated(say: Say, address: str) -> None:
    refused = say("--to", address.replace("edged@", "edged:hunter2@"), code=1)

    assert refused["error"]["reason"] == "password_shown"
    assert "hunter2" not in json.dumps(refused)


def test_a_file_may_hold_the_password_which_is_never_shown(say: Say, address: str, tmp_path: Path) -> None:
    secret = tmp_path / "address"
    secret.write_text(address.replace("edged@", "edged:hunter2@") + "\n")

    done = say("--to-file", str(secret), "--finish")

    assert done["finished"]
    assert "hunter2" not in json.dumps(done)
    assert done["configuration"] == {"store": {"postgresql_file": str(secret)}}


def test_what_is_printed_at_the_end_is_what_the_document_takes(
    home: HubHome, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "hub" / "hub.yaml"
    assert main(["hub", "migrate", "--config", str(config), "--to", address, "--finish"]) == 0
    said = capsys.readouterr().out
    (tmp_path / "new.yaml").write_text(said[said.index("store:") :])

    assert load_settings(tmp_path / "new.yaml").store.postgresql == address


def test_where_there_is_no_hub_nothing_is_made_and_nothing_moved(say: Say, home: HubHome, address: str) -> None:
    home.database.unlink()
    assert say("--to", address, code=1)["error"]["reason"] == "no_hub"
    assert not home.database.exists()
