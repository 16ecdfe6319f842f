"""`edged hub …` as typed: what each command does, says, and refuses."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edged.api.access import Grant, Right
from edged.api.cursor import cursor_of
from edged.api.fleet import Place
from edged.api.token import digest_of
from edged.cli import main
from edged.hub.home import HubHome
from edged.hub.settings import load_settings
from edged.hub.sqlite.directory import SqliteDirectory
from edged.hub.sqlite.fleet import SqliteFleet
from edged.hub.sqlite.tokens import SqliteTokens
from edged.photos.photo_files import PhotoFolder
from tests.api.painted import MODEL, new_face

_BY = Grant("t", "tester", frozenset({Right.ADMIN}))

Say = Callable[..., Any]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs `edged hub …` on a hub that was just made; the JSON that it answers, whose exit code must be as said."""

    def typed(*words: str, code: int = 0) -> Any:
        more = [] if words[0] == "init" else ["--config", str(tmp_path / "hub" / "hub.yaml")]
        assert main(["hub", *words, *more, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    typed("init", str(tmp_path / "hub"), "--name", "hub.example.org", "--models", str(tmp_path))
    return typed


def _home(tmp_path: Path) -> HubHome:
    return HubHome.of(load_settings(tmp_path / "hub" / "hub.yaml"))


def test_init_makes_what_a_hub_needs_and_its_first_token_opens_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "hub"
    code, out = _out(["hub", "init", str(folder), "--name", "hub.example.org", "--port", "9443"], as_json=True)
    assert code == 0
    made = json.loads(out)
    assert made["url"] == "https://hub.example.org:9443"
    assert made["names"] == ["hub.example.org", "localhost", "127.0.0.1", "::1"]
    assert made["token"]["text"] in made["curl"]
    assert "--cacert" in made["curl"]
    settings = load_settings(folder / "hub.yaml")
    assert (settings.serve.listen, settings.serve.port, settings.serve.encrypts) == ("0.0.0.0", 9443, True)
    with closing(HubHome.of(settings).open_database()) as database:
        token = SqliteTokens(database).find(made["token"]["id"])
        (entry,) = database.audit()
    assert token is not None
    assert token.opens_for(digest_of(made["token"]["text"]), token.created)
    assert token.rights == {Right.ADMIN}
    assert (entry.by, entry.act) == ("command-line", "create_token")


@pytest.mark.parametrize(
    ("listen", "called"), [("127.0.0.1", "127.0.0.1"), ("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "[2001:db8::7]")]
)
def test_a_hub_that_listens_on_one_address_is_called_by_it(tmp_path: Path, listen: str, called: str) -> None:
    code, out = _out(["hub", "init", str(tmp_path / "hub"), "--listen", listen, "--port", "9443"], as_json=True)
    made = json.loads(out)
    assert code == 0
    assert made["url"] == f"https://{called}:9443"
    assert made["curl"].endswith(f"https://{called}:9443/v1/galleries'" if "[" in called else "9443/v1/galleries")
    assert {listen, socket.gethostname()} <= {*made["names"]}


@pytest.mark.parametrize("listen", ["0.0.0.0", "::"])
def test_a_hub_that_listens_everywhere_is_called_by_the_machines_name(tmp_path: Path, listen: str) -> None:
    _, out = _out(["hub", "init", str(tmp_path / "hub"), "--listen", listen], as_json=True)
    assert json.loads(out)["url"] == f"https://{socket.gethostname()}:8443"


def test_nobody_else_may_read_what_init_made_but_for_the_authoritys_certificate(say: Say, tmp_path: Path) -> None:
    modes = {
        path.relative_to(tmp_path / "hub").as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "hub").rglob("*")
    }
    assert modes.pop("tls/ca.crt") == 0o644
    assert set(modes.values()) == {0o600, 0o700}


def test_the_text_of_init_shows_the_token_once_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["hub", "init", str(tmp_path / "hub"), "--models", str(tmp_path / "nowhere")]) == 0
    said = capsys.readouterr().out
    assert "shown this once" in said
    assert "curl --cacert" in said
    assert "edged hub run --config" in said
    assert "There are no models" in said


def test_init_overwrites_nothing(say: Say, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in (tmp_path / "hub").rglob("*") if path.is_file()}
    refused = say("init", str(tmp_path / "hub"), code=1)
    assert refused["error"]["reason"] == "not_empty"
    assert {path: path.read_bytes() for path in (tmp_path / "hub").rglob("*") if path.is_file()} == before


def test_init_with_a_bad_name_leaves_nothing_that_looks_like_a_hub(tmp_path: Path) -> None:
    code, out = _out(["hub", "init", str(tmp_path / "hub"), "--name", "https://hub"], as_json=True)
    assert code == 1
    assert json.loads(out)["error"]["reason"] == "bad_name"
    assert not (tmp_path / "hub" / "hub.yaml").exists()


def test_a_token_is_made_listed_rotated_and_revoked(say: Say) -> None:
    made = say("token", "create", "--name", "kiosk", "--right", "match", "--gallery", "staff", "--expires", "90d")
    assert made["token"]["text"].startswith(f"edged_{made['token']['id']}_")
    (listed,) = [one for one in say("token", "list")["tokens"] if one["name"] == "kiosk"]
    assert "text" not in listed
    assert (listed["rights"], listed["gallery"], listed["revoked"]) == (["match"], "staff", None)
    rotated = say("token", "rotate", made["token"]["id"], "--grace", "30m")
    assert rotated["token"]["id"] == made["token"]["id"]
    assert rotated["token"]["text"] != made["token"]["text"]
    assert say("token", "revoke", made["token"]["id"]) == {"revoked": made["token"]["id"]}
    assert say("token", "revoke", made["token"]["id"], code=1)["error"]["reason"] == "unknown_token"
    assert say("token", "rotate", made["token"]["id"], code=1)["error"]["reason"] == "unknown_token"


def test_a_token_of_a_device_may_what_devices_may_and_nothing_else(say: Say) -> None:
    made = say("token", "create", "--name", "booth", "--device", "booth-3")
    assert (made["token"]["rights"], made["token"]["device"]) == (["device"], "booth-3")


def test_a_token_without_a_right_and_a_span_without_a_unit_are_refused(say: Say, tmp_path: Path) -> None:
    assert say("token", "create", "--name", "nothing", code=1)["error"]["reason"] == "no_rights"
    with pytest.raises(SystemExit):
        main(["hub", "token", "create", "--name", "x", "--right", "read", "--expires", "90"])


def test_the_audit_shows_who_had_what_done_the_newest_first(say: Say, tmp_path: Path) -> None:
    with closing(_home(tmp_path).open_database()) as database:
        SqliteDirectory(database).enroll("4711", [new_face(1)], by=_BY)
    say("org", "create", "acme")
    entries = say("audit")["entries"]

    assert [entry["act"] for entry in entries[:2]] == ["create_organisation", "enroll"]
    assert (entries[1]["name"], entries[1]["about"]) == ("tester", "4711, faces 1")
    assert len(say("audit", "--last", "1")["entries"]) == 1
    say("audit", "--last", "0", code=1)


def test_organisations_are_made_and_listed(say: Say) -> None:
    assert say("org", "create", "acme", "--name", "Acme Photos") == {"slug": "acme", "name": "Acme Photos"}
    assert say("org", "create", "acme", code=1)["error"]["reason"] == "taken"
    assert say("org", "list") == {"organisations": [{"slug": "acme", "name": "Acme Photos"}]}


def test_a_backup_brings_people_photographs_and_tokens_to_another_machine(say: Say, tmp_path: Path) -> None:
    home = _home(tmp_path)
    with closing(home.open_database()) as database:
        known = SqliteDirectory(database).enroll("anna", [new_face(1)], by=_BY)
    PhotoFolder(home.photos).put("ab" * 32, b"a photograph")
    backup = tmp_path / "backup.edged-hub"
    assert say("backup", str(backup))["photos"] == 1
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert b"anna" not in backup.read_bytes()

    other = tmp_path / "other"
    assert main(["hub", "init", str(other), "--models", str(tmp_path), "--json"]) == 0
    (other / "data" / "key").write_bytes((home.root / "key").read_bytes())
    (other / "data" / "key.mark").unlink()
    (other / "data" / "hub.db").unlink()
    assert main(["hub", "restore", str(backup), "--config", str(other / "hub.yaml"), "--json"]) == 0
    moved = HubHome.of(load_settings(other / "hub.yaml"))
    with closing(moved.open_database()) as database:
        directory = SqliteDirectory(database)
        assert directory.person("anna") == known
        later = directory.enroll("berta", [new_face(2)], by=_BY)
        assert later.faces[0].number > known.faces[0].number + 1000, "no number means two things"
        tokens = [token.id for token in SqliteTokens(database).all()]
    with closing(home.open_database()) as database:
        assert tokens == [token.id for token in SqliteTokens(database).all()]
    assert PhotoFolder(moved.photos).get("ab" * 32) == b"a photograph"
    assert not [path.name for path in moved.root.iterdir() if path.name.startswith(".")]


def test_a_restore_brings_back_neither_who_was_deleted_nor_a_token_that_was_revoked(say: Say, tmp_path: Path) -> None:
    home = _home(tmp_path)
    token = say("token", "create", "--name", "kiosk", "--right", "match")["token"]
    with closing(home.open_database()) as database:
        SqliteDirectory(database).enroll("anna", [new_face(1)], by=_BY)
    backup = tmp_path / "backup.edged-hub"
    say("backup", str(backup))
    say("token", "revoke", token["id"])
    with closing(home.open_database()) as database:
        SqliteDirectory(database).delete_person("anna", by=_BY)
    say("restore", str(backup), "--force")
    with closing(home.open_database()) as database:
        assert SqliteDirectory(database).person("anna") is None
        kept = SqliteTokens(database).find(token["id"])
    assert kept is not None
    assert kept.revoked is not None


def test_a_restore_takes_the_place_of_everything_that_came_after_the_backup(say: Say, tmp_path: Path) -> None:
    home = _home(tmp_path)
    backup = tmp_path / "backup.edged-hub"
    say("backup", str(backup))
    assert say("backup", str(backup), code=1)["error"]["reason"] == "exists"
    with closing(home.open_database()) as database:
        SqliteDirectory(database).enroll("anna", [new_face(1)], by=_BY)
    PhotoFolder(home.photos).put("ab" * 32, b"a photograph")
    assert say("restore", str(backup), code=1)["error"]["reason"] == "not_empty"
    say("restore", str(backup), "--force")
    with closing(home.open_database()) as database:
        assert SqliteDirectory(database).person("anna") is None
    assert PhotoFolder(home.photos).get("ab" * 32) is None


@pytest.mark.parametrize("spoil", ["cut", "changed", "foreign"])
def test_a_spoilt_backup_changes_nothing(say: Say, tmp_path: Path, spoil: str) -> None:
    home = _home(tmp_path)
    with closing(home.open_database()) as database:
        SqliteDirectory(database).enroll("anna", [new_face(1)], by=_BY)
    backup = tmp_path / "backup.edged-hub"
    say("backup", str(backup))
    content = bytearray(backup.read_bytes())
    if spoil == "cut":
        del content[-1000:]
    elif spoil == "changed":
        content[len(content) // 2] ^= 1
    else:
        content = bytearray(b"PK\x03\x04 something else")
    backup.write_bytes(content)
    assert say("restore", str(backup), "--force", code=1)["error"]["kind"] == "Corrupt"
    with closing(home.open_database()) as database:
        assert SqliteDirectory(database).person("anna") is not None


def test_a_backup_of_another_hub_does_not_open_with_this_ones_key(say: Say, tmp_path: Path) -> None:
    backup = tmp_path / "backup.edged-hub"
    say("backup", str(backup))
    assert main(["hub", "init", str(tmp_path / "other"), "--models", str(tmp_path)]) == 0
    words = ["hub", "restore", str(backup), "--config", str(tmp_path / "other" / "hub.yaml"), "--force"]
    assert main(words) == 1


def test_renewing_keeps_the_names_and_waits_until_it_is_due(say: Say, tmp_path: Path) -> None:
    certificate = tmp_path / "hub" / "tls" / "hub.crt"
    before = certificate.read_bytes()
    assert say("renew", "--if-due")["renewed"] is False
    assert certificate.read_bytes() == before
    renewed = say("renew", "--name", "hub.lan")
    assert (renewed["renewed"], renewed["names"]) == (True, ["hub.lan"])
    assert certificate.read_bytes() != before


def test_a_document_that_is_wrong_has_its_own_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "hub.yaml"
    config.write_text("serve:\n  prot: 1\n")
    assert main(["hub", "token", "list", "--config", str(config)]) == 78
    assert "did you mean port?" in capsys.readouterr().err


def _out(words: Sequence[str], *, as_json: bool) -> tuple[int, str]:
    import contextlib  # noqa: PLC0415
    import io  # noqa: PLC0415

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*words, *(["--json"] if as_json else [])])
    return code, out.getvalue()


@pytest.mark.parametrize(
    ("option", "value", "reason"),
    [
        ("--gallery", "", "bad_gallery"),
        ("--gallery", "two words", "bad_gallery"),
        ("--org", "", "bad_slug"),
        ("--org", "Acme", "bad_slug"),
        ("--device", "", "bad_device"),
        ("--device", "a/b", "bad_device"),
    ],
)
def test_a_token_bound_to_what_cannot_be_is_refused_and_never_becomes_one_for_everything(
    say: Say, option: str, value: str, reason: str
) -> None:
    refused = say("token", "create", "--name", "x", "--right", "read", option, value, code=1)
    assert refused["error"]["reason"] == reason
    assert [token["name"] for token in say("token", "list")["tokens"]] == ["first administrator"]


def test_devices_are_assigned_seen_and_forgotten(say: Say, tmp_path: Path) -> None:
    assert say("device", "assign", "door", "--group", "staff") == {"name": "door", "groups": ["staff"]}
    with closing(_home(tmp_path).open_database()) as database:
        fleet = SqliteFleet(database)
        SqliteDirectory(database).enroll("4711", [new_face(1)], by=_BY, galleries=["staff"])
        (anna,) = fleet.changes(Place(), MODEL, 1).items
        fleet.report("door", json.dumps({"persons": 1, "cursor": cursor_of(fleet.epoch(), anna.place)}))
        fleet.report("gate", json.dumps({"refused": [{"id": anna.id, "what": "no face"}]}))
    listed = {device["name"]: device for device in say("device", "list")["devices"]}
    assert (listed["door"]["state"], listed["door"]["persons"], listed["gate"]["state"]) == ("up to date", 1, "behind")
    assert say("device", "show", "gate")["device"]["refused"] == [{"id": anna.id, "what": "no face"}]
    told = say("person", "show", "4711")["person"]
    assert told == say("person", "show", anna.id)["person"]
    assert [(one["device"], one["state"]) for one in told["devices"]] == [("door", "done"), ("gate", "behind")]

    assert say("device", "assign", "door", "--everybody")["groups"] is None
    token = say("token", "create", "--name", "door", "--device", "door")["token"]["id"]
    assert say("device", "forget", "door") == {"forgotten": "door", "revoked": [token]}
    assert say("device", "forget", "door", code=1)["error"]["reason"] == "unknown_device"
    assert say("device", "show", "door", code=1)["error"]["reason"] == "unknown_device"
    assert say("device", "assign", "no/name", "--everybody", code=1)["error"]["reason"] == "bad_device"


def test_who_was_deleted_is_listed_with_who_is_missing(
    say: Say, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(_home(tmp_path).open_database()) as database:
        fleet = SqliteFleet(database)
        anna = SqliteDirectory(database).enroll("4711", [new_face(1)], by=_BY)
        SqliteDirectory(database).delete_person("4711", by=_BY)
        fleet.report("gate", "{}")
        fleet.keep_receipts("door", "aa", [(anna.id, "{}")])
    (gone,) = say("departed")["departures"]
    assert (gone["id"], gone["receipts"], gone["missing"]) == (anna.id, 1, ["gate"])
    told = say("person", "show", anna.id)["person"]
    assert (told["deleted"], [one["state"] for one in told["devices"]]) == (True, ["done", "behind"])
    assert say("person", "show", "nobody", code=1)["error"]["reason"] == "unknown_person"
    for words in (["departed"], ["person", "show", anna.id], ["device", "list"], ["device", "show", "gate"]):
        assert main(["hub", *words, "--config", str(tmp_path / "hub" / "hub.yaml")]) == 0
        assert "gate" in capsys.readouterr().out
