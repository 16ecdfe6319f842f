"""Accounts, sessions and links, in a real database."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edged.accounts.account import Account, Role
from edged.accounts.accounts import (
    IDLE_S,
    LINK_S,
    LONGEST_S,
    MOST_ACCOUNTS,
    REMEMBERED_IDLE_S,
    REMEMBERED_S,
    Accounts,
)
from edged.domain.errors import Corrupt, Refused, Unsupported

WORDS = "a long password of words"
ADMINISTRATOR = Account("Anna", Role.ADMINISTRATOR)


class Time:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def accounts(tmp_path: Path, clock: Time) -> Iterator[Accounts]:
    with closing(Accounts.open(tmp_path / "accounts.db", now=clock, entropy=os.urandom)) as accounts:
        accounts.add(ADMINISTRATOR, None)
        yield accounts


def refusal(accounts: Accounts, name: str, password: str) -> str:
    with pytest.raises(Refused) as error:
        accounts.sign_in(name, password)
    assert error.value.reason == "bad_sign_in"
    return str(error.value)


def test_a_password_signs_in_and_nothing_else_does(accounts: Accounts) -> None:
    accounts.add(Account("  Ben Cole ", Role.GUARD), WORDS)
    entered = accounts.sign_in("BEN COLE", WORDS)
    assert entered.session.account == Account("Ben Cole", Role.GUARD)
    assert accounts.session(entered.token) == entered.session
    said = {
        refusal(accounts, name, word) for name, word in [("Ben Cole", WORDS + "x"), ("nobody", WORDS), ("Anna", "")]
    }
    assert len(said) == 1, "it is not said what was wrong"


def test_an_unknown_name_is_looked_at_as_long_as_a_known_one(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.add(Account("Ben", Role.GUARD), WORDS)
    looked: list[str] = []
    monkeypatch.setattr("edged.accounts.accounts.fits", lambda _password, digest: looked.append(digest))
    for name in ("Ben", "Anna", "nobody"):
        assert not accounts.fits(name, "x")
    assert len(looked) == 3
    assert {digest.rpartition("$")[0].rpartition("$")[0] for digest in looked} == {"$argon2id$v=19$m=32768,t=3,p=1"}


@pytest.mark.parametrize("password", ["", "short", "aaaaaaaaaaaa", "benbenben123", "x" * 257])
def test_a_weak_password_is_refused(accounts: Accounts, password: str) -> None:
    name = "benbenben" if password.startswith("ben") else "Ben"
    with pytest.raises(Refused) as error:
        accounts.add(Account(name, Role.GUARD), password)
    assert error.value.reason == "weak_password"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "<b>", "x" * 65, "a\x00", "-", "x/y"])
def test_a_bad_name_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(Refused) as error:
        accounts.add(Account(name, Role.GUARD), None)
    assert error.value.reason == "bad_name"


def test_a_name_is_one_whatever_its_case(accounts: Accounts) -> None:
    with pytest.raises(Refused, match="already"):
        accounts.add(Account("ANNA", Role.GUARD), None)
    assert accounts.find("anna") == ADMINISTRATOR


@pytest.mark.parametrize(
    ("remembered", "idle", "longest"), [(False, IDLE_S, LONGEST_S), (True, REMEMBERED_IDLE_S, REMEMBERED_S)]
)
def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_at_its_end(
    accounts: Accounts, clock: Time, *, remembered: bool, idle: float, longest: float
) -> None:
    begun = clock.now
    token = accounts.redeem(accounts.link("Anna"), remembered=remembered).token
    clock.now += idle - 1
    assert accounts.session(token)
    clock.now += idle - 1
    assert accounts.session(token), "each use lets it go on"
    while clock.now + idle / 2 < begun + longest:
        clock.now += idle / 2
        assert accounts.session(token)
    clock.now = begun + longest
    assert accounts.session(token) is None
    other = accounts.redeem(accounts.link("Anna"), remembered=remembered).token
    clock.now += idle
    assert accounts.session(other) is None


def test_a_link_opens_once_and_for_ten_minutes(accounts: Accounts, clock: Time) -> None:
    link, late = accounts.link("Anna"), accounts.link("anna")
    assert accounts.redeem(link).session.account == ADMINISTRATOR
    clock.now += LINK_S
    for used in (link, late, late, "", "x" * 500):
        with pytest.raises(Refused) as error:
            accounts.redeem(used)
        assert error.value.reason == "bad_link"


def test_signing_out_ends_one_session_and_a_new_password_all_but_ones_own(accounts: Accounts) -> None:
    first, second, third = (accounts.redeem(accounts.link("Anna")) for _ in range(3))
    unused = accounts.link("Anna")
    accounts.sign_out(first.token)
    assert [accounts.session(one.token) is None for one in (first, second, third)] == [True, False, False]
    accounts.set_password("Anna", WORDS, staying=third.token)
    assert [accounts.session(one.token) is None for one in (second, third)] == [True, False]
    with pytest.raises(Refused):
        accounts.redeem(unused)
    accounts.set_password("Anna", WORDS + " more")
    assert accounts.session(third.token) is None
    assert not accounts.fits("Anna", WORDS)


def test_another_role_counts_at_once_and_who_is_removed_is_out(accounts: Accounts) -> None:
    accounts.add(Account("Ben", Role.GUARD), None)
    token, link = accounts.redeem(accounts.link("Ben")).token, accounts.link("Ben")
    accounts.set_role("Ben", Role.INSTALLER)
    session = accounts.session(token)
    assert session
    assert session.account.role is Role.INSTALLER
    accounts.remove("BEN")
    assert accounts.session(token) is None
    with pytest.raises(Refused):
        accounts.redeem(link)
    accounts.add(Account("Ben", Role.ADMINISTRATOR), None)
    assert accounts.session(token) is None, "the next one of that name is somebody else"


def test_the_last_administrator_stays(accounts: Accounts) -> None:
    changes: tuple[Callable[[], Account], ...] = (
        lambda: accounts.remove("Anna"),
        lambda: accounts.set_role("Anna", Role.GUARD),
    )
    for change in changes:
        with pytest.raises(Refused) as error:
            change()
        assert error.value.reason == "last_administrator"
    accounts.add(Account("Ben", Role.ADMINISTRATOR), None)
    accounts.remove("Anna")


def test_sessions_and_accounts_are_bounded(accounts: Accounts) -> None:
    tokens = [accounts.redeem(accounts.link("Anna")).token for _ in range(33)]
    assert [accounts.session(token) is None for token in tokens].count(True) == 1
    for number in range(MOST_ACCOUNTS - 1):
        accounts.add(Account(f"guard {number}", Role.GUARD), None)
    with pytest.raises(Refused) as error:
        accounts.add(Account("one more", Role.GUARD), None)
    assert error.value.reason == "too_many"


def test_nothing_that_opens_anything_is_on_the_disk(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add(Account("Ben", Role.GUARD), WORDS)
    link = accounts.link("Ben")
    entered = accounts.sign_in("Ben", WORDS)
    files = list(tmp_path.glob("accounts.db*"))
    kept = b"".join(path.read_bytes() for path in files)
    for secret in (WORDS, link, entered.token, entered.session.word, entered.familiar):
        assert secret.encode() not in kept
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert entered.token not in repr(entered)
    assert entered.session.word not in repr(entered)


def test_a_familiar_browser_is_one_for_its_own_name(accounts: Accounts) -> None:
    accounts.add(Account("Ben", Role.GUARD), None)
    familiar = accounts.redeem(accounts.link("Ben")).familiar
    assert accounts.is_familiar("ben", familiar)
    assert not accounts.is_familiar("Anna", familiar)
    for forged in ("", ".", familiar + "x", familiar.partition(".")[0] + ".", "ü.ü"):
        assert not accounts.is_familiar("Ben", forged)


def test_two_processes_keep_them_together(accounts: Accounts, tmp_path: Path) -> None:
    token = accounts.redeem(accounts.link("Anna")).token
    script = (
        "import os, sys, time; from pathlib import Path\n"
        "from edged.accounts.accounts import Accounts; from edged.accounts.account import Account, Role\n"
        "accounts = Accounts.open(Path(sys.argv[1]), now=time.time, entropy=os.urandom)\n"
        "accounts.add(Account('Eve', Role.ADMINISTRATOR), None); accounts.remove('Anna')\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "accounts.db")], check=True)
    assert accounts.session(token) is None
    assert [kept.account.name for kept in accounts.everybody()] == ["Eve"]


def test_many_threads_use_one(tmp_path: Path) -> None:
    with closing(
        Accounts.open(tmp_path / "a.db", now=lambda: 1e9, entropy=os.urandom, turn=threading.Lock())
    ) as accounts:
        accounts.add(ADMINISTRATOR, None)
        found: list[bool] = []

        def work() -> None:
            for _ in range(20):
                token = accounts.redeem(accounts.link("Anna")).token
                found.append(accounts.session(token) is not None)
                accounts.sign_out(token)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 80


def test_a_damaged_file_and_one_of_a_newer_edged_are_told(tmp_path: Path) -> None:
    path = tmp_path / "accounts.db"
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 200)
    with pytest.raises(Corrupt, match="edged account add"):
        Accounts.open(path, now=lambda: 0.0, entropy=os.urandom)
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Unsupported):
        Accounts.open(path, now=lambda: 0.0, entropy=os.urandom)


def test_each_role_may_what_those_before_may() -> None:
    assert [[role.may(needed) for needed in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
