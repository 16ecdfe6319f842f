"""`edged hub event …` as typed."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.cli import main
from edged.hub.home import HubHome
from edged.hub.settings import load_settings
from edged.photos.photo_files import PhotoFolder
from edged.photos.purge_mark import mark_of
from edged.photos.sqlite_albums import SqliteAlbums
from tests.hub.album_site import BY, digest, new_photo, new_search

REQUEST = "0f8fad5b-d9cb-469f-a165-70867728950e"
Say = Callable[..., Any]


@pytest.fixture
def config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Of a hub with an organisation."""
    assert main(["hub", "init", str(tmp_path / "hub"), "--models", str(tmp_path)]) == 0
    config = str(tmp_path / "hub" / "hub.yaml")
    assert main(["hub", "org", "create", "acme", "--config", config]) == 0
    capsys.readouterr()
    return config


@pytest.fixture
def say(config: str, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs `edged hub event …`; the JSON that it answers, whose exit code must be as said."""

    def typed(*words: str, code: int = 0) -> Any:
        assert main(["hub", "event", *words, "--config", config, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return typed


@pytest.fixture
def read(config: str, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs `edged hub event …`; what a person reads."""

    def typed(*words: str) -> str:
        assert main(["hub", "event", *words, "--config", config]) == 0
        return capsys.readouterr().out

    return typed


def fill(config: str, slug: str = "gala") -> str:
    """Two photographs, of which one waits, and a search; the id of the event."""
    home = HubHome.of(load_settings(Path(config)))
    with closing(home.open_database()) as database:
        albums = SqliteAlbums(database, PhotoFolder(home.photos))
        event = albums.event("acme", slug)
        assert event is not None
        for name in "ab":
            albums.add_photo(event, new_photo(name, (1, 0), (2, 0)), by=BY)
        albums.finish_search(event, new_search(REQUEST), by=BY, selfie=b"me")
    return event.id


def files(config: str) -> set[str]:
    return set(PhotoFolder(HubHome.of(load_settings(Path(config))).photos).digests())


def test_an_event_is_made_and_listed(say: Say, read: Callable[..., str]) -> None:
    assert read("list", "acme") == "There is none yet.\n"
    made = say("create", "acme", "run-2026", "--threshold", "0.8", "--no-downloads")
    assert (made["slug"], made["threshold"], made["downloads"], made["selfie_search"]) == ("run-2026", 0.8, False, True)
    assert (made["state"], made["consent_version"], made["keeps_originals"]) == ("open", 1, True)
    (listed,) = say("list", "acme")["events"]
    assert listed == made
    assert "run-2026" in read("list", "acme")
    assert say("list", "nobody", code=1)["error"]["reason"] == "no_organisation"
    assert say("create", "acme", "x", "--threshold", "2", code=1)["error"]["reason"] == "bad_threshold"
    assert say("create", "acme", "run-2026", code=1)["error"]["reason"] == "taken"


def test_an_event_has_the_terms_that_were_typed(say: Say) -> None:
    now = time.time()
    made = say(
        *("create", "acme", "gala", "--name", "The gala", "--consent", "May we?", "--closes", "2032-06-01T22:00+02:00"),
        *("--expires", "+2d", "--moderated", "--no-originals", "--keep-selfies", "--keep-faces"),
    )
    assert (made["name"], made["consent"], made["closes"]) == ("The gala", "May we?", "2032-06-01T20:00:00Z")
    flags = ("is_moderated", "keeps_originals", "keeps_selfies", "forgets_faces")
    assert [made[flag] for flag in flags] == [True, False, True, False]
    two_days = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 2 * 86400 + late)) for late in range(30)]
    assert made["expires"] in two_days


