from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from edged.cli import main
from edged.config.control import COMMANDS
from edged.wire.order import Desired, Request


@pytest.fixture
def anna(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with `anna.key`, and her public half in `keys`."""
    (tmp_path / "keys").mkdir(mode=0o755)
    assert main(["control", "key", "create", "anna", "--in", str(tmp_path)]) == 0
    (tmp_path / "anna.pem").rename(tmp_path / "keys" / "anna.pem")
    capsys.readouterr()
    return tmp_path


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_keys_are_made_shown_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create = ["control", "key", "create", "anna", "--in", str(tmp_path), "--json"]
    assert main(create) == 0
    made = json.loads(capsys.readouterr().out)["key"]
    for file in (made["private"], made["public"]):
        assert main(["control", "key", "show", file, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["key"]["id"] == made["id"]
    assert main(create) == 1
    assert json.loads(capsys.readouterr().out)["error"]["reason"] == "exists"
    assert main(["control", "key", "create", "../anna"]) == 1
    assert main(["control", "key", "list", "--keys", str(tmp_path), "--json"]) == 1
    capsys.readouterr()
    (tmp_path / "anna.key").unlink()
    assert main(["control", "key", "list", "--keys", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"NAME  KEY\nanna  {made['id']}\n"


def test_the_folder_of_keys_is_that_of_the_configuration(anna: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = anna / "edged.yaml"
    file.write_text(f"device: {{state: {anna}}}\ncontrol: {{keys: {anna / 'keys'}}}\n")
    assert main(["control", "key", "list", "--config", str(file), "--json"]) == 0
    assert [key["name"] for key in json.loads(capsys.readouterr().out)["keys"]] == ["anna"]
    file.write_text(f"device: {{state: {anna}}}\n")
    assert main(["control", "key", "list", "--config", str(file)]) == 0
    assert "control.keys is not set" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_a_request_is_signed_and_checked(
    anna: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    given(monkeypatch, b'{"data": {"level": "debug"}, "by": "me"}')
    assert main(["control", "sign", "door", f"request/{command}", "--key", str(anna / "anna.key")]) == 0
    said = capsys.readouterr()
    order = Request.model_validate_json(json.loads(said.out)["signed"])
    assert (order.to, order.order, order.data) == ("door", f"request/{command}", {"level": "debug"})
    assert order.transaction in said.err
    given(monkeypatch, said.out.encode())
    assert main(["control", "check", "door", f"request/{command}", "--keys", str(anna / "keys")]) == 0
    assert "signed by anna" in capsys.readouterr().out


def test_a_configuration_is_signed_from_a_file(anna: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, message = anna / "desired.json", anna / "message"
    file.write_text('{"version": 3,\n "patch": {"recognition": {"margin": 0.05}}}\n')
    sign = ["control", "sign", "_group/doors", "config", "--key", str(anna / "anna.key"), "--from", str(file)]
    assert main([*sign, "--expires", "90d", "--json"]) == 0
    message.write_text(capsys.readouterr().out)
    order = Desired.model_validate_json(json.loads(message.read_text())["signed"])
    assert (order.to, order.version, order.patch) == ("_group/doors", 3, {"recognition": {"margin": 0.05}})
    check = [
        "control",
        "check",
        "_group/doors",
        "config",
        "--keys",
        str(anna / "keys"),
        "--from",
        str(message),
        "--json",
    ]
    assert main(check) == 0
    assert json.loads(capsys.readouterr().out)["signed"] is True
    (anna / "keys" / "anna.pem").unlink()
    assert main(check) == 1
    assert json.loads(capsys.readouterr().out)["error"]["reason"] == "unknown_key"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"[]", 78), (b'{"version": 0, "patch": []}', 78), (b"", 78), (b'{"version": 1, "patch": {}, "to": "gate"}', 1)],
)
def test_what_is_no_order_is_not_signed(
    anna: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: bytes, code: int
) -> None:
    given(monkeypatch, data)
    assert main(["control", "sign", "door", "config", "--key", str(anna / "anna.key")]) == code
    assert capsys.readouterr().out == ""


def test_the_words_explain_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("key",), ("key", "create"), ("key", "show"), ("key", "list"), ("sign",), ("check",)):
        with pytest.raises(SystemExit) as end:
            main(["control", *words, "--help"])
        assert end.value.code == 0
        assert "usage: edged control" in capsys.readouterr().out
    with pytest.raises(SystemExit) as end:
        main(["control", "sign", "door", "conf", "--key", "x"])
    assert end.value.code == 2
