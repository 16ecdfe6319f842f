"""Tokens: made, kept as digests, rotated, revoked, and every change in the audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from edged.api.access import Grant, Right
from edged.api.token import digest_of, id_in, mint
from edged.domain.errors import Refused
from edged.hub.sqlite.database import HubDatabase
from edged.hub.sqlite.tokens import SqliteTokens

_BY = Grant("command-line", "command line: tester", frozenset({Right.ADMIN}))


class _Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def database(tmp_path: Path, clock: _Clock) -> Iterator[HubDatabase]:
    database = HubDatabase.open(tmp_path / "hub.db", clock, lambda: "id")
    yield database
    database.close()


@pytest.fixture
def tokens(database: HubDatabase) -> SqliteTokens:
    return SqliteTokens(database)


def test_a_token_is_256_random_bits_behind_a_readable_beginning() -> None:
    texts = {mint().text for _ in range(100)}
    assert len(texts) == 100
    for text in texts:
        word, token_id, secret = text.split("_")
        assert word == "edged"
        assert id_in(text) == token_id
        assert len(secret) == 52  # 5 bits a character: 260, of which 256 are random
        assert text == text.lower()


def test_the_file_holds_no_token_but_its_digest(tokens: SqliteTokens, database: HubDatabase) -> None:
    _, minted = tokens.create("kiosk", {Right.MATCH}, by=_BY)
    rotated = tokens.rotate(minted.id, 60, by=_BY)
    assert rotated is not None
    stored = b"".join(path.read_bytes() for path in database.path.parent.iterdir())
    for text in (minted.text, rotated.text):
        secret = text.split("_")[2]
        assert secret.encode() not in stored
        assert hashlib.sha256(text.encode()).digest() in stored
    assert minted.text not in repr(minted)


def test_what_a_token_is_for_is_kept(tokens: SqliteTokens, clock: _Clock) -> None:
    made, _ = tokens.create(
        "booth",
        {Right.READ, Right.ENROLL},
        by=_BY,
        gallery="staff",
        organisation="acme",
        device="booth-3",
        expires=clock.now + 60,
    )
    kept = tokens.find(made.id)
    assert kept == made
    assert kept.grant() == Grant(made.id, "booth", frozenset({Right.READ, Right.ENROLL}), "staff", "acme", "booth-3")


def test_a_token_opens_until_it_expires(tokens: SqliteTokens, clock: _Clock) -> None:
    made, minted = tokens.create("day", {Right.READ}, by=_BY, expires=clock.now + 60)
    assert made.opens_for(minted.digest, clock.now + 59)
    assert not made.opens_for(minted.digest, clock.now + 60)
    with pytest.raises(Refused, match="expired"):
        tokens.create("past", {Right.READ}, by=_BY, expires=clock.now)


def test_another_text_with_the_same_id_opens_nothing(tokens: SqliteTokens, clock: _Clock) -> None:
    made, minted = tokens.create("kiosk", {Right.READ}, by=_BY)
    guess = minted.text[:-1] + ("a" if minted.text[-1] != "a" else "b")
    assert id_in(guess) == made.id
    assert not made.opens_for(digest_of(guess), clock.now)


def test_a_revoked_token_is_kept_for_the_log_and_opens_nothing(tokens: SqliteTokens, clock: _Clock) -> None:
    made, minted = tokens.create("kiosk", {Right.READ}, by=_BY)
    tokens.rotate(made.id, 3600, by=_BY)
    assert tokens.revoke(made.id, by=_BY)
    assert not tokens.revoke(made.id, by=_BY)
    kept = tokens.find(made.id)
    assert kept is not None
    assert kept.revoked == clock.now
    assert not kept.opens_for(minted.digest, clock.now), "the old text must not live on in its grace"
    assert tokens.rotate(made.id, 3600, by=_BY) is None


def test_a_rotated_token_opens_with_both_texts_until_its_grace_ends(tokens: SqliteTokens, clock: _Clock) -> None:
    made, old = tokens.create("kiosk", {Right.READ}, by=_BY)
    new = tokens.rotate(made.id, 60, by=_BY)
    assert new is not None
    assert new.id == made.id
    kept = tokens.find(made.id)
    assert kept is not None
    assert kept.opens_for(old.digest, clock.now + 59)
    assert kept.opens_for(new.digest, clock.now + 59)
    assert not kept.opens_for(old.digest, clock.now + 60)
    assert kept.opens_for(new.digest, clock.now + 3600)


def test_a_second_rotation_ends_the_first_text_at_once(tokens: SqliteTokens, clock: _Clock) -> None:
    made, first = tokens.create("kiosk", {Right.READ}, by=_BY)
    second = tokens.rotate(made.id, 60, by=_BY)
    tokens.rotate(made.id, 60, by=_BY)
    kept = tokens.find(made.id)
    assert kept is not None
    assert second is not None
    assert not kept.opens_for(first.digest, clock.now)
    assert kept.opens_for(second.digest, clock.now)


def test_an_expired_token_is_not_rotated_back_to_life(tokens: SqliteTokens, clock: _Clock) -> None:
    made, _ = tokens.create("day", {Right.READ}, by=_BY, expires=clock.now + 60)
    clock.now += 60
    assert tokens.rotate(made.id, 60, by=_BY) is None


def test_every_change_is_in_the_audit_log_without_a_secret(tokens: SqliteTokens, database: HubDatabase) -> None:
    made, minted = tokens.create("kiosk", {Right.MATCH, Right.READ}, by=_BY)
    tokens.rotate(made.id, 60, by=_BY)
    tokens.revoke(made.id, by=_BY)
    tokens.revoke(made.id, by=_BY)  # changes nothing, so says nothing
    tokens.note_use(made.id, 3600.0)
    entries = [(entry.by, entry.name, entry.act, entry.about) for entry in reversed(database.audit())]
    assert entries == [
        (_BY.id, _BY.name, "create_token", f"{made.id} read,match"),
        (_BY.id, _BY.name, "rotate_token", f"{made.id} grace 60 s"),
        (_BY.id, _BY.name, "revoke_token", made.id),
    ]
    assert minted.text not in str(entries)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines"])
def test_a_name_that_would_break_a_list_is_refused(tokens: SqliteTokens, name: str) -> None:
    with pytest.raises(Refused, match="name"):
        tokens.create(name, {Right.READ}, by=_BY)


def test_a_token_without_rights_is_refused(tokens: SqliteTokens) -> None:
    with pytest.raises(Refused, match="without a right"):
        tokens.create("nothing", set(), by=_BY)


@pytest.mark.parametrize("text", ["", "edged_", "edged_abcdefgh_", "Token x", "edged_ABCDEFGH_" + "a" * 52, "é" * 66])
def test_what_cannot_be_a_token_is_known_without_a_look_into_the_file(text: str) -> None:
    assert id_in(text) is None