def test_a_text_of_consent_may_come_from_a_file(say: Say, tmp_path: Path) -> None:
    text = tmp_path / "consent.txt"
    text.write_text("Dürfen wir?\n\nWirklich?\n", encoding="utf-8")
    assert say("create", "acme", "gala", "--consent", f"@{text}")["consent"] == "Dürfen wir?\n\nWirklich?"

    text.write_bytes(b"\xff\xfe")
    assert say("create", "acme", "ball", "--consent", f"@{text}", code=1)["error"]["reason"] == "bad_consent"
    text.write_text("x" * 32_001)
    assert say("create", "acme", "ball", "--consent", f"@{text}", code=1)["error"]["reason"] == "bad_consent"
    missing = say("create", "acme", "ball", "--consent", f"@{tmp_path / 'nothing'}", code=1)
    assert missing["error"]["reason"] == "bad_consent"
    assert [event["slug"] for event in say("list", "acme")["events"]] == ["gala"]


@pytest.mark.parametrize("when", ["tomorrow", "2032-06-01T22:00", "+2", "+999999w", "9999-12-31T23:59:59-23:00"])
def test_a_time_that_is_none_is_wrong_usage(config: str, capsys: pytest.CaptureFixture[str], when: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["hub", "event", "create", "acme", "gala", "--closes", when, "--config", config])
    assert ended.value.code == 2
    assert when.lstrip("+") in capsys.readouterr().err


def test_an_event_is_shown_with_what_there_is_of_it(config: str, say: Say, read: Callable[..., str]) -> None:
    say("create", "acme", "gala", "--moderated", "--keep-selfies", "--consent", "May we?")
    event = fill(config)

    shown = say("show", "acme", "gala")

    assert (shown["id"], shown["photos"], shown["waiting"]) == (event, 0, 2)
    assert [shown["tally"][count] for count in ("shown", "waiting", "faces", "searches", "selfies")] == [0, 2, 4, 1, 1]
    text = read("show", "acme", "gala")
    assert "0 shown, 2 waiting, 0 hidden" in text
    assert "May we?" in text
    assert event in text
    assert say("show", "acme", "ball", code=1)["error"]["reason"] == "no_event"


def test_an_event_is_closed_and_opened_again(say: Say, read: Callable[..., str]) -> None:
    say("create", "acme", "gala")
    assert say("close", "acme", "gala")["state"] == "closed"
    assert "has taken no photographs since" in read("close", "acme", "gala")
    assert say("open", "acme", "gala")["state"] == "open"
    assert read("open", "acme", "gala") == "The event gala takes photographs.\n"
    assert say("close", "acme", "ball", code=1)["error"]["reason"] == "no_event"

    say("create", "acme", "over", "--closes", "2001-01-01T00:00Z", "--expires", "2002-01-01T00:00Z")
    assert "has been over since 2002-01-01" in read("open", "acme", "over")


def test_a_purge_says_what_was_removed_and_nothing_is_left(config: str, say: Say, read: Callable[..., str]) -> None:
    say("create", "acme", "gala", "--keep-selfies")
    event = fill(config)
    assert len(files(config)) == 7

    purge = say("purge", "acme", "gala", "--yes")

    assert (purge["event"], purge["tally"]["shown"], purge["tally"]["selfies"]) == (event, 2, 1)
    assert purge["digests"] == sorted(mark_of(purge["salt"], digest(new_photo(name).content)) for name in "ab")
    assert files(config) == set()
    assert say("show", "acme", "gala", code=1)["error"]["reason"] == "no_event"
    assert say("purges") == say("purges", "acme") == {"purges": [purge]}
    assert "gala" in read("purges")
    assert say("purges", "zoo") == {"purges": []}


def test_a_purge_asks_for_the_slug_first(
    config: str, say: Say, read: Callable[..., str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say("create", "acme", "gala")
    fill(config)
    for typed in ("\n", "y\n", "gal\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert main(["hub", "event", "purge", "acme", "gala", "--config", config]) == 1
        said = capsys.readouterr().err
        assert "2 photographs, 4 faces, 1 search and 0 selfies" in said
        assert "nothing was removed" in said
    assert say("show", "acme", "gala")["photos"] == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("gala\n"))
    assert say("purge", "acme", "gala", code=1)["error"]["reason"] == "not_confirmed"

    monkeypatch.setattr("sys.stdin", io.StringIO("gala\n"))
    assert "2 photographs" in read("purge", "acme", "gala")
    assert files(config) == set()
