"""Codes, passes, blocks and what is kept of the doors, on a real file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edged.credentials.code import clean_code, new_pass, new_pin, read_code, read_pass, shown_pass
from edged.credentials.credentials import Credentials
from edged.domain.errors import Corrupt, Refused, Unsupported
from edged.domain.passage import Factor, Pass

NOW: Final = 1_790_000_000.0
SECRET: Final = bytes(range(32))
CODES: Final = {Factor.PIN: "271828", Factor.CARD: "04:A2:24:1B", Factor.QR: "badge-of-anna-17"}


def opened(path: Path, secret: bytes = SECRET) -> Credentials:
    numbers = count()
    return Credentials.open(path, secret, now=lambda: NOW, new_id=lambda: f"id-{next(numbers)}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "access.db"


@pytest.fixture
def credentials(path: Path) -> Iterator[Credentials]:
    with closing(opened(path)) as credentials:
        yield credentials


@pytest.mark.parametrize("factor", list(CODES))
def test_a_code_fits_whom_it_was_given_to_and_nobody_else(credentials: Credentials, factor: Factor) -> None:
    code = CODES[factor]
    credentials.set_code("anna", factor, code)

    assert credentials.fits("anna", factor, code)
    assert credentials.whose(factor, code) == "anna"
    assert credentials.codes_of("anna") == {factor}
    assert not credentials.fits("ben", factor, code)
    assert not credentials.fits("anna", factor, code + "1")
    others = [other for other in Factor if other is not factor]
    assert not any(credentials.fits("anna", other, code) for other in others)
    assert [credentials.whose(other, code) for other in others] == [None, None, None]
    assert credentials.remove_code("anna", factor)
    assert not credentials.fits("anna", factor, code)
    assert not credentials.remove_code("anna", factor)


def test_a_new_code_takes_the_place_of_the_former(credentials: Credentials) -> None:
    credentials.set_code("anna", Factor.PIN, "271828")
    credentials.set_code("anna", Factor.PIN, "271828")
    credentials.set_code("anna", Factor.PIN, "314159")

    assert credentials.whose(Factor.PIN, "271828") is None
    assert credentials.fits("anna", Factor.PIN, "314159")


def test_a_code_belongs_to_one_person(credentials: Credentials) -> None:
    credentials.set_code("anna", Factor.PIN, "271828")

    with pytest.raises(Refused) as refusal:
        credentials.set_code("ben", Factor.PIN, "271828")

    assert refusal.value.reason == "code_taken"
    assert credentials.whose(Factor.PIN, "271828") == "anna"


@pytest.mark.parametrize("code", ["", "\x00", "9" * 5000, "' OR 1=1 --", "٣١٤١٥٩", "🚪"])
def test_whatever_is_typed_at_a_door_is_an_answer_and_no_error(credentials: Credentials, code: str) -> None:
    credentials.set_code("anna", Factor.PIN, "271828")

    assert credentials.whose(Factor.PIN, code) is None
    assert credentials.whose(Factor.QR, code) is None
    assert not credentials.fits("anna", Factor.PIN, code)
    assert not credentials.fits("nobody", Factor.PIN, "")


@pytest.mark.parametrize("pin", ["0000", "1234", "4321", "7890", "2222222", "1212", "123123"])
def test_pins_that_are_tried_first_are_refused(pin: str) -> None:
    with pytest.raises(Refused) as refusal:
        clean_code(Factor.PIN, pin)
    assert refusal.value.reason == "weak_pin"


def test_a_drawn_pin_is_never_one_of_them() -> None:
    drawn = iter([111111, 123456, 42, 271828])
    assert new_pin(lambda _below: next(drawn)) == "000042"


def test_no_code_stands_in_the_file_nor_can_it_be_found_with_another_secret(path: Path) -> None:
    with closing(opened(path)) as credentials:
        for factor, code in CODES.items():
            credentials.set_code("anna", factor, code)
        _ticket, code = credentials.issue("Parcel", valid_from=0, valid_until=NOW + 60)
        codes = {read_code(factor, text) for factor, text in CODES.items()} | {code, shown_pass(code)}
        files = [file.read_bytes() for file in path.parent.iterdir()]
    assert not any(str(text).encode() in content for text in codes for content in files)
    with closing(opened(path, bytes(32))) as other:
        assert not other.fits("anna", Factor.PIN, CODES[Factor.PIN])
        assert other.whose(Factor.QR, code) is None
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pass_is_found_however_it_is_typed(credentials: Credentials) -> None:
    ticket, code = credentials.issue(
        "Parcel", valid_from=NOW, valid_until=NOW + 60, doors=["main"], uses=2, person_id="anna"
    )

    assert ticket == Pass("id-0", "Parcel", ("main",), NOW, NOW + 60, 2, "anna")
    typed = shown_pass(code).lower().replace("0", "o").replace("1", "l")
    for text in (code, shown_pass(code), f"  {typed} "):
        assert credentials.whose(Factor.QR, text) == ticket
    assert credentials.whose(Factor.PIN, code) is None
    assert credentials.passes() == (ticket,)


def test_a_pass_is_good_for_so_many_times(credentials: Credentials) -> None:
    ticket, code = credentials.issue("twice", valid_from=0, valid_until=NOW + 60, uses=2)
    always, _code = credentials.issue("always", valid_from=0, valid_until=NOW + 61)

    assert [credentials.use(ticket.id) for _ in range(3)] == [True, True, False]
    found = credentials.whose(Factor.QR, code)
    assert isinstance(found, Pass)
    assert found.uses_left == 0, "so that the door can say that it has been used"
    assert all(credentials.use(always.id) for _ in range(3))


def test_a_revoked_pass_opens_nothing(credentials: Credentials) -> None:
    ticket, code = credentials.issue("", valid_from=0, valid_until=NOW + 60)

    assert credentials.revoke(ticket.id)
    assert credentials.whose(Factor.QR, code) is None
    assert not credentials.use(ticket.id)
    assert not credentials.revoke(ticket.id)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"valid_until": NOW}, "pass_times"),
        ({"valid_from": NOW + 60}, "pass_times"),
        ({"uses": 0}, "pass_uses"),
        ({"name": "x" * 129}, "pass_name"),
        ({"name": "a\nb"}, "pass_name"),
    ],
)
def test_a_pass_that_makes_no_sense_is_refused(
    credentials: Credentials, changes: dict[str, object], reason: str
) -> None:
    asked = {"name": "", "valid_from": 0.0, "valid_until": NOW + 60, **changes}
    with pytest.raises(Refused) as refusal:
        credentials.issue(**asked)  # type: ignore[arg-type]
    assert refusal.value.reason == reason
    assert credentials.passes() == ()


def test_the_block_list(credentials: Credentials) -> None:
    credentials.block("anna", "lost her card")
    credentials.block("anna", "w" * 1000)

    assert credentials.blocked() == {"anna": "w" * 256}
    assert credentials.unblock("anna")
    assert not credentials.unblock("anna")
    assert credentials.blocked() == {}


def test_what_another_process_wrote_is_noticed(path: Path, credentials: Credentials) -> None:
    assert credentials.changed()
    assert not credentials.changed()
    credentials.block("ben", "")
    assert not credentials.changed(), "one knows what one has written oneself"
    with closing(opened(path)) as other:
        other.block("anna", "")
        other.ask_reset("lab", "guard")
    assert credentials.changed()
    (reset,) = credentials.resets()
    assert (reset.area, reset.by, reset.at) == ("lab", "guard", NOW)
    credentials.reset_done(reset.number)
    assert credentials.resets() == ()


def test_who_is_forgotten_leaves_nothing(path: Path, credentials: Credentials) -> None:
    for person in ("person-anna", "person-ben"):
        credentials.set_code(person, Factor.CARD, person.upper())
        credentials.issue("", valid_from=0, valid_until=NOW + 60, person_id=person)
        credentials.block(person, "why")
    credentials.keep_standing(b"person-anna person-ben")

    assert credentials.forget("person-anna", lambda kept: kept.replace(b"person-anna ", b"")) == 2
    assert credentials.empty_log()

    files = [file.read_bytes() for file in path.parent.iterdir()]
    assert not any(b"person-anna" in content for content in files)
    assert credentials.codes_of("person-ben") == {Factor.CARD}
    assert credentials.blocked() == {"person-ben": "why"}
    assert credentials.kept_standing() == b"person-ben"
    assert credentials.forget("person-anna") == 0


def test_a_damaged_file_and_one_of_a_newer_edged_are_not_used(path: Path) -> None:
    opened(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(Unsupported):
        opened(path)
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(Corrupt):
        opened(path)


@given(st.binary(min_size=10, max_size=10))
def test_a_pass_reads_as_it_was_drawn(entropy: bytes) -> None:
    code = new_pass(entropy)
    assert read_pass(shown_pass(code)) == code
    assert new_pass(entropy[:-1] + bytes([entropy[-1] ^ 1])) != code


@given(st.text(max_size=300))
def test_reading_a_code_twice_changes_nothing(text: str) -> None:
    for factor in Factor:
        code = read_code(factor, text)
        assert code is None or read_code(factor, code) == code
