from __future__ import annotations

import pytest

from edged.api.access import Right
from edged.api.token import digest_of
from edged.domain.errors import Refused
from edged.hub.postgresql.audit import audit
from edged.hub.postgresql.database import Database
from edged.hub.postgresql.tokens import PostgresTokens
from tests.hub.album_site import BY, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(database: Database, clock: Clock) -> PostgresTokens:
    return PostgresTokens(database, clock)


def test_a_token_opens_for_every_hub_until_it_is_revoked(
    tokens: PostgresTokens, database: Database, clock: Clock
) -> None:
    made, minted = tokens.create("kiosk", {Right.MATCH, Right.READ}, by=BY, gallery="vip", expires=clock.now + 100)
    other = PostgresTokens(database, clock)

    assert other.find(minted.id) == made
    assert made.opens_for(digest_of(minted.text), clock.now)
    assert tokens.revoke(minted.id, by=BY)
    assert tokens.endings == 1
    assert not tokens.revoke(minted.id, by=BY)
    found = other.find(minted.id)
    assert found is not None
    assert not found.opens_for(digest_of(minted.text), clock.now)
    assert [entry.act for entry in audit(database)] == ["revoke_token", "create_token"]


def test_a_token_that_is_rotated_opens_with_both_texts_for_a_while(tokens: PostgresTokens, clock: Clock) -> None:
    _made, before = tokens.create("kiosk", {Right.MATCH}, by=BY)
    after = tokens.rotate(before.id, 60, by=BY)

    assert after is not None
    found = tokens.find(before.id)
    assert found is not None
    assert found.opens_for(digest_of(after.text), clock.now)
    assert found.opens_for(digest_of(before.text), clock.now + 59)
    assert not found.opens_for(digest_of(before.text), clock.now + 61)


def test_its_last_use_never_goes_back(tokens: PostgresTokens) -> None:
    _made, minted = tokens.create("kiosk", {Right.MATCH}, by=BY)
    for hour in (7200.0, 3600.0):
        tokens.note_use(minted.id, hour)

    assert [token.used for token in tokens.all()] == [7200.0]


def test_what_is_no_id_is_no_token(tokens: PostgresTokens) -> None:
    assert tokens.find("a\0b") is None
    assert not tokens.revoke("a\0b", by=BY)
    assert tokens.rotate("a\0b", 60, by=BY) is None
    with pytest.raises(Refused):
        tokens.create("", {Right.READ}, by=BY)


@pytest.mark.parametrize("part", [{"gallery": ""}, {"organisation": ""}, {"device": "a\0b"}])
def test_one_that_is_bound_to_what_cannot_be_is_refused(tokens: PostgresTokens, part: dict[str, str]) -> None:
    with pytest.raises(Refused):
        tokens.create("kiosk", {Right.READ}, by=BY, **part)  # type: ignore[arg-type]
    assert tokens.all() == []
