"""`edged account`, as a person types it."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from edged.accounts.account import Role
from edged.cli import main
from tests.api.signed_in import accounts_in


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edged.yaml"
    path.write_text(json.dumps({"device": {"state": str(tmp_path / "state")}, "http": {"port": 8765}}))
    return path


def run(config: Path, *words: str) -> int:
    return main(["account", *words, "--config", str(config)])


def test_the_first_account_and_its_link(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(config, "list") == 0
    assert "edged account add NAME --role administrator" in capsys.readouterr().out
    assert run(config, "add", "anna", "--role", "administrator", "--generate", "--json") == 0
    made = json.loads(capsys.readouterr().out)
    with closing(accounts_in(tmp_path / "state")) as accounts:
        assert accounts.sign_in("anna", made["password"]).session.account.role is Role.ADMINISTRATOR
        assert run(config, "link", "anna") == 0
        address = urlsplit(capsys.readouterr().out.splitlines()[0])
        assert (address.scheme, address.netloc, address.path) == ("http", "127.0.0.1:8765", "/sign-in")
        assert accounts.redeem(address.fragment.removeprefix("once=")).session.account.name == "anna"
        (kept,) = accounts.everybody()
        assert kept.seen is not None
        assert abs(kept.seen - time.time()) < 60


def test_roles_passwords_and_removal(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(config, "add", "anna", "--role", "administrator", "--no-password") == 0
    assert run(config, "remove", "anna") == 1
    assert "only administrator" in capsys.readouterr().err
    assert run(config, "add", "ben", "--no-password") == 0
    assert run(config, "role", "ben", "installer") == 0
    monkeypatch.setattr("sys.stdin.readline", lambda: "a long password of words\n", raising=False)
    assert run(config, "password", "ben", "--password-stdin") == 0
    with closing(accounts_in(tmp_path / "state")) as accounts:
        entered = accounts.sign_in("ben", "a long password of words")
        assert entered.session.account.role is Role.INSTALLER
        assert run(config, "remove", "ben") == 0
        assert accounts.session(entered.token) is None
    assert run(config, "password", "ben", "--generate") == 1
    assert "no account" in capsys.readouterr().err
    assert main(["audit", "show", "--config", str(config), "--json"]) == 0
    told = capsys.readouterr().out
    acts = [
        (entry["about"]["account"], entry["about"]["change"])
        for entry in json.loads(told)["entries"]
        if entry["act"] == "account"
    ]
    changes = [("anna", "added"), ("ben", "added"), ("ben", "role"), ("ben", "password"), ("ben", "removed")]
    assert sorted(acts) == sorted(changes)
    assert "a long password" not in told
